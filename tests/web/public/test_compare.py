"""What comparing promises: up to four side by side, each under its own rules, and a sentence for what is not there."""

import re
from urllib.parse import urlencode

import pytest
from factories import RIGHT, make_attestation
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_text import words
from rulesets_of_two import RIGHT_IN_SECOND
from sqlalchemy.orm import Session

from directory import clock
from directory.certification.ruleset import Rulesets
from directory.listings.lifecycle import State


def side_by_side(*slugs: str) -> str:
    return f"/compare?{urlencode([('p', slug) for slug in slugs])}"


def columns(page_text: str) -> list[str]:
    """The providers of the table, from left to right."""
    head = page_text.partition("<thead>")[2].partition("</thead>")[0]
    return re.findall(r'href="/providers/([^"]+)"', head)


def test_each_answer_stands_in_its_column_with_its_grade_and_why(client: FlaskClient, put) -> None:
    right, wrong = put("Right Clinic", answers=RIGHT), put("Wrong Clinic", answers=RIGHT | {"distinct_sites": 2})
    silent = put("Silent Clinic")
    page = client.get(side_by_side(wrong.slug, right.slug, silent.slug))
    said = words(page)
    assert columns(page.text) == [wrong.slug, right.slug, silent.slug]
    assert "answers match all 4 rules" in said
    assert "Answers do not match every rule: Number of places" in said
    assert "Technique: Not stated" in said
    line = said.partition("How many distinct spots")[2].partition("Will you use")[0]
    assert re.search(r"Does not match 2 places .* Matches the rule 5 to 6 places .* Not stated", line)
    assert "Small pulls from many places bring more stem cells" in line


def test_a_provider_is_one_column_however_often_named(client: FlaskClient, put) -> None:
    made = put("Any Clinic", answers=RIGHT)
    assert columns(client.get(side_by_side(*[made.slug] * 9)).text) == [made.slug]


def test_a_fifth_is_refused_and_four_can_be_chosen(client: FlaskClient, put) -> None:
    slugs = [put(f"Clinic {number}", answers=RIGHT).slug for number in range(5)]
    assert client.get(side_by_side(*slugs[:4])).status_code == 200
    page = client.get(side_by_side(*slugs))
    assert page.status_code == 422
    assert "You can compare up to 4. Choose 4 of these." in words(page)
    assert re.findall(r'name="p"\s+value="([^"]+)"', page.text) == slugs
    assert columns(page.text) == []


def test_so_many_names_cannot_hide_one(client: FlaskClient, put) -> None:
    made = put("Last Clinic", answers=RIGHT)
    page = client.get(side_by_side(*[f"nobody-{number}" for number in range(500)], made.slug))
    assert page.status_code == 422
    assert words(page).count("is not in this directory") <= 8


def test_who_is_unknown_is_named_and_the_others_stay(client: FlaskClient, put) -> None:
    made = put("Any Clinic", answers=RIGHT)
    page = client.get(side_by_side("no-such", made.slug))
    assert page.status_code == 200
    assert "“no-such” is not in this directory, or is no longer listed." in words(page)
    assert columns(page.text) == [made.slug]
    assert client.get(side_by_side("no-such")).status_code == 404


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.SUSPENDED, State.REJECTED, State.RETIRED])
def test_what_is_not_public_is_compared_with_nobody(client: FlaskClient, put, state: State) -> None:
    made = put("Hidden Clinic", state=state)
    page = client.get(side_by_side(made.slug))
    assert page.status_code == 404
    assert "Hidden Clinic" not in page.text


def test_the_nearest_can_be_added(client: FlaskClient, put) -> None:
    one, near = put("One Clinic", 3.0), put("Near Clinic", 4.0)
    page = client.get(side_by_side(one.slug))
    assert re.findall(r'name="p"\s+value="([^"]+)"\s+checked', page.text) == [one.slug]
    assert re.findall(r'name="p"\s+value="([^"]+)"', page.text) == [one.slug, near.slug]


def test_a_list_lets_one_choose_and_says_of_whom_each_box_speaks(client: FlaskClient, put) -> None:
    made = put("Any Clinic")
    page = client.get("/providers?near=80021")
    assert 'id="compare"' in page.text
    assert f'<input type="checkbox" name="p" value="{made.slug}" form="compare">' in page.text
    assert "Compare Any Clinic" in words(page)


def test_without_a_name_it_says_how_to_choose(client: FlaskClient) -> None:
    page = client.get("/compare")
    assert page.status_code == 200
    assert "In the list, tick those you want to compare." in words(page)


def test_each_column_keeps_the_rules_it_was_signed_under(
    of_two: FlaskClient, session: Session, put, two_rules: Rulesets
) -> None:
    older = put("Older Clinic", answers=RIGHT)
    newer = put("Newer Clinic")
    answers = {**RIGHT_IN_SECOND, "volume_per_site_ml": 8}
    make_attestation(session, newer, answers=answers, rulesets=two_rules, now=clock.now())
    session.commit()
    said = words(of_two.get(side_by_side(older.slug, newer.slug)))
    line = said.partition("How much volume do you take")[2].partition("How many distinct")[0]
    assert re.search(r"Matches the rule 8 mL .* 10 mL or less\. In between 8 mL .* 5 mL or less\.", line)
    fifth = said.partition("How fast will you pull the plunger?")[2]
    assert re.match(r".* Not stated Matches the rule Fast, in a second or two", fifth)


def test_nobody_keeps_who_was_compared(client: FlaskClient, put) -> None:
    page = client.get(side_by_side(put("Any Clinic").slug))
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "Set-Cookie" not in page.headers
    assert 'content="noindex"' in page.text
    assert "Disallow: /compare" in client.get("/robots.txt").text


def test_what_was_asked_for_is_never_markup(client: FlaskClient) -> None:
    page = client.get(side_by_side("<script>alert(1)</script>"))
    assert "<script>alert" not in page.text


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.text(max_size=80), max_size=12))
def test_no_names_break_the_page(client: FlaskClient, names: list[str]) -> None:
    asked = urlencode([("p", name) for name in names], errors="surrogatepass")
    assert client.get(f"/compare?{asked}").status_code in {200, 404, 422}
