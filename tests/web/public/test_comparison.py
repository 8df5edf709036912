"""What comparing promises: up to four side by side, each under its own rules, and a sentence for what is not there."""

import re
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, make_address, make_attestation, make_place
from support.http_client import Browser
from support.page_text import visible_text
from support.two_rulesets import MATCHING_IN_SECOND

from directory import clock
from directory.certification.ruleset import Rulesets
from directory.geography.point import Point
from directory.listings.lifecycle import ListingState


def side_by_side(*slugs: str) -> str:
    return f"/compare?{urlencode([('p', slug) for slug in slugs])}"


def columns(page_text: str) -> list[str]:
    """The providers of the table, from left to right."""
    head = page_text.partition("<thead>")[2].partition("</thead>")[0]
    return re.findall(r'href="/providers/([^"]+)"', head)


def ticks(page_text: str) -> dict[str, bool]:
    """Who can be chosen, and whether they are ticked."""
    boxes = re.findall(r'type="checkbox"\s+name="p"\s+value="([^"]+)"\s*(checked)?', page_text)
    return {slug: bool(checked) for slug, checked in boxes}


def test_each_answer_stands_in_its_column_with_its_grade_and_why(client: FlaskClient, add_listing) -> None:
    right, wrong = (
        add_listing("Right Clinic", answers=MATCHING_ANSWERS),
        add_listing("Wrong Clinic", answers=MATCHING_ANSWERS | {"distinct_sites": 2}),
    )
    silent = add_listing("Silent Clinic")
    page = client.get(side_by_side(wrong.slug, right.slug, silent.slug))
    said = visible_text(page)
    assert columns(page.text) == [wrong.slug, right.slug, silent.slug]
    assert "All 4 answers match" in said
    assert "No badge. 1 of 4 answers does not match." in said
    assert "No badge. No answers to show yet." in said
    line = said.partition("How many distinct spots")[2].partition("Will you use")[0]
    assert re.search(r"Does not match 2 places .* Matches 5 to 6 places .* No answer", line)
    assert "Small pulls from many places bring more stem cells" in line


def test_a_provider_is_one_column_however_often_named(client: FlaskClient, add_listing) -> None:
    made = add_listing("Any Clinic", answers=MATCHING_ANSWERS)
    assert columns(client.get(side_by_side(*[made.slug] * 9)).text) == [made.slug]


def test_of_more_than_four_the_patient_chooses_and_every_tick_is_kept(client: FlaskClient, add_listing) -> None:
    slugs = [add_listing(f"Clinic {number}", answers=MATCHING_ANSWERS).slug for number in range(6)]
    page = client.get(side_by_side(*slugs))
    assert page.status_code == 200
    assert "Up to 4 fit side by side, and you chose 6. Leave 4 of them ticked." in visible_text(page)
    assert ticks(page.text) == dict.fromkeys(slugs, True)
    assert columns(page.text) == []


def test_who_is_not_among_the_four_stays_to_choose_from(client: FlaskClient, add_listing) -> None:
    slugs = [add_listing(f"Clinic {number}", answers=MATCHING_ANSWERS).slug for number in range(6)]
    chosen = Browser(client).open(side_by_side(*slugs)).form("Compare these").fields
    assert chosen.getlist("also") == slugs
    chosen.setlist("p", slugs[1:5])
    page = client.get(f"/compare?{urlencode(list(chosen.items(multi=True)))}")
    assert columns(page.text) == slugs[1:5]
    assert ticks(page.text) == {slug: slug in slugs[1:5] for slug in [*slugs[1:5], slugs[0], slugs[5]]}
    again = client.get(f"/compare?{urlencode([*chosen.items(multi=True), ('near', '80021')])}")
    assert ticks(again.text).keys() == set(slugs)


def test_of_four_nobody_is_kept_twice_in_the_address(client: FlaskClient, add_listing) -> None:
    slugs = [add_listing(f"Clinic {number}", answers=MATCHING_ANSWERS).slug for number in range(4)]
    page = client.get(side_by_side(*slugs))
    assert columns(page.text) == slugs
    assert 'name="also"' not in page.text


