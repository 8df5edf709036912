"""Towns and states as people type them, and the traps that other gazetteers fell into."""

import csv
import string

import pytest

from directory.geocoding.areas import AREAS_FILE
from directory.geocoding.place import Precision
from directory.geocoding.results import Ambiguous, Found
from directory.geocoding.us_states import STATES
from directory.geography.point import Point, miles_between


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Denver, CO", "Denver, CO"),
        ("denver co", "Denver, CO"),
        ("DENVER, COLORADO", "Denver, CO"),
        ("Denver, Colo.", "Denver, CO"),
        ("Denver", "Denver, CO"),
        ("near Denver", "Denver, CO"),
        ("Denver, CO, USA", "Denver, CO"),
        ("Denver, CO, United States of America", "Denver, CO"),
        ("Las Cruces, New Mexico", "Las Cruces, NM"),
        ("Charleston W. Va.", "Charleston, WV"),
        ("Durham, N. Carolina", "Durham, NC"),
        ("San Juan, Puerto Rico", "San Juan, PR"),
        ("Koror, PW", "Koror, PW"),
        ("Washington, D.C.", "Washington, DC"),
        ("Washington DC", "Washington, DC"),
        ("DC", "Washington, DC"),
    ],
)
def test_a_town_is_found_however_its_state_is_written(find_place, typed, label):
    place = find_place(typed)
    assert (place.label, place.precision, place.postal_code) == (label, Precision.CITY, None)


@pytest.mark.parametrize("state", STATES)
def test_every_state_and_territory_has_towns_of_its_own(gazetteer, state):
    offered = [place for letter in string.ascii_lowercase for place in gazetteer.suggest(f"{letter}, {state}")]
    assert offered
    assert {place.state for place in offered} == {state}


@pytest.mark.parametrize(
    ("typed", "label"),
    [("Columbus", "Columbus, OH"), ("Columbus, US", "Columbus, OH"), ("columbus us", "Columbus, OH")],
)
def test_cutting_off_the_country_does_not_eat_columbus(find_place, typed, label):
    assert find_place(typed).label == label


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("New York", "New York, NY"),
        ("New York New York", "New York, NY"),
        ("new york, new york", "New York, NY"),
        ("Washington", "Washington, DC"),
        ("Kansas City", "Kansas City, MO"),
        ("Port Washington NY", "Port Washington, NY"),
        ("Kansas City, Kansas", "Kansas City, KS"),
        ("Kansas City MO", "Kansas City, MO"),
        ("Iowa City", "Iowa City, IA"),
    ],
)
def test_a_state_in_a_towns_name_is_not_taken_for_its_state(find_place, typed, label):
    assert find_place(typed).label == label


@pytest.mark.parametrize("typed", ["California", "CA", "Puerto Rico", "West Virginia", "Guam"])
def test_a_whole_state_is_asked_about_and_not_searched_from_its_middle(find_ambiguous, typed):
    answer = find_ambiguous(typed)
    assert len(answer.candidates) == 8
    assert "too large to search around" in answer.sentence


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Española", "Española, NM"),
        ("Espanola, NM", "Española, NM"),
        ("Espan\u0303ola", "Española, NM"),
        ("Cañon City", "Cañon City, CO"),
        ("Canon City, CO", "Cañon City, CO"),
        ("Mayaguez, PR", "Mayagüez, PR"),
    ],
)
def test_accents_may_be_typed_or_left_out(find_place, typed, label):
    assert find_place(typed).label == label


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("St. Louis", "St. Louis, MO"),
        ("Saint Louis, MO", "St. Louis, MO"),
        ("st louis mo", "St. Louis, MO"),
        ("Ft. Worth, TX", "Fort Worth, TX"),
        ("Mt Pleasant SC", "Mount Pleasant, SC"),
        ("N Las Vegas NV", "North Las Vegas, NV"),
        ("W PALM BCH, FL", "West Palm Beach, FL"),
        ("Colorado Spgs CO", "Colorado Springs, CO"),
        ("OFallon, MO", "O'Fallon, MO"),
        ("O’Fallon, IL", "O'Fallon, IL"),
        ("Winston Salem", "Winston-Salem, NC"),
        ("Coeur dAlene", "Coeur d'Alene, ID"),
        ("NYC", "New York, NY"),
        ("Philly", "Philadelphia, PA"),
        ("the bronx", "Bronx, NY"),
    ],
)
def test_usual_spellings_of_a_name_are_one(find_place, typed, label):
    assert find_place(typed).label == label


def test_a_towns_own_name_comes_before_a_larger_towns_other_name(find_place):
    # Springfield, MA is also known as Agawam, Lexington, KY holds a Meads.
    assert find_place("Agawam, MA").city == "Agawam"
    assert find_place("Westminster, TX").city == "Westminster"


def test_springfield_is_asked_about_the_largest_first(gazetteer):
    answer = gazetteer.look_up("Springfield")
    assert isinstance(answer, Ambiguous)
    assert [place.label for place in answer.candidates[:3]] == ["Springfield, MO", "Springfield, MA", "Springfield, IL"]


