"""The generated basemap: Protomaps' layers, the same bytes each time, and what is in the file that was built."""

import gzip
import json
from itertools import combinations

import mapbox_vector_tile
import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pmtiles.reader import MmapSource, Reader
from shapely import LineString, Point, Polygon, box, union_all

from directory.basemap.airports import airports
from directory.basemap.build import build, has_tile
from directory.basemap.built_up import ZipArea, derive_built_up_land
from directory.basemap.census import read_atlas
from directory.basemap.labels import Label, choose_zooms, demote_city_parts
from directory.basemap.outline import read_outline
from directory.basemap.roads import Road, Roads
from directory.basemap.static_map import build_static_map
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
    assert {1, 2} <= {feature["properties"]["density"] for feature in tile["landcover"]["features"]}
    assert "DEN" in {feature["properties"]["name"] for feature in tile["pois"]["features"]}
    assert "roads" not in tile


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
    for source in ("GSHHG", "Census", "GeoNames, CC BY 4.0", "airportsdata"):
        assert source in built.metadata()["attribution"]
    assert built.metadata()["attribution"] == read_outline(folder("data") / "outline.json").credits_line


def test_the_built_file_fits_its_allowance():
    assert (folder("data") / "basemap.pmtiles").stat().st_size <= 4_000_000


def test_without_the_npm_packages_the_build_says_what_to_do_and_leaves_nothing(tmp_path):
    with pytest.raises(FileNotFoundError, match="npm ci"):
        build(tmp_path / "new" / "basemap.pmtiles", node_modules=tmp_path, zips=[])
    assert list((tmp_path / "new").iterdir()) == []


def test_a_name_is_in_the_tile_that_the_browser_enlarges_for_its_first_zoom(built):
    for zoom, name in ((4, "Denver"), (6, "Boulder")):
        x, y = mercator(numpy.array([[-105.0, 39.9]]))[0] * 2**zoom
        places = layers(built.get(zoom, int(x), int(y)))["places"]["features"]
        (first,) = [one["properties"]["min_zoom"] for one in places if one["properties"]["name"] == name]
        assert first <= zoom + 1


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


def test_a_name_waits_for_the_zoom_at_which_it_has_room():
    big, beside, far, hamlet = (
        (700_000, Place(39.74, -104.98)),
        (400_000, Place(39.73, -104.83)),
        (160_000, Place(45.8, -100.0)),
        (800, Place(42.0, -95.0)),
    )
    first, second, third, last = choose_zooms([big, beside, far, hamlet])
    assert (first, third) == (4, 4)
    assert second > 8, "eight miles to the east there is no room before"
    assert last >= 9, "few people live there"


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.builds(Place, st.floats(25, 49), st.floats(-120, -70))), max_size=60)
)
def test_no_two_names_of_a_zoom_crowd(places):
    for zoom in range(4, 12):
        shown = [
            mercator(numpy.array([[point.lon, point.lat]]))[0] * 256 * 2**zoom
            for (_, point), first in zip(places, choose_zooms(places), strict=True)
            if first <= zoom
        ]
        for one, other in combinations(shown, 2):
            assert abs(one[0] - other[0]) >= 91 or abs(one[1] - other[1]) >= 29


ARCS = (
    [[[i, 0], [0, 1]] for i in range(5)] + [[[i, 0], [1, 0]] for i in range(4)] + [[[i, 1], [1, 0]] for i in range(4)]
)


def county(number, left):
    return {"type": "Polygon", "id": number, "arcs": [[left + 5, left + 1, ~(left + 9), ~left]]}


