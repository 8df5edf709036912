"""What a patient, a provider and an admin do on the pages, with whichever hands they have."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Flask
from playwright.sync_api import Locator, Page, expect

from directory import clock, transaction
from directory.accounts.commands import create_account
from directory.accounts.policy import Role
from support.authenticator import AuthenticatorApp
from support.factories import set_second_factor
from support.input_devices import InputDevice

PASSWORD = "five quiet horses graze by the mill"
VOLUME = "What is the most you draw from one place"
SITES = "How many distinct sites do you draw from"
IMAGING = "Which imaging do you use to guide the needle"
HOW_OFTEN = "How often?"
BONE = "Which bone do you draw the bone marrow from?"


@dataclass(frozen=True)
class Office:
    """An address as it is typed."""

    line1: str
    city: str
    state: str
    postal_code: str


_apps: dict[str, AuthenticatorApp] = {}
"""The authenticator apps of those whose accounts have a second factor, by email address."""


def open_accounts(app: Flask, *people: tuple[str, Role]) -> None:
    """Accounts that can sign in, as an operator opens them; reviewers and admins have set up their second factor."""
    with app.app_context(), transaction.atomic() as session:
        for email, role in people:
            name = email.partition("@")[0].replace(".", " ").title()
            account = create_account(session, email=email, password=PASSWORD, name=name, roles=[role], now=clock.now())
            if account.actor.reviews:
                factory = app.extensions["security"].totp_factory
                secret = factory.generate_totp_secret()
                set_second_factor(account, secret)
                _apps[email] = AuthenticatorApp(factory.get_totp_b32_key(secret))


def sign_in(hands: InputDevice, email: str, address: str) -> None:
    """Open a page that needs a sign-in, and sign in on the way to it, with a code where the account needs one."""
    page = hands.page
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    hands.write(page.get_by_label("Email address"), email)
    hands.write(page.get_by_label("Password"), PASSWORD)
    hands.press(page.get_by_role("button", name="Sign in", exact=True))
    if email in _apps:
        hands.write(page.get_by_label("Code from your app"), _apps[email].code())
        hands.press(page.get_by_role("button", name="Go on"))
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def search(hands: InputDevice, place: str) -> None:
    """Ask for providers near a place, from the first page."""
    page = hands.page
    page.goto("/")
    hands.write(page.get_by_label("Where?"), place)
    hands.press(page.get_by_role("button", name="Search"))


def card(page: Page, name: str) -> Locator:
    """A provider in the list."""
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=name))


def add_listing(hands: InputDevice, name: str, npi: str, offices: Sequence[Office]) -> None:
    """Type the entry of a person with all offices, and submit it for publication."""
    page = hands.page
    hands.press(page.get_by_role("main").get_by_role("link", name="Add a listing").first)
    hands.tick(page.get_by_label("A person"))
    for _ in offices[1:]:
        hands.press(page.get_by_role("button", name="Add another address"))
        expect(page.get_by_role("group", name="Address 2")).to_be_visible()
    hands.write(page.get_by_label("Name", exact=True), name)
    hands.write(page.get_by_label("NPI"), npi)
    for number, office in enumerate(offices, 1):
        address = page.get_by_role("group", name=f"Address {number}" if len(offices) > 1 else "Address")
        hands.write(address.get_by_label("Street address"), office.line1)
        hands.write(address.get_by_label("City"), office.city)
        hands.pick(address.get_by_label("State"), office.state)
        hands.write(address.get_by_label("ZIP code"), office.postal_code)
    hands.press(page.get_by_role("button", name="Save and continue"))
    expect(page.get_by_role("heading", name="The listing: draft")).to_be_visible()
    hands.press(page.get_by_role("button", name="Submit for publication"))
    expect(page.get_by_role("heading", name="The listing: waits for a reviewer")).to_be_visible()


def set_value_silently(field: Locator, text: str) -> None:
    """Put a text into a field that the page does not notice: it is sent by a button, and never before by itself."""
    field.evaluate("(field, text) => { field.value = text; }", text)


def question_group(page: Page, words: str) -> Locator:
    """The fields of a question."""
    return page.get_by_role("group", name=re.compile(f"^{re.escape(words)}"))


def answer_questions(hands: InputDevice, answers: Mapping[str, Sequence[str]]) -> None:
    """Answer one question after the other by their words (numbers, or options), and go on to the review."""
    page = hands.page
    steps = page.get_by_role("navigation", name="Questions").get_by_role("link")
    expect(steps).not_to_have_count(0)
    total = steps.count()
    hands.press(steps.first)
    for number in range(1, total + 1):
        expect(page.locator("[aria-current=step]")).to_have_text(re.compile(f"^{number} "))
        for words, given in answers.items():
            if question_group(page, words).count():
                _fill_in(hands, question_group(page, words), given)
        hands.press(page.get_by_role("button", name=re.compile("^(Next: |Review and sign)")))
    expect(page.get_by_role("heading", level=1)).to_have_text("Review and sign")


def _fill_in(hands: InputDevice, fields: Locator, given: Sequence[str]) -> None:
    if fields.get_by_label("From").count():
        for label, text in zip(("From", "to"), given, strict=False):
            hands.write(fields.get_by_label(label, exact=True), text)
        return
    for option in given:
        hands.tick(fields.get_by_label(option, exact=True))


def sign_attestation(hands: InputDevice, name: str, role: str) -> None:
    """Sign what is reviewed."""
    page = hands.page
    hands.write(page.get_by_label("Your full name"), name)
    hands.write(page.get_by_label("Your role in the practice"), role)
    hands.press(page.get_by_role("button", name="I agree and sign"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Answers wait for a reviewer")


def open_from_queue(hands: InputDevice, name: str, what: str) -> None:
    """Open what waits under a name; `what` is "New listing", "Change" or "Answers"."""
    page = hands.page
    page.goto("/console/")
    case = page.get_by_role("row").filter(has=page.get_by_role("link", name=name))
    hands.press(case.get_by_role("link", name=what, exact=True))
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