def test_portland_is_the_far_larger_one_and_the_others_are_offered(gazetteer):
    answer = gazetteer.look_up("Portland")
    assert isinstance(answer, Found)
    assert answer.place.label == "Portland, OR"
    assert {"Portland, ME", "Portland, TX"} <= {place.label for place in answer.others}


def test_cape_cod_is_in_massachusetts(find_place):
    place = find_place("Cape Cod")
    assert place.state == "MA"
    assert miles_between(place.point, Point(41.65, -70.28)) < 10
    assert place.uncertainty_miles >= 25
    assert find_place("Cape Cod, MA") == find_place("cape cod massachusetts") == place


def listed_areas(*kinds):
    """The rows of the hand-written list of these kinds."""
    with AREAS_FILE.open(encoding="utf-8") as lines:
        return [row for row in csv.DictReader(lines) if row["kind"] in kinds]


@pytest.mark.parametrize("area", listed_areas("region", "island"), ids=lambda area: area["name"])
def test_every_region_and_island_is_found_in_its_state_and_holds_its_town(find_place, area):
    place = find_place(f"{area['name']}, {area['state']} (near {area['town']})")
    assert place.state == area["state"]
    if place.city == area["town"]:
        town = find_place(f"{area['town']}, {area['state']}")
        assert miles_between(place.point, town.point) <= place.uncertainty_miles + town.uncertainty_miles
    for other in filter(None, area["also"].split("|")):
        named = find_place(f"{other}, {area['state']} (near {area['town']})")
        assert miles_between(named.point, place.point) <= place.uncertainty_miles


@pytest.mark.parametrize("area", listed_areas("base"), ids=lambda area: area["name"])
def test_every_base_is_found_near_its_zips(gazetteer, find_place, area):
    first = find_place(area["zips"].split()[0] if area["zips"] else f"{area['town']}, {area['state']}")
    for name in [area["name"], *filter(None, area["also"].split("|"))]:
        answer = gazetteer.look_up(f"{name}, {area['state']}")
        places = answer.candidates if isinstance(answer, Ambiguous) else [answer.place]
        off = min(miles_between(place.point, first.point) for place in places)
        assert off <= first.uncertainty_miles + places[0].uncertainty_miles + 5


@pytest.mark.parametrize("area", listed_areas("quarter"), ids=lambda area: f"{area['name']} {area['town']}")
def test_every_quarter_is_found_in_its_city(find_place, area):
    place = find_place(f"{area['name']}, {area['town']}, {area['state']}")
    zips = [find_place(zip_code).point for zip_code in area["zips"].split()]
    assert min(miles_between(place.point, point) for point in zips) <= place.uncertainty_miles


def test_a_town_of_a_landscapes_name_is_asked_about(find_ambiguous):
    offered = {place.label for place in find_ambiguous("Big Bend").candidates}
    assert {"Big Bend, TX (near Alpine)", "Big Bend, WI"} <= offered


@pytest.mark.parametrize("typed", ["Long Island", "Southern California", "Big Island", "Florida Keys"])
def test_a_wide_region_is_asked_about_and_its_middle_can_be_chosen(find_ambiguous, find_place, typed):
    answer = find_ambiguous(typed)
    assert "is wide" in answer.sentence
    assert len(answer.candidates) > 4
    assert find_place(answer.candidates[0].label).uncertainty_miles > 40


@pytest.mark.parametrize(
    "typed",
    [
        "London, England",
        "Toronto, Canada",
        "Toronto, Ontario",
        "Paris, France",
        "Athens, Greece",
        "Vancouver, British Columbia",
    ],
)
def test_a_place_abroad_is_never_answered_by_its_american_namesake(find_unknown, typed):
    answer = find_unknown(typed)
    assert "only the United States" in answer.sentence
    assert all(place.city == typed.partition(",")[0] for place in answer.did_you_mean)
    assert answer.did_you_mean


@pytest.mark.parametrize("typed", ["Manila", "Paris", "London", "Berlin"])
def test_a_bare_name_that_is_famous_abroad_is_looked_for_at_home(gazetteer, typed):
    answer = gazetteer.look_up(typed)
    places = answer.candidates if isinstance(answer, Ambiguous) else [answer.place]
    assert {place.state for place in places} <= STATES.keys()


def test_a_part_of_a_town_is_found_beside_it(find_place):
    assert find_place("Dorchester, Boston").label == "Dorchester, MA"


@pytest.mark.parametrize("typed", ["12345 Broadway", "12 Springfield Road", "5 Denver"])
def test_a_street_alone_is_not_taken_for_a_town(find_unknown, typed):
    assert find_unknown(typed)


def test_the_middle_of_a_large_city_is_less_certain_than_a_village(find_place):
    assert (
        find_place("Chicago, IL").uncertainty_miles
        > find_place("Boulder, CO").uncertainty_miles
        > find_place("Espy, PA").uncertainty_miles
        > 0
    )
