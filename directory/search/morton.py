"""Morton codes: squares of the map (Web Mercator) as contiguous ranges of integers."""

from typing import Any

import numpy as np
import numpy.typing as npt

from directory.geography.box import Box

ZOOM = 24
"""The finest zoom: a square is 2.4 m wide at the equator, finer than the precision of any address."""

Ints = npt.NDArray[np.int64]

_SIDE = 1 << ZOOM


def interleave(x: Any, y: Any) -> Any:
    """Interleave the bits of columns and rows (24 bits each)."""
    return _spread(x) | _spread(y) << 1


def columns_and_rows(lat: Any, lon: Any) -> tuple[Ints, Ints]:
    """Return columns and rows of points in degrees at the finest zoom, clipped to Mercator's limits."""
    with np.errstate(divide="ignore"):  # at the poles
        rows = (0.5 - np.arctanh(np.sin(np.radians(lat))) / (2 * np.pi)) * _SIDE
    columns = (np.asarray(lon) / 360.0 + 0.5) * _SIDE
    x, y = (np.clip(place, 0.0, _SIDE - 1).astype(np.int64) for place in (columns, rows))
    return x, y


def codes_of(lat: Any, lon: Any) -> Ints:
    """Return the Morton codes of points in degrees, 48 bits."""
    codes: Ints = interleave(*columns_and_rows(lat, lon))
    return codes


def shared_zoom(codes: Ints, others: Ints) -> Ints:
    """Return the finest zoom at which two codes are in the same square, element by element."""
    bits = np.frexp((codes ^ others).astype(np.float64))[1]
    return np.asarray(ZOOM - (bits + 1) // 2)


def squares_in(box: Box, zoom: int, most: int) -> tuple[int, Ints, Ints]:
    """Return the squares that a box touches: their zoom, at most `zoom`, and columns and rows, at most `most`.

    They are in the order of their codes.
    """
    (left, right), (top, bottom) = columns_and_rows([box.north, box.south], [box.west, box.east])
    while True:
        shift, side = ZOOM - zoom, 1 << zoom
        first, last = int(left) >> shift, int(right) >> shift
        last += side if box.west > box.east else 0  # across the antimeridian
        x = np.arange(first, first + min(last - first + 1, side)) % side
        y = np.arange(int(top) >> shift, (int(bottom) >> shift) + 1)
        if zoom == 0 or len(x) * len(y) <= most:
            x, y = np.repeat(x, len(y)), np.tile(y, len(x))
            order = np.argsort(interleave(x, y))
            return zoom, x[order], y[order]
        zoom -= 1


def edges_of(zoom: int, x: Ints, y: Ints) -> tuple[Any, Any, Any, Any]:
    """Return the south, west, north and east edges of squares, in degrees. The outer rows extend to the poles."""
    width = 360.0 / (1 << zoom)
    return _edge(zoom, y + 1), x * width - 180.0, _edge(zoom, y), (x + 1) * width - 180.0


def _edge(zoom: int, rows: Ints) -> Any:
    side = 1 << zoom
    edges = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * rows / side))))
    return np.where(rows == 0, 90.0, np.where(rows == side, -90.0, edges))


def _spread(number: Any) -> Any:
    """Move bit `n` to bit `2 * n`."""
    number = (number | number << 16) & 0x0000FF0000FFFF
    for shift, mask in ((8, 0x00FF00FF00FF), (4, 0x0F0F0F0F0F0F), (2, 0x333333333333), (1, 0x555555555555)):
        number = (number | number << shift) & mask
    return number
