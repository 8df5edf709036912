"""The history of a listing for its owner and for reviewers: lifecycle moves, confirmations and changes."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from directory.listings import queries
from directory.listings.changes import FieldChange
from directory.listings.facts import FactChange
from directory.listings.lifecycle import Move
from directory.listings.queries import HistoryEntry, OwnerStatement
from directory.listings.tables import Listing

CONFIRM, CHANGE = "confirm", "change"
"""The action names of history entries that do not change the state of the listing."""


def listing_history(session: Session, listing: Listing) -> list[HistoryEntry]:
    """Return moves, confirmations and changes, newest first, with what changed; runs five queries."""
    said = queries.owner_statements(session, listing.id)
    again = {stated.at: describe_changes(stated.changed) for stated in said[1:]}
    moves = [
        replace(step, reason=again.get(step.at, "")) if step.move == Move.SUBMIT else step
        for step in queries.history(session, listing.id)
    ]
    submitted = {step.at for step in moves if step.move == Move.SUBMIT}
    confirmations = [
        HistoryEntry(CONFIRM, listing.state, describe_changes(stated.changed), {}, stated.by, stated.at)
        for stated in reversed(said)
        if stated.at not in submitted
    ]
    public = queries.public_changes(session, listing.id)
    live = [
        HistoryEntry(CHANGE, listing.state, describe_changes(one.changes), {}, one.by, one.at)
        for one in reversed(public)
        if not one.is_reviewed
    ]
    corrected = {one.at: describe_changes(one.changes) for one in public if one.is_correction}
    revised = [
        replace(step, reason=f"{corrected.get(step.at, '')} {step.reason}") if step.move == queries.CORRECT else step
        for step in queries.revision_history(session, listing.id)
    ]
    return sorted([*confirmations, *live, *revised, *moves], key=lambda step: step.at, reverse=True)


def last_changes(said: Sequence[OwnerStatement]) -> tuple[FactChange, ...]:
    """Return the facts changed by the latest owner statement, or nothing if it is the first one."""
    return said[-1].changed if len(said) > 1 else ()


def describe_changes(changed: Iterable[FactChange | FieldChange]) -> str:
    """Return each change as “Phone: 303-555-0100 → 303-555-0142.” in one text."""
    return " ".join(f"{change.short}: {change.before} → {change.after}." for change in changed)
