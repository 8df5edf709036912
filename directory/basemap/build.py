"""Builds the basemap from openly licensed data: the vector tiles and the outline for the static map."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from directory.basemap import census, coastlines, labels
from directory.basemap.outline import write_outline
from directory.basemap.tiles import MAX_ZOOM, Feature, Properties, Tile, build_tiles, mercator
from directory.geography.box import Box

WORLD_ZOOM = 4
"""Up to this zoom the whole world has tiles; beyond it, only the US and its surroundings."""
DETAILED_AREAS = (
    Box(15.0, -180.0, 72.0, -50.0),
    Box(12.0, 143.0, 21.5, 147.5),  # Guam and the Northern Marianas
    Box(-15.5, -172.0, -10.0, -167.0),  # American Samoa
    Box(50.0, 170.0, 56.0, 180.0),  # the end of the Aleutians
)
ATTRIBUTION = "Shores: GSHHG. Borders: US Census Bureau. Place names: GeoNames, CC BY 4.0."
COUNTRY, REGION, COUNTY = 2, 4, 6
"""OpenStreetMap's admin levels of borders, which Protomaps stores as `kind_detail`."""

Progress = Callable[[int, int], None]
"""Called with the number of tiles done and the largest possible total."""


def build(target: Path, *, node_modules: Path, progress: Progress | None = None) -> None:
    """Write `target` (PMTiles) and `outline.json` beside it; the same sources give the same bytes.

    Each file is replaced atomically, so readers never see an incomplete one.

    Raises:
        FileNotFoundError: the npm packages are not in `node_modules`, or a build requirement is missing.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    atlas = census.read_atlas(node_modules)
    cities = labels.cities()
    land, lakes = coastlines.land_and_lakes()
    with _atomic_write(target.with_name("outline.json")) as path:
        write_outline(path, atlas, cities, lakes=lakes, land=land)
    features = [*_surface_features(land, lakes), *_border_features(atlas), *_label_features(atlas, cities)]
    with _atomic_write(target) as path:
        _write_tiles(path, _collect_tiles(build_tiles(features, has_tile), progress or _no_progress))


def has_tile(tile: Tile) -> bool:
    """Return whether the pyramid has this tile: all up to WORLD_ZOOM, then those that intersect a detailed area."""
    zoom, column, row = tile
    if zoom <= WORLD_ZOOM:
        return True
    if zoom > MAX_ZOOM:
        return False
    return any(_intersects(box, zoom, column, row) for box in DETAILED_AREAS)


def _intersects(box: Box, zoom: int, column: int, row: int) -> bool:
    import numpy

    corners = mercator(numpy.array([[box.west, box.north], [box.east, box.south]])) * 2.0**zoom
    (west, north), (east, south) = corners
    return bool(column < east and column + 1 > west and row < south and row + 1 > north)


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


def _surface_features(land: list[Any], lakes: list[Any]) -> Iterator[Feature]:
    yield from _features("earth", land, {"kind": "earth"}, 0)
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


def _label_features(atlas: census.Atlas, cities: list[labels.Label]) -> Iterator[Feature]:
    from shapely import Point

    for label in [*labels.COUNTRIES, *labels.states(atlas), *cities]:
        properties: Properties = {
            "kind": label.kind,
            "name": label.name,
            "population": label.population,
            "min_zoom": label.first_zoom,
        }
        points = [Point(label.point.lon, label.point.lat)]
        yield from _features("places", points, properties, label.first_zoom)


def _features(layer: str, shapes: list[Any], properties: Properties, first_zoom: int) -> Iterator[Feature]:
    import shapely

    for shape in shapely.transform(shapes, mercator):
        yield Feature(layer, shape, properties, first_zoom)


def _write_tiles(path: Path, tiles: dict[Tile, bytes]) -> None:
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
            {"id": name, "fields": {}} for name in ("boundaries", "earth", "places", "water")
        ]
        writer.finalize(header, {"attribution": ATTRIBUTION, "vector_layers": layers, "name": "bma-directory basemap"})
