"""The tables of the console: what is found, filtered, counted, paged and exported, in a fixed number of statements."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support.dispute_factories import make_dispute
from support.factories import MATCHING_ANSWERS, NOW, make_attestation, make_listing
from support.http_client import Browser, Page

from directory import clock, transaction
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.audit.tables import AuditEntry
from directory.disputes.lifecycle import DisputeState
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.review import record_table
from directory.review.tables import AuditDraw, DrawnAttestation

TABLES = ("listings", "attestations", "disputes", "audits")
EXPORT = "Export as CSV"
LONG_AGO = clock.now() - timedelta(days=20)


@pytest.fixture
def statements(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """Collects the statements of a block."""

    @contextmanager
    def collected() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        with app.app_context():
            engine = transaction.session().get_bind()
        sa.event.listen(engine, "before_cursor_execute", note)
        yield seen
        sa.event.remove(engine, "before_cursor_execute", note)

    return collected


def add_records(session: Session, owner: Account, count: int) -> None:
    """As many listings, each with an attestation, a report, and a row in the draw."""
    held = session.scalar(sa.select(AuditDraw)) or AuditDraw(
        quarter="2026Q4", seed="seed", seed_source="operator", at=NOW, candidate_count=0,
        candidates_digest="0" * 64, candidates="",
    )  # fmt: skip  # the columns of one row
    session.add(held)
    session.flush()
    for number in range(count):
        listing = make_listing(session, owner, name=f"Hazel {held.id} {number}")
        signed = make_attestation(session, listing, answers=MATCHING_ANSWERS, now=clock.now())
        make_dispute(session, listing, now=clock.now())
        session.add(DrawnAttestation(draw_id=held.id, attestation_id=signed.id, ordinal=signed.id))
    session.commit()


def names(page: Page) -> list[str]:
    """The text of the first column."""
    cells = re.findall(r'<th scope="row">.*?<a [^>]*>(.*?)</a>', page.html, re.DOTALL)
    return [cell.split(",")[0].strip() for cell in cells]


def exported(browser: Browser, page: Page) -> list[dict[str, str]]:
    answer = browser.press(page, EXPORT)
    assert answer.status == 200
    return list(csv.DictReader(io.StringIO(answer.html)))


@pytest.mark.parametrize("table", TABLES)
def test_a_page_costs_the_same_with_few_and_with_many(
    as_reviewer: Browser,
    provider: Account,
    session: Session,
    statements: Callable[[], AbstractContextManager[list[str]]],
    table: str,
) -> None:
    counted: list[int] = []
    path = f"/console/{table}?q=hazel"
    as_reviewer.open(path)
    for more in (2, 28):
        add_records(session, provider, more)
        with statements() as seen:
            page = as_reviewer.open(path)
        counted.append(len(seen))
        assert len(names(page)) == min(25, {2: 2, 28: 30}[more])
    assert counted[0] == counted[1]
    assert counted[1] <= 25


@pytest.mark.parametrize("table", TABLES)
def test_the_second_page_shows_the_rest_and_an_impossible_one_the_last(
    as_reviewer: Browser, provider: Account, session: Session, table: str
) -> None:
    add_records(session, provider, 27)
    first, second = (names(as_reviewer.open(f"/console/{table}?page={number}")) for number in (1, 2))
    assert (len(first), len(second), len({*first, *second})) == (25, 2, 27)
    assert names(as_reviewer.open(f"/console/{table}?page=99")) == second


@pytest.mark.parametrize("table", TABLES)
def test_an_export_has_all_rows_of_the_filter_and_the_log_says_how_many(
    as_reviewer: Browser, reviewer: Account, provider: Account, session: Session, table: str
) -> None:
    add_records(session, provider, 27)
    rows = exported(as_reviewer, as_reviewer.open(f"/console/{table}?q=hazel"))
    assert len(rows) == 27
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.action, entry.object, entry.actor) == ("table.export", f"table:{table}-27", reviewer.id)
    assert exported(as_reviewer, as_reviewer.open(f"/console/{table}?q=nobody+of+this+name")) == []


def test_filters_of_listings_show_what_they_count(as_reviewer: Browser, provider: Account, session: Session) -> None:
    for state in ListingState:
        make_listing(session, provider, state=state, name=f"One {state.value.title()}")
    alone = make_listing(session, provider, name="Alone")
    alone.managers.clear()
    alone.last_confirmed = None
    for state in (AttestationState.SUBMITTED, AttestationState.ACCEPTED, AttestationState.REVOKED):
        answered = make_listing(session, provider, name=f"Answers {state.value.title()}")
        make_attestation(session, answered, state=state, now=clock.now())
    refuted = make_listing(session, provider, name="Not Matching")
    make_attestation(session, refuted, answers={**MATCHING_ANSWERS, "volume_per_site_ml": 60}, now=clock.now())
    session.commit()
    for query, wanted in {
        "state=rejected": {"One Rejected"},
        "state=submitted": {"One Submitted"},
        "managed=nobody": {"Alone"},
        "confirmed=never": {"Alone", "One Draft"},
        "technique=waiting": {"Answers Submitted"},
        "technique=accepted": {"Answers Accepted", "Not Matching"},
        "technique=badge": {"Answers Accepted"},
        "technique=revoked": {"Answers Revoked"},
        "technique=none&state=published": {"One Published", "Alone"},
        "where=CO&state=retired": {"One Retired"},
        "where=TX": set(),
        "state=nonsense&managed=nobody": {"Alone"},
    }.items():
        page = as_reviewer.open(f"/console/listings?{query}")
        assert set(names(page)) == wanted, query
        assert f"{len(wanted)} listing" in page.text, query
    everything = as_reviewer.open("/console/listings?technique=none")
    for words in ("Published 2", "Draft 1", "Nobody yet 1", "Answers wait 1", "Answers revoked 1"):
        assert words in everything.text


def test_filters_of_attestations_reports_and_audits(as_reviewer: Browser, provider: Account, session: Session) -> None:
    made = {}
    for state in (AttestationState.SUBMITTED, AttestationState.ACCEPTED, AttestationState.REVOKED):
        listing = make_listing(session, provider, name=f"Answers {state.value.title()}")
        worse = {} if state is AttestationState.ACCEPTED else {"volume_per_site_ml": 60}
        made[state] = make_attestation(
            session, listing, state=state, answers={**MATCHING_ANSWERS, **worse}, now=clock.now()
        )
        about = "volume_per_site_ml" if state is AttestationState.ACCEPTED else "entry"
        make_dispute(
            session, listing, about=about, now=LONG_AGO if state is AttestationState.SUBMITTED else clock.now()
        )
    session.add(AuditDraw(
        quarter="2026Q4", seed="seed", seed_source="operator", at=NOW, candidate_count=1,
        candidates_digest="0" * 64, candidates="",
    ))  # fmt: skip  # the columns of one row
    session.flush()
    session.add(DrawnAttestation(draw_id=1, attestation_id=made[AttestationState.ACCEPTED].id, ordinal=1))
    session.commit()
    waiting, accepted, revoked = "Answers Submitted", "Answers Accepted", "Answers Revoked"
    for path, wanted in {
        "attestations?state=accepted": {accepted},
        "attestations?grade=match": {accepted},
        "attestations?grade=other": {waiting, revoked},
        "attestations?until=counts": {accepted},
        "attestations?until=30": set(),
        "attestations?rules=bma-2021.1&state=submitted": {waiting},
        "disputes?state=reported": {waiting, accepted, revoked},
        "disputes?due=late": {waiting},
        "disputes?about=entry": {waiting, revoked},
        "disputes?about=answer": {accepted},
        "audits?quarter=2026Q4&looked=no": {accepted},
        "audits?looked=yes": set(),
    }.items():
        page = as_reviewer.open(f"/console/{path}")
        assert set(names(page)) == wanted, path
        # An export is of the same rows.
        assert len(exported(as_reviewer, page)) == len(wanted), path


def test_no_more_is_counted_than_anybody_looks_through(
    as_reviewer: Browser, provider: Account, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_records(session, provider, 27)
    monkeypatch.setattr(record_table, "MAX_COUNTED", 26)
    page = as_reviewer.open("/console/listings?page=99")
    assert "more than 26 listings" in page.text
    assert "Published 26+" in page.text
    assert "Page 2 of 2" in page.text
    assert len(exported(as_reviewer, page)) == 27


def test_a_pasted_public_address_opens_the_listing(as_reviewer: Browser, provider: Account, session: Session) -> None:
    listing = make_listing(session, provider)
    session.commit()
    page = as_reviewer.open(f"/console/listings?q=https://bma.example/providers/{listing.slug}")
    assert page.path == f"/console/listings/{listing.id}"


def test_a_search_that_is_refused_says_why_and_keeps_the_words(as_reviewer: Browser) -> None:
    words = "+".join(f"word{number}" for number in range(50))
    page = as_reviewer.open(f"/console/listings?q={words}")
    assert page.status == 422
    assert "word49" in page.html
    assert 'aria-invalid="true"' in page.html


def test_what_is_typed_never_becomes_a_formula(as_reviewer: Browser, provider: Account, session: Session) -> None:
    make_listing(session, provider, name="Hazel", practice="=HYPERLINK(1)")
    session.commit()
    (row,) = exported(as_reviewer, as_reviewer.open("/console/listings"))
    assert row["practice"] == "'=HYPERLINK(1)"
    assert row["managed by"] == provider.email


def test_reports_that_wait_come_first_and_are_counted(
    as_reviewer: Browser, provider: Account, session: Session
) -> None:
    for state in (DisputeState.DISMISSED, DisputeState.REPORTED):
        listing = make_listing(session, provider, name=f"Report {state.value}")
        make_attestation(session, listing, now=clock.now())
        make_dispute(session, listing, now=clock.now(), state=state)
    session.commit()
    page = as_reviewer.open("/console/disputes")
    assert names(page) == ["Report reported", "Report dismissed"]
    assert "1 not closed" in page.text


def test_only_reviewers_see_a_table_or_export_one(as_provider: Browser, session: Session, provider: Account) -> None:
    make_listing(session, provider)
    session.commit()
    assert session.scalar(sa.select(sa.func.count(Listing.id))) == 1
    for table in TABLES:
        assert as_provider.open(f"/console/{table}").status == 403
        assert as_provider.client.post(f"/console/{table}/export").status_code in {400, 403}
