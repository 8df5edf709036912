"""Second factors in a browser: an admin sets one up before the console, and a provider signs in with a passkey."""

import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from support import user_actions
from support.accessibility import assert_accessible
from support.authenticator import AuthenticatorApp
from support.input_devices import InputDevice, Keyboard, Mouse
from support.live_server import run_server
from support.user_actions import PASSWORD

from directory import clock, transaction
from directory.accounts.commands import create_account
from directory.accounts.policy import Role

PROVIDER = "passkey.provider@example.com"
STAYING, LEAVING = "staying.admin@example.com", "leaving.admin@example.com"
PHONE, SCREEN = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
TABLET = {"width": 768, "height": 1024}
VIRTUAL_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def live_server_url(
    environment: Mapping[str, str], base_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address under a name: browsers refuse passkeys on an IP address."""
    with run_server(environment, base_url, tmp_path_factory.mktemp("serve") / "serve.log"):
        yield base_url.replace("127.0.0.1", "localhost")


@pytest.fixture(scope="module", autouse=True)
def accounts(app: Flask) -> None:
    user_actions.open_accounts(app, (PROVIDER, Role.PROVIDER))


@pytest.fixture
def open_page(new_context: Callable[..., BrowserContext], live_server_url: str) -> Callable[..., Page]:
    return lambda viewport: new_context(viewport=viewport, base_url=live_server_url).new_page()


def _enter_password(hands: InputDevice, email: str, path: str) -> None:
    page = hands.page
    page.goto(path)
    hands.write(page.get_by_label("Email address"), email)
    hands.write(page.get_by_label("Password"), PASSWORD)
    hands.press(page.get_by_role("button", name="Sign in", exact=True))


def _sign_out(hands: InputDevice) -> None:
    button = hands.page.get_by_role("button", name="Sign out")
    hands.press(button)
    expect(button).to_have_count(0)


def _heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)
    assert_accessible(page)


def _set_up(hands: InputDevice) -> AuthenticatorApp:
    """Set up an authenticator app by the key under the image, after a mistyped code."""
    page = hands.page
    hands.press(page.get_by_role("button", name="Set up the app"))
    _heading(page, "Set up an app")
    expect(page.get_by_alt_text("QR code")).to_be_visible()
    assert page.get_by_alt_text("QR code").evaluate("image => image.complete && image.naturalWidth > 0")
    app = AuthenticatorApp((page.locator(".key").text_content() or "").replace("-", ""))
    hands.write(page.get_by_label("Code from your app"), "1234")
    hands.press(page.get_by_role("button", name="Turn on"))
    expect(page.get_by_role("alert")).to_contain_text("This code is not right")
    hands.write(page.get_by_label("Code from your app"), app.code())
    hands.press(page.get_by_role("button", name="Go on"))
    _heading(page, "Second factor")
    return app


@pytest.mark.parametrize("viewport", [PHONE, SCREEN], ids=["phone with keys alone", "screen with a mouse"])
def test_an_admin_sets_up_app_and_codes_before_the_console(
    app: Flask, open_page: Callable[..., Page], viewport: dict[str, int]
) -> None:
    email = f"admin.{viewport['width']}@example.com"
    with app.app_context(), transaction.atomic() as session:
        create_account(session, email=email, password=PASSWORD, name="New", roles=[Role.ADMIN], now=clock.now())
    page = open_page(viewport)
    hands: InputDevice = Keyboard(page) if viewport is PHONE else Mouse(page)
    _enter_password(hands, email, "/console/outbox")
    _heading(page, "Second factor")
    expect(page.get_by_text("Two steps are needed")).to_be_visible()
    authenticator = _set_up(hands)
    hands.press(page.get_by_role("button", name="Make recovery codes"))
    _heading(page, "Recovery codes")
    codes = page.locator(".key li").all_text_contents()
    hands.press(page.get_by_role("link", name="I have stored them"))
    expect(page).to_have_url(re.compile("/console/outbox$"))
    _sign_out(hands)

    _enter_password(hands, email, "/console/")
    _heading(page, "Enter your code")
    hands.write(page.get_by_label("Code from your app"), authenticator.code())
    hands.press(page.get_by_role("button", name="Go on"))
    expect(page).to_have_url(re.compile("/console/$"))
    _sign_out(hands)

    for works in (True, False):
        _enter_password(hands, email, "/console/")
        hands.press(page.get_by_role("link", name="Use a recovery code"))
        _heading(page, "Use a recovery code")
        hands.write(page.get_by_label("Recovery code"), codes[0])
        hands.press(page.get_by_role("button", name="Sign in", exact=True))
        if works:
            expect(page).to_have_url(re.compile("/console/$"))
            _sign_out(hands)
        else:
            expect(page.get_by_role("alert")).to_contain_text("used already")


def test_an_admin_who_leaves_is_disabled_and_is_out_at_once(app: Flask, open_page: Callable[..., Page]) -> None:
    user_actions.open_accounts(app, (STAYING, Role.ADMIN), (LEAVING, Role.ADMIN))
    staying, leaving = Mouse(open_page(SCREEN)), Keyboard(open_page(TABLET))
    user_actions.sign_in(staying, STAYING, "/console/people")
    user_actions.sign_in(leaving, LEAVING, "/console/people")
    _heading(leaving.page, "People")

    page = staying.page
    page.get_by_label("Name or email address").fill("leaving")
    staying.press(page.get_by_role("button", name="Search"))
    staying.press(page.get_by_role("link", name="Leaving Admin"))
    _heading(page, "Leaving Admin")
    staying.press(page.get_by_text("Disable the account"))
    form = page.get_by_role("group").filter(has_text="Nobody can sign in with it")
    staying.write(form.get_by_label("Why"), "Left the team")
    staying.press(form.get_by_role("button", name="Disable"))
    expect(page.get_by_role("status")).to_contain_text("The account is disabled")
    expect(page.get_by_text("Left the team")).to_be_visible()

    leaving.page.reload()
    expect(leaving.page.get_by_role("heading", level=1)).to_have_text("Sign in")
    _enter_password(leaving, LEAVING, "/signin/login")
    expect(leaving.page.get_by_role("alert")).to_be_visible()
    expect(leaving.page.get_by_role("button", name="Sign out")).to_have_count(0)


def test_a_provider_adds_a_passkey_and_signs_in_with_it(open_page: Callable[..., Page]) -> None:
    page = open_page(SCREEN)
    hands = Mouse(page)
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = devices.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL_AUTHENTICATOR})["authenticatorId"]
    _enter_password(hands, PROVIDER, "/signin/second-factor")
    hands.press(page.get_by_role("link", name="Add a passkey"))
    _heading(page, "Passkeys")
    hands.write(page.get_by_label("Name"), "This computer")
    hands.press(page.get_by_role("button", name="Add a passkey"))
    _heading(page, "Second factor")
    expect(page.get_by_text("This computer")).to_be_visible()
    _sign_out(hands)

    page.goto("/portal/listings/new")
    hands.press(page.get_by_role("button", name="Sign in with a passkey"))
    expect(page).to_have_url(re.compile("/portal/listings/new$"))
    _sign_out(hands)

    devices.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    page.goto("/signin/login")
    hands.press(page.get_by_role("button", name="Sign in with a passkey"))
    expect(page.locator("[data-passkey-error]")).to_have_text("No passkey was used. You can try again.")
    _heading(page, "Sign in")
