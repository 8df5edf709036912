"""Newer rules are rolled out: what was signed keeps its grades, and what is signed from then on gets the new ones."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session
from support import badge_files, two_rulesets, user_actions
from support.accessibility import assert_accessible
from support.factories import MATCHING_ANSWERS, make_address, make_attestation, make_listing
from support.input_devices import InputDevice, Mouse
from support.live_server import make_release, run_server
from support.two_rulesets import FIRST, SECOND

from directory import clock, transaction
from directory.accounts.policy import Role
from directory.accounts.tables import Account

OWNER, ADMIN = "provider@example.com", "admin@example.com"
EARLY, LATE = "Ivy Marlstone", "Jonas Quillfeather"
SIGNED_AGO, LOOKED_AT_AGO = timedelta(days=200), timedelta(days=100)
NOTICE = timedelta(days=60)
SPEED = "How fast do you pull the plunger?"
OLD_RULE = "They take up to 8 mL from each place. The rule is 10 mL or less."
FOUR, FIVE = "All 4 answers match", "All 5 answers match"


@dataclass
class Installation:
    """A directory on this machine: first as it ships, then upgraded."""

    environment: dict[str, str]
    address: str
    folder: Path
    running: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        self.running.enter_context(run_server(self.environment, self.address, self.folder / "shipped.log"))

    def upgrade(self) -> None:
        """Stop it, install the release that has both versions of the rules, and start it on the same database."""
        self.running.close()
        today = clock.now().date()
        newer = {SECOND: two_rulesets.second_version_text(published=today, supersedes_after=today + NOTICE)}
        release = make_release(newer, self.folder / "release")
        self.running.enter_context(run_server(self.environment, self.address, self.folder / "upgraded.log", release))


@pytest.fixture(scope="module")
def installation(
    environment: dict[str, str], base_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    made = Installation(environment, base_url, tmp_path_factory.mktemp("installation"))
    with made.running:
        made.start()
        yield made


@pytest.fixture(scope="module")
def live_server_url(installation: Installation) -> str:
    """Where it is served, before and after the upgrade."""
    return installation.address


@pytest.fixture(scope="module")
def slug(app: Flask) -> str:
    """A listing whose answers were signed long before the newer rules; its owner has another that said nothing yet."""
    user_actions.open_accounts(app, (OWNER, Role.PROVIDER), (ADMIN, Role.ADMIN))
    then = clock.now() - SIGNED_AGO
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        owner = session.scalars(sa.select(Account).where(Account.email == OWNER)).one()
        early, _ = (
            make_listing(session, owner, name=name, now=then, addresses=(make_address(),)) for name in (EARLY, LATE)
        )
        make_attestation(session, early, answers=MATCHING_ANSWERS, now=then)
        session.commit()
        return early.slug


def test_newer_rules_grade_what_is_signed_from_then_on_and_nothing_else(
    installation: Installation, slug: str, new_context: Callable[..., BrowserContext], page: Page
) -> None:
    before = badge_files.fetch_badge(page, slug)
    _counts_under_the_first_rules(page, slug)
    installation.upgrade()

    _reads_what_changed(page)
    shows = badge_files.fetch_badge(page, slug).document
    assert (shows["badge"], shows["ruleset"], shows["verify"]) == (True, FIRST, before.document["verify"])
    assert shows["valid_until"].startswith((clock.now().date() + NOTICE).isoformat()), "the newer rules end it sooner"
    _counts_under_the_first_rules(page, slug)

    provider, admin = (Mouse(new_context(viewport={"width": 390, "height": 844}).new_page()) for _ in range(2))
    user_actions.sign_in(provider, OWNER, "/portal/")
    _signs_under_the_second(provider)
    _renews_under_the_second(provider)
    user_actions.sign_in(admin, ADMIN, "/console/")
    for name in (LATE, EARLY):
        user_actions.open_from_queue(admin, name, "Answers")
        admin.press(admin.page.get_by_role("button", name="Accept"))

    _does_not_match_the_second_rules(page)
    _matches_the_second_rules(page, slug)
    _stays_as_it_was_signed(page, str(before.document["verify"]))
    _record_shows_both(page, slug)


def _counts_under_the_first_rules(page: Page, slug: str) -> None:
    badge_files.open_uncached(page, f"/providers/{slug}")
    expect(page.get_by_role("region", name="How they take bone marrow")).to_contain_text(FOUR)
    page.get_by_role("link", name=re.compile("^Check th")).click()
    expect(page.get_by_text("This badge counts today.")).to_be_visible()
    _was_held_against_the_first_rules(page)


def _was_held_against_the_first_rules(page: Page) -> None:
    findings = page.locator(".finding")
    expect(findings.get_by_text("Matches", exact=True)).to_have_count(4)
    expect(findings).to_have_count(4)
    expect(page.get_by_text(OLD_RULE)).to_be_visible()
    rules = page.get_by_role("link", name="The rules that this was signed under")
    expect(rules).to_have_attribute("href", f"/rules/{FIRST}")


def _reads_what_changed(page: Page) -> None:
    """Today's rules, both versions with their differences, and the older ones under their own address for ever."""
    badge_files.open_uncached(page, "/rules")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2027.1")
    expect(page.get_by_role("heading", name="How fast will you pull the plunger?")).to_be_visible()
    versions = page.get_by_role("region", name="All versions")
    expect(versions.get_by_role("listitem")).to_have_count(2)
    moved = versions.get_by_role("row").filter(has_text="10 mL or less").filter(has_text="5 mL or less")
    expect(moved.first).to_be_visible()
    expect(versions.get_by_role("row").filter(has_text="plunger").filter(has_text="Not asked")).to_have_count(1)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert_accessible(page)
    versions.get_by_role("listitem").get_by_role("link").last.click()
    expect(page.get_by_text("These are older rules.")).to_be_visible()
    expect(page.get_by_role("heading", name="How fast will you pull the plunger?")).to_have_count(0)
    assert page.url.endswith(f"/rules/{FIRST}")


