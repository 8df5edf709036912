"""The listings whose cases a transaction may have changed, noted until `case_events` refreshes them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

_KEY = "review_case_changes"


@dataclass(slots=True)
class CaseChanges:
    """What a transaction has changed so far, and which accounts made a move in it."""

    listing_ids: set[int] = field(default_factory=set)
    attestation_ids: set[int] = field(default_factory=set)
    account_ids: set[int] = field(default_factory=set)


def note_listings(session: Session, listing_ids: Iterable[int]) -> None:
    """Refresh the cases of these listings before the next commit, after a statement that the session does not see."""
    changes_of(session).listing_ids.update(listing_ids)


def changes_of(session: Session) -> CaseChanges:
    """Return what the transaction has changed so far."""
    changes: CaseChanges = session.info.setdefault(_KEY, CaseChanges())
    return changes


def take_changes(session: Session) -> CaseChanges | None:
    """Return what the transaction has changed, and forget it; None if it changed nothing."""
    changes: CaseChanges | None = session.info.pop(_KEY, None)
    return changes