def test_so_many_names_cannot_hide_one(client: FlaskClient, add_listing) -> None:
    made = add_listing("Any Clinic", answers=MATCHING_ANSWERS)
    page = client.get(side_by_side(made.slug, *[f"nobody-{number}" for number in range(500)]))
    assert page.status_code == 422
    assert "Up to 40 can be looked up at once. Only the first 40 were." in visible_text(page)
    assert visible_text(page).count("is not in this directory") == 4
    assert "35 more of those you asked for are not in it either." in visible_text(page)
    assert columns(page.text) == [made.slug]


def test_who_is_unknown_is_named_and_the_others_stay(client: FlaskClient, add_listing) -> None:
    made = add_listing("Any Clinic", answers=MATCHING_ANSWERS)
    page = client.get(side_by_side("no-such", made.slug))
    assert page.status_code == 200
    assert "“no-such” is not in this directory, or is no longer listed." in visible_text(page)
    assert columns(page.text) == [made.slug]
    assert client.get(side_by_side("no-such")).status_code == 404


@pytest.mark.parametrize(
    "state",
    [ListingState.DRAFT, ListingState.SUBMITTED, ListingState.SUSPENDED, ListingState.REJECTED, ListingState.RETIRED],
)
def test_what_is_not_public_is_compared_with_nobody(client: FlaskClient, add_listing, state: ListingState) -> None:
    made = add_listing("Hidden Clinic", state=state)
    page = client.get(side_by_side(made.slug))
    assert page.status_code == 404
    assert "Hidden Clinic" not in page.text


def test_the_nearest_can_be_added(client: FlaskClient, add_listing) -> None:
    one, near = add_listing("One Clinic", 3.0), add_listing("Near Clinic", 4.0)
    page = client.get(side_by_side(one.slug))
    assert ticks(page.text) == {one.slug: True, near.slug: False}
    assert "Add one near by" in visible_text(page)


def test_miles_are_told_where_a_place_was_given(client: FlaskClient, add_listing) -> None:
    near, far = add_listing("Near Clinic", 3.0, answers=MATCHING_ANSWERS), add_listing("Far Clinic", 40.0)
    plain = visible_text(client.get(side_by_side(near.slug, far.slug)))
    assert "miles away" not in plain
    page = client.get(f"{side_by_side(near.slug, far.slug)}&near=80021")
    assert page.status_code == 200
    assert re.search(r"How to reach them .*about 3 miles away .*about 40 miles away", visible_text(page))
    assert "Miles are measured from about the middle of" in visible_text(page)


def test_the_miles_are_those_of_the_nearest_address(client: FlaskClient, add_listing, zip_center: Point) -> None:
    two = [
        make_address(line1=f"{miles} Any Street", place=make_place(Point(zip_center.lat + miles / 69, zip_center.lon)))
        for miles in (30, 6)
    ]
    made = add_listing("Two Places", addresses=(*two, make_address(line1="9 Nowhere Street", place=None)))
    there = visible_text(client.get(f"{side_by_side(made.slug)}&near=80021"))
    assert "about 6 miles away" in there
    assert "6 Any Street, Broomfield, CO 80021" in there
    assert "30 Any Street, Broomfield, CO 80021" in visible_text(client.get(side_by_side(made.slug)))


def test_who_lies_on_no_map_is_compared_without_miles(client: FlaskClient, add_listing) -> None:
    made = add_listing("Unplaced Clinic", addresses=(make_address(place=None),))
    page = client.get(f"{side_by_side(made.slug)}&near=80021")
    assert columns(page.text) == [made.slug]
    assert "miles away" not in visible_text(page)
    assert 'href="geo:0,0?q=403%20Summit%20Boulevard%2C%20Broomfield%2C%20CO%2080021"' in page.text


@pytest.mark.parametrize(
    ("near", "said"),
    [
        ("39.90001,-105.10001", "it should not hold a point"),
        ("Springfield", "Type the state with it."),
        ("qqqqqq", "We do not know “qqqqqq”."),
        ("x" * 300, "A place is at most 200 characters long."),
        ("80021&near=80022", "Give it once."),
    ],
)
def test_a_place_that_cannot_be_measured_from_is_said_beside_its_field(
    client: FlaskClient, add_listing, near: str, said: str
) -> None:
    made = add_listing("Any Clinic", answers=MATCHING_ANSWERS)
    page = client.get(f"{side_by_side(made.slug)}&near={near}")
    assert page.status_code == 422
    assert columns(page.text) == [made.slug], "nothing is lost over it"
    assert said in visible_text(page)
    assert 'aria-invalid="true"' in page.text
    assert "39.90001" not in page.text
    nobody = client.get(f"/compare?near={near}")
    assert nobody.status_code == 422
    assert said in visible_text(nobody)


