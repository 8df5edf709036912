"""Inputs of public bug reports and registries, each with the number of its report, by the kind it stands for."""

import pytest

from directory.geocoding.place import Precision
from directory.geocoding.results import Ambiguous, Found, Unknown
from directory.geography.point import Point, miles_between


def cases(*rows):
    """Parameters whose ids are the numbers of the reports, which come first."""
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


def offered(answer):
    """The places of any answer."""
    if isinstance(answer, Found):
        return [answer.place, *answer.others]
    return [*(answer.candidates if isinstance(answer, Ambiguous) else answer.did_you_mean)]


@pytest.mark.parametrize(
    ("typed", "lat", "lon"),
    cases(
        ("B001", "Hamilton, NJ", 40.22, -74.67),
        ("B002", "Voorhees, NJ", 39.85, -74.95),
        ("B004", "Vieques, PR", 18.13, -65.44),
        ("B005", "Vieques, PR 00765", 18.12, -65.42),
        ("B007", "Harwood, MD", 38.86, -76.63),
        ("B014", "100 Hospital Rd Fort Sam Houston TX", 29.46, -98.44),
        ("B018", "Scottsdale, AZ 85262", 33.86, -111.81),
        ("B021", "Chelsea, Manhattan", 40.746, -74.001),
    ),
)
def test_silent_wrong_place_is_found_where_it_is_or_asked(gazetteer, typed, lat, lon):
    answer = gazetteer.look_up(typed)
    assert isinstance(answer, Found | Ambiguous)
    places = [answer.place] if isinstance(answer, Found) else answer.candidates
    assert any(miles_between(place.point, Point(lat, lon)) <= place.uncertainty_miles for place in places)


@pytest.mark.parametrize(
    "typed",
    cases(
        ("B008", "Tijuana, Mexico"),
        ("B009", "Mississauga, Ontario"),
        ("B011", "Beirut, Lebanon"),
        ("B012", "Cusco, Peru"),
        ("B013", "Shanghai, China"),
    ),
)
def test_silent_wrong_place_abroad_is_refused(find_unknown, typed):
    assert find_unknown(typed).sentence.startswith("We list only the United States")


def test_silent_wrong_place_keeps_its_direction(gazetteer):
    """B016: Huntingdon lies 90 miles east of North Huntingdon."""
    answer = gazetteer.look_up("100 Main St North Huntingdon PA")
    assert "Huntingdon, PA" not in {place.label for place in offered(answer)}


def test_silent_wrong_place_is_no_letters_of_another_town(find_place):
    """B020: "UES" is the Upper East Side, and not Waukesha."""
    assert find_place("UES").label == "Upper East Side, New York, NY"


@pytest.mark.parametrize(
    ("typed", "label"),
    cases(
        ("B022", "350 5th Ave, New York", "New York, NY"),
        ("B023", "350 5th Ave New York", "New York, NY"),
        ("B024", "700 2nd St NE, Washington DC", "Washington, DC"),
        ("B025", "700 2nd St NE Washington DC", "Washington, DC"),
        ("B026", "1600 Pennsylvania Avenue, Washington DC", "Washington, DC"),
        ("B028", "500 Main St Las Vegas", "Las Vegas, NV"),
        ("B029", "5 Elm St Fort Worth", "Fort Worth, TX"),
        ("B030", "12 Oak St St Louis", "St. Louis, MO"),
        ("B031", "100 California St San Francisco", "San Francisco, CA"),
        ("B033", "12 Oak St Chicago", "Chicago, IL"),
        ("B034", "Washington, D.C.", "Washington, DC"),
        ("B035", "700 2nd St NE, Washington, DC", "Washington, DC"),
    ),
)
def test_street_and_city_without_a_state_code_are_found(find_place, typed, label):
    assert find_place(typed).label == label


@pytest.mark.parametrize(
    ("typed", "zip_code"),
    cases(
        ("B036", "Simsbury, CT", "06070"),
        ("B037", "Wareham, MA", "02571"),
        ("B038", "York, ME", "03909"),
        ("B039", "Moorestown, NJ", "08057"),
        ("B040", "West Chester, OH", "45069"),
        ("B041", "Henrico, VA", "23228"),
        ("B056", "Willow Spring, NC", "27592"),
        ("B057", "Fort Belvoir, VA", "22060"),
        ("B060", "Fort Sam Houston, TX", "78234"),
        ("B067", "Fort Leavenworth, KS", "66027"),
        ("B068", "Wright-Patterson AFB, OH", "45433"),
    ),
)
def test_towns_that_are_not_found_and_military_lie_at_their_zips(find_place, typed, zip_code):
    place, own = find_place(typed), find_place(zip_code)
    assert place.precision is Precision.CITY
    assert miles_between(place.point, own.point) <= place.uncertainty_miles


