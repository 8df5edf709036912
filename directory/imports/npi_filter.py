"""A set of NPIs in constant memory, for the NPIs that an import has read."""

import mmap

_FIRST = 100_000_000
_END = 300_000_000
"""The range of the first nine digits. An NPI begins with 1 or 2, and its tenth digit is a check digit."""


class NpiSet:
    """A set of valid NPIs: a bitmap of 25 MB with one bit for each possible NPI; untouched pages use no memory."""

    def __init__(self) -> None:
        self._bits = mmap.mmap(-1, (_END - _FIRST) // 8)

    def __contains__(self, npi: str) -> bool:
        byte, bit = divmod(int(npi[:9]) - _FIRST, 8)
        return bool(self._bits[byte] >> bit & 1)

    def add(self, npi: str) -> None:
        """Add an NPI."""
        byte, bit = divmod(int(npi[:9]) - _FIRST, 8)
        self._bits[byte] |= 1 << bit
