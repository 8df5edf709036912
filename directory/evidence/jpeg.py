"""Parses a JPEG segment by segment to check its size before decoding, and strips its metadata."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from directory.evidence.errors import InvalidDocument, require_single_format
from directory.evidence.reencode import BROKEN, reencode_image, require_safe_size

MAX_SCANS = 100
"""Maximum number of scans: a camera writes 1, a website 10; denial-of-service files have thousands (libjpeg-turbo)."""

_BEGIN, _END = b"\xff\xd8", b"\xff\xd9"
_START_OF_SCAN, _APP1, _COMMENT, _END_MARKER = 0xDA, 0xE1, 0xFE, 0xD9
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Start-of-frame markers, whose segments state the image size."""

_COLOR_SEGMENTS = frozenset({0xE0, 0xEE})
"""The application segments that state how colors are encoded (JFIF and Adobe)."""

_APPLICATION_SEGMENTS = frozenset(range(0xE0, 0xF0)) | {_COMMENT}

_MARKER = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
_AFTER_PIXELS = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]", re.DOTALL)
"""The end of compressed image data: a marker that is neither byte stuffing nor a restart marker."""

_EXIF = b"Exif\0\0"
_BYTE_ORDERS: dict[bytes, Literal["little", "big"]] = {b"II*\0": "little", b"MM\0*": "big"}
_ORIENTATION_TAG = 0x0112
_ENTRY_BYTES = 12


@dataclass(frozen=True, slots=True)
class Segment:
    """A marker segment: its marker, its payload and its raw bytes, which after a scan header include the image data."""

    marker: int
    data: bytes
    raw: bytes


def clean(content: bytes) -> bytes:
    """Return the image re-encoded and upright, without metadata or further images that a phone appends.

    Raises:
        InvalidDocument: the file is broken, too large once decoded, or also a file of another format.
    """
    segments = list(_segments(content))
    sizes = [segment.data for segment in segments if segment.marker in _FRAMES]
    if len(sizes) != 1 or len(sizes[0]) < 6:
        raise InvalidDocument(BROKEN)
    require_safe_size(int.from_bytes(sizes[0][3:5], "big"), int.from_bytes(sizes[0][1:3], "big"))
    if sum(segment.marker == _START_OF_SCAN for segment in segments) > MAX_SCANS:
        raise InvalidDocument(BROKEN)
    require_single_format(content, "picture")
    kept = (
        segment.raw
        for segment in segments
        if segment.marker in _COLOR_SEGMENTS or segment.marker not in _APPLICATION_SEGMENTS
    )
    return reencode_image(b"".join((_BEGIN, *kept, _END)), "JPEG", turned=_exif_orientation(segments))


def _segments(content: bytes) -> Iterator[Segment]:
    """Yield each segment up to the end of the first image."""
    at = len(_BEGIN)
    while True:
        found = _MARKER.match(content, at)
        if found is None:
            raise InvalidDocument(BROKEN)
        marker, head = found.group(1)[0], found.end()
        if marker == _END_MARKER:
            return
        end = head + int.from_bytes(content[head : head + 2], "big")
        if end < head + 2 or end > len(content):
            raise InvalidDocument(BROKEN)
        data = content[head + 2 : end]
        if marker == _START_OF_SCAN:
            behind = _AFTER_PIXELS.search(content, end)
            if behind is None:
                raise InvalidDocument(BROKEN)
            end = behind.start()
        yield Segment(marker, data, content[at:end])
        at = end


def _exif_orientation(segments: Sequence[Segment]) -> int:
    """Return the Exif orientation from 1 to 8, or 1 if there is none; no other Exif data is read."""
    about = next((one.data for one in segments if one.marker == _APP1 and one.data.startswith(_EXIF)), b"")
    tiff = about[len(_EXIF) :]
    if tiff[:4] not in _BYTE_ORDERS:
        return 1

    def number(at: int, length: int) -> int:
        return int.from_bytes(tiff[at : at + length], _BYTE_ORDERS[tiff[:4]])

    first = number(4, 4)
    for at in range(first + 2, first + 2 + number(first, 2) * _ENTRY_BYTES, _ENTRY_BYTES):
        if number(at, 2) == _ORIENTATION_TAG:
            value = number(at + 8, 2)
            return value if 1 <= value <= 8 else 1
    return 1
