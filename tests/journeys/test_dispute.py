"""From a patient's report to answers that are revoked: no account, both sides heard, and one line for everybody."""

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy.orm import Session
from support import badge_files, user_actions
from support.corrections import correct
from support.factories import make_address, make_attestation, make_listing
from support.input_devices import InputDevice, Mouse
from support.user_actions import card

from directory import clock, transaction
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.listings.tables import Listing

OWNER, ADMIN = "provider@example.com", "admin@example.com"
NAME, ZIP = "Hazel Copperfield", "80021"
STORY = "They drew all of it from one spot, with one large syringe."
QUESTION = "Somebody says that you drew all of it from one place. How do you do it?"
ANSWER = "That day we were short of time. It was one place."
LINE = "All was drawn from one place, other than was stated."
REPLY_TO = "a.patient@example.com"
UNCLAIMED, WRONG, CORRECTED = "Willow Coppermoor", "The practice is called Coppermoor Spine now.", "Coppermoor Spine"
CORRECTED_LINE = "The name of the practice was out of date. We checked and corrected it."
FAX, FAX_ANSWER = "Which fax number should patients use?", "None. Please leave it out."
BADGE = "All 4 answers match"
TAKEN_DOWN = "We took their answers down in "


@pytest.fixture(scope="module")
def slug(app: Flask) -> str:
    """A listing with the badge."""
    user_actions.open_accounts(app, (OWNER, Role.PROVIDER), (ADMIN, Role.ADMIN))
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        owner = session.scalars(sa.select(Account).where(Account.email == OWNER)).one()
        listing = make_listing(session, owner, name=NAME, now=clock.now(), addresses=(make_address(),))
        make_attestation(session, listing, now=clock.now())
        session.commit()
        return listing.slug


def test_a_report_that_is_right_takes_the_badge_away(
    slug: str, new_context: Callable[..., BrowserContext], page: Page
) -> None:
    patient = Mouse(new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False).new_page())
    provider, admin = (Mouse(new_context(viewport={"width": 1280, "height": 900}).new_page()) for _ in range(2))
    before = badge_files.fetch_badge(page, slug)
    assert before.document["badge"]
    _sees_the_badge(page, slug)

    _reports(patient, slug)
    _asks_the_provider(admin)
    _nothing_is_public_yet(page, slug, before)
    _gives_their_side(provider)
    _upholds_and_revokes(admin)

    after = badge_files.fetch_badge(page, slug)
    assert (after.document["standing"], after.document["badge"]) == ("revoked", False)
    assert TAKEN_DOWN in after.svg
    assert BADGE not in after.svg
    assert after.differs_from(before)
    _everybody_sees_that_it_is_gone(page, slug, str(before.document["verify"]))
    patient.page.reload()
    expect(patient.page.get_by_text("You were right")).to_be_visible()
    expect(patient.page.get_by_text(LINE)).to_be_visible()
    expect(patient.page.get_by_role("button", name="Take my report back")).to_have_count(0)
    _letters_say_it_to_both(admin)


@pytest.fixture(scope="module")
def unclaimed(app: Flask, slug: str) -> str:  # noqa: ARG001  the accounts must be there
    """A listing that nobody manages."""
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        owner = session.scalars(sa.select(Account).where(Account.email == OWNER)).one()
        listing = make_listing(session, owner, name=UNCLAIMED, now=clock.now(), addresses=(make_address(),))
        listing.managers.clear()
        session.commit()
        return listing.slug


def test_a_report_about_a_listing_that_nobody_manages_is_corrected_by_a_reviewer(
    app: Flask, unclaimed: str, new_context: Callable[..., BrowserContext]
) -> None:
    patient = Mouse(new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False).new_page())
    admin = Mouse(new_context(viewport={"width": 820, "height": 900}, java_script_enabled=False).new_page())
    _reports_the_name(patient, unclaimed)
    page = admin.page
    user_actions.sign_in(admin, ADMIN, "/console/disputes")
    admin.press(page.get_by_role("main").get_by_role("link", name=UNCLAIMED))
    expect(page.get_by_text("no answer can come and no email is sent")).to_be_visible()
    expect(page.get_by_text("403 Summit Boulevard")).to_be_visible()
    expect(page.get_by_role("button", name="Ask the provider")).to_have_count(0)
    _says_that_it_is_corrected(admin)
    expect(page.get_by_role("alert")).to_contain_text("No reviewer has corrected the listing")
    with app.app_context(), transaction.atomic() as session:
        by = session.scalars(sa.select(Account).where(Account.email == ADMIN)).one().actor
        listing = session.scalars(sa.select(Listing).where(Listing.slug == unclaimed)).one()
        correct(session, listing, by=by, now=clock.now(), practice=CORRECTED)
    _says_that_it_is_corrected(admin)
    expect(page.get_by_role("status").filter(has_text=f"{UNCLAIMED}: upheld")).to_be_visible()
    patient.page.reload()
    expect(patient.page.get_by_text("You were right, and we corrected it")).to_be_visible()
    badge_files.open_uncached(patient.page, f"/providers/{unclaimed}/history")
    record = patient.page.get_by_role("region", name="Every change")
    outcome = record.get_by_role("listitem").filter(has_text="A report was right, and we corrected the listing")
    expect(outcome).to_contain_text(CORRECTED_LINE)
    expect(record).to_contain_text("nobody could be asked")


