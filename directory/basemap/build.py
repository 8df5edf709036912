"""Builds the basemap from openly licensed data: the vector tiles and the outline for the static map."""

import contextlib
import functools
import math
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from directory.basemap import census, coastlines, labels
from directory.basemap.airports import airports
from directory.basemap.built_up import BuiltUpLand, ZipArea, derive_built_up_land
from directory.basemap.outline import OutlineShapes, write_outline
from directory.basemap.roads import NO_ROADS, Roads
from directory.basemap.tiles import MAX_ZOOM, Feature, Properties, Tile, build_tiles, mercator
from directory.geography.box import Box

TILES_AHEAD = 1
"""The browser draws a tile at twice its size, so what it shows at a zoom must be in the tiles one zoom above."""
BUILT_UP_ZOOM = 4
MIN_AREA_PIXELS = 3.0
WORLD_ZOOM = 4
"""Up to this zoom the whole world has tiles; beyond it, only the US and its surroundings."""
DETAILED_AREAS = (
    Box(15.0, -180.0, 72.0, -50.0),
    Box(12.0, 143.0, 21.5, 147.5),  # Guam and the Northern Marianas
    Box(-15.5, -172.0, -10.0, -167.0),  # American Samoa
    Box(50.0, 170.0, 56.0, 180.0),  # the end of the Aleutians
)
CREDITS = (
    "Shores: GSHHG. Borders: U.S. Census Bureau. Places: U.S. Census Bureau and GeoNames, CC BY 4.0. "
    "Airports: airportsdata."
)
COUNTRY, REGION, COUNTY = 2, 4, 6
"""OpenStreetMap's admin levels of borders, which Protomaps stores as `kind_detail`."""

Progress = Callable[[int, int], None]
"""Called with the number of tiles done and the largest possible total."""


