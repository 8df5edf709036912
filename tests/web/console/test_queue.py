"""The queue: one row for each case, found by its filters, taken by one reviewer at a time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import make_attestation, make_listing
from support.http_client import Browser
from werkzeug.datastructures import MultiDict

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.review.case_holds import case_hold, take_case
from directory.review.case_tables import ReviewCase


@pytest.fixture
def make_case(session: Session, provider: Account) -> Callable[..., Listing]:
    """A new listing that was submitted so many days ago."""

    def make(name: str, days: float = 0, **changes: object) -> Listing:
        now = clock.now() - timedelta(days=days)
        made = make_listing(session, provider, state=ListingState.SUBMITTED, name=name, now=now, **changes)
        session.commit()
        return made

    return make


def test_nothing_waits_at_first(as_reviewer: Browser) -> None:
    assert "Nothing waits" in as_reviewer.open("/console/").text


def test_a_case_has_all_that_waits_for_its_listing_and_the_first_due_comes_first(
    as_reviewer: Browser, session: Session, provider: Account, make_case: Callable[..., Listing]
) -> None:
    make_case("Third")
    make_case("First", days=30)
    second = make_listing(session, provider, name="Second", now=clock.now() - timedelta(days=40))
    make_attestation(session, second, state=AttestationState.SUBMITTED, now=clock.now() - timedelta(days=9))
    for state in set(ListingState) - {ListingState.SUBMITTED}:
        make_listing(session, provider, state=state, name=f"Not waiting {state}")
    third = session.scalars(sa.select(Listing).where(Listing.name == "Third")).one()
    make_attestation(session, third, state=AttestationState.SUBMITTED, now=clock.now())
    session.commit()
    page = as_reviewer.open("/console/")
    assert "3 waiting · 2 late · 0 due today · 0 with you" in page.text
    rows = page.html.partition("<tbody")[2].split("<tr>")[1:]
    assert [name in row for name, row in zip(("First", "Second", "Third"), rows, strict=True)] == [True] * 3
    assert ["New listing" in row for row in rows] == [True, False, True]
    assert ["Answers" in row for row in rows] == [False, True, True]
    assert "late 27 d" in rows[0] or "late 28 d" in rows[0]
    assert "Not waiting" not in page.text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"Ann Late", "Bea Flagged", "Cy Fresh"}),
        ("kind=listing", {"Ann Late", "Bea Flagged", "Cy Fresh"}),
        ("kind=claim", set()),
        ("flag=none", {"Ann Late", "Cy Fresh"}),
        ("flag=any", {"Bea Flagged"}),
        ("flag=npi_digit", {"Bea Flagged"}),
        ("flag=not_placed", set()),
        ("due=late", {"Ann Late"}),
        ("due=later", {"Bea Flagged", "Cy Fresh"}),
        ("due=today", set()),
        ("who=me", {"Cy Fresh"}),
        ("who=free", {"Ann Late", "Cy Fresh"}),
        ("who=others", {"Bea Flagged"}),
        ("state=provider", set()),
        ("q=ann", {"Ann Late"}),
        ("q=0000000001", {"Bea Flagged"}),
        ("q=2", {"Bea Flagged"}),
        ("q=%25", set()),
        ("q=%00", {"Ann Late", "Bea Flagged", "Cy Fresh"}),
        ("q=99999999999999999999", set()),
        ("sort=name&kind=&due=", {"Ann Late", "Bea Flagged", "Cy Fresh"}),
        ("sort=age", {"Ann Late", "Bea Flagged", "Cy Fresh"}),
        ("kind=x&flag=x&due=x&who=x&state=x&sort=x&page=x", {"Ann Late", "Bea Flagged", "Cy Fresh"}),
    ],
)
def test_the_filters_in_the_url(
    as_reviewer: Browser,
    session: Session,
    reviewer: Account,
    admin: Account,
    make_case: Callable[..., Listing],
    query: str,
    names: set[str],
) -> None:
    clean = {"kind": ListingKind.CLINIC, "npi": None}
    make_case("Ann Late", 9, **clean)
    flagged = make_case("Bea Flagged", kind=ListingKind.CLINIC, npi="0000000001")
    mine = make_case("Cy Fresh", **clean)
    take_case(session, flagged.id, by=admin.actor, now=clock.now())
    take_case(session, mine.id, by=reviewer.actor, now=clock.now())
    session.commit()
    page = as_reviewer.open(f"/console/?{query}")
    assert {name for name in ("Ann Late", "Bea Flagged", "Cy Fresh") if name in page.text} == names
    assert ("No case like this" in page.text) == (not names)


def test_a_page_has_25_cases_and_the_filter_stays(as_reviewer: Browser, make_case: Callable[..., Listing]) -> None:
    for number in range(27):
        make_case(f"Case {number:02}")
    page = as_reviewer.open("/console/?kind=listing&page=2")
    assert "26 to 27 of 27 cases" in page.text
    assert 'href="/console/?kind=listing"' in page.html
    assert as_reviewer.open("/console/?page=99").text.count("New listing") > 2


def test_next_takes_the_first_case_that_is_free_and_leaves_it_to_who_took_it(
    as_reviewer: Browser, as_admin: Browser, make_case: Callable[..., Listing]
) -> None:
    first, second = make_case("First", 9), make_case("Second", 5)
    assert as_reviewer.open("/console/next").path.endswith(str(first.id))
    assert as_admin.open("/console/next").path.endswith(str(second.id))
    assert as_reviewer.open("/console/next").path.endswith(str(first.id))
    queue = as_admin.open("/console/")
    assert "Ruth Reviewer, 30 min" in queue.text
    assert "You, 30 min" in queue.text
    assert "1 with you" in queue.text


def test_next_keeps_the_filter_and_says_where_nothing_is_left(
    as_reviewer: Browser, make_case: Callable[..., Listing]
) -> None:
    make_case("First", 9)
    page = as_reviewer.open("/console/next?kind=claim&q=x")
    assert page.path == "/console/"
    assert "Nothing that you could take waits here." in page.text
    assert "No case like this" in page.text


def test_release_and_sign_out_free_a_case(
    as_reviewer: Browser, session: Session, make_case: Callable[..., Listing]
) -> None:
    case = make_case("First")
    page = as_reviewer.open("/console/next")
    token = page.form("Sign out").fields["csrf_token"]
    sent = MultiDict({"csrf_token": token})
    assert as_reviewer.client.post(f"/console/cases/{case.id}/release", data=sent).status_code == 303
    assert case_hold(session, case.id, now=clock.now()) is None
    page = as_reviewer.open("/console/next")
    session.rollback()
    assert case_hold(session, case.id, now=clock.now()) is not None
    as_reviewer.press(page, "Sign out")
    session.rollback()
    assert case_hold(session, case.id, now=clock.now()) is None


def test_the_keys_are_listed(as_reviewer: Browser) -> None:
    page = as_reviewer.open("/console/keys")
    assert "Go to the next or previous row of a table." in page.text


def count_statements(session: Session, browser: Browser, path: str) -> int:
    statements: list[str] = []
    engine = session.get_bind()
    note = lambda *args: statements.append(args[2])  # noqa: E731  an event needs a function to remove
    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        assert browser.open(path).status == 200
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return len(statements)


def test_300_cases_need_as_many_statements_as_three(
    as_reviewer: Browser, session: Session, provider: Account, make_case: Callable[..., Listing]
) -> None:
    for number in range(3):
        make_case(f"Case {number}")
    paths = ("/console/", "/console/?kind=listing&flag=none&due=later&who=free&q=case&sort=name")
    as_reviewer.open("/console/")
    few = [count_statements(session, as_reviewer, path) for path in paths]
    for number in range(297):
        made = make_listing(session, provider, state=ListingState.SUBMITTED, name=f"Case more {number}")
        if number % 9 == 0:
            make_attestation(session, made, state=AttestationState.SUBMITTED)
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(ReviewCase)) == 300
    as_reviewer.open("/console/")  # as before: the settings are kept for five seconds
    assert [count_statements(session, as_reviewer, path) for path in paths] == few
