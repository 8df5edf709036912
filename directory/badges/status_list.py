"""The Bitstring Status List: one bit for each credential that was ever issued, set when it is revoked."""

import base64
import gzip
from collections.abc import Iterable

LIST_SIZE = 131_072
"""Bits of one list: the least that the standard allows, so that asking for it says nothing about who is meant."""

FULL_AT = 98_304
"""Credentials after which a new list is begun; three quarters, so that a free bit is found in a few draws."""


def encode(revoked: Iterable[int]) -> str:
    """The list as `encodedList`: the same bits give the same text, in every year.

    Raises:
        IndexError: a number is none of the list's.
    """
    bits = bytearray(LIST_SIZE // 8)
    for index in revoked:
        if index < 0:
            raise IndexError(index)
        bits[index // 8] |= 1 << (7 - index % 8)
    packed = bytearray(gzip.compress(bytes(bits), compresslevel=9, mtime=0))
    packed[_OS_BYTE] = _OS_UNKNOWN
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


_OS_BYTE, _OS_UNKNOWN = 9, 255
"""gzip notes where it was made (RFC 1952), and Python's own has done so in two ways."""
