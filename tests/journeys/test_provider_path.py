"""The whole way of a provider, with the keyboard alone on the smallest screen, and what each task takes."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy.orm import Session
from support import user_actions
from support.accessibility import assert_accessible
from support.factories import make_address, make_listing
from support.input_devices import Keyboard, Mouse
from support.mailbox import emails_to, link_in
from support.user_actions import PASSWORD

from directory import clock, transaction
from directory.accounts.policy import Actor, Right, Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationMove
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.claims.decisions import decide, read_out_code
from directory.claims.lifecycle import Move as ClaimMove
from directory.claims.tables import Claim
from directory.listings.managers import grant_right
from directory.listings.revision_lifecycle import Move as RevisionMove
from directory.listings.tables import Listing, ListingRevision, ListingSource
from directory.review.commands import decide_attestation
from directory.review.revisions import decide_revision

REVIEWER, COLLEAGUE = "reviewer@example.com", "colleague@example.com"
MANAGER = "manager@example.com"
IMPORTED, CORRECTED, NPI = "Juniper Marshfield", "Juniper Millbrook", "1679576722"
COMMENT, REPLY = "Is that on one side only?", "No, three on each side."
SMALLEST = 320


@dataclass
class Effort:
    """What a task took: fields that were filled in, boxes that were ticked, links and buttons that were pressed."""

    fields: int = 0
    ticks: int = 0
    presses: int = 0


@dataclass
class CountingKeyboard(Keyboard):
    """Counts what it does, task by task."""

    tasks: dict[str, Effort] = field(default_factory=dict)
    now: Effort = field(default_factory=Effort)

    @contextmanager
    def task(self, name: str) -> Iterator[None]:
        self.now = self.tasks[name] = Effort()
        yield
        self.now = Effort()
        assert self.page.evaluate("document.documentElement.scrollWidth") <= SMALLEST, f"{name}: wider than the screen"

    def press(self, what: Locator) -> None:
        self.now.presses += 1
        super().press(what)

    def write(self, where: Locator, text: str) -> None:
        self.now.fields += 1
        super().write(where, text)

    def tick(self, choice: Locator) -> None:
        self.now.ticks += 1
        super().tick(choice)


@dataclass(frozen=True)
class Reviewer:
    """Decides behind the pages; other journeys follow reviewers in the console."""

    app: Flask
    slug: str

    @contextmanager
    def working(self) -> Iterator[tuple[Session, Actor, Listing]]:
        with self.app.app_context(), transaction.atomic() as session:
            account = session.scalars(sa.select(Account).where(Account.email == REVIEWER)).one()
            yield session, account.actor, session.scalars(sa.select(Listing).where(Listing.slug == self.slug)).one()

    def read_out(self) -> str:
        with self.working() as (session, me, _):
            return read_out_code(session, session.scalars(sa.select(Claim)).one(), by=me, now=clock.now())

    def approve_the_claim(self) -> None:
        with self.working() as (session, me, listing):
            decide(session, session.scalars(sa.select(Claim)).one(), ClaimMove.APPROVE, by=me, now=clock.now())
            colleague = session.scalars(sa.select(Account).where(Account.email == COLLEAGUE)).one()
            grant_right(session, listing, colleague.id, Right.EDITOR, by=me, now=clock.now())

    def accept_the_change(self) -> None:
        with self.working() as (session, me, _):
            revision = session.scalars(sa.select(ListingRevision).order_by(ListingRevision.id.desc())).first()
            assert revision is not None
            decide_revision(session, revision, RevisionMove.ACCEPT, by=me, now=clock.now())

    def decide_the_answers(self, move: AttestationMove, **said: object) -> None:
        with self.working() as (session, me, _):
            waiting = sa.select(Attestation).where(Attestation.state == AttestationState.SUBMITTED)
            attestation = session.scalars(waiting).one()
            facts = {"by": me, "now": clock.now(), "rulesets": bundled_rulesets()}
            decide_attestation(session, attestation, move, **facts, **said)


@pytest.fixture
def reviewer(app: Flask) -> Reviewer:
    """A listing from the register, and who decides about it."""
    user_actions.open_accounts(app, (REVIEWER, Role.REVIEWER), (COLLEAGUE, Role.PROVIDER))
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        colleague = session.scalars(sa.select(Account).where(Account.email == COLLEAGUE)).one()
        imported = {"name": IMPORTED, "npi": NPI, "source": ListingSource.NPPES, "addresses": (make_address(),)}
        listing = make_listing(session, colleague, now=clock.now(), **imported)
        listing.managers.clear()
        session.commit()
        return Reviewer(app, listing.slug)


def test_from_nothing_to_a_renewed_badge_with_the_keyboard_on_the_smallest_screen(
    app: Flask, reviewer: Reviewer, new_context: Callable[..., BrowserContext]
) -> None:
    hands = CountingKeyboard(new_context(viewport={"width": SMALLEST, "height": 640}).new_page())
    page = hands.page
    with hands.task("claim from nothing"):
        _claims_from_nothing(hands, app, reviewer)
    reviewer.approve_the_claim()
    page.goto("/portal/")
    with hands.task("correct phone and name"):
        _corrects_phone_and_name(hands, new_context(viewport={"width": 1280, "height": 900}).new_page())
    reviewer.accept_the_change()
    page.goto("/portal/")
    expect(page.get_by_role("heading", name=CORRECTED, exact=True)).to_be_visible()
    with hands.task("first attestation"):
        _attests(hands)
    reviewer.decide_the_answers(AttestationMove.RETURN, reason="One question.", comments={"distinct_sites": COMMENT})
    page.goto("/portal/")
    with hands.task("answer returned comments"):
        _answers_the_comment(hands)
    reviewer.decide_the_answers(AttestationMove.ACCEPT)
    page.goto(f"/providers/{reviewer.slug}")
    expect(page.get_by_role("region", name="How they take bone marrow")).to_contain_text("All 4 answers match")
    page.goto("/portal/")
    with hands.task("renewal"):
        _renews(hands)
    reviewer.decide_the_answers(AttestationMove.ACCEPT)
    page.goto("/portal/")
    hands.press(page.get_by_role("link", name="Open the listing"))
    with hands.task("confirm still right"):
        hands.press(page.get_by_role("button", name="Confirm that this listing is still right"))
        expect(page.get_by_role("heading", name=re.compile("^Last confirmed"))).to_be_visible()
    assert hands.tasks == {
        "claim from nothing": Effort(fields=7, presses=8),
        "correct phone and name": Effort(fields=2, presses=7),
        "first attestation": Effort(fields=2, ticks=3, presses=6),
        "answer returned comments": Effort(fields=1, presses=3),
        "renewal": Effort(ticks=4, presses=2),
        "confirm still right": Effort(presses=1),
    }


def _claims_from_nothing(hands: CountingKeyboard, app: Flask, reviewer: Reviewer) -> None:
    page = hands.page
    page.goto("/for-providers")
    hands.write(page.get_by_label("Your name, practice or NPI"), NPI)
    hands.press(page.get_by_role("button", name="Search"))
    hands.press(page.get_by_role("link", name=re.compile("^This is mine")))
    hands.press(page.get_by_role("link", name="Create an account"))
    hands.write(page.get_by_label("Your name"), "Mo Manager")
    hands.write(page.get_by_label("Email address"), MANAGER)
    hands.write(page.get_by_label("Password", exact=True), PASSWORD)
    hands.press(page.get_by_role("button", name="Create an account"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")
    with app.app_context():
        path = link_in(emails_to(transaction.session(), MANAGER)[-1], "confirm")
        transaction.close()
    page.goto(path)
    hands.press(page.get_by_role("button", name="Confirm this address"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_label("Email address")).to_have_value(MANAGER)
    hands.write(page.get_by_label("Password", exact=True), PASSWORD)
    hands.press(page.get_by_role("button", name="Sign in"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Show that this listing is yours")
    hands.write(page.get_by_label("Your role"), "Practice manager")
    expect(page.get_by_label("How we reach you")).to_have_value(MANAGER)
    hands.press(page.get_by_role("button", name="Send my claim"))
    expect(page.get_by_role("heading", name="Type the code")).to_be_visible()
    hands.write(page.get_by_label("The six digits"), reviewer.read_out())
    hands.press(page.get_by_role("button", name="Send the code"))
    expect(page.get_by_text("We have what we need")).to_be_visible()


def _corrects_phone_and_name(hands: CountingKeyboard, other: Page) -> None:
    """A second manager saves another phone first: both are shown, and the second press replaces it."""
    page = hands.page
    hands.press(page.get_by_role("link", name="Open the listing"))
    hands.press(page.get_by_role("link", name="Change the listing"))
    expect(page.get_by_text("Goes live at once.")).to_be_visible()
    hands.write(page.get_by_label("Phone for patients"), "302-555-0142")
    colleague = Mouse(other)
    user_actions.sign_in(colleague, COLLEAGUE, page.url)
    colleague.write(other.get_by_label("Phone for patients"), "302-555-0177")
    colleague.press(other.get_by_role("button", name="Save"))
    expect(other.get_by_text("Patients see it now.")).to_be_visible()
    hands.press(page.get_by_role("button", name="Save"))
    expect(page.get_by_role("alert")).to_contain_text("This was changed in another window")
    expect(page.get_by_label("Phone for patients")).to_have_value("302-555-0142")
    assert_accessible(page)
    hands.press(page.get_by_role("button", name="Save"))
    expect(page.get_by_text("Patients see it now.")).to_be_visible()
    hands.press(page.get_by_role("link", name="Who you are"))
    hands.write(page.get_by_label("Name", exact=True), CORRECTED)
    hands.press(page.get_by_role("button", name="Save"))
    waiting = page.get_by_role("region", name="Not public yet")
    hands.press(waiting.get_by_role("button", name="Send for review"))
    expect(waiting).to_contain_text("Waits for a reviewer since")


def _attests(hands: CountingKeyboard) -> None:
    page = hands.page
    hands.press(page.get_by_role("link", name="Answer the questions"))
    hands.write(page.get_by_label("From"), "8")
    hands.press(page.get_by_role("button", name="Next: Number of places"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Number of places")
    hands.write(page.get_by_label("From"), "6")
    hands.press(page.get_by_role("button", name="Next: Pictures to guide the needle"))
    hands.tick(page.get_by_label("Fluoroscopy (live x-ray)"))
    hands.tick(page.get_by_label("Always"))
    hands.press(page.get_by_role("button", name="Next: Bone"))
    hands.tick(page.get_by_label("Back of the hip bone (posterior iliac crest)"))
    hands.press(page.get_by_role("button", name="Review and sign"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Review and sign")
    expect(page.get_by_label("Your full name")).to_have_value("Mo Manager")
    expect(page.get_by_label("Your role in the practice")).to_have_value("Practice manager")
    hands.press(page.get_by_role("button", name="I agree and sign"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Answers wait for a reviewer")


def _answers_the_comment(hands: CountingKeyboard) -> None:
    page = hands.page
    hands.press(page.get_by_role("link", name="See the comments"))
    expect(page.get_by_text(COMMENT)).to_be_visible()
    expect(page.get_by_role("list", name="The rule")).to_contain_text("5 to 15 places")
    hands.write(page.get_by_label("Your reply to the reviewer"), REPLY)
    assert_accessible(page)
    hands.press(page.get_by_role("button", name="Go to review"))
    expect(page.get_by_role("region", name="What changed since")).to_contain_text(REPLY)
    hands.press(page.get_by_role("button", name="I agree and sign"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Answers wait for a reviewer")


def _renews(hands: CountingKeyboard) -> None:
    page = hands.page
    hands.press(page.get_by_role("button", name="Renew now"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Review and sign")
    still_so = page.get_by_role("checkbox", name=re.compile("this is still so$"))
    expect(still_so).to_have_count(4)
    for box in still_so.all():
        hands.tick(box)
    hands.press(page.get_by_role("button", name="I agree and sign"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Answers wait for a reviewer")
