"""A patient's saved list: kept in their browser alone, by their own choice, compared on one sheet, soon emptied."""

import json
import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from journeys.test_question_card import DOTS_AN_INCH, PAPERS, sheets
from playwright.sync_api import BrowserContext, Locator, Page, Request, expect
from sqlalchemy.orm import Session
from support import sample_town
from support.accessibility import FITS_WIDTH, assert_accessible
from support.input_devices import InputDevice, Keyboard, Mouse
from support.user_actions import card

from directory import transaction

KEEP = re.compile(r"\bSaved? ")
RESULTS = f"/providers?near={sample_town.ZIP}"
SIX = (
    sample_town.WITH_BADGE,
    sample_town.WITHOUT_BADGE,
    sample_town.NO_ANSWERS,
    sample_town.EXPIRED,
    sample_town.LONG_NAME,
    sample_town.FROM_NPPES,
)


@pytest.fixture(scope="module", autouse=True)
def town_listings(app: Flask) -> None:
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        sample_town.populate(app, session)


def _keep(page: Page, name: str) -> Locator:
    return card(page, name).get_by_role("button", name=KEEP)


def _box(page: Page) -> Locator:
    return page.get_by_role("region", name="Saved")


def _kept(page: Page) -> list[str]:
    """The names that the browser's own storage holds."""
    return [entry["name"] for entry in json.loads(page.evaluate("localStorage.getItem('short-list') ?? '[]'"))]


def _empty(page: Page) -> None:
    box = _box(page)
    if box.locator("details").get_attribute("open") is None:
        box.get_by_text("Saved (").click()
    box.get_by_role("button", name="Remove all").click()
    expect(box).to_be_focused()
    assert page.evaluate("localStorage.length") == 0


def _expect_columns(page: Page, *names: str) -> None:
    columns = page.get_by_role("table").get_by_role("columnheader").get_by_role("link")
    expect(columns).to_have_text(list(names), use_inner_text=True)


