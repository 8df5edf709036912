"""A set of NPIs in constant memory, for the NPIs that an import has read."""

import mmap

_FIRST = 100_000_000
_END = 300_000_000
"""An NPI begins with 1 or 2, and its tenth digit follows from the nine before it."""


class NpiSet:
    """A set of valid NPIs: one bit for each that can exist, 25 MB in all, of which the pages that were met are used."""

    def __init__(self) -> None:
        self._bits = mmap.mmap(-1, (_END - _FIRST) // 8)

    def __contains__(self, npi: str) -> bool:
        byte, bit = divmod(int(npi[:9]) - _FIRST, 8)
        return bool(self._bits[byte] >> bit & 1)

    def add(self, npi: str) -> None:
        """Remember one."""
        byte, bit = divmod(int(npi[:9]) - _FIRST, 8)
        self._bits[byte] |= 1 << bit
