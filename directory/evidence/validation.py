"""Validates uploaded documents by content and strips metadata from images."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from directory.errors import FieldError, Invalid
from directory.evidence import jpeg, pdf, png
from directory.evidence.errors import InvalidDocument

MAX_BYTES = 10_000_000
"""Maximum size of a document in bytes: 10 MB, as the form says."""

MAX_FILENAME = 120
"""Maximum length of a stored file name in characters; arbitrary, enough to recognize it."""

FIELD = "document"


@dataclass(frozen=True, slots=True)
class Format:
    """A supported file format: its signature, its file name extensions, and the function that cleans a file."""

    name: str
    media_type: str
    begins: bytes
    endings: tuple[str, ...]
    cleaned: Callable[[bytes], bytes]


FORMATS = (
    Format("a PDF", "application/pdf", b"%PDF-", (".pdf",), pdf.clean),
    Format("a PNG picture", "image/png", b"\x89PNG\r\n\x1a\n", (".png",), png.clean),
    Format("a JPEG picture", "image/jpeg", b"\xff\xd8\xff", (".jpg", ".jpeg"), jpeg.clean),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A file that has passed validation; images are re-encoded without metadata."""

    name: str
    media_type: str
    content: bytes


def validate_document(name: str, content: bytes) -> Document:
    """Validate and clean an uploaded file; `name` is its original file name.

    Raises:
        Invalid: the file is empty, too large, broken, not in one of the three formats, not the format that its name
            says, or in two formats at once.
    """
    try:
        return _validate(name, content)
    except InvalidDocument as unfit:
        raise Invalid([FieldError(FIELD, unfit.sentence)]) from unfit


def too_large_message(size: int) -> str:
    """Return the error message for a file or request of `size` bytes."""
    return f"A document can have {MAX_BYTES // 1_000_000} MB at most; this has {size / 1_000_000:,.1f} MB."


def _validate(name: str, content: bytes) -> Document:
    if not content:
        raise InvalidDocument("This file is empty. Choose another one.")
    if len(content) > MAX_BYTES:
        raise InvalidDocument(too_large_message(len(content)))
    found = next((known for known in FORMATS if content.startswith(known.begins)), None)
    if found is None:
        raise InvalidDocument("A document must be a PDF, a PNG or a JPEG. What is in this file is none of them.")
    ending = PurePath(name.lower()).suffix
    if ending not in found.endings:
        endings = " or ".join(found.endings)
        raise InvalidDocument(f"This file is {found.name}, so its name must end in {endings}. Is it the right one?")
    return Document(_display_name(name, found.endings[0]), found.media_type, found.cleaned(content))


def _display_name(name: str, ending: str) -> str:
    """Return the last path component, with unprintable characters replaced, shortened, and with extension `ending`."""
    last = name.replace("\\", "/").rpartition("/")[2]
    seen = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in last).strip()
    stem = seen[: -len(PurePath(seen).suffix)]
    return f"{stem[: MAX_FILENAME - len(ending)]}{ending}"