def build(
    target: Path,
    *,
    node_modules: Path,
    zips: Sequence[ZipArea],
    roads: Roads = NO_ROADS,
    progress: Progress | None = None,
) -> None:
    """Write `target` (PMTiles) and `outline.json` beside it; the same sources give the same bytes.

    Each file is replaced atomically, so readers never see an incomplete one.

    Raises:
        FileNotFoundError: the npm packages are not in `node_modules`, or a build requirement is missing.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    atlas = census.read_atlas(node_modules)
    cities, airfields = labels.cities(), airports()
    land, lakes = coastlines.land_and_lakes()
    built_up = derive_built_up_land(zips, cities, land)
    credits_line = f"{CREDITS} {roads.credit}".strip()
    with _atomic_write(target.with_name("outline.json")) as path:
        shapes = OutlineShapes(land, lakes, built_up.all, built_up.dense, roads.lines)
        write_outline(path, atlas, shapes, cities=cities, airports=airfields, credits_line=credits_line)
    features = [
        *_surface_features(land, lakes, built_up),
        *_road_features(roads),
        *_border_features(atlas),
        *_label_features([*labels.COUNTRIES, *labels.states(atlas), *cities], "places"),
        *_label_features(airfields, "pois"),
    ]
    with _atomic_write(target) as path:
        tiles = _collect_tiles(build_tiles(features, has_tile), progress or _no_progress)
        _write_tiles(path, tiles, credits_line)


def has_tile(tile: Tile) -> bool:
    """Return whether the pyramid has this tile: all up to WORLD_ZOOM, then those that intersect a detailed area."""
    zoom, column, row = tile
    if zoom <= WORLD_ZOOM:
        return True
    if zoom > MAX_ZOOM:
        return False
    return any(
        west * 2**zoom < column + 1 and column < east * 2**zoom and north * 2**zoom < row + 1 and row < south * 2**zoom
        for west, north, east, south in _detailed_edges()
    )


@functools.cache
def _detailed_edges() -> list[tuple[float, float, float, float]]:
    """Return the west, north, east and south edges of the detailed areas in Mercator units."""
    import numpy

    corners = numpy.array([(box.west, box.north, box.east, box.south) for box in DETAILED_AREAS])
    edges = mercator(corners.reshape(-1, 2)).reshape(-1, 4)
    return [(west, north, east, south) for west, north, east, south in edges.tolist()]


def _no_progress(_done: int, _total: int) -> None:
    """Ignore progress."""


@contextlib.contextmanager
def _atomic_write(path: Path) -> Iterator[Path]:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _collect_tiles(tiles: Iterator[tuple[Tile, bytes]], progress: Progress) -> dict[Tile, bytes]:
    total = sum(
        has_tile((zoom, column, row))
        for zoom in range(MAX_ZOOM + 1)
        for column in range(2**zoom)
        for row in range(2**zoom)
    )
    found: dict[Tile, bytes] = {}
    for tile, data in tiles:
        found[tile] = data
        progress(len(found), total)
    progress(total, total)  # tiles of open sea are empty and not written
    return found


def _surface_features(land: list[Any], lakes: list[Any], built_up: BuiltUpLand) -> Iterator[Feature]:
    import shapely

    yield from _features("earth", land, {"kind": "earth"}, 0)
    for shapes, density in ((built_up.all, 1), (built_up.dense, 2)):
        for shape in shapely.transform(shapes, mercator):
            yield Feature("landcover", shape, {"kind": "urban_area", "density": density}, _area_zoom(shape))
    yield from _features("water", lakes, {"kind": "lake"}, 2)
    yield from _features("water", coastlines.rivers(), {"kind": "river"}, 5)


def _border_features(atlas: census.Atlas) -> Iterator[Feature]:
    from shapely import LineString, MultiPolygon, Polygon, STRtree

    country: Properties = {"kind": "country", "kind_detail": COUNTRY}
    region: Properties = {"kind": "region", "kind_detail": REGION}
    yield from _features("boundaries", coastlines.country_borders(), country, 0)
    states = STRtree([MultiPolygon([Polygon(p[0], p[1:]) for p in s.polygons]) for s in atlas.states])
    abroad = [
        line
        for line in coastlines.province_borders()
        if not len(states.query(line.interpolate(0.5, normalized=True), "dwithin", 0.05))
    ]
    yield from _features("boundaries", abroad, region, 3)
    yield from _features("boundaries", [LineString(line) for line in atlas.state_lines], region, 3)
    county: Properties = {"kind": "county", "kind_detail": COUNTY}
    yield from _features("boundaries", [LineString(line) for line in atlas.county_lines], county, 6)


def _area_zoom(shape: Any) -> int:
    """Return the zoom from which a built-up area is at least MIN_AREA_PIXELS wide."""
    return max(BUILT_UP_ZOOM, math.ceil(math.log2(MIN_AREA_PIXELS / 256 / math.sqrt(shape.area))))


def _road_features(roads: Roads) -> Iterator[Feature]:
    from shapely import LineString

    for road in roads.lines:
        yield from _features("roads", [LineString(road.line)], {"kind": road.kind, "ref": road.ref}, road.first_zoom)


def _label_features(named: Sequence[labels.Label], layer: str) -> Iterator[Feature]:
    import numpy
    import shapely

    spots = shapely.points(mercator(numpy.array([(label.point.lon, label.point.lat) for label in named])))
    for label, spot in zip(named, spots, strict=True):
        properties: Properties = {
            "kind": label.kind,
            "name": label.name,
            "population": int(float(f"{label.population:.1e}")),  # fewer different numbers are fewer bytes
            "min_zoom": label.first_zoom,
        }
        yield Feature(layer, spot, properties, label.first_zoom - TILES_AHEAD)


def _features(layer: str, shapes: list[Any], properties: Properties, first_zoom: int) -> Iterator[Feature]:
    import shapely

    for shape in shapely.transform(shapes, mercator):
        yield Feature(layer, shape, properties, first_zoom)


def _write_tiles(path: Path, tiles: dict[Tile, bytes], credits_line: str) -> None:
    from pmtiles.tile import Compression, TileType, zxy_to_tileid
    from pmtiles.writer import write

    with write(str(path)) as writer:
        for number, data in sorted((zxy_to_tileid(*tile), data) for tile, data in tiles.items()):
            writer.write_tile(number, data)
        header = {
            "tile_type": TileType.MVT,
            "tile_compression": Compression.GZIP,
            "min_lon_e7": -1_800_000_000,
            "min_lat_e7": -850_000_000,
            "max_lon_e7": 1_800_000_000,
            "max_lat_e7": 850_000_000,
            "center_zoom": 4,
            "center_lon_e7": -960_000_000,
            "center_lat_e7": 385_000_000,
        }
        layers: list[dict[str, object]] = [
            {"id": name, "fields": {}}
            for name in ("boundaries", "earth", "landcover", "places", "pois", "roads", "water")
        ]
        writer.finalize(header, {"attribution": credits_line, "vector_layers": layers, "name": "bma-directory basemap"})
