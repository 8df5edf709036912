"""The server's drawing: numbers as in the list, no pin over another, nothing that the page must not hold."""

import json
import math
import re

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.basemap.distance_marks import RING_MILES, scale_bar
from directory.basemap.label_layout import MapLabel, choose_labels
from directory.basemap.labels import LARGE_POPULATION
from directory.basemap.outline import read_outline
from directory.basemap.static_map import PIN_GAP, Marker, build_static_map, spread_pins
from directory.certification import wording
from directory.geography.point import Point
from directory.resources import folder

WESTMINSTER = Point(39.88, -105.06)
GUAM = Point(13.47, 144.8)


@pytest.fixture(scope="module")
def outline(tmp_path_factory):
    """A small country: one state around Westminster with a lake, a county line and three towns."""
    flat = [-110_000, 35_000, -100_000, 35_000, -100_000, 45_000, -110_000, 45_000, -110_000, 35_000]
    content = {
        "sheet_land": "M10 10L400 10L400 250Z",
        "sheet_lines": "M200 10L200 250",
        "sheet_cities": [["Denver", 170.0, 130.0], ["Denver Part", 171.0, 131.0], ["Chicago", 320.0, 110.0]],
        "credits": "Borders: nobody.",
        "abroad": [],
        "land": [flat],
        "built_up": [[-105_300, 39_600, -104_800, 39_600, -104_800, 40_000, -105_300, 40_000, -105_300, 39_600]],
        "dense": [[-105_100, 39_650, -104_900, 39_650, -104_900, 39_850, -105_100, 39_850, -105_100, 39_650]],
        "roads": [[-106_000, 39_750, -104_000, 39_750]],
        "lakes": [[-105_500, 39_500, -105_400, 39_500, -105_400, 39_600, -105_500, 39_500]],
        "state_lines": [[-110_000, 41_000, -100_000, 41_000]],
        "county_lines": [[-105_300, 39_000, -105_300, 41_000]],
        "towns": [
            ["Denver", 39_740, -104_980],
            ["Denver Part", 39_741, -104_981],
            ["Elsewhere", 10_000, 10_000],
        ],
        "large_towns": 1,
        "airports": [["DEN", 39_862, -104_673], ["BJC", 39_909, -105_117]],
        "large_airports": 1,
    }
    path = tmp_path_factory.mktemp("outline") / "outline.json"
    path.write_text(json.dumps(content))
    return read_outline(path)


def markers(*points, badge=False):
    return [Marker(n, point, f"Dr Example {n}", badge, f"p-dr-{n}") for n, point in enumerate(points, 1)]


def rendered(picture, **more):
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folder("templates")), autoescape=True)
    environment.globals["wording"] = wording
    return str(environment.get_template("macros/map.html").module.map(picture, "Providers near you", **more))


def test_a_search_draws_its_circle_its_place_and_its_pins(outline):
    picture = build_static_map(outline, markers(WESTMINSTER, Point(40.1, -105.0)), origin=WESTMINSTER, within_miles=50)
    assert [pin.marker.number for pin in picture.pins] == [1, 2]
    assert picture.here == (picture.width / 2, picture.height / 2)
    assert picture.circle.count("L") == 71
    assert picture.background.land
    assert picture.background.lakes
    assert picture.background.county_lines
    assert picture.background.built_up
    assert picture.background.dense
    assert picture.background.roads
    assert [(town.name, town.is_large) for town in picture.towns] == [("Denver", True)]
    assert [airport.name for airport in picture.airports] == ["DEN"]
    assert picture.credits_line == "Borders: nobody."


def test_the_circle_is_as_wide_as_the_miles_say(outline):
    picture = build_static_map(outline, [], origin=WESTMINSTER, within_miles=50)
    spots = [tuple(map(float, spot.split())) for spot in re.findall(r"[\d.-]+ [\d.-]+", picture.circle)]
    radii = [math.hypot(x - picture.here[0], y - picture.here[1]) for x, y in spots]
    assert max(radii) == pytest.approx(min(radii), rel=0.01)
    assert max(radii) < picture.height / 2


@pytest.mark.parametrize(
    ("within", "labels"), [(10, ["5 mi", "10 mi"]), (25, ["5 mi", "10 mi", "25 mi"]), (400, ["400 mi"])]
)
def test_rings_lie_inside_the_circle_where_they_are_large_enough_to_see(outline, within, labels):
    picture = build_static_map(outline, [], origin=WESTMINSTER, within_miles=within)
    assert [ring.label for ring in picture.rings] == labels
    assert [bool(ring.path) for ring in picture.rings] == [True] * (len(labels) - 1) + [False], (
        "the circle is drawn once"
    )


