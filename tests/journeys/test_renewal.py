"""From signing to the end of twelve months and to the next signature: what everybody sees on the way."""

import itertools
import re
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from sqlalchemy.orm import Session
from support import badge_files, user_actions
from support.factories import MATCHING_ANSWERS, make_address, make_attestation, make_listing
from support.input_devices import InputDevice, Mouse
from support.user_actions import Office, card

from directory import clock, transaction
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.listings.commands import slugify
from directory.listings.tables import Listing

OWNER, ADMIN = "provider@example.com", "admin@example.com"
FRESH, LAST_YEAR = "Fern Hollowmere", "Gale Thornbury"
ZIP = "80021"
BADGE = "All 4 answers match"
RAN_OUT = "Their answers ran out"
SECONDS_LEFT = 5
"""Until the answers of last year run out: enough to look at them before, on most machines."""

RIGHT_ANSWERS = {
    user_actions.VOLUME: ("8",),
    user_actions.SITES: ("6",),
    user_actions.IMAGING: ("Ultrasound",),
    user_actions.HOW_OFTEN: ("Always",),
    user_actions.BONE: ("Back of the hip bone (posterior iliac crest)",),
}
CARRIED_OVER = (
    "Amount from one place: this is still so",
    "Number of places: this is still so",
    "Pictures to guide the needle: this is still so",
    "Bone: this is still so",
)


@pytest.fixture(scope="module", autouse=True)
def accounts(app: Flask) -> None:
    user_actions.open_accounts(app, (OWNER, Role.PROVIDER), (ADMIN, Role.ADMIN))


def test_what_is_signed_and_accepted_is_a_badge_that_leads_to_what_was_signed(
    new_context: Callable[..., BrowserContext], page: Page, browser: Browser
) -> None:
    provider, admin = (Mouse(new_context(viewport={"width": 390, "height": 844}).new_page()) for _ in range(2))
    user_actions.sign_in(provider, OWNER, "/portal/")
    user_actions.add_listing(provider, FRESH, "1234567893", [Office("1 Sedge Lane", "Dover", "DE", "19901")])
    provider.press(provider.page.get_by_role("link", name="Answer the questions"))
    user_actions.answer_questions(provider, RIGHT_ANSWERS)
    user_actions.sign_attestation(provider, FRESH, "Owner")
    user_actions.sign_in(admin, ADMIN, "/console/")
    for what, button in (("New listing", "Publish"), ("Answers", "Accept")):
        user_actions.open_from_queue(admin, FRESH, what)
        admin.press(admin.page.get_by_role("button", name=button))
    shows = badge_files.fetch_badge(page, slugify(f"{FRESH} Dover DE"))
    assert shows.document["standing"] == "badge"
    assert shows.document["badge"]
    assert BADGE in shows.svg
    _shown_by_another_site(browser, _copied_code(provider), shows)

    page.goto(f"/providers/{shows.document['slug']}")
    expect(page.get_by_role("region", name="How they take bone marrow")).to_contain_text(BADGE)
    page.get_by_role("link", name=re.compile("^Check th")).click()
    expect(page).to_have_url(shows.document["verify"])
    expect(page.get_by_role("heading", level=1)).to_contain_text(FRESH)
    expect(page.get_by_text("This badge counts today.")).to_be_visible()
    expect(page.locator(".finding").get_by_text("Matches", exact=True)).to_have_count(4)
    for promise in ("What was checked", "What was not checked"):
        expect(page.get_by_role("region", name=promise).get_by_role("listitem")).not_to_have_count(0)
    page.get_by_role("link", name="See all changes").click()
    titles = page.get_by_role("region", name="Every change").get_by_role("heading", level=3)
    expect(titles).to_have_text(["Answers accepted", "Put in this directory", "Answers signed"])


