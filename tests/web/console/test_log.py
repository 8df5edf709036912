"""The log: which pages staff opened and what was changed, for admins; every page of the console is recorded."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support import databases
from support.databases import DatabaseFactory
from support.dispute_factories import make_dispute
from support.factories import NOW, make_account, make_attestation, make_listing, sign_in
from support.http_client import Browser
from support.mail import make_email
from support.statements import recorded_statements
from werkzeug.routing import AnyConverter, Rule

from directory import clock, config, transaction
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.audit.commands import record
from directory.audit.tables import AccessEntry
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.web.console.access import IMPERSONAL, RECORDED

SHOWN = {
    "queue", "listing", "case", "attestation", "dispute", "disputes", "duplicates", "draws", "outbox", "email", "log",
    "log_export",
}  # fmt: skip
"""Views that a test reaches with what `contents` makes; more may be added."""


@pytest.fixture
def contents(session: Session, provider: Account) -> Listing:
    """Something on most pages of the console, with the number 1."""
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    make_attestation(session, listing, state=AttestationState.SUBMITTED)
    make_dispute(session, make_attestation(session, make_listing(session, provider)).listing)
    make_email(session)
    session.commit()
    return listing


def accesses(session: Session) -> list[AccessEntry]:
    session.rollback()
    return list(session.scalars(sa.select(AccessEntry).order_by(AccessEntry.id)))


def _paths(app: Flask, *areas: str) -> Iterator[tuple[str, str]]:
    """The name and an address of every page of these areas."""
    for rule in app.url_map.iter_rules():
        area, _, view = rule.endpoint.partition(".")
        if area in areas and "GET" in (rule.methods or ()):
            values = {name: _example(rule, name) for name in rule._converters} | (rule.defaults or {})
            _, path = rule.build(values) or (None, None)
            assert path, rule
            yield view, path


def _example(rule: Rule, name: str) -> int | str:
    converter = rule._converters[name]
    return next(iter(converter.items)) if isinstance(converter, AnyConverter) else 1


@pytest.mark.usefixtures("contents")
def test_every_page_that_shows_personal_data_is_recorded_and_no_other(
    app: Flask, as_admin: Browser, admin: Account, session: Session
) -> None:
    shown = set()
    for view, path in _paths(app, "console"):
        before = len(accesses(session))
        answer = as_admin.client.get(path)
        answer.close()  # a download that is not read keeps its connection
        made = accesses(session)[before:]
        if answer.status_code in RECORDED and view not in IMPERSONAL:
            shown.add(view)
            assert [(each.account_id, each.page, each.method) for each in made] == [(admin.id, view, "GET")], path
            assert made[0].address == "127.0.0.1"
        else:
            assert made == [], path
    assert shown >= SHOWN


@pytest.mark.usefixtures("contents")
def test_pages_for_patients_and_providers_and_the_interface_for_programs_record_nothing(
    app: Flask, as_provider: Browser, as_admin: Browser, session: Session
) -> None:
    for browser in (as_provider, as_admin):
        for _, path in _paths(app, "public", "api", "portal", "account"):
            browser.client.get(path).close()
    assert accesses(session) == []


def test_who_is_refused_sees_nothing_and_nothing_is_recorded(
    visitor: Browser, as_provider: Browser, as_reviewer: Browser, as_admin: Browser, session: Session
) -> None:
    assert visitor.client.get("/console/").status_code == 302
    assert as_provider.client.get("/console/").status_code == 403
    for path in ("/console/log", "/console/log.csv"):
        assert as_reviewer.client.get(path).status_code == 403
    assert as_admin.client.get("/console/listings/7").status_code == 404
    assert accesses(session) == []
    assert "Log" not in as_reviewer.open("/console/").text


def test_an_entry_says_what_was_looked_at_and_from_where(
    as_reviewer: Browser, as_admin: Browser, reviewer: Account, contents: Listing
) -> None:
    opened = {"REMOTE_ADDR": "2001:db8::7"}
    as_reviewer.client.get(f"/console/listings/{contents.id}", environ_overrides=opened)
    as_reviewer.client.head("/console/disputes?page=2", environ_overrides=opened)
    text = as_admin.open(f"/console/log?log=access&who={reviewer.email.upper()}").text
    assert "Ruth Reviewer" in text
    assert f"Listing {contents.id}" in text
    assert "HEAD page=2" in text
    assert text.count("2001:db8::7") == 2
    assert "Ada Admin" not in text


def test_a_change_in_the_console_has_the_address_it_came_from(as_admin: Browser, session: Session) -> None:
    mail = make_email(session, given_up_at=NOW)
    session.commit()
    as_admin.press(as_admin.open(f"/console/outbox/{mail.id}"), "Send again")
    (sent,) = [each for each in accesses(session) if each.method == "POST"]
    assert (sent.page, sent.subject) == ("resend", f"mail:{mail.id}")
    page = as_admin.open("/console/log?act=mail.resend")
    assert "Mail: resend" in page.text
    assert "Ada Admin" in page.text
    assert "127.0.0.1" in page.text
    assert f'href="/console/outbox/{mail.id}"' in page.html


def entries(browser: Browser, about: str) -> str:
    """The table of changes that are found."""
    page = browser.open(f"/console/log?about={about}")
    assert page.status == 200
    return page.text.partition("Entries, the newest first")[2]


def test_everything_about_a_listing_is_found_by_its_number_and_its_address(
    as_admin: Browser, session: Session, contents: Listing, provider: Account
) -> None:
    other = make_listing(session, provider, name="Bob Other")
    mail = make_email(session, listing_id=contents.id)
    record(session, action="mail.resend", target=f"mail:{mail.id}", before=None, after=None, by=None, now=clock.now())
    contents.state = ListingState.PUBLISHED
    session.commit()
    for typed in (
        f"{contents.id}",
        f"listing:{contents.id}",
        contents.slug,
        f"https://x.example/providers/{contents.slug}",
    ):
        found = entries(as_admin, typed)
        assert "Listing: submit" in found
        assert "Mail: resend" in found
        assert "Attestation: submit" in found
    assert "Mail: resend" not in entries(as_admin, f"{other.id}")
    assert "Mail: resend" in entries(as_admin, f"mail:{mail.id}")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("since=yesterday", "Please type a day like 2026-05-01."),
        ("until=9999-12-31", "Please type a day like 2026-05-01."),
        ("about=no%20such", "There is no such listing"),
        ("about=no-such", "There is no such listing"),
        ("about=%00", ""),
        ("who=%00nobody", ""),
        ("who=" + "a" * 300, "Please use at most 255 characters."),
        ("about=99999999999999999999", "There is no such listing"),
        ("act=%00", ""),
        ("act=nothing", "Nothing found"),
        ("log=x&after=x", ""),
        ("after=2026-11-22T12:00:00~999999999999999999", ""),
        ("after=2026-99-22T12:00:00~1", ""),
        ("who=999999999&log=access", "Nothing found"),
    ],
)
@pytest.mark.usefixtures("contents")
def test_what_cannot_be_searched_for_is_said_in_words(as_admin: Browser, query: str, says: str) -> None:
    page = as_admin.open(f"/console/log?{query}")
    assert page.status == (422 if says.startswith(("Please", "There")) else 200)
    assert says in page.text
    if page.status == 422:
        assert as_admin.open(f"/console/log.csv?{query}").status == 422


def test_pages_of_25_lead_to_the_oldest_entry_each_entry_once(as_admin: Browser, session: Session) -> None:
    now = clock.now()
    for number in range(60):
        record(session, action="test.count", target=f"item:n{number}", before=None, after=None, by=None, now=now)
    session.commit()
    found: list[str] = []
    href: str | None = "/console/log?act=test.count"
    with recorded_statements() as statements:
        while href:
            page = as_admin.open(href)
            found += [f"{number}" for number in range(60) if f"about=item:n{number}" in page.html.replace("%3A", ":")]
            href = next((link.replace("&amp;", "&") for link in _links(page.html, "Older")), None)
    assert len(found) == 60 + _repeats(found)
    assert len(statements) / 3 < 25


def _repeats(found: list[str]) -> int:
    return len(found) - len(set(found))


def _links(html: str, text: str) -> list[str]:
    return [part.split('"')[0] for part in html.split('href="')[1:] if f">{text}<" in part.split("</a>")[0] + "<"]


@pytest.mark.usefixtures("contents")
def test_an_export_has_all_that_was_found_and_is_recorded(
    as_admin: Browser, admin: Account, provider: Account, session: Session
) -> None:
    answer = as_admin.client.get(f"/console/log.csv?who={provider.id}")
    assert answer.headers["Content-Disposition"] == "attachment; filename=changes.csv"
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert "listing.submit" in {row["What"] for row in rows}
    assert {(row["Account"], row["Name"]) for row in rows} == {(f"{provider.id}", provider.name)}
    (kept,) = accesses(session)
    assert (kept.account_id, kept.page, kept.query) == (admin.id, "log_export", f"who={provider.id}")
    exported = as_admin.client.get("/console/log.csv?log=access").get_data(as_text=True)
    assert "log_export" in exported
    assert list(csv.DictReader(io.StringIO(as_admin.client.get("/console/log.csv?who=nobody").text))) == []


@pytest.fixture
def impatient_app(
    sqlite_databases: DatabaseFactory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Flask, str]]:
    """An application whose writes wait for others for a moment only, and the URL of its database."""
    monkeypatch.setattr(transaction, "SQLITE_BUSY_SECONDS", 0.05)
    with (
        sqlite_databases() as url,
        databases.create_application(config.read(databases.environment(tmp_path / "impatient", url))) as app,
    ):
        yield app, url


def test_a_page_that_cannot_be_recorded_is_not_shown(impatient_app: tuple[Flask, str]) -> None:
    app, url = impatient_app
    engine = sa.create_engine(url)
    with Session(engine) as session:
        reader = make_account(session, Role.ADMIN, name="Ada Admin")
        make_listing(session, make_account(session, Role.PROVIDER), name="Ann Example")
        session.commit()
        browser = Browser(sign_in(app.test_client(), reader))
    assert browser.open("/console/").status == 200  # stores the sign-in
    with engine.connect() as writer:
        writer.exec_driver_sql("BEGIN IMMEDIATE")
        page = browser.open("/console/listings/1")
    assert page.status == 409
    assert "The directory is busy" in page.text
    assert "Ann Example" not in page.text
    assert browser.open("/console/listings/1").status == 200
    engine.dispose()