def test_military_base_is_found_where_its_people_are(find_place):
    """B059: the ZIP of Fort Hood covers its training area too."""
    assert miles_between(find_place("Fort Hood, TX").point, Point(31.134, -97.776)) < 5


@pytest.mark.parametrize("typed", cases(("B069", "APO AE 09012"), ("B070", "PSC 1 BOX 2, FPO, FL, 34009")))
def test_military_post_office_lies_on_no_map(find_unknown, typed):
    assert "lies on no map" in find_unknown(typed).sentence


@pytest.mark.parametrize(
    ("typed", "label"),
    cases(
        ("B071", "Cook County, IL", "Cook County, IL"),
        ("B072", "Los Angeles County, CA", "Los Angeles County, CA"),
        ("B073", "King County", "King County, WA"),
        ("B079", "Orange County, CA", "Orange County, CA"),
        ("B080", "Maui", "Maui, HI"),
        ("B081", "Oahu", "Oahu, HI"),
        ("B083", "Wailuku, Maui", "Wailuku, HI"),
        ("B086", "Washington, United States", "Washington, DC"),
        ("B088", "Columbia, TN", "Columbia, TN"),
        ("B091", "stem cell clinic in Denver", "Denver, CO"),
        ("B092", "orthopedic surgeon near 80021", "Broomfield, CO 80021"),
        ("B093", "Denver area", "Denver, CO"),
        ("B094", "San Francisco Bay Area", "Bay Area, CA"),
        ("B095", "Dallas-Fort Worth", "Dallas-Fort Worth, TX"),
        ("B096", "Broadway, Denver", "Denver, CO"),
        ("B097", "Capitol Hill, Seattle", "Capitol Hill, Seattle, WA"),
        ("B098", "Northridge, Los Angeles", "Northridge, CA"),
        ("B099", "Hyde Park, Chicago", "Hyde Park, IL"),
    ),
)
def test_counties_islands_states_and_what_people_type_instead_are_found(find_place, typed, label):
    assert find_place(typed).label == label


@pytest.mark.parametrize(
    ("typed", "state"),
    cases(("B084", "New York State", "NY"), ("B085", "Washington State", "WA"), ("B087", "Nevada", "NV")),
)
def test_a_state_is_asked_for_a_city(find_ambiguous, typed, state):
    answer = find_ambiguous(typed)
    assert "Choose a city" in answer.sentence
    assert {place.state for place in answer.candidates[:5]} == {state}


@pytest.mark.parametrize("typed", cases(("B089", "near me"), ("B090", "my location")))
def test_words_instead_of_a_place_lead_to_the_button(find_unknown, typed):
    assert "press “Near me”" in find_unknown(typed).sentence


@pytest.mark.parametrize(
    ("typed", "zip_code"),
    cases(
        ("B100", "80021–1234", "80021"),
        ("B101", "80021‑1234", "80021"),
        ("B102", "80021−1234", "80021"),
        ("B103", "80021 CO", "80021"),
        ("B110", "8OO21", "80021"),
        ("B111", "800211234", "80021"),
        ("B112", "80021 1234", "80021"),
        ("B113", "８００２１－１２３４", "80021"),
        ("B114", "80021, USA", "80021"),
        ("B115", "CO 80021", "80021"),
        ("B116", "80021 Westminster, CO", "80021"),
        ("B118", "Willow Spring, NC 27592", "27592"),
        ("B137", "12 ST MARKS PLACE, New York, NY 10003", "10003"),
    ),
)
def test_zip_notation_is_read(find_place, typed, zip_code):
    assert find_place(typed).postal_code == zip_code


def test_zip_notation_of_two_zips_is_asked_about(find_ambiguous):
    """B109."""
    assert "two ZIPs" in find_ambiguous("80021, 80030").sentence


def test_zip_notation_of_no_zip_is_said(find_unknown):
    """B127."""
    assert "We do not know the ZIP “99999”" in find_unknown("99999").sentence


