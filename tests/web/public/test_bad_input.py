"""What the patients' pages do with what nobody should send: a sentence, never an accident."""

import re
import string
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.page_text import input_value, listed_slugs, visible_text

MENDED = {
    "within": ("must be a number of miles from 5 to 250", ["0", "-5", "abc", "1e9", "1000000000", "nan", "inf", "٣"]),
    "page": ("must be a whole number from 1 to 500", ["0", "-1", "1000000000", "abc", "1.5", "9" * 5000, "nan"]),
    "badge": ("Badge must be 1", ["2", "yes", "true", "-1"]),
    "accepting": ("Accepting must be 1", ["0", "yes"]),
    "confirmed": ("Confirmed must be 1", ["0", "2026"]),
    "volume": ("Volume must be a number of mL from 0.1 to 200.", ["0", "-5", "201", "5 mL", "1e1", "nan", "٣", "5,5"]),
    "sites": ("Sites must be a whole number from 1 to 60.", ["0", "61", "2.5", "five", "-1"]),
    "bone": ("Bone must be one of posterior_iliac_crest,", ["hip", "Tibia", "tibia,femur"]),
    "specialty": ("Specialty must be one of the values that the form offers.", ["surgery", "207X", "363L00000X"]),
    "language": ("Language must be one of the values that the form offers.", ["English", "xx", "EN"]),
    "kind": ("Kind must be one of person or clinic.", ["people", "Clinic"]),
    "q": ("The text must have", ["x" * 101, "a b c d e f g h i", "?!", "a\0b"]),
    "after": ("After must be miles and a number", ["abc", "1", "1,", ",1", "-1,5", "1,0", "99999,1", "nan,1", "1,2,3"]),
    "imaging": ("Imaging must be one of any, fluoroscopy, ultrasound or ct.", ["mri", "CT", "fluoroscopy ultrasound"]),
}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [(name, value, sentence) for name, (sentence, values) in MENDED.items() for value in values],
)
def test_a_broken_limit_is_named_and_the_place_is_kept(
    client: FlaskClient, name: str, value: str, sentence: str
) -> None:
    page = client.get(f"/providers?near=80021&{urlencode({name: value})}")
    assert page.status_code == 422
    assert sentence in visible_text(page)
    assert input_value(page) == "80021"
    assert listed_slugs(page) == []