def test_a_ring_is_as_wide_as_it_says_and_its_label_is_at_its_top(outline):
    picture = build_static_map(outline, markers(WESTMINSTER))
    assert [ring.label for ring in picture.rings] == ["5 mi", "10 mi"]
    a_mile = picture.scale.units / float(picture.scale.label.removesuffix(" mi"))
    (pin,) = picture.pins
    for ring, miles in zip(picture.rings, (5, 10), strict=True):
        spots = [tuple(map(float, spot.split())) for spot in re.findall(r"[\d.-]+ [\d.-]+", ring.path)]
        assert max(math.dist(spot, (pin.x, pin.y)) for spot in spots) == pytest.approx(miles * a_mile, rel=0.01)
        assert (ring.x, ring.y) == pytest.approx((pin.x, pin.y - miles * a_mile), abs=0.3)


def test_a_provider_with_two_locations_has_no_rings(outline):
    assert build_static_map(outline, markers(WESTMINSTER, Point(40.1, -105.0))).rings == ()


@given(st.floats(0.01, 2000))
def test_the_scale_bar_is_a_round_number_of_miles_and_never_too_long(units_a_mile):
    bar = scale_bar(units_a_mile)
    miles = float(bar.label.removesuffix(" mi"))
    assert bar.units == pytest.approx(miles * units_a_mile, abs=0.06)
    assert 45 < bar.units <= 100.1
    assert f"{miles:e}"[0] in "1235"


def test_a_practice_is_shown_with_its_surroundings(outline):
    picture = build_static_map(outline, markers(WESTMINSTER))
    a_mile = picture.scale.units / float(picture.scale.label.removesuffix(" mi"))
    assert 20 < picture.height / a_mile < 30, "miles from edge to edge"


def test_decorations_are_hidden_from_screen_readers_and_take_no_focus(outline):
    page = rendered(build_static_map(outline, markers(WESTMINSTER)))
    hidden = page[page.index('<g aria-hidden="true">') : page.index('<a class="drawing-pin')]
    for kind in ("drawing-ring", "drawing-ring-label", "drawing-scale", "drawing-airport", "drawing-built-up"):
        assert f'class="{kind}"' in hidden
    assert "tabindex" not in page
    assert "href" not in hidden


def test_the_drawing_and_the_browser_s_map_share_their_shapes_and_limits():
    script = (folder("static") / "js" / "map-style.js").read_text() + (
        folder("static") / "js" / "map-rings.js"
    ).read_text()
    template = (folder("templates") / "macros" / "map.html").read_text()
    (plane,) = re.findall(r'PLANE = "([^"]+)"', script)
    assert plane in template
    assert f"RINGS = [{', '.join(f'{miles:g}' for miles in RING_MILES)}]" in script
    assert f"LARGE = {LARGE_POPULATION:_}" in script


def test_every_color_and_size_of_the_map_has_one_home():
    css = folder("static") / "css"
    homes = [path.name for path in css.glob("*.css") if re.search(r"^ +--map-", path.read_text(), re.MULTILINE)]
    assert homes == ["map-look.css"]
    names = set(re.findall(r"^  (--map-[\w-]+):", (css / "map-look.css").read_text(), re.MULTILINE))
    used = {name for path in css.glob("*.css") for name in re.findall(r"var\((--map-[\w-]+)\)", path.read_text())}
    assert used <= names


def test_without_a_place_the_whole_country_is_drawn(outline):
    picture = build_static_map(outline, [])
    assert [town.name for town in picture.towns] == ["Denver", "Chicago"]
    assert picture.is_whole_country
    assert picture.background.land == outline.sheet_land
    assert picture.circle == ""
    assert picture.here is None


def test_results_from_coast_to_coast_are_drawn_on_the_whole_country(outline):
    picture = build_static_map(outline, markers(Point(40.7, -74.0), Point(34.0, -118.2)), origin=Point(40.7, -74.0))
    assert picture.is_whole_country
    assert len(picture.pins) == 2


def test_a_result_outside_the_radius_is_still_on_the_drawing(outline):
    far = Point(42.5, -105.0)
    picture = build_static_map(outline, markers(WESTMINSTER, far), origin=WESTMINSTER, within_miles=25)
    assert all(0 < pin.spot_x < picture.width and 0 < pin.spot_y < picture.height for pin in picture.pins)


