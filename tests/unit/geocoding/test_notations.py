"""More notations of what patients type: stray marks, several places in one text, words around a name, other names."""

import pytest

from directory.geocoding.results import Found


@pytest.mark.parametrize(
    "typed",
    ["#80021", "(80021)", "ZIP80021", "80021co", "80021Colorado", "8oo2l", "80021 80021-1234"],
)
def test_stray_marks_around_a_zip_change_nothing(find_place, typed):
    assert find_place(typed).postal_code == "80021"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("8002 1", "80021"),
        ("8 0 0 2 1", "80021"),
        ("80021-12", "80021"),
        ("2134 MA", "02134"),
        ("99999, 80021", "80021"),
        ("NY 80202", "80202"),
        ("90210 MA", "90210"),
    ],
)
def test_a_zip_that_is_not_right_is_offered(find_unknown, typed, offered):
    assert [place.postal_code for place in find_unknown(typed).did_you_mean] == [offered]


def test_three_zips_are_all_offered(find_ambiguous):
    answer = find_ambiguous("80021, 80030 or 80031")
    assert [place.postal_code for place in answer.candidates] == ["80021", "80030", "80031"]


@pytest.mark.parametrize(
    ("typed", "towns"),
    [
        ("Raleigh-Durham", {"Raleigh, NC", "Durham, NC"}),
        ("Denver or Boulder", {"Denver, CO", "Boulder, CO"}),
        ("Bryan/College Station, TX", {"Bryan, TX", "College Station, TX"}),
        ("Denver, Boulder", {"Denver, CO", "Boulder, CO"}),
        ("Cranberry, PA", {"Cranberry, PA (near New Castle)", "Cranberry Township, PA"}),
    ],
)
def test_two_towns_in_one_text_are_asked_about(find_ambiguous, typed, towns):
    assert towns <= {place.label for place in find_ambiguous(typed).candidates}


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("hematologist in Boston, MA", "Boston, MA"),
        ("25 miles from Denver", "Denver, CO"),
        ("Cook Co., IL", "Cook County, IL"),
        ("County of Los Angeles", "Los Angeles County, CA"),
        ("Borough of Red Bank, NJ", "Red Bank, NJ"),
        ("metro Atlanta", "Atlanta, GA"),
    ],
)
def test_words_around_a_place_are_left_out_and_the_place_is_said(gazetteer, typed, label):
    answer = gazetteer.look_up(typed)
    assert isinstance(answer, Found)
    assert (answer.place.label, answer.note) == (label, f"Showing {label}.")


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("Dade County, FL", "Miami-Dade County, FL"),
        ("Georgetown, Washington", "Georgetown, DC"),
        ("Patrick Space Force Base", "Patrick Air Force Base, FL"),
        ("Dededo, Guam", "Dededo, GU"),
        ("JBSA", "Joint Base San Antonio, TX"),
        ("Boise, Ida.", "Boise, ID"),
        ("Wash DC", "Washington, DC"),
        ("Denver (CO)", "Denver, CO"),
        ("NoVA", "Northern Virginia, VA"),
        ("Kona", "Kona, HI"),
        ("Berkeley Hgts, NJ", "Berkeley Heights, NJ"),
    ],
)
def test_other_names_and_notations_are_found(find_place, typed, label):
    assert find_place(typed).label == label


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Colo Spgs, CO", "Colorado Springs, CO"),
        ("Va Beach, VA", "Virginia Beach, VA"),
        ("Monroe, NJ", "Monroe Township, NJ"),
        ("1100 Fairview Ave N Seattle", "Seattle, WA"),
        ("Fort Campbell, TN", "Fort Campbell, KY"),
    ],
)
def test_an_abbreviated_or_longer_name_is_offered(find_unknown, typed, first):
    assert find_unknown(typed).did_you_mean[0].label == first


@pytest.mark.parametrize(
    "typed", ["Cancun", "Tbilisi, Georgia", "Puerto Vallarta, Jalisco, MX", "M5V 2T6", "Toronto M5G 1X8", "SW1A 1AA"]
)
def test_a_city_or_code_abroad_is_refused_without_a_country(find_unknown, typed):
    assert find_unknown(typed).sentence == "We list only the United States."


@pytest.mark.parametrize("typed", ["Mexico", "Lebanon", "Peru", "Ontario"])
def test_a_bare_country_or_province_is_never_a_town_in_silence(find_ambiguous, typed):
    assert "We list only the United States" in find_ambiguous(typed).sentence


@pytest.mark.parametrize(
    ("typed", "state"), [("upstate New York", "NY"), ("Western Massachusetts", "MA"), ("Central Texas", "TX")]
)
def test_a_part_of_a_state_is_no_town_of_its_name(find_ambiguous, typed, state):
    answer = find_ambiguous(typed)
    assert "too large to search around" in answer.sentence
    assert answer.candidates[0].state == state


@pytest.mark.parametrize("typed", ["APO", "FPO AE", "DPO AP"])
def test_a_military_post_office_without_a_zip_lies_on_no_map(find_unknown, typed):
    assert "lies on no map" in find_unknown(typed).sentence


def test_an_unknown_town_beside_a_zip_is_said(gazetteer):
    answer = gazetteer.look_up("Nowhere, CO 80021")
    assert isinstance(answer, Found)
    assert answer.note == "We do not know “Nowhere”, so this is ZIP 80021."


@pytest.mark.parametrize(
    ("zip_code", "label"),
    [("43085", "Worthington, OH 43085"), ("55429", "Brooklyn Center, MN 55429"), ("80202", "Denver, CO 80202")],
)
def test_a_zip_outside_its_city_has_the_name_of_the_town_inside(find_place, zip_code, label):
    assert find_place(zip_code).label == label


@pytest.mark.parametrize(
    ("typed", "first", "state"),
    [
        ("Boston, Massachusets", "Boston, MA", "Massachusetts"),
        ("Hartford, Conneticut", "Hartford, CT", "Connecticut"),
        ("Pensylvania", "Philadelphia, PA", "Pennsylvania"),
    ],
)
def test_a_misspelled_state_is_offered(find_unknown, typed, first, state):
    answer = find_unknown(typed)
    assert answer.did_you_mean[0].label == first
    assert f"Do you mean {state}?" in answer.sentence


@pytest.mark.parametrize(
    ("typed", "label"),
    [("Pittsburg, PA", "Pittsburgh, PA"), ("Cincinatti, OH", "Cincinnati, OH"), ("NYC", "New York, NY")],
)
def test_another_spelling_says_what_is_shown(gazetteer, typed, label):
    answer = gazetteer.look_up(typed)
    assert isinstance(answer, Found)
    assert (answer.place.label, answer.note) == (label, f"Showing {label}.")


def test_a_town_whose_name_is_also_a_spelling_of_a_larger_one_is_asked_about(find_ambiguous):
    assert [place.label for place in find_ambiguous("Pittsburg").candidates][:2] == ["Pittsburgh, PA", "Pittsburg, CA"]