GOOD = {
    "near": "80021", "within": "50", "badge": "1", "imaging": "ct", "q": "clinic", "volume": "10", "sites": "5",
    "bone": "tibia", "specialty": "207X00000X", "language": "es", "kind": "clinic", "accepting": "1", "confirmed": "1",
    "page": "1", "after": "2.5,17",
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_doubled_parameter_is_not_guessed_about(client: FlaskClient, name: str) -> None:
    values = GOOD
    page = client.get(f"/providers?{urlencode(values)}&{name}={values[name]}")
    assert page.status_code == 422
    assert f"“{name}” was given 2 times. Give it once." in visible_text(page)
    assert input_value(page) == "80021"


def test_all_that_is_wrong_is_said_at_once(client: FlaskClient) -> None:
    wrong = {name: values[0] for name, (_, values) in MENDED.items()}
    page = client.get(f"/providers?near=80021&{urlencode(wrong)}")
    said = visible_text(page)
    assert page.status_code == 422
    assert [sentence for sentence, _ in MENDED.values() if sentence not in said] == []


def test_what_was_right_stays_chosen_beside_what_was_wrong(client: FlaskClient) -> None:
    page = client.get("/providers?near=80021&within=25&bone=hip&volume=20&language=es&q=Dr+O’Neil&accepting=1")
    assert page.status_code == 422
    assert input_value(page, "q") == "Dr O’Neil"
    for value in ("25", "20", "es"):
        assert re.search(rf'<option (selected )?value="{value}"( selected)?>', page.text), value
    assert re.search(r'name="accepting"\s+value="1"\s+checked', page.text)
    assert re.search(r'<details class="more-filters" open>', page.text)
    assert "Bone must be one of" in visible_text(page)


@pytest.mark.parametrize(
    ("near", "sentence"),
    [
        ("91,181", "Type a ZIP, or a city"),
        ("x" * 10_000, "at most 200 characters"),
        ("80021\0", "letters, digits and punctuation"),
        ("!?", "Type a ZIP, or a city"),
        ("00000", "00000"),
    ],
)
def test_a_place_that_cannot_be_is_refused_in_a_sentence(client: FlaskClient, near: str, sentence: str) -> None:
    page = client.get(f"/providers?near={quote(near)}")
    assert page.status_code == 422
    assert sentence in visible_text(page)
    assert input_value(page).replace("\ufffd", "\0") == near
    assert listed_slugs(page) == []


def test_marks_that_nobody_sees_change_nothing(client: FlaskClient, add_listing) -> None:
    made = add_listing("Any Clinic")
    near = quote("\u200f80021\u200e")
    page = client.get(f"/providers?near={near}")
    assert listed_slugs(page) == [made.slug]


def test_what_was_typed_is_never_markup(client: FlaskClient) -> None:
    hostile = '"><script>alert(1)</script>'
    page = client.get(f"/providers?near={quote(hostile)}")
    assert "<script>alert" not in page.text
    assert input_value(page) == hostile


@pytest.mark.parametrize("value", ["30", "7.5", "250"])
def test_any_distance_within_the_limits_can_be_asked_for(client: FlaskClient, add_listing, value: str) -> None:
    add_listing("Any Clinic", 1)
    page = client.get(f"/providers?near=80021&within={value}")
    assert f"1 provider within {value} miles of Broomfield, CO 80021" in visible_text(page)
    assert f'<option selected value="{value}">' in page.text


@pytest.mark.parametrize("q", ["", "\0", "\u202e", "x" * 10_000, "zzzzqqq", "%", "<>"])
def test_there_are_no_suggestions_for_what_no_place_begins_with(client: FlaskClient, q: str) -> None:
    answer = client.get(f"/suggest?q={quote(q)}")
    assert (answer.status_code, answer.text.strip()) == (200, "")


def test_suggestions_are_options_that_find_their_place(client: FlaskClient) -> None:
    options = client.get("/suggest?q=westminst").text
    assert '<li role="option"' in options
    assert 'data-autocomplete-value="Westminster, CO"' in options
    assert "<html" not in options


@pytest.mark.parametrize("address", ["/providers/no-such", "/providers/%00", "/rules/none", "/providers/" + "x" * 5000])
def test_what_is_not_there_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


# ---- anything at all ----

NAMES = st.sampled_from([*GOOD, "lat", "lon", "p", ""])
LIKELY = st.sampled_from(
    [
        "80021",
        "Springfield",
        "Denver, CO",
        "40,-105",
        "91,181",
        "-5",
        "0",
        "1",
        "nan",
        "1e309",
        "any",
        "ct",
        "९",
        "\0",
        "es",
        "tibia",
        "clinic",
        "207X00000X",
        "2.5,17",
        "1e-9,1",
    ]
)
SHREDS = st.text(string.printable + "\0\u200f\u202eé९ß\U0001f9b4", max_size=60)
ASKED = st.lists(st.tuples(NAMES, LIKELY | SHREDS | st.text(max_size=40)), max_size=6)
PATHS = st.sampled_from(
    ["/", "/providers", "/providers/near-me", "/rules", "/questions", "/check", "/compare", "/suggest"]
)
WRITTEN = ASKED.map(lambda pairs: urlencode(pairs, errors="surrogatepass")) | st.text(string.printable, max_size=80)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=PATHS, query=WRITTEN)
def test_no_query_string_breaks_a_page(client: FlaskClient, path: str, query: str) -> None:
    sent = query.encode("utf-8", "surrogatepass").decode("latin-1")
    answer = client.get(path, environ_overrides={"QUERY_STRING": sent})
    assert answer.status_code < 500, answer.text[:300]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["providers", "rules"]), name=st.text(min_size=1, max_size=60))
def test_no_name_breaks_a_page(client: FlaskClient, kind: str, name: str) -> None:
    answer = client.get(f"/{kind}/{quote(name, safe='', errors='surrogatepass')}")
    assert answer.status_code < 500, answer.text[:300]


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pairs=ASKED)
def test_no_posted_position_breaks_a_page(client: FlaskClient, pairs: list[tuple[str, str]]) -> None:
    body = urlencode(pairs, errors="surrogatepass")
    answer = client.post("/providers/near-me", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code < 500, answer.text[:300]
