"""The figures of the reviewers' work, counted on both databases."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, get_reviewer, make_account, make_attestation, make_listing

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState, Move
from directory.certification.ruleset import bundled_rulesets
from directory.listings.commands import withdraw
from directory.listings.lifecycle import ListingState
from directory.listings.lifecycle import Move as ListingMove
from directory.review import random_audit
from directory.review.case_items import rebuild_items
from directory.review.commands import decide_attestation, decide_listing
from directory.review.sample import Quarter
from directory.statistics.review_numbers import (
    AGES,
    WEEKS,
    DecisionTimes,
    decision_times,
    listings_by_state,
    waiting_cases,
    weekly_flow,
)

RULES = bundled_rulesets()
DAY = timedelta(days=1)


def submitted(session: Session, owner: Account, *days_ago: float) -> None:
    for days in days_ago:
        make_listing(session, owner, state=ListingState.SUBMITTED, now=NOW - timedelta(days=days))


@pytest.fixture
def owner(session: Session) -> Account:
    return make_account(session, Role.PROVIDER)


def test_cases_are_counted_by_age(session: Session, owner: Account) -> None:
    assert waiting_cases(session, now=NOW).by_age == (0,) * len(AGES)
    submitted(session, owner, 0, 0.9, 1, 2, 3, 7.9, 8, 30.9, 31, 400)
    rebuild_items(session)
    found = waiting_cases(session, now=NOW)
    assert dict(zip(AGES, found.by_age, strict=True)) == dict(zip(AGES, (2, 1, 1, 2, 2, 2), strict=True))
    assert found.oldest == NOW - timedelta(days=400)


def test_answers_and_random_audits_wait_too(session: Session, owner: Account) -> None:
    make_attestation(session, make_listing(session, owner), state=AttestationState.SUBMITTED, now=NOW)
    make_attestation(session, make_listing(session, owner), now=NOW)
    random_audit.run_draw(session, Quarter(2026, 4), seed="any", rulesets=RULES, now=NOW)
    rebuild_items(session)
    assert waiting_cases(session, now=NOW).total == 2


def test_a_decision_takes_from_the_last_submission(session: Session, owner: Account) -> None:
    assert decision_times(session, now=NOW) == DecisionTimes(None, None)
    by = get_reviewer(session).actor
    for hours in 1, 5, 30:
        listing = make_listing(session, owner, state=ListingState.SUBMITTED, now=NOW - timedelta(hours=hours))
        decide_listing(session, listing, ListingMove.PUBLISH, by=by, now=NOW, rulesets=RULES)
    assert decision_times(session, now=NOW) == DecisionTimes(timedelta(hours=5), None)
    later = NOW + 40 * DAY
    assert decision_times(session, now=later) == DecisionTimes(None, timedelta(hours=5))
    assert decision_times(session, now=later + 40 * DAY) == DecisionTimes(None, None)


def test_what_a_provider_takes_back_is_no_decision(session: Session, owner: Account) -> None:
    listing = make_listing(session, owner, state=ListingState.SUBMITTED, now=NOW - DAY)
    withdraw(session, listing, by=owner.actor, now=NOW)
    assert decision_times(session, now=NOW) == DecisionTimes(None, None)
    assert weekly_flow(session, now=NOW)[-1].decided == 0


def test_a_revocation_decides_on_nothing_that_waited(session: Session, owner: Account) -> None:
    found = make_attestation(session, make_listing(session, owner, now=NOW - 50 * DAY), now=NOW - 50 * DAY)
    by = get_reviewer(session).actor
    decide_attestation(session, found, Move.REVOKE, by=by, now=NOW, rulesets=RULES, reason="A test.")
    assert decision_times(session, now=NOW).latest is None


def test_weeks_count_what_comes_in_and_what_is_decided(session: Session, owner: Account) -> None:
    submitted(session, owner, 1, 2, 8, 1000)
    make_listing(session, owner, now=NOW - 15 * DAY)
    flow = weekly_flow(session, now=NOW)
    assert len(flow) == WEEKS
    assert [(week.came_in, week.decided) for week in flow[-3:]] == [(1, 1), (1, 0), (2, 0)]
    assert sum(week.came_in for week in flow[:-3]) == 0


def test_every_state_of_a_listing_is_counted(session: Session, owner: Account) -> None:
    for state in ListingState:
        make_listing(session, owner, state=state)
    assert listings_by_state(session) == dict.fromkeys(ListingState, 1)


@pytest.mark.parametrize("count", [waiting_cases, decision_times, weekly_flow])
def test_each_is_one_statement(
    session: Session, owner: Account, database_engine: sa.Engine, count: Callable[..., object]
) -> None:
    submitted(session, owner, 1, 2, 3)
    session.flush()
    statements: list[str] = []
    sa.event.listen(database_engine, "before_cursor_execute", lambda _c, _k, text, *_: statements.append(text))
    count(session, now=NOW)
    assert len(statements) == 1
