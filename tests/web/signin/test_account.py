"""The account pages: name, address, sessions, and an account that is closed."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import NOW, PASSWORD, make_account, make_attestation, make_listing
from support.http_client import Browser, Page
from support.mailbox import emails_to, link_in

from directory.accounts.commands import create_account
from directory.accounts.policy import Role
from directory.accounts.tables import Account, AccountEvent, UserSession
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.audit.tables import AuditEntry
from directory.listings.tables import Listing
from directory.outbox.tables import Unsubscribe
from directory.outbox.unsubscribe import is_unsubscribed

ACCOUNT, CHANGE_EMAIL, LOGIN = "/account/", "/signin/change-email", "/signin/login"
EMAIL, NEW_EMAIL = "pat@example.com", "pat.new@example.com"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)

LogIn = Callable[..., Browser]


@pytest.fixture(autouse=True)
def account(app: Flask, session: Session) -> Account:
    """A provider with a password."""
    return open_account(app, session, Role.PROVIDER)


def open_account(app: Flask, session: Session, role: Role, email: str = EMAIL) -> Account:
    with app.app_context():
        made = create_account(session, email=email, password=PASSWORD, name="Pat Provider", roles=[role], now=NOW)
    session.commit()
    return made


@pytest.fixture
def log_in(app: Flask) -> LogIn:
    """Sign in by the form, in a browser of that name."""

    def signed_in(email: str = EMAIL, agent: str = FIREFOX) -> Browser:
        client = app.test_client()
        client.environ_base["HTTP_USER_AGENT"] = agent
        browser = Browser(client)
        browser.press(browser.open(LOGIN), "Sign in", {"email": email, "password": PASSWORD}, follow=False)
        return browser

    return signed_in


def is_signed_in(browser: Browser) -> bool:
    return browser.open(ACCOUNT, follow=False).status == 200


def close(browser: Browser, password: str = PASSWORD, *, follow: bool = True) -> Page:
    return browser.press(browser.open(ACCOUNT), "Close the account", {"password": password}, follow=follow)


def test_each_device_is_named_in_words_and_without_an_address(log_in: LogIn, session: Session) -> None:
    log_in(agent=IPHONE)
    page = log_in().open(ACCOUNT)
    assert "Firefox on Windows · this one" in page.text
    assert "Safari on iPhone" in page.text
    stored = session.scalars(sa.select(UserSession.device).where(UserSession.account_id.is_not(None))).all()
    assert sorted(stored) == ["Firefox on Windows", "Safari on iPhone"]
    assert "127.0.0.1" not in page.text


def test_one_device_is_signed_out_and_no_other(log_in: LogIn) -> None:
    here, there, third = log_in(), log_in(agent=IPHONE), log_in(agent=IPHONE)
    page = here.open(ACCOUNT)
    ends = [
        form.action for form in page.forms if form.action.startswith("/account/sessions/") and "/end" in form.action
    ]
    one = next(action for action in ends if action != "/account/sessions/end")
    here.client.post(one, data={"csrf_token": page.form("Close the account").fields["csrf_token"]})
    assert is_signed_in(here)
    assert sorted([is_signed_in(there), is_signed_in(third)]) == [False, True]


def test_everywhere_else_is_signed_out_at_once(log_in: LogIn) -> None:
    here, there, third = log_in(), log_in(agent=IPHONE), log_in(agent=IPHONE)
    page = here.press(here.open(ACCOUNT), "Sign out everywhere else")
    assert "All other devices are signed out." in page.text
    assert "Sign out everywhere else" not in page.text
    assert [is_signed_in(each) for each in (here, there, third)] == [True, False, False]


def test_nobody_ends_the_session_of_somebody_else(
    app: Flask, log_in: LogIn, session: Session, as_other_provider: Browser
) -> None:
    victim = log_in()
    row = session.scalar(sa.select(UserSession.id).where(UserSession.device == "Firefox on Windows"))
    session.rollback()
    app.config["WTF_CSRF_ENABLED"] = False
    as_other_provider.client.post(f"/account/sessions/{row}/end")
    assert is_signed_in(victim)


@pytest.mark.parametrize(("stopped", "kept"), [("renewals", "confirmations"), ("confirmations", "renewals")])
def test_each_kind_of_reminder_is_stopped_by_its_own_switch(
    log_in: LogIn, session: Session, stopped: str, kept: str
) -> None:
    browser = log_in()
    page = browser.press(browser.open(ACCOUNT), "Save", {"topics": [kept]})
    assert "Your choice is saved." in page.text
    assert is_unsubscribed(session, EMAIL, stopped)
    assert not is_unsubscribed(session, EMAIL, kept)
    assert page.form("Save").fields.getlist("topics") == [kept]
    browser.press(page, "Save", {"topics": [stopped, kept]})
    session.expire_all()
    assert not is_unsubscribed(session, EMAIL, stopped)


def test_nobody_unsubscribes_from_what_is_not_offered(log_in: LogIn, session: Session) -> None:
    browser = log_in()
    browser.press(browser.open(ACCOUNT), "Save", {"topics": ["digest", "decisions"]})
    assert set(session.scalars(sa.select(Unsubscribe.topic))) == {"renewals", "confirmations"}


def test_a_new_name_is_shown_and_recorded(log_in: LogIn, session: Session) -> None:
    here = log_in()
    page = here.press(here.open("/account/name"), "Change the name", {"name": "  Pat Newname "})
    assert (page.path, "Pat Newname" in page.text) == (ACCOUNT, True)
    assert session.scalars(sa.select(AccountEvent.event)).all() == ["rename"]


@pytest.mark.parametrize("name", ["", " ", "n" * 201, "a\0b", "🦴", "12"])
def test_a_name_that_is_none_is_refused_and_kept_in_the_form(log_in: LogIn, name: str) -> None:
    here = log_in()
    page = here.press(here.open("/account/name"), "Change the name", {"name": name})
    assert page.status == 422
    assert page.form("Change the name").fields["name"] == name.strip()


def ask_for_new_address(browser: Browser, email: str = NEW_EMAIL) -> Page:
    return browser.press(browser.open(CHANGE_EMAIL), "Send the link", {"email": email})


def test_a_new_address_is_confirmed_by_a_button_and_both_addresses_are_told(log_in: LogIn, session: Session) -> None:
    here, elsewhere = log_in(), log_in(agent=IPHONE)
    assert "We sent a link to pat.new@example.com" in ask_for_new_address(here).text
    path = link_in(emails_to(session, NEW_EMAIL)[0], "change-email")
    for _ in range(2):
        page = here.open(path)
    session.rollback()
    assert session.scalar(sa.select(Account.email)) == EMAIL
    assert here.client.post(path).status_code == 400
    page = here.press(page, "Use this address")
    assert (page.path, NEW_EMAIL in page.text) == (ACCOUNT, True)
    for address in (EMAIL, NEW_EMAIL):
        assert emails_to(session, address)[-1].subject == "Your email address was changed"
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (True, False)
    assert session.scalars(sa.select(AccountEvent.event)).all() == ["change_email"]


@pytest.mark.parametrize("damage", ["reused", "altered", "expired"])
def test_a_link_to_a_new_address_that_does_not_work_says_so(
    app: Flask, log_in: LogIn, session: Session, damage: str
) -> None:
    here = log_in()
    ask_for_new_address(here)
    path = link_in(emails_to(session, NEW_EMAIL)[0], "change-email")
    if damage == "reused":
        here.press(here.open(path), "Use this address")
    if damage == "altered":
        path = f"{path[:-3]}xyz"
    if damage == "expired":
        app.config["SECURITY_CHANGE_EMAIL_WITHIN"] = timedelta(seconds=-1)
    page = here.press(here.open(path), "Use this address")
    assert page.path == CHANGE_EMAIL
    assert ("has run out" if damage == "expired" else "does not work") in page.text
    assert page.form("Send the link")


def test_a_taken_address_gets_the_same_answer_and_no_mail(log_in: LogIn, session: Session) -> None:
    make_account(session, Role.PROVIDER, email="taken@example.com")
    session.commit()
    here = log_in()
    free, taken = ask_for_new_address(here), ask_for_new_address(here, "taken@example.com")
    assert free.status == taken.status == 200
    assert free.text.replace(NEW_EMAIL, "") == taken.text.replace("taken@example.com", "")
    assert not emails_to(session, "taken@example.com")


def test_a_change_of_address_mails_a_third_person_at_most_once_a_day(log_in: LogIn, session: Session) -> None:
    here = log_in()
    for _ in range(3):
        ask_for_new_address(here, "victim@example.com")
    assert len(emails_to(session, "victim@example.com")) == 1


def test_an_address_is_changed_only_soon_after_the_password_was_given(app: Flask, log_in: LogIn) -> None:
    here = log_in()
    app.config["SECURITY_FRESHNESS"] = timedelta(seconds=0)
    app.config["SECURITY_FRESHNESS_GRACE_PERIOD"] = timedelta(seconds=0)
    assert here.open(CHANGE_EMAIL).path == "/signin/verify"


def test_a_closed_account_loses_name_address_and_sessions_and_nothing_that_was_signed(
    log_in: LogIn, session: Session, account: Account
) -> None:
    listing = make_listing(session, account)
    attestation = make_attestation(session, listing)
    session.commit()
    here, elsewhere = log_in(), log_in(agent=IPHONE)
    assert listing.name in here.open(ACCOUNT).text
    page = close(here)
    assert "Your account is closed" in page.text
    assert here.client.get_cookie("bma") is None
    assert not is_signed_in(elsewhere)
    session.rollback()
    closed = session.get_one(Account, account.id, populate_existing=True)
    assert (closed.active, closed.name, closed.password) == (False, "Closed account", None)
    assert "pat" not in closed.email
    assert session.get_one(Listing, listing.id).managers == []
    kept = session.get_one(Attestation, attestation.id)
    assert (kept.state, kept.signer_name) == (AttestationState.ACCEPTED, "Ann Example")
    actions = session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.seq)).all()
    assert actions[-2:] == ["account.close", "listing.end_right"]
    assert emails_to(session, EMAIL)[-1].subject == "Your account is closed"


def test_a_listing_without_an_owner_stays_public(
    log_in: LogIn, session: Session, account: Account, visitor: Browser
) -> None:
    listing = make_listing(session, account)
    make_attestation(session, listing)
    session.commit()
    before = visitor.open(f"/providers/{listing.slug}").text
    close(log_in())
    after = visitor.open(f"/providers/{listing.slug}").text
    assert "Is this your practice?" in after
    assert "All 4 answers match" in before
    assert "All 4 answers match" in after


def test_the_address_of_a_closed_account_is_free_again(app: Flask, log_in: LogIn, session: Session) -> None:
    close(log_in())
    session.rollback()
    assert open_account(app, session, Role.PROVIDER).active
    assert is_signed_in(log_in())


def test_a_wrong_password_closes_nothing(log_in: LogIn) -> None:
    here = log_in()
    page = close(here, "not the right password")
    assert page.status == 422
    assert "This is not your password." in page.text
    assert "<details open>" in page.html
    assert is_signed_in(here)


def test_the_last_admin_cannot_close_their_account(app: Flask, log_in: LogIn, session: Session) -> None:
    open_account(app, session, Role.ADMIN, "ada@example.com")
    former = make_account(session, Role.ADMIN)
    former.active = False
    session.commit()
    here = log_in("ada@example.com")
    page = close(here)
    assert page.status == 409
    assert "You are the only admin." in page.text
    assert is_signed_in(here)
    make_account(session, Role.ADMIN)
    session.commit()
    assert "Your account is closed" in close(here).text


def test_links_in_older_mail_do_not_open_a_closed_account(log_in: LogIn, session: Session, visitor: Browser) -> None:
    visitor.press(visitor.open("/signin/reset"), "Send the link", {"email": EMAIL})
    path = link_in(emails_to(session, EMAIL)[0], "reset")
    close(log_in())
    assert "does not work" in visitor.open(path).text
