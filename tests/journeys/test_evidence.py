"""A document behind an answer: none is taken that is none, a reviewer looks, and everybody reads what they saw."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, FilePayload, Page, expect
from sqlalchemy.orm import Session
from support import badge_files, user_actions
from support.factories import make_address, make_listing
from support.input_devices import InputDevice, Mouse
from support.sample_files import png_with_text

from directory import clock, transaction
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.listings.commands import slugify

OWNER, ADMIN = "provider@example.com", "admin@example.com"
WHO = {"with scripts": ("Keziah Larkmead", True), "without scripts": ("Lorcan Birchwood", False)}
"""Each way has a listing of its own."""
TOLD_BY_THE_FILE = "Taken in room 5"
NOTE = "The volume is written on our kit sheet."
SEEN = "The kit sheet of the practice: syringes of 10 mL, filled to 8."
RIGHT_ANSWERS = {
    user_actions.VOLUME: ("8",),
    user_actions.SITES: ("6",),
    user_actions.IMAGING: ("Ultrasound",),
    user_actions.HOW_OFTEN: ("Always",),
    user_actions.BONE: ("Back of the hip bone (posterior iliac crest)",),
}


@pytest.fixture(scope="module", autouse=True)
def town_listings(app: Flask) -> None:
    """Listings that have said nothing yet."""
    user_actions.open_accounts(app, (OWNER, Role.PROVIDER), (ADMIN, Role.ADMIN))
    with app.app_context(), Session(transaction.session().get_bind()) as session:
        owner = session.scalars(sa.select(Account).where(Account.email == OWNER)).one()
        for name, _ in WHO.values():
            make_listing(session, owner, name=name, now=clock.now(), addresses=(make_address(),))
        session.commit()


@pytest.mark.parametrize(("name", "scripts"), WHO.values(), ids=WHO.keys())
def test_a_document_is_seen_by_a_reviewer_and_by_nobody_else(
    name: str, scripts: bool, new_context: Callable[..., BrowserContext], page: Page
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "java_script_enabled": scripts}
    provider, admin = (Mouse(new_context(**phone).new_page()) for _ in range(2))
    user_actions.sign_in(provider, OWNER, "/portal/")
    task = provider.page.get_by_role("listitem").filter(has_text=name)
    provider.press(task.get_by_role("link", name="Answer the questions"))
    user_actions.answer_questions(provider, RIGHT_ANSWERS)
    document = _adds_a_picture(provider)
    provider.press(provider.page.get_by_role("link", name="Review and sign"))
    user_actions.sign_attestation(provider, name, "Owner")
    assert "location" in page.request.get(document, max_redirects=0).headers, "a patient is asked to sign in"

    user_actions.sign_in(admin, ADMIN, "/console/")
    user_actions.open_from_queue(admin, name, "Answers")
    _looks_at_it(admin)
    admin.press(admin.page.get_by_role("button", name="Accept"))
    _everybody_reads_what_was_seen(page, slugify(f"{name} Broomfield CO"))


def _adds_a_picture(provider: InputDevice) -> str:
    """First something that only has a picture's name; then a picture, of which nothing but the picture is kept."""
    page = provider.page
    provider.press(page.get_by_role("link", name="Add evidence"))
    expect(page.get_by_text("Nothing may show a patient")).to_be_visible()
    page.get_by_label("A document").set_input_files(_file(b"<script>alert(1)</script>"))
    provider.tick(page.get_by_label("Amount from one place: 8 mL"))
    provider.press(page.get_by_role("button", name="Add", exact=True))
    expect(page.get_by_role("alert").get_by_role("link")).to_have_count(1)
    expect(page.get_by_text("Nothing added.")).to_have_count(4)

    page.get_by_label("A document").set_input_files(_file(png_with_text(Comment=TOLD_BY_THE_FILE)))
    provider.write(page.get_by_label("A note"), NOTE)
    provider.press(page.get_by_role("button", name="Add", exact=True))
    expect(page.get_by_text("Added. It is signed together with your answers.")).to_be_visible()
    expect(page.get_by_text(NOTE)).to_be_visible()
    return _downloads(page)


def _file(content: bytes) -> FilePayload:
    return {"name": "kit sheet.png", "mimeType": "image/png", "buffer": content}


def _downloads(page: Page) -> str:
    """The document comes as a file, and is a picture that says nothing else; gives its address."""
    link = page.get_by_role("link", name="kit sheet.png")
    address = str(link.get_attribute("href"))
    answer = page.request.get(address)
    assert answer.headers["content-disposition"].startswith("attachment")
    assert TOLD_BY_THE_FILE.encode() not in answer.body()
    assert Image.open(BytesIO(answer.body())).format == "PNG"
    return address


def _looks_at_it(admin: InputDevice) -> None:
    """Not without saying what was seen."""
    page = admin.page
    backing = page.get_by_role("region", name="What backs the answers up")
    expect(backing).to_contain_text(NOTE)
    _downloads(page)
    admin.press(backing.get_by_role("button", name="I looked at this"))
    expect(page.get_by_role("alert")).to_be_visible()
    admin.write(page.get_by_label("What you saw: Amount from one place"), SEEN)
    admin.press(page.get_by_role("button", name="I looked at this"))
    expect(page.get_by_text("Kept. Everybody can read what you saw.")).to_be_visible()
    expect(backing).to_contain_text(SEEN)


def _everybody_reads_what_was_seen(page: Page, slug: str) -> None:
    """One answer of four: the badge is as strong as the weakest, and the provider's note stays with the reviewers."""
    badge_files.open_uncached(page, f"/providers/{slug}")
    findings = page.locator(".finding")
    expect(findings.filter(has_text="Document seen")).to_have_count(1)
    expect(findings.filter(has_text="Stated by the provider")).to_have_count(3)
    expect(findings.first).to_contain_text(SEEN)
    page.get_by_role("link", name=re.compile("^Check th")).click()
    checked = page.get_by_role("region", name="What was checked")
    expect(checked).to_contain_text("A reviewer saw documents for 1 of 4 answers.")
    expect(page.locator("body")).not_to_contain_text(NOTE)
    expect(page.locator("body")).not_to_contain_text("kit sheet.png")
    assert "ocument" not in badge_files.fetch_badge(page, slug).document["text"]
