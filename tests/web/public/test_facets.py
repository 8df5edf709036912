"""What each filter leaves of a list, how many it would leave, and the way out where it leaves nobody."""

import html
import re

import pytest
from flask.testing import FlaskClient
from support.factories import MATCHING_ANSWERS
from support.page_text import listed_slugs, map_attributes, visible_text
from werkzeug.test import TestResponse

from directory.listings.kinds import ListingKind

SURGERY, PAIN = "207X00000X", "208VP0000X"
BY_HAND = {
    "volume_per_site_ml": [12, 18],
    "distinct_sites": [3, 4],
    "imaging_guidance": {"methods": []},
    "harvest_bone": "tibia",
}
SEEN = {
    "volume_per_site_ml": 5,
    "distinct_sites": 12,
    "imaging_guidance": {"methods": ["ct", "ultrasound"], "how_often": "sometimes"},
    "harvest_bone": "anterior_iliac_crest",
}


@pytest.fixture
def three_listings(add_listing) -> dict[str, str]:
    """Three providers that differ in everything, and one who states nothing; their slugs by a word."""
    crest = add_listing(
        "José O’Neil", 1, answers=MATCHING_ANSWERS, kind=ListingKind.PERSON, specialty_code=SURGERY, practice="",
        languages=("en", "es"), accepts_new_patients=True,
    )  # fmt: skip
    shin = add_listing(
        "Shin Clinic", 2, answers=BY_HAND, kind=ListingKind.CLINIC, specialty_code=PAIN, practice="",
        languages=("vi",), accepts_new_patients=False,
    )  # fmt: skip
    front = add_listing("Front Office", 3, answers=SEEN, kind=ListingKind.CLINIC, practice="Óscar’s Sports Medicine")
    silent = add_listing("Silent Partner", 4)
    return {"crest": crest.slug, "shin": shin.slug, "front": front.slug, "silent": silent.slug}


def named(page: TestResponse, slugs: dict[str, str]) -> list[str]:
    by_slug = {slug: name for name, slug in slugs.items()}
    return [by_slug[slug] for slug in listed_slugs(page)]


LEFT = [
    ("badge=1", ["crest"]),
    ("imaging=any", ["crest", "front"]),
    ("imaging=ct", ["front"]),
    ("imaging=fluoroscopy", ["crest"]),
    ("volume=5", ["front"]),
    ("volume=7.9", ["front"]),
    ("volume=8", ["crest", "front"]),
    ("volume=17.9", ["crest", "front"]),
    ("volume=18", ["crest", "shin", "front"]),
    ("sites=3", ["crest", "shin", "front"]),
    ("sites=5", ["crest", "front"]),
    ("sites=6", ["front"]),
    ("bone=tibia", ["shin"]),
    ("bone=anterior_iliac_crest", ["front"]),
    (f"specialty={PAIN}", ["shin"]),
    ("language=es", ["crest"]),
    ("accepting=1", ["crest"]),
    ("kind=person&accepting=1", ["crest"]),
    ("q=jose", ["crest"]),
    ("q=ONeil", ["crest"]),
    ("q=o'neil josé", ["crest"]),
    ("q=osca", ["front"]),
    ("q=medicine sports", ["front"]),
    ("q=broomf clinic", ["shin"]),
]


@pytest.mark.parametrize(("asked", "left"), LEFT)
def test_each_filter_leaves_whom_it_asks_for(client: FlaskClient, three_listings, asked: str, left: list[str]) -> None:
    page = client.get(f"/providers?near=80021&{asked}")
    assert page.status_code == 200
    assert named(page, three_listings) == left


def test_filters_hold_together_and_the_heading_says_so(client: FlaskClient, three_listings) -> None:
    page = client.get("/providers?near=80021&imaging=any&sites=6")
    assert named(page, three_listings) == ["front"]
    assert "1 provider matching your filters within 50 miles of Broomfield, CO 80021" in visible_text(page)


def counts(page: TestResponse, name: str) -> dict[str, str]:
    """The counts that the form shows for a parameter, by value."""
    select = re.search(rf'<select[^>]*name="{name}".*?</select>', page.text, re.DOTALL)
    assert select, name
    options = re.findall(r'<option value="([^"]+)"[^>]*>[^<]*\(([\d,]+)\)</option>', select[0])
    return {value: count for value, count in options if count != "0"}


@pytest.mark.usefixtures("three_listings")
def test_every_choice_says_how_many_it_would_leave(client: FlaskClient) -> None:
    page = client.get("/providers?near=80021")
    assert counts(page, "imaging") == {"any": "2", "fluoroscopy": "1", "ultrasound": "1", "ct": "1"}
    assert counts(page, "volume") == {"5": "1", "10": "2", "20": "3"}
    assert counts(page, "sites") == {"3": "3", "5": "2", "10": "1"}
    assert counts(page, "bone") == {"posterior_iliac_crest": "1", "anterior_iliac_crest": "1", "tibia": "1"}
    assert counts(page, "language") == {"en": "1", "es": "1", "vi": "1"}
    said = visible_text(page)
    assert "Only with the Self-certified badge (1)" in said
    assert "Takes new patients (1)" in said


