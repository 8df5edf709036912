"""What patients type, of each kind that was seen to fail: found, asked about or refused, never silently wrong."""

import pytest

from directory.errors import Invalid
from directory.geocoding.place import Precision
from directory.geocoding.results import Ambiguous, Found, Unknown
from directory.geography.point import Point, miles_between


def places_offered(answer):
    """The places of any answer."""
    if isinstance(answer, Found):
        return (answer.place, *answer.others)
    return answer.candidates if isinstance(answer, Ambiguous) else answer.did_you_mean


@pytest.mark.parametrize(
    ("typed", "lat", "lon"),
    [
        ("Voorhees, NJ", 39.85, -74.95),
        ("Vieques, PR 00765", 18.12, -65.42),
        ("Scottsdale, AZ 85262", 33.86, -111.81),
        ("200 Clinic Rd Fort Sam Houston TX", 29.46, -98.44),
        ("UES", 40.77, -73.96),
        ("Chelsea, Manhattan", 40.746, -74.001),
    ],
)
def test_a_name_that_several_places_share_is_not_silently_the_wrong_one(find_place, typed, lat, lon):
    place = find_place(typed)
    assert miles_between(place.point, Point(lat, lon)) <= place.uncertainty_miles


@pytest.mark.parametrize("typed", ["Harwood, MD", "Vieques, PR", "Chelsea, NY", "Capitol Hill", "Toronto"])
def test_what_is_not_surely_meant_is_asked(find_ambiguous, typed):
    assert len(find_ambiguous(typed).candidates) > 1


@pytest.mark.parametrize(
    "typed",
    [
        "Tijuana, Mexico", "Tijuana Mexico", "Mississauga, Ontario", "Beirut, Lebanon", "Lima, Peru", "Beijing, China",
        "Calgary AB", "Kingston, Jamaica", "London UK", "10 King St, Toronto, Canada", "Kolkata, India",
    ],
)  # fmt: skip
def test_a_place_abroad_is_refused_with_the_reason(find_unknown, typed):
    assert "We list only the United States" in find_unknown(typed).sentence


@pytest.mark.parametrize("typed", ["12 Main St North Huntingdon PA", "12 Main St N Huntingdon, PA"])
def test_a_direction_stays_with_the_name(gazetteer, typed):
    assert not {place.label for place in places_offered(gazetteer.look_up(typed))} & {"Huntingdon, PA"}


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("350 5th Ave, New York", "New York, NY"),
        ("350 5th Ave New York", "New York, NY"),
        ("9 2nd St NE, Washington DC", "Washington, DC"),
        ("9 2nd St NE Washington D.C.", "Washington, DC"),
        ("500 Main St Las Vegas", "Las Vegas, NV"),
        ("5 Elm Street Fort Worth", "Fort Worth, TX"),
        ("12 Oak St St Louis", "St. Louis, MO"),
        ("100 California St, San Francisco", "San Francisco, CA"),
        ("7 Lake Ave Suite 200 Chicago", "Chicago, IL"),
        ("14 Sunset Blvd Los Angeles", "Los Angeles, CA"),
    ],
)
def test_a_street_and_a_city_need_no_state(find_place, typed, label):
    assert find_place(typed).label == label


@pytest.mark.parametrize(
    "typed",
    ["Simsbury, CT", "Wareham, MA", "York, ME", "Moorestown, NJ", "West Chester, OH", "Henrico, VA",
     "Flushing, NY", "Town of Simsbury, CT", "Ft Leavenworth KS", "Dover Air Force Base, DE", "JBSA Lackland, TX"],
)  # fmt: skip
def test_towns_of_the_post_office_are_found(find_place, typed):
    assert find_place(typed).precision is Precision.CITY


@pytest.mark.parametrize(
    ("typed", "city"), [("Boonton Township, NJ", "Boonton"), ("Jackson Borough, PA", "Jackson"), ("Moore, NC", "")]
)
def test_a_name_without_its_kind_is_offered_and_not_taken(gazetteer, typed, city):
    answer = gazetteer.look_up(typed)
    assert not isinstance(answer, Found)
    assert any(city in place.label for place in places_offered(answer))


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Cook County, IL", "Cook County, IL"),
        ("King County", "King County, WA"),
        ("Orange County, Vermont", "Orange County, VT"),
        ("Orleans Parish", "Orleans Parish, LA"),
        ("Orleans County, LA", "Orleans Parish, LA"),
        ("Maui", "Maui, HI"),
        ("Oahu", "Oahu, HI"),
        ("Wailuku, Maui", "Wailuku, HI"),
        ("San Francisco Bay Area", "Bay Area, CA"),
        ("Dallas-Fort Worth", "Dallas-Fort Worth, TX"),
        ("DFW", "Dallas-Fort Worth, TX"),
        ("Denver area", "Denver, CO"),
        ("greater Boston", "Boston, MA"),
        ("Atlanta metro area", "Atlanta, GA"),
        ("JBLM", "Joint Base Lewis-McChord, WA"),
        ("Capitol Hill, Seattle", "Capitol Hill, Seattle, WA"),
        ("Hyde Park, Chicago", "Hyde Park, IL"),
        ("Northridge, Los Angeles", "Northridge, CA"),
        ("Denver, Col.", "Denver, CO"),
    ],
)
def test_counties_islands_regions_bases_and_quarters_are_found(find_place, typed, label):
    assert find_place(typed).label == label