def _copied_code(provider: InputDevice) -> str:
    """The code that the provider copies from the badge page, below the picture."""
    page = provider.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/portal/")
    provider.press(page.get_by_role("region", name=FRESH).get_by_role("link", name="Put the badge on your site"))
    embed = page.get_by_role("region", name="Put the badge on your site")
    expect(embed.get_by_role("img")).to_have_js_property("complete", True)
    assert embed.get_by_role("img").evaluate("image => image.naturalWidth") > 0
    provider.press(embed.get_by_role("button", name="Copy the code"))
    expect(embed.get_by_role("button", name="Copied")).to_be_visible()
    copied = str(page.evaluate("navigator.clipboard.readText()"))
    expect(embed.get_by_label("Code for your site (HTML)", exact=True)).to_have_value(copied)
    return copied


class _ClinicPage(BaseHTTPRequestHandler):
    """A page of a clinic with the code of its badge in it."""

    code = ""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>Our clinic</title><h1>Our clinic</h1>{self.code}".encode())

    def log_message(self, *_args: object) -> None:
        """Keep the output of the tests clean."""


def _shown_by_another_site(browser: Browser, code: str, shows: badge_files.BadgeFiles) -> None:
    """The picture with the name stands on a page of another origin, and leads to what was signed."""
    clinic = ThreadingHTTPServer(("127.0.0.1", 0), type("ClinicPage", (_ClinicPage,), {"code": code}))
    threading.Thread(target=clinic.serve_forever, daemon=True).start()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{clinic.server_port}/")
        image = page.get_by_role("img", name=FRESH)
        expect(image).to_have_js_property("complete", True)
        assert image.evaluate("image => image.naturalWidth") > 0
        assert FRESH in page.request.get(str(image.get_attribute("src"))).text()
        image.click()
        expect(page).to_have_url(shows.document["verify"])
        expect(page.get_by_role("heading", level=1)).to_contain_text(FRESH)
    finally:
        context.close()
        clinic.shutdown()
        clinic.server_close()


def test_answers_that_run_out_say_so_at_once_and_come_back_when_they_are_signed_again(
    app: Flask, new_context: Callable[..., BrowserContext], page: Page
) -> None:
    slug, ends, before = _seen_while_they_count(app, page)
    time.sleep((ends - clock.now()).total_seconds() + 1)
    old = _everybody_says_that_it_is_out_of_date(page, slug, before)

    provider, admin = (Mouse(new_context(viewport={"width": 390, "height": 844}).new_page()) for _ in range(2))
    user_actions.sign_in(provider, OWNER, "/portal/")
    _renews(provider)
    assert not badge_files.fetch_badge(page, slug).document["badge"], "nothing counts before a reviewer has accepted it"
    user_actions.sign_in(admin, ADMIN, "/console/")
    user_actions.open_from_queue(admin, LAST_YEAR, "Answers")
    admin.press(admin.page.get_by_role("button", name="Accept"))

    again = badge_files.fetch_badge(page, slug)
    assert again.document["standing"] == "badge"
    assert again.document["verify"] != old
    assert BADGE in again.svg
    badge_files.open_uncached(page, old)
    expect(page.get_by_text("Newer answers took their place.")).to_be_visible()
    page.get_by_role("link", name="See the newer answers").click()
    expect(page).to_have_url(again.document["verify"])
    expect(page.get_by_text("This badge counts today.")).to_be_visible()
    page.goto(f"/badges/{slug}")
    expect(page).to_have_url(again.document["verify"])
    _record_tells_the_whole_story(page, slug)


def _seen_while_they_count(app: Flask, page: Page) -> tuple[str, datetime, badge_files.BadgeFiles]:
    """A listing whose answers are about to run out, and its badge; a slow machine tries again with more time."""
    for attempt in itertools.count():
        slug, ends = _signed_a_year_ago(app, SECONDS_LEFT * 2**attempt)
        badge = badge_files.fetch_badge(page, slug)
        said = []
        for path in (f"/providers/{slug}", f"/providers?near={ZIP}&badge=1"):
            page.goto(path)
            said.append(page.get_by_role("main").inner_text())
        if clock.now() < ends:
            break
    of_listing, of_search = said
    assert BADGE in of_listing
    assert LAST_YEAR in of_search
    return slug, ends, badge