@pytest.mark.usefixtures("three_listings")
def test_a_count_is_what_the_list_then_has(client: FlaskClient) -> None:
    page = client.get("/providers?near=80021")
    for name in ("imaging", "volume", "sites", "bone", "specialty", "language", "kind"):
        for value, count in counts(page, name).items():
            assert len(listed_slugs(client.get(f"/providers?near=80021&{name}={value}"))) == int(count), (name, value)


def test_counts_are_of_the_search_as_it_is(client: FlaskClient, three_listings) -> None:
    page = client.get("/providers?near=80021&language=vi")
    assert named(page, three_listings) == ["shin"]
    assert counts(page, "bone") == {"tibia": "1"}, "of those who speak it"
    assert counts(page, "language") == {}, "a chosen filter offers the others without a number that would mislead"
    assert 'name="imaging"' in page.text


def test_a_short_list_stays_whole_so_that_two_choices_can_be_changed_at_once(client: FlaskClient, add_listing) -> None:
    add_listing("Silent Clinic", 5)
    page = client.get("/providers?near=80021")
    assert '<option value="tibia">Shin bone (tibia) (0)</option>' in page.text
    assert "Takes new patients (0)" in visible_text(page)
    assert 'name="language"' not in page.text, "a long one has nothing to choose from"
    assert 'name="q"' in page.text


def test_where_filters_leave_nobody_the_worst_is_named_and_dropped_by_one_press(
    client: FlaskClient, add_listing
) -> None:
    for number in range(14):
        add_listing(f"Clinic {number}", 1 + number, answers=MATCHING_ANSWERS)
    add_listing("Far Clinic", 80, answers=SEEN)
    page = client.get("/providers?near=80021&within=25&badge=1&imaging=ct")
    said = visible_text(page)
    assert "Without “CT” there would be 14" in said
    link = re.search(r'href="([^"]*)"\s*>Without “CT”', page.text)
    assert link
    assert len(listed_slugs(client.get(html.unescape(link[1])))) == 14
    everything = client.get("/providers?near=80021&within=25&badge=1&imaging=ct&q=nobodyiscalledso")
    assert "Search again without the filters" in visible_text(everything), "none of them alone would help"


def test_where_nobody_is_inside_the_nearest_that_match_are_marked_and_everything_can_be_chosen(
    client: FlaskClient, add_listing
) -> None:
    far = add_listing("Far Clinic", 80, answers=SEEN)
    add_listing("Near Clinic", 2, answers=MATCHING_ANSWERS)
    page = client.get("/providers?near=80021&within=25&imaging=ct")
    assert listed_slugs(page) == [far.slug]
    assert "Farther than 25 miles" in visible_text(page)
    assert "Without “CT” there would be 1" in visible_text(page)
    assert counts(page, "imaging") == {}
    assert len(re.findall(r'<option value="[a-z_]+"', page.text)) > 20, (
        "counts of an empty list would hide every choice"
    )


def test_without_filters_nothing_is_there_to_drop(client: FlaskClient, add_listing) -> None:
    add_listing("Far Clinic", 80)
    page = client.get("/providers?near=80021&within=25")
    assert "there would be" not in visible_text(page)
    assert "without the filters" not in visible_text(page)


@pytest.mark.parametrize("within", ["100", "any"])
def test_pages_by_distance_show_everybody_once_in_order(client: FlaskClient, add_listing, within: str) -> None:
    put_there = [add_listing(f"Clinic {number:02}", 1 + number // 3).slug for number in range(45)]
    address, seen, numbers = f"/providers?near=80021&within={within}", [], []
    while address:
        page = client.get(address)
        seen += listed_slugs(page)
        numbers += [int(map_attributes(page, slug)["number"]) for slug in listed_slugs(page)]
        link = re.search(r'href="([^"]*)" rel="next"', page.text)
        address = html.unescape(link[1]) if link else ""
        assert not address or "after=" in address
    assert seen == put_there
    assert numbers == list(range(1, 46))
    by_number = listed_slugs(client.get(f"/providers?near=80021&within={within}&page=2"))
    assert by_number == put_there[20:40], "a page alone still works"


def test_a_place_in_the_list_that_is_no_more_leads_to_the_last_page(client: FlaskClient, add_listing) -> None:
    made = add_listing("Only Clinic", 1)
    for address in ("page=3&after=200.0,1", "after=200.0,1"):
        page = client.get(f"/providers?near=80021&{address}")
        assert page.status_code == 200
        assert listed_slugs(page) == [made.slug]


def test_by_position_the_next_page_is_asked_with_its_place_in_the_list(client: FlaskClient, add_listing) -> None:
    for number in range(45):
        add_listing(f"Clinic {number}", 1 + number)
    asked = {"lat": "39.90", "lon": "-105.10", "within": "any"}
    seen: list[str] = []
    for _ in range(3):
        page = client.post("/providers/near-me", data=asked)
        seen += listed_slugs(page)
        forms = [dict(re.findall(r'name="([^"]*)" value="([^"]*)"', form)) for form in page.text.split("<form")]
        asked = next((form for form in forms if int(form.get("page", "0")) > int(asked.get("page", "1"))), {})
    assert asked == {}
    assert len(seen) == len(set(seen)) == 45
