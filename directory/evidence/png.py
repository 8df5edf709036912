"""Parses a PNG chunk by chunk, so that only the chunks of the image itself reach the decoder."""

import struct
import zlib
from collections.abc import Iterator

from directory.evidence.errors import InvalidDocument, require_single_format
from directory.evidence.reencode import BROKEN, reencode_image, require_safe_size

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_IMAGE_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
"""The chunks of a still image; text, color profiles, locations and animation frames are dropped unread."""


def clean(content: bytes) -> bytes:
    """Return the image re-encoded, without metadata.

    Raises:
        InvalidDocument: the file is broken, too large once decoded, has data after the image, or is also a file of
            another format.
    """
    chunks = list(_chunks(content))
    head = chunks[0][1]
    if chunks[0][0] != b"IHDR" or len(head) != 13 or [name for name, _ in chunks].count(b"IHDR") != 1:
        raise InvalidDocument(BROKEN)
    require_safe_size(*struct.unpack(">II", head[:8]))
    require_single_format(content, "picture")
    kept = b"".join(_chunk_bytes(name, data) for name, data in chunks if name in _IMAGE_CHUNKS)
    return reencode_image(SIGNATURE + kept, "PNG")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and data of each chunk; check every CRC and that no data follows the last chunk."""
    at = len(SIGNATURE)
    while True:
        if at + 12 > len(content):
            raise InvalidDocument(BROKEN)
        length, name = struct.unpack_from(">I4s", content, at)
        data = content[at + 8 : at + 8 + length]
        end = at + 12 + length
        if end > len(content) or content[end - 4 : end] != _crc(name, data):
            raise InvalidDocument(BROKEN)
        yield name, data
        at = end
        if name == b"IEND":
            break
    if at != len(content):
        raise InvalidDocument("There is something behind the picture in this file. Save the picture again, without it.")


def _chunk_bytes(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + _crc(name, data)


def _crc(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(name + data))