def test_counties_of_one_name_are_asked_about(find_ambiguous):
    assert {"Orange County, CA", "Orange County, FL"} <= {
        place.label for place in find_ambiguous("Orange County").candidates
    }


@pytest.mark.parametrize("typed", ["New York State", "Washington State", "state of Oregon", "Nevada"])
def test_a_state_is_asked_for_its_city(find_ambiguous, typed):
    assert "too large to search around" in find_ambiguous(typed).sentence


@pytest.mark.parametrize(
    ("typed", "label"), [("Broadway, Denver", "Denver, CO"), ("Main Plaza, San Antonio", "San Antonio, TX")]
)
def test_an_unknown_part_of_a_city_is_the_city_and_says_so(gazetteer, typed, label):
    answer = gazetteer.look_up(typed)
    assert isinstance(answer, Found)
    assert answer.place.label == label
    assert typed.partition(",")[0] in answer.note


@pytest.mark.parametrize(
    "typed", ["near me", "Near me!", "my location", "current location", "clinics near me", "nearby"]
)
def test_words_for_where_the_user_is_lead_to_the_button(find_unknown, typed):
    assert "Near me" in find_unknown(typed).sentence


@pytest.mark.parametrize(
    "typed",
    ["80021–1234", "80021‑1234", "80021−1234", "80021 - 1234", "80021 CO", "80021, Colorado", "CO80021", "CO-80021",
     '"80021"', "“80021”", "80021, USA", "8OO21", "8oo21", "8002l"],
)  # fmt: skip
def test_any_notation_of_a_zip_is_understood(find_place, typed):
    assert find_place(typed).postal_code == "80021"


def test_letters_read_as_digits_are_said(gazetteer):
    assert gazetteer.look_up("8OO21").note == "Showing Broomfield, CO 80021."
    assert gazetteer.look_up("80021").note == ""


@pytest.mark.parametrize(
    "typed", ["80021, 80030", "80021 80030", "80021 or 80030", "80021/80030", "Denver 80021 and 80030"]
)
def test_two_zips_are_asked_about(find_ambiguous, typed):
    answer = find_ambiguous(typed)
    assert [place.postal_code for place in answer.candidates] == ["80021", "80030"]
    assert "two ZIPs" in answer.sentence


def test_no_such_zip_is_said(find_unknown):
    assert "99999" in find_unknown("99999").sentence


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("12 Main St, Buffalo, NY 10001", "ZIP 10001 is not in Buffalo, NY."),
        ("12 Main St, Denver, CO 10001", "ZIP 10001 is in New York, not in Colorado."),
        ("Nowhere at all, CO 10001", "ZIP 10001 is in New York, not in Colorado."),
    ],
)
def test_an_address_and_a_zip_that_contradict_are_asked_about_in_the_words_typed(gazetteer, typed, says):
    answer = gazetteer.look_up(typed)
    assert says in answer.sentence
    assert {place.city for place in places_offered(answer)} <= {"New York", "Buffalo", "Denver"}


@pytest.mark.parametrize(("typed", "first"), [("scobie, mt", "Scobey, MT"), ("Westminter, CO", "Westminster, CO")])
def test_spellings_of_the_same_state_are_offered_first(find_unknown, typed, first):
    assert find_unknown(typed).did_you_mean[0].label == first


def test_a_post_office_box_is_as_uncertain_as_its_town(find_place):
    assert find_place("29402").uncertainty_miles >= 4.5
    assert miles_between(find_place("01655").point, Point(42.27, -71.80)) <= find_place("01655").uncertainty_miles


def test_coordinates_are_taken_only_where_they_are_allowed(gazetteer):
    assert isinstance(gazetteer.look_up("39.85,-105.05"), Found)
    with pytest.raises(Invalid, match="Type a ZIP"):
        gazetteer.look_up("39.85,-105.05", coordinates=False)


def test_the_end_of_an_unknown_town_is_no_other_town(gazetteer):
    assert not isinstance(gazetteer.look_up("Fort Nobody Houston, TX"), Found)
    assert isinstance(gazetteer.look_up("xqzzy Houston, TX"), Unknown)