def test_a_reviewer_asks_and_the_answer_of_the_provider_comes_back(
    slug: str, app: Flask, new_context: Callable[..., BrowserContext]
) -> None:
    provider, admin = (
        Mouse(new_context(viewport={"width": 768, "height": 900}, java_script_enabled=False).new_page())
        for _ in range(2)
    )
    page = admin.page
    user_actions.sign_in(admin, ADMIN, "/console/disputes")
    page.goto(f"/console/listings/{_listing_id(app, slug)}")
    expect(page.get_by_role("heading", level=1)).to_contain_text(NAME)
    admin.press(page.get_by_role("link", name="Messages", exact=True))
    admin.write(page.get_by_label("Your message"), FAX)
    admin.press(page.get_by_role("button", name="Send the message"))
    expect(page.get_by_text("Waiting for provider")).to_be_visible()
    user_actions.sign_in(provider, OWNER, "/portal/")
    provider.press(provider.page.get_by_role("link", name="Read and answer"))
    expect(provider.page.get_by_role("region", name="A reviewer asks you")).to_contain_text(FAX)
    provider.write(provider.page.get_by_label("Your answer"), FAX_ANSWER)
    provider.press(provider.page.get_by_role("button", name="Send my answer"))
    expect(provider.page.get_by_role("status").filter(has_text="Your answer is sent")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Waiting for reviewer")).to_be_visible()
    expect(page.get_by_role("region", name="Messages with the provider")).to_contain_text(FAX_ANSWER)
    admin.press(page.get_by_role("button", name="Nothing more to do"))
    expect(page.get_by_role("status").filter(has_text="Closed.")).to_be_visible()


def _listing_id(app: Flask, slug: str) -> int:
    with app.app_context():
        return transaction.session().scalars(sa.select(Listing.id).where(Listing.slug == slug)).one()


def _reports_the_name(patient: InputDevice, unclaimed: str) -> None:
    page = patient.page
    page.goto(f"/providers/{unclaimed}/report")
    expect(page.get_by_text("so we cannot ask them")).to_be_visible()
    patient.tick(page.get_by_label("Something else"))
    patient.write(page.get_by_label("What happened?"), WRONG)
    patient.press(page.get_by_role("button", name="Send"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for telling us")
    expect(page.get_by_text("so we cannot ask them")).to_be_visible()


def _says_that_it_is_corrected(admin: InputDevice) -> None:
    page = admin.page
    admin.tick(page.get_by_label("We have corrected the listing ourselves"))
    admin.write(page.get_by_label("The outcome in one line"), CORRECTED_LINE)
    admin.press(page.get_by_role("button", name="Upheld", exact=True))


def _sees_the_badge(page: Page, slug: str) -> None:
    page.goto(f"/providers/{slug}")
    expect(page.get_by_role("region", name="How they take bone marrow")).to_contain_text(BADGE)
    page.goto(f"/providers?near={ZIP}&badge=1")
    expect(card(page, NAME)).to_contain_text(BADGE)


def _reports(patient: InputDevice, slug: str) -> None:
    """Without an account, a script or a cookie; what is missing is asked for, and nothing that was typed is lost."""
    page = patient.page
    page.goto(f"/providers/{slug}")
    patient.press(page.get_by_role("link", name="Report a problem"))
    patient.write(page.get_by_label("What happened?"), STORY)
    patient.press(page.get_by_role("button", name="Send"))
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(1)
    expect(page.get_by_label("What happened?")).to_have_value(STORY)
    patient.tick(page.get_by_label("Number of places: 5 to 6 places"))
    patient.write(page.get_by_label("On which day?"), "2026-10-02")
    patient.write(page.get_by_label("Your email address"), REPLY_TO)
    patient.press(page.get_by_role("button", name="Send"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for telling us")
    expect(page.get_by_text("We have your report")).to_be_visible()


def _asks_the_provider(admin: InputDevice) -> None:
    """In the directory's own words: what the patient wrote stays with the reviewers."""
    page = admin.page
    user_actions.sign_in(admin, ADMIN, "/console/")
    reports = page.get_by_role("navigation", name="Console").get_by_role("link", name="Reports")
    expect(reports).to_contain_text("1")
    admin.press(reports)
    admin.press(page.get_by_role("main").get_by_role("link", name=NAME))
    expect(page.get_by_role("region", name="What was reported")).to_contain_text(STORY)
    expect(page.get_by_role("region", name="What the provider answered")).to_contain_text("5 to 6 places")
    expect(page.locator("main")).not_to_contain_text(REPLY_TO)
    admin.write(page.get_by_label("What we ask the provider"), QUESTION)
    admin.press(page.get_by_role("button", name="Ask the provider"))
    expect(page.get_by_role("status").filter(has_text=f"{NAME}: the provider is asked")).to_be_visible()


def _nothing_is_public_yet(page: Page, slug: str, before: badge_files.BadgeFiles) -> None:
    assert badge_files.fetch_badge(page, slug) == before, "to be reported is no proof of anything"
    page.goto(f"/providers/{slug}/history")
    expect(page.get_by_role("region", name="Every change")).not_to_contain_text("wrong")


def _gives_their_side(provider: InputDevice) -> None:
    page = provider.page
    user_actions.sign_in(provider, OWNER, "/portal/")
    provider.press(page.get_by_role("listitem").filter(has_text=NAME).get_by_role("link", name="Read the report"))
    expect(page.get_by_role("region", name="What we ask you")).to_contain_text(QUESTION)
    for theirs in (STORY, REPLY_TO):
        expect(page.locator("body")).not_to_contain_text(theirs)
    provider.write(page.get_by_label("Your answer"), ANSWER)
    provider.press(page.get_by_role("button", name="Send my answer"))
    expect(page.get_by_text(ANSWER)).to_be_visible()


def _upholds_and_revokes(admin: InputDevice) -> None:
    """The line is needed, and what becomes of the answers."""
    page = admin.page
    page.goto("/console/disputes")
    admin.press(page.get_by_role("main").get_by_role("link", name=NAME))
    expect(page.get_by_text(ANSWER)).to_be_visible()
    admin.write(page.get_by_label("The outcome in one line"), LINE)
    admin.press(page.get_by_role("button", name="Upheld", exact=True))
    expect(page.get_by_role("alert")).to_contain_text("Say what became of it")
    expect(page.get_by_label("The outcome in one line")).to_have_value(LINE)
    admin.tick(page.get_by_label("Revoke the answers: patients see them no more"))
    admin.press(page.get_by_role("button", name="Upheld", exact=True))
    expect(page.get_by_role("status").filter(has_text=f"{NAME}: upheld")).to_be_visible()
    expect(page.get_by_text("No report waits")).to_be_visible()


def _everybody_sees_that_it_is_gone(page: Page, slug: str, verify: str) -> None:
    page.goto(f"/providers?near={ZIP}&badge=1")
    expect(card(page, NAME)).to_have_count(0)
    page.goto(f"/providers?near={ZIP}")
    expect(card(page, NAME)).to_contain_text(TAKEN_DOWN)
    badge_files.open_uncached(page, f"/providers/{slug}")
    expect(page.get_by_role("region", name="How they take bone marrow")).to_contain_text(TAKEN_DOWN)
    badge_files.open_uncached(page, verify)
    expect(page.get_by_text(re.compile(TAKEN_DOWN))).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text="Revoked").first).to_be_visible()
    badge_files.open_uncached(page, f"/providers/{slug}/history")
    record = page.get_by_role("region", name="Every change")
    outcome = record.get_by_role("listitem").filter(has_text="A report was right")
    expect(outcome).to_contain_text(LINE)
    expect(outcome).to_contain_text("Number of places")
    expect(record).to_contain_text("Answers taken down")
    for never_shown in (STORY, QUESTION, ANSWER, REPLY_TO):
        expect(page.locator("body")).not_to_contain_text(never_shown)


def _letters_say_it_to_both(admin: InputDevice) -> None:
    page = admin.page
    for somebody in (OWNER, REPLY_TO):
        admin.press(page.get_by_role("navigation", name="Console").get_by_role("link", name="Outbox"))
        admin.press(page.get_by_role("row").filter(has_text=somebody).first.get_by_role("link"))
        expect(page.get_by_role("main")).to_contain_text(LINE)
