"""Cuts features into a pyramid of vector tiles, each clipped from its parent tile."""

import gzip
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

Geometry = Any
Tile = tuple[int, int, int]
"""Zoom, column from the west, row from the north."""
Properties = dict[str, str | int]

EXTENT = 4096
BUFFER = 64
"""Units beyond a tile's edge, so that strokes are not cut off at the edge."""
UNITS_PER_PIXEL = EXTENT // 256
MAX_ZOOM = 7
"""At this zoom a unit is 76 m, finer than the sources; the browser enlarges these tiles at higher zooms."""
MERCATOR_LIMIT = 85.0511


@dataclass(frozen=True, slots=True)
class Feature:
    """A geometry in Mercator units (0..1, y down) for one of Protomaps' layers, shown from `first_zoom` on."""

    layer: str
    geometry: Geometry
    properties: Properties = field(default_factory=dict)
    first_zoom: int = 0


def mercator(coordinates: Any) -> Any:
    """Convert degrees in an (n, 2) array to Mercator units, 0..1 from the northwest."""
    import numpy

    lat = numpy.radians(numpy.clip(coordinates[:, 1], -MERCATOR_LIMIT, MERCATOR_LIMIT))
    y = 0.5 - numpy.log(numpy.tan(math.pi / 4 + lat / 2)) / (2 * math.pi)
    return numpy.column_stack((coordinates[:, 0] / 360.0 + 0.5, y))


def unproject(coordinates: Any) -> Any:
    """Convert Mercator units in an (n, 2) array to degrees, longitude first."""
    import numpy

    lat = numpy.degrees(numpy.arctan(numpy.sinh(numpy.pi * (1 - 2 * coordinates[:, 1]))))
    return numpy.column_stack(((coordinates[:, 0] - 0.5) * 360.0, lat))


def build_tiles(
    features: Sequence[Feature], wanted: Callable[[Tile], bool], tile: Tile = (0, 0, 0)
) -> Iterator[tuple[Tile, bytes]]:
    """Yield every wanted tile that is not empty, as a compressed Mapbox vector tile, depth first."""
    inside = _clip(features, tile)
    if not inside:
        return
    data = encode_tile(inside, tile)
    if data:
        yield tile, data
    zoom, column, row = tile
    for child in ((zoom + 1, 2 * column + right, 2 * row + down) for right in (0, 1) for down in (0, 1)):
        if wanted(child):
            yield from build_tiles(inside, wanted, child)


def _clip(features: Sequence[Feature], tile: Tile) -> list[Feature]:
    import shapely

    zoom, column, row = tile
    size, margin = 0.5**zoom, BUFFER / EXTENT * 0.5**zoom
    west, north = column * size - margin, row * size - margin
    east, south = west + size + 2 * margin, north + size + 2 * margin
    shapes = shapely.clip_by_rect([feature.geometry for feature in features], west, north, east, south)
    empty = shapely.is_empty(shapes)
    return [
        Feature(feature.layer, shape, feature.properties, feature.first_zoom)
        for feature, shape, nothing in zip(features, shapes, empty, strict=True)
        if not nothing
    ]


def encode_tile(features: Sequence[Feature], tile: Tile) -> bytes:
    """Encode one tile, gzipped without a timestamp so that the output is reproducible; empty if nothing is visible."""
    import mapbox_vector_tile

    layers: dict[str, list[dict[str, Any]]] = {}
    shown = [feature for feature in features if _min_tile_zoom(feature) <= tile[0]]
    for feature, shape in zip(shown, _in_tile_units(shown, tile), strict=True):
        if _is_visible(shape):
            layers.setdefault(feature.layer, []).append({"geometry": shape, "properties": feature.properties})
    if not layers:
        return b""
    packed = mapbox_vector_tile.encode(
        [{"name": name, "features": layers[name]} for name in sorted(layers)],
        default_options={"extents": EXTENT, "y_coord_down": True},
    )
    return gzip.compress(packed, mtime=0)


def _min_tile_zoom(feature: Feature) -> int:
    """Return the zoom from which tiles hold the feature: at most MAX_ZOOM, whose tiles are enlarged at higher zooms."""
    return min(feature.first_zoom, MAX_ZOOM)


def _in_tile_units(features: Sequence[Feature], tile: Tile) -> Any:
    """Return the geometries in integer tile units, simplified to what is visible at the tile's zoom."""
    import numpy
    import shapely

    zoom, column, row = tile
    scale = EXTENT * 2.0**zoom

    def in_units(coordinates: Any) -> Any:
        return coordinates * scale - (column * EXTENT, row * EXTENT)

    tolerance = 3.0 if zoom == MAX_ZOOM else UNITS_PER_PIXEL / 2
    shapes = shapely.simplify(shapely.transform([feature.geometry for feature in features], in_units), tolerance)
    shapes = shapely.transform(shapes, numpy.rint)
    broken = ~shapely.is_valid(shapes)  # rounding can make rings invalid; repairing all of them would be slow
    whole = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    shapes[broken] = shapely.set_precision(whole, 1.0)
    return shapes


def _is_visible(shape: Geometry) -> bool:
    """Return whether the shape is large enough to see: an area of half a pixel or a line of two pixels."""
    if shape.is_empty:
        return False
    if shape.geom_type.endswith("Polygon"):
        return bool(shape.area >= UNITS_PER_PIXEL**2 / 2)
    return bool(shape.geom_type.endswith("Point") or shape.length >= 2 * UNITS_PER_PIXEL)