def _signs_under_the_second(provider: InputDevice) -> None:
    """8 mL, which the first rules called right."""
    page = provider.page
    task = page.get_by_role("listitem").filter(has_text=LATE)
    provider.press(task.get_by_role("link", name="Answer the questions"))
    user_actions.answer_questions(
        provider,
        {
            user_actions.VOLUME: ("8",),
            user_actions.SITES: ("6",),
            user_actions.IMAGING: ("Ultrasound",),
            user_actions.HOW_OFTEN: ("Always",),
            user_actions.BONE: ("Back of the hip bone (posterior iliac crest)",),
            SPEED: ("Fast, in a second or two",),
        },
    )
    expect(page.get_by_text(re.compile("answers? (does|do) not match|in between"))).to_be_visible()
    expect(page.locator(".finding")).to_have_count(5)
    user_actions.sign_attestation(provider, LATE, "Owner")


def _renews_under_the_second(provider: InputDevice) -> None:
    """From the answers of the first rules: what these ask too is carried over, what they add is open."""
    page = provider.page
    page.goto("/portal/")
    provider.press(page.get_by_role("region", name=EARLY).get_by_role("button", name="Renew now"))
    expect(page.get_by_label("Your role in the practice")).to_have_value("Medical director")
    provider.press(page.get_by_role("link", name=re.compile("^Change ?:")).first)
    expect(user_actions.question_group(page, user_actions.VOLUME).get_by_label("From")).to_have_value("8")
    expect(page.locator(".so-far li").last).to_contain_text("No answer")
    user_actions.answer_questions(provider, {user_actions.VOLUME: ("4",), SPEED: ("Fast, in a second or two",)})
    expect(page.get_by_text("All 5 answers match")).to_be_visible()
    still_so = page.get_by_role("checkbox", name=re.compile("this is still so$"))
    expect(still_so).to_have_count(3)
    for box in still_so.all():
        provider.tick(box)
    user_actions.sign_attestation(provider, EARLY, "Owner")


def _does_not_match_the_second_rules(page: Page) -> None:
    page.goto("/providers?near=80021")
    expect(user_actions.card(page, LATE)).to_contain_text("No badge. 1 of 5 answers")
    user_actions.card(page, LATE).get_by_role("link", name=LATE).click()
    expect(page.get_by_text("They take up to 8 mL from each place. The rule is 5 mL or less.")).to_be_visible()
    expect(page.get_by_text("They pull fast.")).to_be_visible()


def _matches_the_second_rules(page: Page, slug: str) -> None:
    shows = badge_files.fetch_badge(page, slug)
    assert (shows.document["badge"], shows.document["ruleset"]) == (True, SECOND)
    badge_files.open_uncached(page, f"/providers/{slug}")
    expect(page.get_by_role("region", name="How they take bone marrow")).to_contain_text(FIVE)
    page.get_by_role("link", name=re.compile("^Check th")).click()
    expect(page.get_by_text("This badge counts today.")).to_be_visible()
    expect(page.locator(".finding").get_by_text("Matches", exact=True)).to_have_count(5)


def _stays_as_it_was_signed(page: Page, address: str) -> None:
    badge_files.open_uncached(page, address)
    expect(page.get_by_text("Newer answers took their place.")).to_be_visible()
    _was_held_against_the_first_rules(page)


def _record_shows_both(page: Page, slug: str) -> None:
    badge_files.open_uncached(page, f"/providers/{slug}/history")
    renewed = page.get_by_role("region", name="Every change").get_by_role("listitem").filter(has_text="Answers renewed")
    expect(renewed).to_contain_text("Amount from one place: 8 mL")
    expect(renewed).to_contain_text("is now 4 mL")
    expect(renewed).to_contain_text("Speed of the pull: Not asked")
    page.get_by_label("A day").fill((datetime.now(UTC).date() - LOOKED_AT_AGO).isoformat())
    page.get_by_role("button", name="Show that day").click()
    then = page.get_by_role("region", name="As it was on")
    expect(then).to_contain_text(FOUR)
    expect(then).to_contain_text(OLD_RULE)