@pytest.mark.parametrize("by", [Mouse, Keyboard], ids=["with a mouse", "with the keyboard"])
def test_what_is_kept_is_found_again_compared_and_emptied(page: Page, by: Callable[[Page], InputDevice]) -> None:
    hands, sent = by(page), []

    def note(request: Request) -> None:
        sent.append(f"{request.url} {request.post_data or ''}")

    page.goto(RESULTS)
    page.wait_for_load_state("networkidle")
    page.on("request", note)
    expect(_box(page)).to_contain_text("It stays on this device.")
    for name in (sample_town.WITH_BADGE, sample_town.NO_ANSWERS):
        button = _keep(page, name)
        expect(button).to_have_attribute("data-saved", "false")
        hands.press(button)
        expect(button).to_have_attribute("data-saved", "true")
    expect(_box(page).get_by_role("status")).to_have_text("Saved on this device. 2 saved.")
    assert _kept(page) == [sample_town.WITH_BADGE, sample_town.NO_ANSWERS]
    assert not [asked for asked in sent if "example-0" in asked], "nothing is sent by keeping"

    hands.press(card(page, sample_town.NO_ANSWERS).get_by_role("link", name=sample_town.NO_ANSWERS, exact=True))
    expect(page.get_by_role("heading", level=1)).to_contain_text(sample_town.NO_ANSWERS)
    expect(page.get_by_role("button", name=KEEP)).to_have_attribute("data-saved", "true")
    page.go_back()
    expect(_keep(page, sample_town.NO_ANSWERS)).to_have_attribute("data-saved", "true")

    hands.press(_box(page).get_by_role("link", name="Compare", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Compare providers")
    _expect_columns(page, sample_town.WITH_BADGE, sample_town.NO_ANSWERS)
    assert parse_qs(urlsplit(page.url).query)["p"] == ["example-01-broomfield-co", "example-03-broomfield-co"]
    expect(page.get_by_role("table")).to_contain_text("about 3 miles away")
    _empty(page)
    expect(page.get_by_role("button", name=KEEP).first).to_have_attribute("data-saved", "false")


def test_one_can_be_taken_out_where_it_stands_and_in_the_list(page: Page) -> None:
    page.goto(RESULTS)
    for name in SIX[:3]:
        _keep(page, name).click()
    _keep(page, SIX[0]).click()
    expect(_box(page).get_by_role("status")).to_have_text("Removed. 2 saved.")
    _box(page).get_by_text("Saved (2)").click()
    _box(page).get_by_role("button", name=f"Remove {SIX[1]}").click()
    expect(_box(page).get_by_text("Saved (1)")).to_be_focused()
    expect(_keep(page, SIX[1])).to_have_attribute("data-saved", "false")
    assert _kept(page) == [SIX[2]]
    _box(page).get_by_role("button", name=f"Remove {SIX[2]}").click()
    expect(_box(page)).to_be_focused()
    assert page.evaluate("localStorage.length") == 0


def test_of_six_the_patient_chooses_four_and_loses_nobody(page: Page) -> None:
    page.goto(RESULTS)
    for name in SIX:
        _keep(page, name).click()
    _box(page).get_by_role("link", name="Compare", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Up to 4 fit side by side, and you chose 6.")
    for name in SIX:
        expect(page.get_by_role("checkbox", name=name)).to_be_checked()
    for name in SIX[:2]:
        page.get_by_role("checkbox", name=name).uncheck()
    page.get_by_role("button", name="Compare these").click()
    _expect_columns(page, *SIX[2:])
    expect(page.get_by_role("table")).to_contain_text("miles away")
    for name in SIX:
        box = page.get_by_role("checkbox", name=name)
        expect(box).to_be_checked(checked=name in SIX[2:])
    _empty(page)


def test_another_window_follows(page: Page) -> None:
    page.goto(RESULTS)
    other = page.context.new_page()
    other.goto("/near/co/broomfield")
    _keep(page, SIX[0]).click()
    expect(_keep(other, SIX[0])).to_have_attribute("data-saved", "true")
    _empty(other)
    expect(_keep(page, SIX[0])).to_have_attribute("data-saved", "false")
    expect(_box(page)).to_contain_text("It stays on this device.")


STRANGE = [
    "not json",
    "{}",
    "null",
    '[null, 1, "x", {}, {"slug": "../x", "name": "x"}, {"slug": "x"}, {"slug": "a b", "name": "<b>"}]',
]


@pytest.mark.parametrize("stored", STRANGE)
def test_what_is_no_list_of_ours_counts_as_nothing(page: Page, stored: str) -> None:
    page.goto("/check")
    page.evaluate("text => localStorage.setItem('short-list', text)", stored)
    page.goto(RESULTS)
    expect(_box(page).get_by_role("link", name="Compare", exact=True)).to_be_hidden()
    _keep(page, SIX[0]).click()
    assert _kept(page) == [SIX[0]]
    _empty(page)


def test_a_name_is_never_markup(page: Page) -> None:
    page.goto("/check")
    entry = [{"slug": "x", "name": "<img src=x onerror=alert(1)>"}]
    page.evaluate("text => localStorage.setItem('short-list', text)", json.dumps(entry))
    page.goto(RESULTS)
    _box(page).get_by_text("Saved (1)").click()
    expect(_box(page).get_by_role("link", name="<img src=x onerror=alert(1)>")).to_be_visible()
    assert page.locator(".short-list img").count() == 0
    _empty(page)


def test_a_full_list_says_so(page: Page) -> None:
    page.goto("/check")
    full = [{"slug": f"kept-{number}", "name": f"Kept {number}"} for number in range(20)]
    page.evaluate("text => localStorage.setItem('short-list', text)", json.dumps(full))
    page.goto(RESULTS)
    _keep(page, SIX[0]).click()
    expect(_box(page).get_by_role("status")).to_have_text("You can save up to 20. Remove one first.")
    expect(_keep(page, SIX[0])).to_have_attribute("data-saved", "false")
    assert len(_kept(page)) == 20
    _empty(page)


def test_a_browser_that_keeps_nothing_is_offered_nothing(page: Page) -> None:
    denied = (
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    page.add_init_script(denied)
    page.goto(RESULTS)
    expect(card(page, SIX[0]).get_by_label(f"Compare {SIX[0]}")).to_be_visible()
    expect(_keep(page, SIX[0])).to_be_hidden()
    expect(_box(page)).to_be_hidden()


def test_a_browser_without_room_says_that_it_kept_nothing(page: Page) -> None:
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }")
    page.goto(RESULTS)
    _keep(page, SIX[0]).click()
    expect(_box(page).get_by_role("status")).to_have_text("Your browser did not save this.")
    expect(_keep(page, SIX[0])).to_have_attribute("data-saved", "false")


@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_use_it_open_and_closed(new_context: Callable[..., BrowserContext], width: int) -> None:
    page = new_context(viewport={"width": width, "height": 900}).new_page()
    page.goto("/near/co/broomfield")
    for name in SIX:
        _keep(page, name).click()
    assert_accessible(page)
    _box(page).get_by_text("Saved (6)").click()
    assert_accessible(page)
    _empty(page)


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.parametrize("four", [SIX[:4], SIX[2:]], ids=["all kinds", "the longest name"])
def test_four_fit_on_one_sheet_with_phone_and_miles(page: Page, paper: str, four: tuple[str, ...]) -> None:
    page.goto(f"{RESULTS}&within=100")
    for name in four:
        card(page, name).get_by_label(f"Compare {name}").check()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("table").get_by_role("columnheader")).to_have_count(4)
    assert sheets(page.pdf(format=paper)) == 1
    page.emulate_media(media="print")
    # Lengthwise, without the margins of the sheet.
    page.set_viewport_size({"width": round((PAPERS[paper][1] - 0.8) * DOTS_AN_INCH), "height": 700})
    table = page.get_by_role("table")
    for words in ("How much volume", "How many distinct spots", "Will you use imaging", "(303) 555-0100", "miles away"):
        expect(table.get_by_text(words).first).to_be_visible()
    expect(page.get_by_text("What they told me")).to_be_visible()
    for gone in ("Compare these", "Find a doctor or clinic", "Show miles", "Open in your maps app", KEEP):
        expect(page.get_by_text(gone).first).to_be_hidden()
    assert page.evaluate(FITS_WIDTH)


def test_the_way_there_is_a_link_of_the_device_and_text_to_copy(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(permissions=["clipboard-read", "clipboard-write"]).new_page()
    page.goto("/providers/example-01-broomfield-co")
    way = page.get_by_role("link", name="Open in your maps app")
    href = way.get_attribute("href") or ""
    assert href.startswith("geo:39.")
    assert href.endswith("?q=403%20Summit%20Boulevard%2C%20Broomfield%2C%20CO%2080021")
    page.get_by_role("button", name="Copy the address").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "403 Summit Boulevard, Broomfield, CO 80021"
    expect(page.get_by_role("button", name="Copy the address")).to_be_visible()


def test_who_browses_comes_from_the_state_to_the_provider(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto("/near")
    page.get_by_role("link", name="Colorado").click()
    page.get_by_role("link", name="Broomfield", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Providers near Broomfield, CO")
    expect(page.locator(".card")).to_have_count(20)
    card(page, SIX[0]).get_by_label(f"Compare {SIX[0]}").check()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("table")).to_contain_text("miles away")
    page.go_back()
    page.get_by_role("link", name="Search with map and filters").click()
    expect(page.get_by_label("Where?")).to_have_value("Broomfield, CO")
