"""Serves built static files precompressed and cached permanently, since their names contain a content hash."""

import mimetypes

from flask import Flask, Response, request, send_from_directory

from directory import resources

BUILD_PREFIX = "dist/"
IMMUTABLE_SECONDS = 31_536_000
"""One year in seconds, the conventional maximum for `max-age`."""

ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""Content encodings created by the build, smallest output first, with their file suffixes."""


def init_app(app: Flask) -> None:
    """Replace the static file view of `app`."""
    app.view_functions["static"] = static


def static(filename: str) -> Response:
    """Serve a static file, precompressed if the build has such a version and the browser accepts it."""
    encoding = request.accept_encodings.best_match(ENCODINGS) if _is_compressed(filename) else None
    answer = send_from_directory(
        resources.folder("static"),
        filename + ENCODINGS.get(encoding or "", ""),
        mimetype=mimetypes.guess_type(filename)[0],
        max_age=IMMUTABLE_SECONDS if _is_compressed(filename) else None,
    )
    if _is_compressed(filename):
        answer.vary.add("Accept-Encoding")
        answer.cache_control.immutable = True
    if encoding:
        answer.content_encoding = encoding
    return answer


def _is_compressed(filename: str) -> bool:
    """Return whether the file is a compressed build output, whose name contains its content hash."""
    return filename.startswith(BUILD_PREFIX) and (resources.folder("static") / f"{filename}.br").is_file()
