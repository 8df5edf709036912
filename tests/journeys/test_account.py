"""An account from nothing: registration, the link in the mail, a listing; a forgotten password; the account closed."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, expect
from sqlalchemy.orm import Session
from support.accessibility import assert_accessible
from support.input_devices import InputDevice, Keyboard, Mouse
from support.mailbox import emails_to, link_in
from support.user_actions import PASSWORD, Office, add_listing, open_accounts

from directory import transaction
from directory.accounts.policy import Role

OTHER_PASSWORD = "seven loud geese cross the old road"
CASES = {
    "with a keyboard alone": (Keyboard, 1280, True, "Wren Alderbrook", "1720039506", "wren@example.com"),
    "without JavaScript at 320 pixels": (Mouse, 320, False, "Moss Birchfield", "1922074855", "moss@example.com"),
}


def link_to(app: Flask, address: str, page: str) -> str:
    """The link in the newest mail to an address."""
    with app.app_context():
        session: Session = transaction.session()
        path = link_in(emails_to(session, address)[-1], page)
        session.rollback()
    return path


def sign_in(hands: InputDevice, address: str, password: str) -> None:
    page = hands.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    hands.write(page.get_by_label("Email address"), address)
    hands.write(page.get_by_label("Password", exact=True), password)
    hands.press(page.get_by_role("button", name="Sign in"))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_from_nothing_to_a_listing_and_back_to_nothing(
    app: Flask,
    case: tuple[Callable[..., InputDevice], int, bool, str, str, str],
    new_context: Callable[..., BrowserContext],
) -> None:
    device, width, scripts, name, npi, address = case
    hands = device(new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts).new_page())
    page = hands.page

    page.goto("/portal/listings/new")
    _registers(hands, name, address)
    page.goto(link_to(app, address, "confirm"))
    hands.press(page.get_by_role("button", name="Confirm this address"))
    expect(page.get_by_role("status")).to_contain_text("Your email address is confirmed")
    sign_in(hands, address, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a listing")
    page.goto("/portal/")
    add_listing(hands, name, npi, [Office("9 Orchard Street", "Broomfield", "CO", "80021")])
    hands.press(page.get_by_role("button", name="Sign out"))
    expect(page.get_by_label("Where?")).to_be_visible()

    page.goto("/account/")
    _asks_for_a_new_password(hands, address)
    page.goto(link_to(app, address, "reset"))
    hands.write(page.get_by_label("New password"), OTHER_PASSWORD)
    hands.write(page.get_by_label("The same password again"), OTHER_PASSWORD)
    hands.press(page.get_by_role("button", name="Set the password"))
    expect(page.get_by_role("status")).to_contain_text("Your new password is set")
    sign_in(hands, address, OTHER_PASSWORD)

    _closes_the_account(hands, name)
    page.goto("/account/")
    sign_in(hands, address, OTHER_PASSWORD)
    expect(page.get_by_text("do not belong together").first).to_be_visible()


@pytest.mark.parametrize("width", [320, 1280])
def test_everybody_can_use_the_pages_of_an_account(
    app: Flask, width: int, new_context: Callable[..., BrowserContext]
) -> None:
    owner = f"owner{width}@example.com"
    open_accounts(app, (owner, Role.PROVIDER))
    hands = Mouse(new_context(viewport={"width": width, "height": 900}).new_page())
    page = hands.page
    for path in ("/signin/reset", "/signin/confirm", "/signin/confirm/token", "/signin/inbox", "/signin/closed"):
        page.goto(path)
        assert_accessible(page)
    page.goto("/signin/register")
    hands.press(page.get_by_role("button", name="Create an account"))
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)
    page.goto("/account/name")
    sign_in(hands, owner, PASSWORD)
    expect(page.get_by_role("heading", level=1)).to_have_text("Change your name")
    assert_accessible(page)
    for path in ("/signin/change", "/signin/change-email", "/account/"):
        page.goto(path)
        assert_accessible(page)
    hands.press(page.get_by_text("Close this account"))
    hands.press(page.get_by_role("button", name="Close the account"))
    expect(page.get_by_role("alert")).to_be_visible()
    assert_accessible(page)


def _registers(hands: InputDevice, name: str, address: str) -> None:
    page = hands.page
    hands.press(page.get_by_role("link", name="Create an account"))
    hands.write(page.get_by_label("Your name"), name)
    hands.write(page.get_by_label("Email address"), address)
    hands.write(page.get_by_label("Password", exact=True), PASSWORD)
    hands.press(page.get_by_role("button", name="Create an account"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your email")


def _asks_for_a_new_password(hands: InputDevice, address: str) -> None:
    page = hands.page
    hands.press(page.get_by_role("link", name="Forgot your password?"))
    hands.write(page.get_by_label("Email address"), address)
    hands.press(page.get_by_role("button", name="Send the link"))
    expect(page.get_by_role("status")).to_contain_text("If there is an account")


def _closes_the_account(hands: InputDevice, name: str) -> None:
    page = hands.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Account and security")
    expect(page.get_by_role("listitem").filter(has_text="this one")).to_have_count(1)
    hands.press(page.get_by_text("Close this account"))
    expect(
        page.get_by_text(f"This listing will not belong to anybody, unless somebody else owns it too: {name}.")
    ).to_be_visible()
    hands.write(page.get_by_label("Your password"), OTHER_PASSWORD)
    hands.press(page.get_by_role("button", name="Close the account"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Your account is closed")
