"""The generated basemap: Protomaps' layers, the same bytes each time, and what is in the file that was built."""

import gzip
import json

import mapbox_vector_tile
import numpy
import pytest
from pmtiles.reader import MmapSource, Reader
from shapely import LineString, Point, Polygon, box

from directory.basemap.build import build, has_tile
from directory.basemap.census import read_atlas
from directory.basemap.labels import demote_city_parts
from directory.basemap.tiles import MAX_ZOOM, Feature, build_tiles, encode_tile, mercator
from directory.geography.point import Point as Place
from directory.resources import folder

DENVER = (7, 26, 48)


@pytest.fixture(scope="module")
def built():
    with (folder("data") / "basemap.pmtiles").open("rb") as file:
        yield Reader(MmapSource(file))


def layers(data):
    return mapbox_vector_tile.decode(gzip.decompress(data), default_options={"y_coord_down": True})


def test_the_built_tile_of_denver_has_land_counties_and_its_name(built):
    tile = layers(built.get(*DENVER))
    assert {"earth", "boundaries", "places"} <= set(tile)
    assert "Denver" in {feature["properties"]["name"] for feature in tile["places"]["features"]}
    assert "county" in {feature["properties"]["kind"] for feature in tile["boundaries"]["features"]}


@pytest.mark.parametrize(
    ("zoom", "lat", "lon", "name"),
    [
        (7, 61.2, -149.9, "Anchorage"),
        (7, 21.3, -157.86, "Honolulu"),
        (7, 18.46, -66.1, "San Juan"),
        (7, 13.47, 144.75, "Dededo Village"),
        (4, 40.7, -74.0, "New York City"),
    ],
)
def test_every_part_of_the_country_has_tiles_with_names(built, zoom, lat, lon, name):
    x, y = mercator(numpy.array([[lon, lat]]))[0] * 2**zoom
    tile = layers(built.get(zoom, int(x), int(y)))
    assert name in {feature["properties"]["name"] for feature in tile["places"]["features"]}


def test_the_built_file_says_how_deep_it_goes_and_whom_to_thank(built):
    assert built.header()["max_zoom"] == MAX_ZOOM
    for source in ("GSHHG", "Census", "GeoNames, CC BY 4.0"):
        assert source in built.metadata()["attribution"]


def test_without_the_npm_packages_the_build_says_what_to_do_and_leaves_nothing(tmp_path):
    with pytest.raises(FileNotFoundError, match="npm ci"):
        build(tmp_path / "new" / "basemap.pmtiles", node_modules=tmp_path)
    assert list((tmp_path / "new").iterdir()) == []


def square_of_land(**more):
    return Feature("earth", box(0.2, 0.35, 0.3, 0.45), {"kind": "earth"}, **more)


def test_the_same_features_give_the_same_bytes():
    features = [square_of_land(), Feature("boundaries", LineString([(0.2, 0.4), (0.3, 0.41)]), {"kind": "region"})]
    assert encode_tile(features, (2, 0, 1)) == encode_tile(features, (2, 0, 1))


def test_only_wanted_tiles_with_something_on_them_are_cut():
    tiles = dict(build_tiles([square_of_land()], lambda tile: tile[0] <= 3))
    assert (3, 1, 3) in tiles
    assert (3, 7, 7) not in tiles
    assert max(zoom for zoom, _, _ in tiles) == 3


def test_the_deepest_tiles_hold_what_is_shown_later_and_shallow_ones_do_not():
    late = Feature("places", Point(0.25, 0.4), {"kind": "locality", "name": "Late"}, first_zoom=10)
    tiles = dict(build_tiles([late], lambda tile: tile[0] <= MAX_ZOOM))
    assert {zoom for zoom, _, _ in tiles} == {MAX_ZOOM}


def test_a_speck_is_not_written():
    assert encode_tile([Feature("earth", box(0.25, 0.25, 0.25001, 0.25001), {})], (0, 0, 0)) == b""


def test_a_ring_that_rounding_breaks_is_mended_and_still_decodes():
    # Two fields joined by a neck far narrower than a unit: rounded, the ring touches itself.
    neck = Polygon([(0.1, 0.1), (0.3, 0.1), (0.3, 0.2), (0.2000001, 0.2), (0.2000001, 0.3), (0.3, 0.3), (0.3, 0.4),
                    (0.1, 0.4), (0.1, 0.3), (0.2, 0.3), (0.2, 0.2), (0.1, 0.2)])  # fmt: skip
    features = layers(encode_tile([Feature("earth", neck, {"kind": "earth"})], (0, 0, 0)))["earth"]["features"]
    assert len(features) == 1
    assert features[0]["geometry"]["type"] in {"Polygon", "MultiPolygon"}


def test_the_world_is_coarse_and_the_us_is_fine():
    assert has_tile((4, 15, 15))
    assert has_tile(DENVER)
    assert not has_tile((7, 64, 42))  # London
    assert not has_tile((MAX_ZOOM + 1, 52, 96))


def test_a_part_of_a_city_comes_after_the_city_whatever_its_count():
    part, whole, far = (
        (641_608, "New South Memphis", Place(35.09, -90.06)),
        (633_104, "Memphis", Place(35.15, -90.05)),
        (300_000, "New Memphis", Place(45.0, -100.0)),
    )
    assert [name for _, name, _ in demote_city_parts([part, whole, far])] == [
        "Memphis",
        "New Memphis",
        "New South Memphis",
    ]


def test_a_border_is_one_line_and_shores_are_none(tmp_path):
    """Two states of two counties each, in a row: one line between the states, one in each of them."""
    folder_of_atlas = tmp_path / "us-atlas"
    folder_of_atlas.mkdir()
    arcs = (
        [[[i, 0], [0, 1]] for i in range(5)]
        + [[[i, 0], [1, 0]] for i in range(4)]
        + [[[i, 1], [1, 0]] for i in range(4)]
    )

    def county(number, left):
        return {"type": "Polygon", "id": number, "arcs": [[left + 5, left + 1, ~(left + 9), ~left]]}

    topology = {
        "transform": {"scale": [1, 1], "translate": [-100, 40]},
        "arcs": arcs,
        "objects": {
            "counties": {
                "geometries": [county("01001", 0), county("01002", 1), county("02001", 2), county("02002", 3)]
            },
            "states": {
                "geometries": [
                    {
                        "type": "MultiPolygon",
                        "id": "01",
                        "properties": {"name": "One"},
                        "arcs": [[[5, 6, 2, ~10, ~9, ~0]]],
                    }
                ]
            },
        },
    }
    (folder_of_atlas / "counties-10m.json").write_text(json.dumps(topology))
    atlas = read_atlas(tmp_path)
    assert [sorted(line) for line in atlas.state_lines] == [[(-98, 40), (-98, 41)]]
    assert sorted(sorted(line) for line in atlas.county_lines) == [[(-99, 40), (-99, 41)], [(-97, 40), (-97, 41)]]
    ring = atlas.states[0].polygons[0][0]
    assert ring[0] == ring[-1]
    assert Polygon(ring).area == 2
