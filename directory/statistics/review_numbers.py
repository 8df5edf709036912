"""Figures of the reviewers' work: how long cases wait, how long decisions take, and what comes in and is decided."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from directory.attestations.lifecycle import Move as AttestationMoveName
from directory.attestations.tables import AttestationMove
from directory.claims.lifecycle import Move as ClaimMoveName
from directory.claims.tables import ClaimMove
from directory.listings.lifecycle import ListingState
from directory.listings.lifecycle import Move as ListingMoveName
from directory.listings.revision_lifecycle import Move as RevisionMoveName
from directory.listings.tables import Listing, ListingMove, ListingRevisionMove
from directory.review.case_kinds import WaitingOn
from directory.review.case_tables import ReviewCase

AGES = ("today", "1 day", "2 days", "3–7 days", "8–30 days", "over 30 days")
"""The groups by how long a case has waited."""

_AGE_ENDS = (1, 2, 3, 8, 31)
"""The number of days at which each group ends and the next begins."""

MEDIAN_DAYS = 30
"""The number of days of which the median is taken."""

WEEKS = 9
"""How many weeks are counted, this one included."""

_SUBMIT = "submit"
_HISTORIES: Sequence[tuple[Any, Any, frozenset[str]]] = (
    (
        ListingMove,
        ListingMove.listing_id,
        frozenset({ListingMoveName.PUBLISH, ListingMoveName.RETURN, ListingMoveName.REJECT}),
    ),
    (
        AttestationMove,
        AttestationMove.attestation_id,
        frozenset({AttestationMoveName.ACCEPT, AttestationMoveName.RETURN}),
    ),
    (
        ListingRevisionMove,
        ListingRevisionMove.revision_id,
        frozenset({RevisionMoveName.ACCEPT, RevisionMoveName.RETURN, RevisionMoveName.REJECT}),
    ),
    (ClaimMove, ClaimMove.claim_id, frozenset({ClaimMoveName.APPROVE, ClaimMoveName.REFUSE})),
)
"""Each history of what is submitted and decided: its table, the column of its subject, and the decisions."""


@dataclass(frozen=True, slots=True)
class WaitingCases:
    """The number of cases that wait for a reviewer, by age in the order of `AGES`, and since when the oldest waits."""

    by_age: tuple[int, ...]
    oldest: datetime | None

    @property
    def total(self) -> int:
        """The number of all cases."""
        return sum(self.by_age)


@dataclass(frozen=True, slots=True)
class DecisionTimes:
    """The median time from submission to decision in the last `MEDIAN_DAYS` days and in those before; None if none."""

    latest: timedelta | None
    before: timedelta | None


@dataclass(frozen=True, slots=True)
class Week:
    """What came in and what was decided in the seven days from `start`."""

    start: datetime
    came_in: int
    decided: int


def waiting_cases(session: Session, *, now: datetime) -> WaitingCases:
    """Count the cases that wait for a reviewer, in one statement."""
    since = ReviewCase.since
    ends = [now - timedelta(days=days) for days in _AGE_ENDS]
    conditions = [
        sa.and_(sa.true() if older is None else since > older, sa.true() if younger is None else since <= younger)
        for younger, older in zip([None, *ends], [*ends, None], strict=True)
    ]
    *counts, oldest = session.execute(
        sa.select(*(sa.func.count().filter(condition) for condition in conditions), sa.func.min(since)).where(
            ReviewCase.waiting_on == WaitingOn.REVIEWER
        )
    ).one()
    return WaitingCases(tuple(counts), oldest)


def decision_times(session: Session, *, now: datetime) -> DecisionTimes:
    """Return how long decisions took, in one statement."""
    first, middle = now - timedelta(days=2 * MEDIAN_DAYS), now - timedelta(days=MEDIAN_DAYS)
    rows = session.execute(sa.union_all(*(_decided_since(*history, first) for history in _HISTORIES))).all()
    latest = [decided - submitted for submitted, decided in rows if submitted is not None and decided > middle]
    before = [decided - submitted for submitted, decided in rows if submitted is not None and decided <= middle]
    return DecisionTimes(_median(latest), _median(before))


def weekly_flow(session: Session, *, now: datetime) -> tuple[Week, ...]:
    """Count what came in and what was decided in each of the last weeks, in one statement; the last ends now."""
    starts = [now - timedelta(weeks=number) for number in range(WEEKS, 0, -1)]
    moves = sa.union_all(*_moves_since(starts[0])).subquery()
    columns = [
        sa.func.count().filter(moves.c.decided == decided, moves.c.at > start, moves.c.at <= start + timedelta(weeks=1))
        for start in starts
        for decided in (0, 1)
    ]
    counts = list(session.execute(sa.select(*columns)).one())
    return tuple(Week(start, counts[2 * place], counts[2 * place + 1]) for place, start in enumerate(starts))


def listings_by_state(session: Session) -> Mapping[ListingState, int]:
    """Return the number of listings in each state."""
    rows = session.execute(sa.select(Listing.state, sa.func.count()).group_by(Listing.state))
    counts = {state: count for state, count in rows}  # noqa: C416  rows are typed by unpacking
    return {state: counts.get(state, 0) for state in ListingState}


def _decided_since(table: Any, subject: Any, decisions: frozenset[str], first: datetime) -> sa.Select[Any]:
    """Return a statement for the decisions since `first`: when it was submitted, and when it was decided."""
    earlier = aliased(table)
    submitted = (
        sa.select(sa.func.max(earlier.at))
        .where(
            getattr(earlier, subject.key) == subject,
            earlier.move == _SUBMIT,
            earlier.at <= table.at,
        )
        .correlate(table)
        .scalar_subquery()
    )
    return sa.select(submitted.label("submitted"), table.at.label("decided")).where(
        table.move.in_(sorted(decisions)), table.at > first
    )


def _moves_since(first: datetime) -> Iterator[sa.Select[Any]]:
    for table, _, decisions in _HISTORIES:
        is_decision = table.move.in_(sorted(decisions))
        yield sa.select(sa.case((is_decision, 1), else_=0).label("decided"), table.at.label("at")).where(
            sa.or_(is_decision, table.move == _SUBMIT), table.at > first
        )


def _median(durations: Sequence[timedelta]) -> timedelta | None:
    seconds = [duration.total_seconds() for duration in durations]
    return timedelta(seconds=median(seconds)) if seconds else None
