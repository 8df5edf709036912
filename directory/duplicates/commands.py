"""Finds pairs of listings that may be the same provider, and dismisses those that are not."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.audit.commands import record
from directory.database import Base
from directory.duplicates.blocking import pairs_to_compare
from directory.duplicates.clinic_names import WordWeights
from directory.duplicates.listing_records import read_records
from directory.duplicates.score import THRESHOLD, Match, compare
from directory.duplicates.tables import DuplicatePair
from directory.errors import Conflict
from directory.listings.tables import Listing

SCORE_DIGITS = 3

_pairs = Base.metadata.tables[DuplicatePair.__tablename__]

PairIds = tuple[int, int]
"""The ids of the two listings, the smaller first."""

BY_HAND = "a reviewer put them side by side"
"""The reason of a pair that no comparison found; the next comparison of all listings may take it away again."""


@dataclass(frozen=True, slots=True)
class FoundDuplicates:
    """How many listings were compared, how many pairs wait now, and how many of them are new."""

    listings: int
    waiting: int
    new: int


def find_duplicates(session: Session, *, now: datetime) -> FoundDuplicates:
    """Compare all listings. Pairs that no longer count go, and dismissed pairs stay dismissed."""
    records = read_records(session)
    words = WordWeights(each.names for each in records if each.names)
    found = {
        (match.one.id, match.other.id): match
        for match in (compare(one, other, words) for one, other in pairs_to_compare(records, words))
        if match.score > THRESHOLD
    }
    stored = {(pair.one_id, pair.other_id): pair for pair in session.scalars(sa.select(DuplicatePair))}
    new = store_pairs(session, stored, found, gone=stored.keys() - found.keys(), now=now)
    dismissed = sum(pair.dismissed_at is not None for ids, pair in stored.items() if ids in found)
    return FoundDuplicates(len(records), len(found) - dismissed, new)


def store_pairs(
    session: Session,
    stored: Mapping[PairIds, DuplicatePair],
    found: Mapping[PairIds, Match],
    *,
    gone: Collection[PairIds],
    now: datetime,
) -> int:
    """Store the pairs that were found; returns how many are new.

    Args:
        session: the transaction.
        stored: the pairs that may be stored already, by the ids of their listings.
        found: the pairs that count now.
        gone: stored pairs that no longer count; those that were dismissed stay.
        now: the current time.
    """
    for ids, pair in stored.items():
        if match := found.get(ids):
            pair.score, pair.reasons = round(match.score, SCORE_DIGITS), list(match.reasons)
        elif ids in gone and pair.dismissed_at is None:
            session.delete(pair)
    new = [_pair(match, now) for ids, match in found.items() if ids not in stored]
    session.flush()
    if new:
        # Without the ids, SQLite inserts all rows in one statement.
        session.execute(sa.insert(_pairs), new)
    return len(new)


def add_pair(session: Session, one: Listing, other: Listing, *, by: Actor, now: datetime) -> DuplicatePair:
    """Return the pair of two listings that a reviewer puts side by side; a pair that was dismissed waits again.

    Raises:
        NotAllowed: `by` is no reviewer, or manages one of the listings.
        Conflict: it is the same listing twice.
    """
    for listing in (one, other):
        require(by, Action.DECIDE, right=listing.right_of(by.id))
    if one.id == other.id:
        raise Conflict("This is the same listing. Give the number or the address of another one.")
    first, second = sorted((one, other), key=lambda listing: listing.id)
    ids = sa.and_(DuplicatePair.one_id == first.id, DuplicatePair.other_id == second.id)
    pair = session.scalar(sa.select(DuplicatePair).where(ids))
    if pair is None:
        pair = DuplicatePair(one=first, other=second, score=1.0, reasons=[BY_HAND], found_at=now)
        session.add(pair)
        session.flush()
        _record(session, pair, "add", by=by, now=now)
    elif pair.dismissed_at is not None:
        restore_pair(session, pair, by=by, now=now)
    return pair


def dismiss_pair(session: Session, pair: DuplicatePair, *, by: Actor, now: datetime) -> None:
    """Note that two listings are not the same provider; the pair is never asked about again.

    Raises:
        NotAllowed: `by` is no reviewer, or manages one of the listings.
        Conflict: the pair is dismissed already.
    """
    _require_impartial(pair, by)
    if pair.dismissed_at is not None:
        raise Conflict("This pair was dismissed already.")
    pair.dismissed_at, pair.dismissed_by_id = now, by.id
    session.flush()
    _record(session, pair, "dismiss", by=by, now=now)


def restore_pair(session: Session, pair: DuplicatePair, *, by: Actor, now: datetime) -> None:
    """Undo the dismissal of a pair.

    Raises:
        NotAllowed: `by` is no reviewer, or manages one of the listings.
        Conflict: the pair is not dismissed.
    """
    _require_impartial(pair, by)
    if pair.dismissed_at is None:
        raise Conflict("This pair is not dismissed.")
    pair.dismissed_at = pair.dismissed_by_id = None
    session.flush()
    _record(session, pair, "restore", by=by, now=now)


def _pair(match: Match, now: datetime) -> dict[str, Any]:
    return {
        "one_id": match.one.id,
        "other_id": match.other.id,
        "score": round(match.score, SCORE_DIGITS),
        "reasons": list(match.reasons),
        "found_at": now,
    }


def _require_impartial(pair: DuplicatePair, by: Actor) -> None:
    for listing in (pair.one, pair.other):
        require(by, Action.DECIDE, right=listing.right_of(by.id))


def _record(session: Session, pair: DuplicatePair, verb: str, *, by: Actor, now: datetime) -> None:
    target = f"duplicate_pair:{pair.one_id}-{pair.other_id}"
    record(session, action=f"duplicate.{verb}", target=target, before=None, after=None, by=by.id, now=now)
