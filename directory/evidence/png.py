"""Reads a PNG part by part, so that only what makes up the picture reaches the program that unpacks it."""

import struct
import zlib
from collections.abc import Iterator

from directory.evidence.drawing_anew import BROKEN, drawn_anew, refuse_bomb
from directory.evidence.refused import Unfit, refuse_second_file

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PICTURE = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
"""All that a still picture needs; texts, profiles, places and further frames are left out unread."""


def cleaned(content: bytes) -> bytes:
    """The picture alone, drawn anew.

    Raises:
        Unfit: it is broken, too large once unpacked, or followed or accompanied by something that is no picture.
    """
    chunks = list(_chunks(content))
    head = chunks[0][1]
    if chunks[0][0] != b"IHDR" or len(head) != 13 or [name for name, _ in chunks].count(b"IHDR") != 1:
        raise Unfit(BROKEN)
    refuse_bomb(*struct.unpack(">II", head[:8]))
    refuse_second_file(content, "picture")
    kept = b"".join(_written(name, data) for name, data in chunks if name in _PICTURE)
    return drawn_anew(SIGNATURE + kept, "PNG")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Each part with its name, each as it was summed up, to the last, after which there is nothing."""
    at = len(SIGNATURE)
    while True:
        if at + 12 > len(content):
            raise Unfit(BROKEN)
        length, name = struct.unpack_from(">I4s", content, at)
        data = content[at + 8 : at + 8 + length]
        end = at + 12 + length
        if end > len(content) or content[end - 4 : end] != _sum(name, data):
            raise Unfit(BROKEN)
        yield name, data
        at = end
        if name == b"IEND":
            break
    if at != len(content):
        raise Unfit("There is something behind the picture in this file. Save the picture again, without it.")


def _written(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + _sum(name, data)


def _sum(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(name + data))
