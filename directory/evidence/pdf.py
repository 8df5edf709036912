"""Checks that a file is a complete PDF and nothing else; PDFs are stored unchanged and served only as downloads."""

import re

from directory.evidence.errors import InvalidDocument, require_single_format

_HEADER = re.compile(rb"%PDF-(?:1\.[0-7]|2\.0)[ \t]*[\r\n]")
_TRAILER = re.compile(rb"startxref\s+(\d{1,10})\s+%%EOF[\s\0]*\Z")
_TRAILER_BYTES = 1024
"""Number of final bytes in which readers look for the end of a PDF (ISO 32000-1, Annex H, implementation note 18)."""

_INDEX = re.compile(rb"\s*(?:xref\b|\d{1,10}\s+\d{1,5}\s+obj\b)")
"""A cross-reference table, or the object of a cross-reference stream."""

BROKEN = "This PDF is damaged or incomplete. Save it again, or print it as a PDF."


def clean(content: bytes) -> bytes:
    """Return the same bytes after checking them.

    Raises:
        InvalidDocument: the PDF header, trailer or cross-reference index is missing, or the file is also a file of
            another format.
    """
    trailer = _TRAILER.search(content[-_TRAILER_BYTES:])
    if not _HEADER.match(content) or trailer is None:
        raise InvalidDocument(BROKEN)
    index = int(trailer.group(1))
    if index >= len(content) or not _INDEX.match(content[index : index + 40]):
        raise InvalidDocument(BROKEN)
    require_single_format(content, "PDF")
    return content
