"""What the list of providers promises a patient."""

import re

import pytest
from flask.testing import FlaskClient
from support.factories import MATCHING_ANSWERS, make_address, make_place
from support.page_text import input_value, listed_slugs, map_attributes, visible_text

from directory.geography.point import Point
from directory.listings.lifecycle import ListingState

SAID = {"volume_per_site_ml": 40, "distinct_sites": 6, "harvest_bone": "tibia"}


def test_the_list_is_nearest_first_and_says_about_how_far(client: FlaskClient, add_listing) -> None:
    far, near, middle = add_listing("Far Clinic", 30), add_listing("Near Clinic", 3), add_listing("Middle Clinic", 11)
    page = client.get("/providers?near=80021&within=50")
    assert page.status_code == 200
    assert listed_slugs(page) == [near.slug, middle.slug, far.slug]
    said = visible_text(page)
    assert "3 providers within 50 miles of Broomfield, CO 80021" in said
    for miles in ("about 3 miles away", "about 11 miles away", "about 30 miles away"):
        assert miles in said


def test_it_says_how_it_is_ordered_and_from_where_it_is_measured(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    said = visible_text(client.get("/providers?near=80021"))
    assert "Nearest first." in said
    assert "measured from about the middle of ZIP 80021" in said
    assert "measured from about the middle of Denver, CO" in visible_text(client.get("/providers?near=Denver,+CO"))


def test_the_zip_and_its_city_list_the_same_providers(client: FlaskClient, add_listing) -> None:
    add_listing("Near Clinic", 3), add_listing("Middle Clinic", 11)
    by_zip, by_city = client.get("/providers?near=80021"), client.get("/providers?near=Broomfield,+CO")
    assert set(listed_slugs(by_zip)) == set(listed_slugs(by_city)) != set()


def test_numbers_names_and_places_are_there_for_the_map(client: FlaskClient, add_listing) -> None:
    first, second = add_listing("Near <b>Clinic", 3, answers=MATCHING_ANSWERS), add_listing("Far Clinic", 20)
    page = client.get("/providers?near=80021")
    told = map_attributes(page, first.slug)
    assert (told["number"], told["name"], told["badge"]) == ("1", "Near <b>Clinic", "1")
    assert float(told["lat"]) == pytest.approx(first.locations[0].lat)
    assert float(told["lon"]) == pytest.approx(first.locations[0].lon)
    assert (map_attributes(page, second.slug)["number"], map_attributes(page, second.slug)["badge"]) == ("2", "0")
    assert "Near <b>Clinic" not in page.text, "the name is text, not markup"


def test_the_drawn_map_leads_to_the_entries_of_the_list(client: FlaskClient, add_listing) -> None:
    made = add_listing("Near Clinic")
    page = client.get("/providers?near=80021")
    assert f'href="#p-{made.slug}"' in page.text
    assert 'aria-label="1 Near Clinic"' in page.text


@pytest.mark.parametrize("state", set(ListingState) - {ListingState.PUBLISHED})
def test_only_what_is_published_is_listed(client: FlaskClient, add_listing, state: ListingState) -> None:
    hidden = add_listing("Hidden Clinic", state=state)
    page = client.get("/providers?near=80021&within=any")
    assert listed_slugs(page) == []
    assert "Hidden Clinic" not in page.text
    # The address of a retired listing stays, and says that it is closed.
    expected = 410 if state is ListingState.RETIRED else 404
    assert client.get(f"/providers/{hidden.slug}").status_code == expected


def test_there_is_never_a_dead_end(client: FlaskClient, add_listing) -> None:
    for number in range(12):
        add_listing(f"Far Clinic {number}", 60 + number)
    page = client.get("/providers?near=80021&within=10")
    assert len(listed_slugs(page)) == 10
    said = visible_text(page)
    assert "No one is listed within 10 miles of Broomfield, CO 80021" in said
    assert "These are the 10 nearest, farther than 10 miles." in said
    assert said.count("Farther than 10 miles") == 10


def test_a_few_hits_are_followed_by_the_nearest_outside_and_the_count_is_of_those_inside(
    client: FlaskClient, add_listing
) -> None:
    add_listing("Near Clinic", 4), add_listing("Far Clinic", 60)
    said = visible_text(client.get("/providers?near=80021&within=25"))
    assert "1 provider within 25 miles of Broomfield, CO 80021" in said
    assert "We also show the nearest ones farther away" in said
    assert said.count("Farther than 25 miles") == 1


def test_an_empty_directory_says_so_and_offers_the_questions(client: FlaskClient) -> None:
    page = client.get("/providers?near=80021")
    assert page.status_code == 200
    assert "No one is listed yet." in visible_text(page)
    assert 'href="/questions"' in page.text


def test_a_badge_is_only_shown_for_answers_that_match_every_rule(client: FlaskClient, add_listing) -> None:
    (
        add_listing("Right Clinic", 3, answers=MATCHING_ANSWERS),
        add_listing("Wrong Clinic", 4, answers=SAID),
        add_listing("Silent Clinic", 5),
    )
    page = client.get("/providers?near=80021")
    said = visible_text(page)
    assert said.count("All 4 answers match · until ") == 1
    assert "No badge. Of 4 answers, 2 do not match and 1 is missing." in said
    assert said.count("No badge. No answers to show yet.") == 1


def test_each_filter_leaves_those_it_asks_for(client: FlaskClient, add_listing) -> None:
    right = add_listing("Right Clinic", 3, answers=MATCHING_ANSWERS)
    ultrasound = {"imaging_guidance": {"methods": ["ultrasound"], "how_often": "sometimes"}}
    wrong = add_listing("Ultrasound Clinic", 4, answers=ultrasound)
    add_listing("Silent Clinic", 5)
    assert listed_slugs(client.get("/providers?near=80021&badge=1")) == [right.slug]
    assert listed_slugs(client.get("/providers?near=80021&imaging=ultrasound")) == [wrong.slug]
    assert listed_slugs(client.get("/providers?near=80021&imaging=any")) == [right.slug, wrong.slug]
    assert "1 provider with the self-certified badge within" in visible_text(
        client.get("/providers?near=80021&badge=1")
    )


def test_a_filter_that_leaves_nobody_can_be_dropped(client: FlaskClient, add_listing) -> None:
    add_listing("Silent Clinic", 5)
    page = client.get("/providers?near=80021&within=25&badge=1&imaging=ct")
    sentence = "No one has the self-certified badge and says they use CT scans yet."
    assert sentence in visible_text(page)
    assert 'href="/providers?near=80021&amp;within=25"' in page.text


def test_pages_go_on_where_the_last_one_ended_and_keep_what_was_asked(client: FlaskClient, add_listing) -> None:
    for number in range(23):
        add_listing(f"Clinic {number:02}", 1 + number, answers=MATCHING_ANSWERS if number != 5 else None)
    first = client.get("/providers?near=80021&within=100&badge=1")
    link = re.search(r'href="([^"]*)" rel="next"', first.text)
    assert link
    second = client.get(link[1].replace("&amp;", "&"))
    assert len(listed_slugs(first)) == 20
    assert len(listed_slugs(second)) == 2
    assert not set(listed_slugs(first)) & set(listed_slugs(second))
    assert [map_attributes(second, slug)["number"] for slug in listed_slugs(second)] == ["21", "22"]
    assert 'rel="next"' not in second.text
    assert 'rel="prev"' in second.text


def test_a_page_past_the_end_is_the_last_one_and_says_so(client: FlaskClient, add_listing) -> None:
    made = add_listing("Only Clinic")
    page = client.get("/providers?near=80021&page=500")
    assert page.status_code == 200
    assert listed_slugs(page) == [made.slug]
    assert "There is no page 500. This is the last one, page 1." in visible_text(page)


def test_a_place_with_many_namesakes_is_shown_and_the_others_are_offered(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    page = client.get("/providers?near=Portland&badge=1")
    assert page.status_code == 200
    assert "Did you mean another place?" in visible_text(page)
    assert "/providers?within=50&amp;badge=1&amp;near=Portland%2C+ME" in page.text


def test_twins_in_one_state_are_asked_about(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    page = client.get("/providers?near=Oakwood,+OH&within=25")
    assert page.status_code == 200
    assert "Which place do you mean?" in visible_text(page)
    assert listed_slugs(page) == []
    choices = re.findall(r'href="(/providers\?[^"]*near=[^"]*)"', page.text)
    assert len(choices) > 1
    assert all("within=25" in choice for choice in choices)
    chosen = client.get(choices[0].replace("&amp;", "&"))
    assert "Which place do you mean?" not in visible_text(chosen), "a choice is an answer"


def test_a_typing_error_is_asked_about_and_never_guessed(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    page = client.get("/providers?near=Westminter,+CO")
    assert page.status_code == 422
    assert "Did you mean" in visible_text(page)
    assert "Westminster, CO" in visible_text(page)
    assert listed_slugs(page) == []
    assert input_value(page) == "Westminter, CO"


def test_an_unknown_place_never_lists_everybody(client: FlaskClient, add_listing) -> None:
    add_listing("Any Clinic")
    page = client.get("/providers?near=Xyzzyplugh")
    assert page.status_code == 422
    assert listed_slugs(page) == []
    assert "Xyzzyplugh" in visible_text(page)
    assert input_value(page) == "Xyzzyplugh"


@pytest.mark.parametrize("address", ["/providers", "/providers?near=", "/providers?near=%20%20&badge=1"])
def test_without_a_place_one_is_asked_for(client: FlaskClient, add_listing, address: str) -> None:
    add_listing("Any Clinic", answers=MATCHING_ANSWERS)
    page = client.get(address)
    assert page.status_code == 200
    assert "Where are you looking?" in visible_text(page)
    assert listed_slugs(page) == []


def test_a_provider_with_several_locations_is_listed_once_at_the_nearest(
    client: FlaskClient, add_listing, zip_center
) -> None:
    addresses = tuple(
        make_address(city=city, place=make_place(Point(zip_center.lat + degrees, zip_center.lon)))
        for city, degrees in (("Longmont", 0.3), ("Arvada", 0.02))
    )
    made = add_listing("Two Places", addresses=addresses)
    page = client.get("/providers?near=80021")
    assert listed_slugs(page) == [made.slug]
    assert "Arvada, CO" in visible_text(page)
    assert "Longmont, CO" not in visible_text(page)