def test_the_list_takes_its_place_along_but_never_a_point(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    assert '<input type="hidden" name="near" value="' in client.get("/providers?near=80021").text
    precise = client.get("/providers?near=39.90001,-105.10001").text
    assert '<input type="hidden" name="near"' not in precise
    assert "data-near=" not in precise
    posted = client.post("/providers/near-me", data={"lat": "39.90", "lon": "-105.10"}).text
    assert '<input type="hidden" name="near"' not in posted
    assert "data-near=" not in posted


def test_each_can_be_called_and_found(client: FlaskClient, add_listing) -> None:
    made = add_listing("Any Clinic", phone="303-555-0100")
    page = client.get(side_by_side(made.slug))
    where = made.locations[0]
    assert 'href="tel:+13035550100"' in page.text
    assert f'href="geo:{where.lat:.5f},{where.lon:.5f}?q=403%20Summit%20Boulevard%2C%20' in page.text
    assert "This page itself asks no map service for anything." in visible_text(page)


def test_the_phone_of_a_location_is_called_before_that_of_the_listing(client: FlaskClient, add_listing) -> None:
    made = add_listing("Any Clinic", phone="303-555-0100", addresses=(make_address(phone="303-555-0101"),))
    for address in ("/providers?near=80021", side_by_side(made.slug)):
        page = client.get(address)
        assert 'href="tel:+13035550101"' in page.text, address
        assert 'href="tel:+13035550100"' not in page.text, address


def test_without_scripts_no_short_list_is_promised(client: FlaskClient, add_listing) -> None:
    made = add_listing("Any Clinic")
    for address in ("/providers?near=80021", f"/providers/{made.slug}", side_by_side(made.slug), "/near/co/broomfield"):
        page = client.get(address).text
        buttons = re.findall(r"<button[^>]*data-keep=[^>]*>", page)
        assert buttons
        assert all(re.search(r"\shidden>$", button) for button in buttons), address
        assert all('data-saved="false"' in button for button in buttons)
        (shown,) = re.findall(r"<section[^>]*data-short-list[^>]*>", page)
        assert re.search(r"\shidden>$", shown), address
        assert page.count('id="short-list-note"') == 1


def test_a_list_lets_one_choose_and_says_of_whom_each_box_speaks(client: FlaskClient, add_listing) -> None:
    made = add_listing("Any Clinic")
    page = client.get("/providers?near=80021")
    assert 'id="compare"' in page.text
    assert f'<input type="checkbox" name="p" value="{made.slug}" form="compare">' in page.text
    assert "Compare Any Clinic" in visible_text(page)


def test_without_a_name_it_says_how_to_choose(client: FlaskClient) -> None:
    page = client.get("/compare")
    assert page.status_code == 200
    assert "In the list, tick those you want to compare." in visible_text(page)


def test_each_column_keeps_the_rules_it_was_signed_under(
    two_rulesets_client: FlaskClient, session: Session, add_listing, two_rulesets: Rulesets
) -> None:
    older = add_listing("Older Clinic", answers=MATCHING_ANSWERS)
    newer = add_listing("Newer Clinic")
    answers = {**MATCHING_IN_SECOND, "volume_per_site_ml": 8}
    make_attestation(session, newer, answers=answers, rulesets=two_rulesets, now=clock.now())
    session.commit()
    said = visible_text(two_rulesets_client.get(side_by_side(older.slug, newer.slug)))
    line = said.partition("How much volume do you take")[2].partition("How many distinct")[0]
    assert re.search(r"Matches 8 mL .* 10 mL or less\. In between 8 mL .* 5 mL or less\.", line)
    fifth = said.partition("How fast will you pull the plunger?")[2]
    assert re.match(r".* No answer Matches Fast, in a second or two", fifth)


def test_nobody_keeps_who_was_compared(client: FlaskClient, add_listing) -> None:
    page = client.get(side_by_side(add_listing("Any Clinic").slug))
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
