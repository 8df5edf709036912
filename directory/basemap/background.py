"""The background of the static map: rendered once for each tile, cached, and assembled for each viewport."""

import functools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple, get_args

import numpy as np

from directory.basemap.outline import FloatArray, Layer, Line, Outline
from directory.basemap.viewport import MILES_PER_DEGREE, Viewport, clip_to_half_plane, wrap_longitude

TILE_UNITS = 512
"""Integer units along the side of a tile."""
MAX_UNIT_SIZE = 0.7
"""The largest size of a tile unit in drawing units; smaller details are not visible."""
COARSE_GRID = 4
"""Units to which areas without an outline are rounded; divides TILE_UNITS, so that tiles still fit together."""
MAX_ZOOM = 10
"""At this zoom a unit is 0.0007 degrees, finer than the outline."""
MAX_COLUMNS = 16
"""The most tiles side by side in a viewport; near a pole, where it spans many degrees, a lower zoom is used."""
WHOLE_LAYER_ZOOM = 3
"""Tiles up to this zoom are cut from the whole layer, others from their parent tile."""
PATH_CACHE_SIZE = 16_384
"""SVG paths cached by each worker, one for each layer of a tile; the median path is about 100 bytes."""
LAYER_CACHE_SIZE = 2048
"""Clipped layers cached by each worker, from which smaller tiles are cut."""

LayerName = Literal["abroad", "land", "built_up", "dense", "lakes", "county_lines", "roads", "state_lines"]
_SOFT_AREAS = frozenset({"built_up", "dense"})
_AREAS = frozenset({"abroad", "land", "built_up", "dense", "lakes"})


class GridTile(NamedTuple):
    """A square of 360 / 2**zoom degrees; columns count east from -180 and may extend beyond the antimeridian.

    Tiles are squares in plain degrees, so one affine transform places all tiles of a viewport.
    """

    zoom: int
    column: int
    row: int

    @property
    def parent(self) -> "GridTile":
        """The tile one zoom up that contains this one."""
        return GridTile(self.zoom - 1, self.column >> 1, self.row >> 1)


@dataclass(frozen=True, slots=True)
class Background:
    """SVG path data in tile units for each layer, and the `transform` from tile units to the drawing."""

    transform: str = ""
    abroad: str = ""
    land: str = ""
    built_up: str = ""
    dense: str = ""
    lakes: str = ""
    county_lines: str = ""
    roads: str = ""
    state_lines: str = ""


def build_background(outline: Outline, window: Viewport, *, has_counties: bool) -> Background:
    """Assemble the background of a viewport from its tiles."""
    tiles = tuple(viewport_tiles(window))
    layers = [name for name in get_args(LayerName) if has_counties or name != "county_lines"]
    return Background(
        transform=_transform(window, tiles[0].zoom) if tiles else "",
        **{name: "".join([tile_path(outline, name, tile) for tile in tiles]) for name in layers},
    )


def viewport_tiles(window: Viewport) -> Iterator[GridTile]:
    """Return the tiles that a viewport shows, all of one zoom."""
    a_degree = window.units_a_mile * MILES_PER_DEGREE
    zoom = min(MAX_ZOOM, math.ceil(math.log2(a_degree * 360 / (TILE_UNITS * MAX_UNIT_SIZE))))
    across = min(180.0, window.width / 2 / a_degree / window.shrink)
    while (side := 360 / 2**zoom) * (MAX_COLUMNS - 1) < 2 * across:
        zoom -= 1
    up = window.height / 2 / a_degree
    east, south = window.middle.lon + 180, 90 - window.middle.lat
    columns = range(math.floor((east - across) / side), math.floor((east + across) / side) + 1)
    rows = range(max(0, math.floor((south - up) / side)), math.floor(min(180.0, south + up) / side) + 1)
    return (GridTile(zoom, column, row) for row in rows for column in columns)


def _transform(window: Viewport, zoom: int) -> str:
    down = window.units_a_mile * MILES_PER_DEGREE
    right, units = down * window.shrink, _units_per_degree(zoom)
    x = window.width / 2 - (window.middle.lon + 180) * right
    y = window.height / 2 - (90 - window.middle.lat) * down
    return f"matrix({right / units:.9g} 0 0 {down / units:.9g} {x:.3f} {y:.3f})"


def _units_per_degree(zoom: int) -> float:
    return TILE_UNITS * 2.0**zoom / 360