SMALL_ATLAS = {
    "transform": {"scale": [1, 1], "translate": [-100, 40]},
    "arcs": ARCS,
    "objects": {
        "counties": {"geometries": [county("01001", 0), county("01002", 1), county("02001", 2), county("02002", 3)]},
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
"""Two states of two counties each, in a row."""

LAND = [box(-110, 35, -100, 45)]


def built_up(zips, towns=()):
    return derive_built_up_land(zips, towns, LAND)


def town(name, lat, lon, population):
    return Label(name, Place(lat, lon), "locality", population, 9)


def test_built_up_land_lies_where_people_live_close_together():
    city, suburb, farms = (
        ZipArea(Place(40.0, -105.0), 60_000, 10.0),
        ZipArea(Place(40.0, -104.9), 15_000, 10.0),
        ZipArea(Place(40.0, -104.0), 5_000, 100.0),
    )
    found = built_up([city, suburb, farms], [town("Nowhere", 37.0, -105.0, 30_000)])
    every, dense = union_all(found.all), union_all(found.dense)
    assert every.contains(Point(-105.0, 40.0))
    assert every.contains(Point(-104.9, 40.0))
    assert every.contains(Point(-105.0, 37.0)), "a town in a large ZIP code"
    assert not every.contains(Point(-104.0, 40.0))
    assert dense.contains(Point(-105.0, 40.0))
    assert not dense.contains(Point(-104.9, 40.0))
    # 30,000 people at 3,000 to the square mile are 10 square miles, 0.0027 square degrees here.
    nowhere = next(part for part in found.all if part.contains(Point(-105.0, 37.0)))
    assert 8 < nowhere.area * 69.1 * 55.2 < 13


def test_built_up_land_ends_at_the_shore():
    port = built_up([ZipArea(Place(40.0, -100.0), 60_000, 10.0), ZipArea(Place(42.0, -105.0), 10, 10.0)])
    assert port.all
    assert all(part.bounds[2] <= -100 + 1e-9 for part in [*port.all, *port.dense])


def test_airports_go_by_their_three_letters_and_international_ones_come_first():
    codes = [airport.name for airport in airports()]
    assert {"DEN", "ANC", "SJU", "GUM", "BJC"} <= set(codes)
    assert len(codes) == len(set(codes)) < 2_000, "no landing strips"
    assert all(len(code) == 3 for code in codes)
    assert codes.index("DEN") < codes.index("BJC")


def test_roads_are_in_the_tiles_and_in_the_outline_with_their_credit(tmp_path, monkeypatch):
    """The whole build, of a small country: its real sources would take half a minute."""
    monkeypatch.setattr("directory.basemap.coastlines.land_and_lakes", lambda: (LAND, []))
    for name in ("rivers", "country_borders", "province_borders"):
        monkeypatch.setattr(f"directory.basemap.coastlines.{name}", lambda: [LineString([(-109, 36), (-101, 36)])])
    monkeypatch.setattr("directory.basemap.labels.cities", lambda: [town("Denver", 39.74, -104.98, 700_000)])
    atlas = tmp_path / "node_modules" / "us-atlas"
    atlas.mkdir(parents=True)
    (atlas / "counties-10m.json").write_text(json.dumps(SMALL_ATLAS))
    roads = Roads([Road("highway", "I-70", [(-109.0, 39.7), (-101.0, 39.7)])], "Made with Natural Earth.")
    zips = [ZipArea(Place(40.0, -105.0), 60_000, 10.0), ZipArea(Place(40.0, -104.9), 15_000, 10.0)]
    for name in ("one", "two"):
        target = tmp_path / name / "basemap.pmtiles"
        build(target, node_modules=tmp_path / "node_modules", zips=zips, roads=roads)
    for name in ("basemap.pmtiles", "outline.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    with target.open("rb") as file:
        made = Reader(MmapSource(file))
        (road,) = layers(made.get(*DENVER))["roads"]["features"]
        credit_line = made.metadata()["attribution"]
    assert road["properties"] == {"kind": "highway", "ref": "I-70"}
    assert credit_line.endswith("Airports: airportsdata. Made with Natural Earth.")
    outline = read_outline(tmp_path / "two" / "outline.json")
    assert outline.credits_line == credit_line
    picture = build_static_map(outline, [], origin=Place(39.74, -104.98), within_miles=25)
    assert picture.background.roads
    assert picture.credits_line == credit_line


def test_a_border_is_one_line_and_shores_are_none(tmp_path):
    """Two states of two counties each, in a row: one line between the states, one in each of them."""
    folder_of_atlas = tmp_path / "us-atlas"
    folder_of_atlas.mkdir()
    (folder_of_atlas / "counties-10m.json").write_text(json.dumps(SMALL_ATLAS))
    atlas = read_atlas(tmp_path)
    assert [sorted(line) for line in atlas.state_lines] == [[(-98, 40), (-98, 41)]]
    assert sorted(sorted(line) for line in atlas.county_lines) == [[(-99, 40), (-99, 41)], [(-97, 40), (-97, 41)]]
    ring = atlas.states[0].polygons[0][0]
    assert ring[0] == ring[-1]
    assert Polygon(ring).area == 2
