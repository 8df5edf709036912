"""A small map with streets, as an operator may have one: Protomaps' layers, one town with roads through every tile."""

import gzip
import math
from pathlib import Path

import mapbox_vector_tile
from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write

from directory.geography.point import Point

EXTENT = 4096
MAX_ZOOM = 14
RADIUS_TILES = 3
"""Tiles to each side of the middle; arbitrary, more than a window shows."""
ROADS_PER_TILE = 8
"""In a tile."""

ATTRIBUTION = (
    '<a href="https://www.openstreetmap.org/copyright">© OpenStreetMap</a> contributors<script>alert(1)</script>'
)


def write_street_map(path: Path, middle: Point) -> None:
    """Writes the map of the surroundings of `middle` to `path`."""
    tile = _tile()
    wanted = {zxy_to_tileid(*place) for zoom in range(MAX_ZOOM + 1) for place in _tiles_around(middle, zoom)}
    with write(str(path)) as writer:
        for number in sorted(wanted):
            writer.write_tile(number, tile)
        header = {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_lon_e7": -1_800_000_000,
            "min_lat_e7": -850_000_000,
            "max_lon_e7": 1_800_000_000,
            "max_lat_e7": 850_000_000,
            "center_zoom": MAX_ZOOM,
            "center_lon_e7": round(middle.lon * 1e7),
            "center_lat_e7": round(middle.lat * 1e7),
        }
        writer.finalize(header, {"attribution": ATTRIBUTION, "name": "a town of the tests"})


def _tile() -> bytes:
    """Land, and highways from west to east, so near to each other that the nearest view has one."""
    land = {
        "geometry": f"POLYGON((0 0, {EXTENT} 0, {EXTENT} {EXTENT}, 0 {EXTENT}, 0 0))",
        "properties": {"kind": "earth"},
    }
    roads = [
        {
            "geometry": f"LINESTRING(0 {row}, {EXTENT} {row})",
            "properties": {"kind": "highway", "name": "Main Street"},
        }
        for row in range(EXTENT // (2 * ROADS_PER_TILE), EXTENT, EXTENT // ROADS_PER_TILE)
    ]
    layers = [{"name": "earth", "features": [land]}, {"name": "roads", "features": roads}]
    return gzip.compress(mapbox_vector_tile.encode(layers, default_options={"extents": EXTENT}), mtime=0)


def _tiles_around(middle: Point, zoom: int) -> list[tuple[int, int, int]]:
    side = 2**zoom
    column = int((middle.lon / 360 + 0.5) * side)
    row = int((0.5 - math.asinh(math.tan(math.radians(middle.lat))) / math.tau) * side)
    return [
        (zoom, x, y)
        for x in range(max(0, column - RADIUS_TILES), min(side, column + RADIUS_TILES + 1))
        for y in range(max(0, row - RADIUS_TILES), min(side, row + RADIUS_TILES + 1))
    ]
