"""A patient who searches: by name of a place or from where they are, onwards and back."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect
from sqlalchemy.orm import Session
from support import sample_town
from support.input_devices import Keyboard
from support.user_actions import card

from directory import transaction

HERE = {"latitude": 39.88713, "longitude": -105.11288}
"""In the town, more exactly than anybody needs to know."""
SNAPPED = ("39.90", "-105.10")


@pytest.fixture(scope="module", autouse=True)
def town_listings(app: Flask) -> None:
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        sample_town.populate(app, session)


def _near(page: Page) -> list[str]:
    return parse_qs(urlsplit(page.url).query)["near"]


def _count(page: Page) -> Locator:
    return page.get_by_role("status").get_by_role("heading")


def test_suggestions_are_chosen_with_the_arrow_keys(page: Page) -> None:
    page.goto("/")
    Keyboard(page).go_to(page.get_by_label("Where?"))
    page.keyboard.type("Broomf")
    options = page.get_by_role("listbox", name="Places").get_by_role("option")
    expect(options.first).to_contain_text("Broomfield, CO")
    page.keyboard.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Where?")).to_have_value("Broomfield, CO")
    expect(options).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile("Providers near Broomfield, CO"))
    assert _near(page) == ["Broomfield, CO"]


def test_escape_closes_the_suggestions_and_keeps_what_was_typed(page: Page) -> None:
    page.goto("/providers")
    Keyboard(page).go_to(page.get_by_label("Where?"))
    page.keyboard.type("Den")
    listbox = page.get_by_role("listbox", name="Places")
    expect(listbox).to_be_visible()
    page.keyboard.press("Escape")
    expect(listbox).to_be_hidden()
    expect(page.get_by_label("Where?")).to_have_value("Den")


def test_no_suggestion_is_asked_for_while_a_street_is_typed(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/providers")
    box = page.get_by_label("Where?")
    Keyboard(page).go_to(box)
    page.keyboard.type("12 Secret St, Denver", delay=50)
    page.wait_for_timeout(500)
    box.fill("")
    page.keyboard.type("Den")
    expect(page.get_by_role("listbox", name="Places")).to_be_visible()
    assert any("/suggest?q=Den" in url for url in asked)
    assert not [url for url in asked if "Secret" in url or "12+S" in url or "12%20S" in url]


def test_filters_narrow_the_list_and_stay_in_the_address(page: Page) -> None:
    page.goto(f"/providers?near={sample_town.ZIP}")
    expect(_count(page)).to_contain_text(f"{sample_town.LISTINGS} providers within 50 miles of {sample_town.PLACE}")
    page.get_by_role("search").get_by_label("Only with the Self-certified badge").check()
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".card")).to_have_count(8)
    expect(page.locator(".card .tag")).to_have_count(8)
    page.get_by_role("search").get_by_label("Only with the Self-certified badge").uncheck()
    page.get_by_label("Imaging").select_option("ultrasound")
    page.get_by_label("How far?").select_option("10 miles")
    page.get_by_role("button", name="Search").click()
    expect(_count(page)).to_contain_text("3 providers who say they use ultrasound within 10 miles")
    expect(card(page, sample_town.WITHOUT_BADGE)).to_be_visible()
    expect(card(page, sample_town.WITH_BADGE)).to_have_count(0)
    assert parse_qs(urlsplit(page.url).query) == {
        "near": [sample_town.ZIP],
        "within": ["10"],
        "imaging": ["ultrasound"],
    }


@pytest.mark.parametrize("scripts", [True, False])
def test_more_filters_lie_behind_one_press_and_each_is_dropped_by_one(
    new_context: Callable[..., BrowserContext], *, scripts: bool
) -> None:
    page = new_context(java_script_enabled=scripts).new_page()
    page.goto(f"/providers?near={sample_town.ZIP}")
    expect(page.get_by_label("Bone")).to_be_hidden()
    page.get_by_text("More filters").click()
    page.get_by_label("From one spot").select_option("10")
    page.get_by_label("Name or practice").fill("exampl")
    page.get_by_role("button", name="Show results").click()
    expect(_count(page)).to_contain_text("matching your filters")
    expect(page.get_by_label("Bone"), "it stays open where something in it is set").to_be_visible()
    assert parse_qs(urlsplit(page.url).query)["volume"] == ["10"]
    page.get_by_role("link", name="Remove the filter: At most 10 mL from one spot").click()
    expect(page).not_to_have_url(re.compile("volume="))
    expect(page.get_by_label("Name or practice")).to_have_value("exampl")
    page.go_back()
    expect(page.get_by_label("From one spot")).to_have_value("10")


def test_the_next_page_goes_on_counting_and_back_is_back(page: Page) -> None:
    page.goto(f"/providers?near={sample_town.ZIP}")
    first_page = page.locator(".card h3").all_inner_texts()
    assert len(first_page) == 20
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("Page 2")).to_be_visible()
    expect(card(page, sample_town.FARTHEST)).to_have_attribute("data-number", str(sample_town.LISTINGS))
    expect(page.locator(".card")).to_have_count(sample_town.LISTINGS - 20)
    page.get_by_role("link", name=sample_town.FARTHEST, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(sample_town.FARTHEST)
    page.go_back()
    expect(card(page, sample_town.FARTHEST)).to_be_visible()
    page.go_back()
    assert page.locator(".card h3").all_inner_texts() == first_page
    expect(page.get_by_label("Where?")).to_have_value(sample_town.ZIP)


def test_what_a_name_may_mean_is_asked_and_the_filters_are_kept(page: Page) -> None:
    page.goto("/providers?near=Springfield&within=25&badge=1")
    expect(page.get_by_role("heading", level=1)).to_have_text("Which place do you mean?")
    asked = page.url
    choice = page.get_by_role("link", name="Springfield, IL")
    choice.click()
    expect(page).to_have_title(re.compile("Providers near Springfield, IL"))
    assert parse_qs(urlsplit(page.url).query) == {"near": ["Springfield, IL"], "within": ["25"], "badge": ["1"]}
    page.go_back()
    assert page.url == asked
    expect(choice).to_be_visible()


def test_a_place_that_nobody_knows_is_spelled_anew(page: Page) -> None:
    answer = page.goto("/providers?near=Bromfield, CO")
    assert answer is not None
    assert answer.status == 422
    expect(page.get_by_role("heading", level=1)).to_have_text("We cannot find that place")
    expect(page.get_by_label("Where?")).to_have_value("Bromfield, CO")
    page.get_by_role("link", name="Broomfield, CO").click()
    expect(page.locator(".card")).to_have_count(20)


def test_near_me_sends_a_coarse_position_in_no_address(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(geolocation=HERE, permissions=["geolocation"]).new_page()
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request))  # noqa: PLW0108  Playwright cannot call a built-in method
    page.goto("/")
    page.get_by_role("button", name="Near me").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Providers near you")
    expect(card(page, sample_town.WITH_BADGE)).to_be_visible()
    assert urlsplit(page.url).path == "/providers/near-me"
    (search,) = [request for request in sent if request.url.endswith("/providers/near-me")]
    assert search.method == "POST"
    posted = parse_qs(search.post_data or "")
    assert (posted["lat"], posted["lon"]) == ([SNAPPED[0]], [SNAPPED[1]])

    page.get_by_role("button", name="Farther").click()
    expect(page.get_by_text("Page 2")).to_be_visible()
    page.get_by_text("Change how far, or what to look for").click()
    page.get_by_label("How far from where you are?").select_option("10 miles")
    page.get_by_role("button", name="Update").click()
    expect(_count(page)).to_contain_text("within 10 miles of where you are")
    for request in sent:
        # The map asks for whole tiles, which tell a part of a state.
        asked = request.url.replace("/suggest?", "").replace("/api/v1/clusters?", "")
        assert "?" not in asked, f"{request.url} may tell where somebody is"
        for exact in map(str, HERE.values()):
            assert exact not in f"{request.url} {request.post_data}"


def test_who_keeps_their_position_is_told_what_else_to_do(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Near me").click()
    expect(page.get_by_text("Type a ZIP code instead.")).to_be_visible()
    expect(page.get_by_role("button", name="Near me")).to_be_enabled()


def test_without_scripts_the_drawing_leads_to_the_list(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(f"/providers?near={sample_town.ZIP}")
    expect(page.get_by_role("button", name="Near me")).to_be_hidden()
    drawing = page.get_by_role("group", name=re.compile(f"^Providers near {sample_town.PLACE}"))
    expect(drawing.get_by_role("link")).to_have_count(20)
    drawing.get_by_role("link", name=f"1 {sample_town.WITH_BADGE}, self-certified").click()
    expect(page).to_have_url(re.compile(f"#{card(page, sample_town.WITH_BADGE).get_attribute('id')}$"))
    expect(card(page, sample_town.WITH_BADGE)).to_be_in_viewport()