def _signed_a_year_ago(app: Flask, seconds_left: int) -> tuple[str, datetime]:
    """A listing whose answers were signed and accepted twelve months ago, less a few seconds; and when they end."""
    ends = clock.now().replace(microsecond=0) + timedelta(seconds=seconds_left)
    if (ends.month, ends.day) == (2, 29):
        pytest.skip("nothing that counts for twelve months ends on a leap day")
    then = ends.replace(year=ends.year - 1)
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        owner = session.scalars(sa.select(Account).where(Account.email == OWNER)).one()
        session.execute(sa.update(Listing).where(Listing.name == LAST_YEAR).values(name="An earlier attempt"))
        listed = then - timedelta(days=1)
        listing = make_listing(session, owner, name=LAST_YEAR, now=listed, addresses=(make_address(),))
        signed = make_attestation(session, listing, answers=MATCHING_ANSWERS, now=then)
        assert signed.valid_until == ends
        session.commit()
        return listing.slug, ends


def _technique(page: Page) -> Locator:
    return page.get_by_role("region", name="How they take bone marrow")


def _everybody_says_that_it_is_out_of_date(page: Page, slug: str, before: badge_files.BadgeFiles) -> str:
    """The page, the picture, the data and the search; gives the address of what was signed."""
    page.goto(f"/providers/{slug}")
    expect(_technique(page)).to_contain_text(RAN_OUT)
    expect(page.locator(".tag")).to_have_count(0)
    shows = badge_files.fetch_badge(page, slug)
    assert (shows.document["standing"], shows.document["badge"]) == ("expired", False)
    assert RAN_OUT in shows.svg
    assert BADGE not in shows.svg
    assert shows.differs_from(before)
    entry = page.request.get(f"/api/v1/providers/{slug}").json()
    assert entry["standing"] == "expired"
    assert not entry["technique"]["badge"]
    page.goto(f"/providers?near={ZIP}")
    expect(card(page, LAST_YEAR)).to_contain_text(RAN_OUT)
    page.goto(f"/providers?near={ZIP}&badge=1")
    expect(card(page, LAST_YEAR)).to_have_count(0)
    old = str(before.document["verify"])
    page.goto(old)
    expect(page.get_by_text(re.compile("Their answers ran out in"))).to_be_visible()
    return old


def _renews(provider: InputDevice) -> None:
    """From the last answers: nothing is signed before each is said to be still so."""
    page = provider.page
    task = page.get_by_role("listitem").filter(has_text=LAST_YEAR)
    expect(task).to_contain_text("Your answers ran out")
    provider.press(task.get_by_role("button", name="Renew now"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Review and sign")
    answers = page.get_by_role("region", name="Your answers, as patients read them")
    for label in CARRIED_OVER[1:]:
        provider.tick(answers.get_by_label(label))
    provider.write(page.get_by_label("Your full name"), LAST_YEAR)
    provider.write(page.get_by_label("Your role in the practice"), "Owner")
    provider.press(page.get_by_role("button", name="I agree and sign"))
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Amount from one place: say that it is still so, or change the answer.")
    expect(page.get_by_label(CARRIED_OVER[1])).to_be_checked()
    provider.tick(page.get_by_label(CARRIED_OVER[0]))
    user_actions.sign_attestation(provider, LAST_YEAR, "Owner")


def _record_tells_the_whole_story(page: Page, slug: str) -> None:
    badge_files.open_uncached(page, f"/providers/{slug}/history")
    record = page.get_by_role("region", name="Every change")
    expect(record.get_by_role("heading", level=3)).to_have_text(
        [
            "Answers renewed",
            "Earlier answers replaced",
            "Answers signed",
            "Answers ran out",
            "Answers accepted",
            "Answers signed",
            "Put in this directory",
        ]
    )
    half_a_year_ago = datetime.now(UTC).date() - timedelta(days=180)
    page.get_by_label("A day").fill(half_a_year_ago.isoformat())
    page.get_by_role("button", name="Show that day").click()
    expect(page.get_by_role("region", name="As it was on")).to_contain_text(BADGE)
