"""Reads the header of a basemap file to check whether browsers can draw the map."""

from pathlib import Path
from typing import Final

HEADER_BYTES: Final = 127
"""The length of the header of PMTiles version 3; the positions below are from its specification."""
_VERSION, _INTERNAL_COMPRESSION, _TILE_COMPRESSION, _TILE_TYPE = 7, 97, 98, 99
_NONE, _GZIP = 1, 2
_MVT = 1


def header_error(path: Path) -> str | None:
    """Return an error message for the file, or None if browsers can draw it."""
    with path.open("rb") as file:
        head = file.read(HEADER_BYTES)
    if len(head) < HEADER_BYTES or not head.startswith(b"PMTiles"):
        return f"The file {path} is no PMTiles archive."
    if head[_VERSION] != 3:
        return f"The file {path} is PMTiles of version {head[_VERSION]}, and browsers are given a reader of version 3."
    if head[_TILE_TYPE] != _MVT:
        return f"The file {path} has pictures for tiles, and only vector tiles can be drawn light and dark."
    if not {head[_INTERNAL_COMPRESSION], head[_TILE_COMPRESSION]} <= {_NONE, _GZIP}:
        return f"The file {path} is compressed in a way that browsers cannot read. Only gzip will do."
    return None