def test_what_the_sheet_cannot_show_is_said_and_not_dropped(outline):
    picture = build_static_map(outline, markers(WESTMINSTER, GUAM))
    assert [pin.marker.number for pin in picture.pins] == [1]
    assert [marker.number for marker in picture.off_the_map] == [2]
    assert "Not on this drawing:" in rendered(picture)
    assert 'href="#p-dr-2"' in rendered(picture)


def test_providers_at_one_address_are_each_to_be_seen_with_a_line_to_their_spot(outline):
    picture = build_static_map(outline, markers(*[WESTMINSTER] * 20), origin=WESTMINSTER, within_miles=10)
    assert [pin.is_moved for pin in picture.pins] == [False] + [True] * 19
    assert rendered(picture).count('class="drawing-leader"') == 19


@given(st.lists(st.tuples(st.floats(0, 480), st.floats(0, 400)), max_size=20))
def test_no_pin_covers_another_and_all_are_on_the_sheet(spots):
    pins = spread_pins(
        [(marker, spot) for marker, spot in zip(markers(*[GUAM] * 20), spots, strict=False)], 480.0, 400.0
    )
    assert len(pins) == len(spots)
    for place, pin in enumerate(pins):
        assert 0 < pin.x < 480
        assert 0 < pin.y < 400
        for other in pins[:place]:
            assert math.hypot(pin.x - other.x, pin.y - other.y) >= PIN_GAP - 0.2  # they are rounded to a tenth


NAMES = st.builds(MapLabel, st.text("ab", min_size=1, max_size=20), st.floats(0, 480), st.floats(0, 400), st.booleans())


@given(st.lists(NAMES, max_size=40), st.lists(st.tuples(st.floats(0, 480), st.floats(0, 400)), max_size=5))
def test_no_name_covers_another_or_a_pin_or_is_cut_off(names, pins):
    chosen = choose_labels(names, pins, 16, width=480.0)
    assert len(chosen) <= 16
    for place, name in enumerate(chosen):
        assert 0 < name.left < name.right < 480
        for other in chosen[:place]:
            assert abs(name.y - other.y) >= 12 or name.right < other.left or other.right < name.left
        assert not any(name.left <= x <= name.right and abs(y - name.y) < 12 for x, y in pins)


def test_a_name_that_has_no_room_to_the_right_of_its_dot_stands_to_its_left():
    (name,) = choose_labels([MapLabel("Boston", 470.0, 50.0)], [], 5, width=480.0)
    assert name.is_left


def test_a_pin_is_named_by_its_visible_number_first_and_leads_to_its_card(outline):
    page = rendered(build_static_map(outline, markers(WESTMINSTER, badge=True), origin=WESTMINSTER, within_miles=10))
    assert 'aria-label="1 Dr Example 1, self-certified"' in page
    assert 'href="#p-dr-1"' in page


def test_a_badge_is_another_shape_and_not_only_another_colour(outline):
    with_badge, without = (
        rendered(build_static_map(outline, markers(WESTMINSTER, badge=badge), origin=WESTMINSTER))
        for badge in (True, False)
    )
    assert 'class="drawing-tick"' in with_badge
    assert 'class="drawing-tick"' not in without


def test_a_name_cannot_break_out_of_the_drawing(outline):
    wicked = [Marker(1, WESTMINSTER, '"><script>alert(1)</script>', False, "p-x")]
    page = rendered(build_static_map(outline, wicked, origin=WESTMINSTER))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_drawing_needs_neither_inline_style_nor_anybody_else(outline):
    page = rendered(
        build_static_map(outline, markers(WESTMINSTER), origin=WESTMINSTER, within_miles=25),
        origin=WESTMINSTER,
        miles=25,
    )
    assert "style=" not in page
    assert "//" not in page
    assert "<script" not in page


def test_the_built_outline_draws_the_surroundings_of_a_real_search():
    outline = read_outline(folder("data") / "outline.json")
    picture = build_static_map(outline, markers(Point(40.3, -105.3)), origin=WESTMINSTER, within_miles=50)
    assert "Denver" in {town.name for town in picture.towns}
    assert picture.background.county_lines
    assert len(rendered(picture)) < 40_000


def test_the_built_outline_has_a_land_under_every_kind_of_place():
    outline = read_outline(folder("data") / "outline.json")
    for place in (
        WESTMINSTER,
        Point(61.2, -149.9),
        Point(21.3, -157.85),
        Point(18.4, -66.1),
        GUAM,
        Point(51.88, -176.65),
    ):
        assert build_static_map(outline, markers(place), origin=place, within_miles=25).background.land
    whole = build_static_map(outline, [])
    assert len(whole.background.land) > 10_000
    assert whole.background.state_lines.count("M") > 80