@pytest.mark.parametrize(
    ("typed", "label", "least_miles"),
    cases(
        ("B058", "22060", "Fort Belvoir, VA 22060", 0),
        ("B117", "27592", "Willow Spring, NC 27592", 0),
        ("B119", "87101", "Albuquerque, NM 87101", 0),
        ("B120", "97222", "Milwaukie, OR 97222", 0),
        ("B121", "25177", "Saint Albans, WV 25177", 0),
        ("B122", "85144", "San Tan Valley, AZ 85144", 4.5),
        ("B123", "29402", "Charleston, SC 29402", 4.5),
        ("B124", "94203", "Sacramento, CA 94203", 4.5),
        ("B125", "01655", "Worcester, MA 01655", 4.5),
        ("B126", "70132", "70132 (near New Orleans, LA)", 8),
        ("B132", "96929", "Yigo, GU 96929", 0),
        ("B151", "91739", "Rancho Cucamonga, CA 91739", 0),
    ),
)
def test_a_zip_has_the_name_that_people_there_use_and_is_as_wide_as_its_source(find_place, typed, label, least_miles):
    place = find_place(typed)
    assert place.label == label
    assert place.uncertainty_miles >= least_miles


@pytest.mark.parametrize(
    ("typed", "label"),
    cases(
        ("B128", "St. Petersburg, FL", "St. Petersburg, FL"),
        ("B129", "st petersburg florida", "St. Petersburg, FL"),
        ("B130", "Cape Cod", "Cape Cod, MA"),
        ("B131", "Scobey, MT", "Scobey, MT"),
        ("B133", "Tamuning", "Tamuning, GU"),
        ("B134", "Bethany, Oklahoma", "Bethany, OK"),
        ("B135", "18 S OAK ST  MT PROSPECT IL 60056-0001", "Mount Prospect, IL 60056"),
        ("B136", "RT 11 NORTH MT SIDNEY VA 24467", "Mount Sidney, VA 24467"),
        ("B138", "18 Sample Way St. Augustine FL", "Saint Augustine, FL"),
        ("B139", "N1234 Sample Blvd Cape Canaveral, FL 32920", "Cape Canaveral, FL 32920"),
        ("B140", "100 Sample Pkwy SE Unit 12, Marietta, GA 30067", "Marietta, GA 30067"),
        ("B141", "32 1/2 Main Street, Burlington, VT", "Burlington, VT"),
        ("B142", "123-3/4 Main Street Springfield IL", "Springfield, IL"),
        ("B143", "39-20 27th St, Long Island City, NY 11101", "Long Island City, NY 11101"),
        ("B144", "102-04 Sample Street, Hoboken NJ", "Hoboken, NJ"),
        ("B145", "350 N 400 W, Salt Lake City, UT", "Salt Lake City, UT"),
        ("B146", "N6W23001 Bluemound Rd, Waukesha, WI 53188", "Waukesha, WI 53188"),
        ("B147", "PO Box 1000 Phoenix, AZ 85036", "Phoenix, AZ 85036"),
        ("B148", "1 Sample Avenue NW,Chisholm,MN,55719", "Chisholm, MN 55719"),
        ("B149", "1 Sample Rd Parsippany , NJ 07054 07054", "Parsippany, NJ 07054"),
        ("B152", "Coeur d’Alene ID", "Coeur d'Alene, ID"),
        ("B153", "Española NM", "Española, NM"),
        ("B156", "Denver, Col.", "Denver, CO"),
    ),
)
def test_spelling_and_addresses_are_found(find_place, typed, label):
    assert find_place(typed).label == label


@pytest.mark.parametrize(
    ("typed", "label"),
    cases(
        ("B150", "san carlos", "San Carlos, CA"),
        ("B154", "scobie, mt", "Scobey, MT"),
        ("B155", "Des Moines, IO", "Des Moines, IA"),
    ),
)
def test_spelling_that_is_not_sure_is_offered(gazetteer, typed, label):
    assert offered(gazetteer.look_up(typed))[0].label == label


def test_an_address_without_a_town_is_asked_for_one(find_unknown):
    """B157."""
    assert "a city and its state" in find_unknown("1 sample rd,pa").sentence
    assert isinstance(find_unknown("1 sample rd"), Unknown)
