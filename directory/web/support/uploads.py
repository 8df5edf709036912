"""Uploads of documents by signed-in accounts: the size limit of their requests, validation, and storage."""

from collections.abc import Iterator
from contextlib import closing
from typing import cast

from flask import Response, request, send_file
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from directory.errors import NotFound
from directory.evidence import storage, validation
from directory.evidence.validation import MAX_BYTES, Document
from directory.web.support.requests import account, services

MAX_UPLOAD_BYTES = MAX_BYTES + 100_000
"""Maximum bytes of a whole request: a document, a note and the multipart overhead."""

UPLOAD_LIMIT = "60 per hour"
"""Uploads per IP address; an arbitrary limit that keeps the disk from filling up."""

DOCUMENT_CSP = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""If a browser opens a document after all, it may not run scripts, load resources or send data."""


def permit_large_request() -> None:
    """Raise the request size limit for a signed-in user; call it before anything reads the form.

    Raises:
        RequestEntityTooLarge: the request is larger than any document may be.
    """
    if account() is None:
        return
    request.max_content_length = MAX_UPLOAD_BYTES
    if (request.content_length or 0) > MAX_UPLOAD_BYTES:
        raise RequestEntityTooLarge(validation.too_large_message(cast(int, request.content_length)))


def sent_documents(sent: object) -> Iterator[Document]:
    """Yield the validated document of a file field, or nothing if none was chosen.

    Raises:
        Invalid: the file is not an acceptable document.
    """
    # Browsers send a file without a name if none was chosen.
    if isinstance(sent, FileStorage) and sent.filename:
        with closing(sent):
            yield validation.validate_document(sent.filename, sent.stream.read(MAX_BYTES + 1))


def store(document: Document) -> str:
    """Store the file on disk, which must happen before a row refers to it, and return its hash."""
    return storage.store(services().settings.uploads, document.content)


def send_file_of(sha256: str | None, media_type: str | None, name: str | None) -> Response:
    """Send a stored file as a download; the caller must have checked access.

    Raises:
        NotFound: there is no document, or its file is missing.
    """
    if sha256 is None:
        raise NotFound("There is no such document.")
    path = storage.find(services().settings.uploads, sha256)
    answer = send_file(path, media_type, as_attachment=True, download_name=name, etag=False, max_age=0)
    answer.headers["Content-Security-Policy"] = DOCUMENT_CSP
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
