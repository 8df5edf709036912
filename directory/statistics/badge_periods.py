"""The periods in which each listing showed a badge, from the history of its answers and of the listing."""

import enum
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationMoveName
from directory.attestations.tables import Attestation, AttestationMove
from directory.attestations.validity import effective_valid_until
from directory.certification.ruleset import Rulesets
from directory.certification.standing import grade_stored
from directory.errors import Refusal
from directory.listings.lifecycle import ListingState
from directory.listings.tables import ListingMove

BATCH = 2_000
"""Rows of the history that are in memory at a time; arbitrary."""

ACCEPTED, PUBLISHED = AttestationState.ACCEPTED.value, ListingState.PUBLISHED.value


class Loss(enum.StrEnum):
    """Why a badge is not shown any more."""

    RAN_OUT = "ran_out"
    REVOKED = "revoked"
    OTHER = "other"
    """The listing is off the map, or later answers do not match every rule."""


class BadgePeriod(NamedTuple):
    """A period in which a listing shows a badge; the end of one that is not over is when its answers run out."""

    start: datetime
    end: datetime
    loss: Loss


class _Event(NamedTuple):
    """A move of a listing, whose `ruleset_id` is None, or of an attestation."""

    listing_id: int
    at: datetime
    ruleset_id: str | None
    answers: str
    until: datetime | None
    from_state: str
    to_state: str
    move: str


def badge_periods(session: Session, rulesets: Rulesets) -> Iterator[BadgePeriod]:
    """Yield the periods of all listings, read as a stream in one statement."""
    rows = session.execute(_events(rulesets).execution_options(yield_per=BATCH))
    events = (_Event(*row[:8]) for row in rows)
    for _, of_listing in groupby(events, key=lambda event: event.listing_id):
        yield from periods_of_listing(rulesets, of_listing)


def periods_of_listing(rulesets: Rulesets, events: Iterable[_Event]) -> Iterator[BadgePeriod]:
    """Yield the periods of one listing; a renewal that follows at once does not end a period."""
    last: BadgePeriod | None = None
    for period in _single_periods(rulesets, events):
        is_renewal = last is not None and period.start <= last.end and last.loss is Loss.OTHER
        if last is not None and not is_renewal:
            yield last
        last = BadgePeriod(last.start, period.end, period.loss) if last is not None and is_renewal else period
    if last is not None:
        yield last


def _single_periods(rulesets: Rulesets, events: Iterable[_Event]) -> Iterator[BadgePeriod]:
    """Yield a period for each attestation with a badge, interrupted where the listing was not public."""
    is_public, until, since = False, None, None
    for event in events:
        if since is not None and until is not None:
            yield from _ended(since, until, event)
        if event.ruleset_id is None:
            is_public = event.to_state == PUBLISHED
        elif event.to_state == ACCEPTED:
            until = _badge_until(rulesets, event)
        elif event.from_state == ACCEPTED:
            until = None
        since = event.at if is_public and until is not None and event.at < until else None
    if since is not None and until is not None:
        yield BadgePeriod(since, until, Loss.RAN_OUT)


def _ended(since: datetime, until: datetime, event: _Event) -> Iterator[BadgePeriod]:
    if until < event.at:
        yield BadgePeriod(since, until, Loss.RAN_OUT)
    elif since < event.at:
        revoked = event.ruleset_id is not None and event.move == AttestationMoveName.REVOKE.value
        yield BadgePeriod(since, event.at, Loss.REVOKED if revoked else Loss.OTHER)


def _badge_until(rulesets: Rulesets, event: _Event) -> datetime | None:
    """Return until when accepted answers have a badge; None without one, as for answers that cannot be graded."""
    with suppress(Refusal):
        if grade_stored(rulesets, event.ruleset_id or "", event.answers).assessment.badge_earned:
            return event.until
    return None


def _events(rulesets: Rulesets) -> sa.Select[Any]:
    """Return a statement for the moves of all attested listings that begin or end a badge, by listing and time."""
    answers = (
        sa.select(
            Attestation.listing_id.label("listing_id"),
            AttestationMove.at.label("at"),
            Attestation.ruleset_id.label("ruleset_id"),
            sa.cast(Attestation.answers, sa.Text).label("answers"),
            effective_valid_until(rulesets).label("until"),
            AttestationMove.from_state.label("from_state"),
            AttestationMove.to_state.label("to_state"),
            AttestationMove.move.label("move"),
            AttestationMove.id.label("number"),
        )
        .select_from(AttestationMove)
        .join(Attestation, Attestation.id == AttestationMove.attestation_id)
        .where((AttestationMove.from_state == ACCEPTED) | (AttestationMove.to_state == ACCEPTED))
    )
    attested = sa.select(Attestation.listing_id).where(
        Attestation.state.in_((AttestationState.ACCEPTED, AttestationState.SUPERSEDED, AttestationState.REVOKED))
    )
    listings = sa.select(
        ListingMove.listing_id,
        ListingMove.at,
        sa.cast(sa.null(), Attestation.ruleset_id.type),
        sa.literal(""),
        sa.cast(sa.null(), Attestation.valid_until.type),
        ListingMove.from_state,
        ListingMove.to_state,
        ListingMove.move,
        ListingMove.id,
    ).where(
        (ListingMove.from_state == PUBLISHED) | (ListingMove.to_state == PUBLISHED),
        ListingMove.listing_id.in_(attested),
    )
    both = sa.union_all(answers, listings).subquery()
    # Moves at the same moment are in the order in which they were made; the numbers are those of two tables.
    return sa.select(both).order_by(both.c.listing_id, both.c.at, both.c.ruleset_id.is_(None), both.c.number)
