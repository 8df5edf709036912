"""The Bitstring Status List: one bit for each credential that was ever issued, set when it is revoked."""

import base64
import gzip
from collections.abc import Iterable

LIST_SIZE = 131_072
"""Bits of one list: the minimum of the standard, so that a request does not reveal which credential is checked."""

FULL_AT = 98_304
"""Credentials after which a new list starts: three quarters, so that a random free bit is found in a few tries."""


def encode(revoked: Iterable[int]) -> str:
    """Encode the list as `encodedList`; the same bits always give the same text.

    Raises:
        IndexError: an index is outside the list.
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
"""The gzip header names the operating system (RFC 1952), and Python versions differ in it, so it is overwritten."""