@functools.lru_cache(maxsize=PATH_CACHE_SIZE)
def tile_path(outline: Outline, layer: LayerName, tile: GridTile) -> str:
    """Return SVG path data of one layer of a tile, in tile units from 180 degrees west and 90 north."""
    is_area = layer in _AREAS
    lines = [points for points in _clip_to_tile(outline, layer, tile) if len(points) > 2 * is_area]
    if not lines:
        return ""
    units = _units_per_degree(tile.zoom)
    ends = np.cumsum([len(points) for points in lines])
    grid = COARSE_GRID if layer in _SOFT_AREAS else 1
    spots = np.rint((np.concatenate(lines) * (1.0, -1.0) + (180.0, 90.0)) * (units / grid)).astype(int) * grid
    steps = np.diff(spots, axis=0, prepend=spots[:1])
    starts = np.concatenate([[0], ends[:-1]])
    is_start = np.zeros(len(spots), bool)
    is_start[starts] = True
    kept = is_start | steps.any(axis=1)
    counts = np.add.reduceat(kept, starts).tolist()
    steps[starts] = spots[starts]
    end = "z" if is_area else ""
    # An area needs three points and a line two.
    least = 3 if is_area else 2
    numbers = iter(steps[kept].tolist())
    parts = []
    for count in counts:
        (x, y), rest = next(numbers), [next(numbers) for _ in range(count - 1)]
        if count >= least:
            parts.append(f"M{x} {y}l{' '.join([f'{right} {down}' for right, down in rest])}{end}")
    return "".join(parts)


def _clip_to_tile(outline: Outline, name: LayerName, tile: GridTile) -> list[FloatArray]:
    """Return the lines of a layer clipped to a tile, in degrees."""
    layer = getattr(outline, name) if tile.zoom <= WHOLE_LAYER_ZOOM else _tile_layer(outline, name, tile.parent)
    side = 360 / 2**tile.zoom
    west, north = tile.column * side - 180, 90 - tile.row * side
    box = (west, north - side, west + side, north)
    touching = _intersecting_lines(layer, *box)
    if name in _AREAS:
        return [ring for points in touching if len(ring := _clip_ring(points, *box))]
    return list(_clip_lines(touching, *box))


@functools.lru_cache(maxsize=LAYER_CACHE_SIZE)
def _tile_layer(outline: Outline, name: LayerName, tile: GridTile) -> Layer:
    return Layer.of(
        Line(points, (float(south), float(west), float(north), float(east)))
        for points in _clip_to_tile(outline, name, tile)
        for (west, south), (east, north) in [(points.min(axis=0), points.max(axis=0))]
    )


def _intersecting_lines(layer: Layer, west: float, south: float, east: float, north: float) -> Iterator[FloatArray]:
    """Yield the lines whose extent intersects a box, shifted by 360 degrees if needed to meet it."""
    bottom, left, top, right = layer.extents
    near = np.flatnonzero((top >= south) & (bottom <= north))
    middles, middle = (left[near] + right[near]) / 2, (west + east) / 2
    moved = wrap_longitude(middles - middle) + middle - middles
    meets = (right[near] + moved >= west) & (left[near] + moved <= east)
    for number, turn in zip(near[meets].tolist(), moved[meets].tolist(), strict=True):
        points = layer.lines[number].points
        yield points + np.array([round(turn / 360) * 360.0, 0.0]) if abs(turn) > 1 else points


def _clip_ring(points: FloatArray, west: float, south: float, east: float, north: float) -> FloatArray:
    (left, bottom), (right, top) = points.min(axis=0), points.max(axis=0)
    for axis, limit, sign, reaches in (
        (0, west, 1.0, left),
        (0, east, -1.0, right),
        (1, south, 1.0, bottom),
        (1, north, -1.0, top),
    ):
        if sign * (reaches - limit) < 0:
            points = clip_to_half_plane(points, axis, limit, sign)
    return points


def _clip_lines(
    lines: Iterable[FloatArray], west: float, south: float, east: float, north: float
) -> Iterator[FloatArray]:
    """Yield the parts of open lines inside a box (Liang and Barsky)."""
    lower, upper = np.array([west, south]), np.array([east, north])
    for points in lines:
        if (points.min(axis=0) >= lower).all() and (points.max(axis=0) < upper).all():
            yield points
            continue
        start, step = points[:-1], np.diff(points, axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = (lower - start) / step, (upper - start) / step
        is_still, is_within = step == 0, (start >= lower) & (start < upper)
        enter = np.where(is_still, np.where(is_within, 0.0, 2.0), np.minimum(one, other)).max(axis=1).clip(0.0)
        leave = np.where(is_still, 1.0, np.maximum(one, other)).min(axis=1).clip(None, 1.0)
        inside = np.flatnonzero(enter < leave)
        if not len(inside):
            continue
        first = start[inside] + enter[inside, np.newaxis] * step[inside]
        last = start[inside] + leave[inside, np.newaxis] * step[inside]
        # A part ends where the line leaves the box.
        breaks = np.flatnonzero((np.diff(inside) > 1) | (leave[inside][:-1] < 1.0) | (enter[inside][1:] > 0.0)) + 1
        edges = [0, *breaks.tolist(), len(inside)]
        for begin, end in pairwise(edges):
            yield np.concatenate([first[begin : begin + 1], last[begin:end]])
