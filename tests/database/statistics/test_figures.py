"""The public figures, counted on both databases, against what was made."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import (
    MATCHING_ANSWERS,
    NOW,
    get_reviewer,
    make_account,
    make_address,
    make_attestation,
    make_listing,
)

from directory.accounts.policy import Role
from directory.attestations.lifecycle import AttestationState
from directory.certification.ruleset import bundled_rulesets
from directory.listings.lifecycle import ListingState
from directory.review import random_audit
from directory.review.audit_findings import record_outcome
from directory.review.audit_outcome import AuditOutcome
from directory.review.sample import Quarter
from directory.statistics.commands import refresh_figures
from directory.statistics.figures import count_figures, flat_rows
from directory.statistics.queries import stored_figures

RULES = bundled_rulesets()


@pytest.fixture
def made(session: Session) -> None:
    """Four published listings: a badge in Colorado, a wrong answer in Texas, an expired badge, and one without any."""
    owner, long_ago = make_account(session, Role.PROVIDER), NOW - timedelta(days=400)
    make_attestation(session, make_listing(session, owner))
    texas = make_listing(session, owner, addresses=(make_address(state="TX"),))
    make_attestation(
        session, texas, answers={**MATCHING_ANSWERS, "volume_per_site_ml": [5, 60], "distinct_sites": None}
    )
    make_attestation(session, make_listing(session, owner, now=long_ago), now=long_ago)
    make_listing(session, owner)
    make_attestation(session, make_listing(session, owner), state=AttestationState.SUBMITTED)
    make_listing(session, owner, state=ListingState.SUSPENDED)


@pytest.mark.usefixtures("made")
def test_what_counts_now_is_counted(session: Session) -> None:
    found = count_figures(session, RULES, now=NOW)
    assert found["listings"] == {"published": 5, "with_answers": 2, "badges": 1}
    assert found["states"] == [
        {"state": "CO", "listings": 4, "badges": 1},
        {"state": "TX", "listings": 1, "badges": 0},
    ]
    grades = {each["criterion"]: each for each in found["grades"]}
    assert grades["volume_per_site_ml"] | {"right": 1, "wrong": 1, "between": 0} == grades["volume_per_site_ml"]
    assert (grades["distinct_sites"]["right"], grades["distinct_sites"]["unanswered"]) == (1, 1)
    volume, sites = found["histograms"]
    assert {each["numbers"]: each["count"] for each in volume["bins"] if each["count"]} == {
        "6.1 to 8": 1,
        "42 or more": 1,
    }
    assert {each["numbers"]: each["count"] for each in sites["bins"] if each["count"]} == {"6": 1}


@pytest.mark.usefixtures("made")
def test_badges_are_counted_by_month(session: Session) -> None:
    found = count_figures(session, RULES, now=NOW)
    months = {each["month"]: each for each in found["badges"]}
    assert [*months] == [f"{month // 12}-{month % 12 + 1:02}" for month in range(2025 * 12 + 11, 2026 * 12 + 11)]
    now = {"month": "2026-11", "gained": 1, "ran_out": 0, "revoked": 0, "other": 0, "shown": 1}
    assert months["2026-11"] == now
    assert {name: each["shown"] for name, each in months.items() if each["shown"]} == {
        **{f"{month}": 1 for month in months if month < "2026-10"},
        "2026-11": 1,
    }
    assert months["2026-10"]["ran_out"] == 1
    assert {each["month"]: each["count"] for each in found["badges_ending"]} == dict.fromkeys(
        ("2026-11", "2026-12", "2027-01", "2027-02", "2027-03", "2027-04"), 0
    )
    later = count_figures(session, RULES, now=NOW + timedelta(days=200))
    assert {"month": "2027-11", "count": 1} in later["badges_ending"]


@pytest.mark.usefixtures("made")
def test_the_accuracy_is_that_of_the_published_outcomes(session: Session) -> None:
    before = count_figures(session, RULES, now=NOW)["accuracy"]
    assert (before["all"]["drawn"], before["all"]["share"], before["states"]) == (0, None, [])
    held = random_audit.run_draw(session, Quarter(2026, 4), seed="any", rulesets=RULES, now=NOW)
    (row,) = random_audit.drawn_attestations(session, held)
    by = get_reviewer(session).actor
    record_outcome(session, row, AuditOutcome.CONFIRMED, "They showed a record.", by=by, now=NOW)
    found = count_figures(session, RULES, now=NOW)["accuracy"]
    assert (found["all"]["checked"], found["all"]["confirmed"], found["all"]["share"]) == (1, 1, 1.0)
    (published,) = random_audit.public_outcomes(session, held)
    assert [(each["state"], each["confirmed"]) for each in found["states"]] == [(published.state, 1)]


@pytest.mark.usefixtures("made")
def test_every_number_is_a_row_of_the_file(session: Session) -> None:
    rows = list(flat_rows(count_figures(session, RULES, now=NOW)))
    assert ("listings", "all", "badges", 1) in rows
    assert ("grades", "volume_per_site_ml", "wrong", 1) in rows
    assert ("states", "TX", "listings", 1) in rows
    assert len({row[:3] for row in rows}) == len(rows)


def test_the_number_of_statements_does_not_depend_on_the_data(
    session: Session, request: pytest.FixtureRequest, database_engine: sa.Engine
) -> None:
    statements: list[str] = []
    sa.event.listen(database_engine, "before_cursor_execute", lambda _c, _k, text, *_: statements.append(text))
    count_figures(session, RULES, now=NOW)
    empty = len(statements)
    request.getfixturevalue("made")
    session.flush()
    statements.clear()
    count_figures(session, RULES, now=NOW)
    assert len(statements) == empty == 4


def test_an_empty_directory_has_figures_too(session: Session) -> None:
    found = count_figures(session, RULES, now=NOW)
    assert (found["listings"]["published"], found["states"]) == (0, [])


@pytest.mark.usefixtures("made")
def test_the_stored_figures_are_replaced(session: Session) -> None:
    assert stored_figures(session) is None
    for moment in NOW, NOW + timedelta(hours=1):
        refresh_figures(session, RULES, now=moment)
        session.commit()
        session.expire_all()
        stored = stored_figures(session)
        assert stored is not None
        assert stored.counted_at == moment
        assert stored.document["listings"]["published"] == 5


def test_the_command_counts_them(session: Session, run_command: Callable[..., str]) -> None:
    assert "counted" in run_command("statistics", "refresh")
    assert stored_figures(session) is not None
