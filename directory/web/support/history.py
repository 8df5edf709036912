"""The history of a listing for its owner and for reviewers: lifecycle moves and confirmations."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy.orm import Session

from directory.listings import queries
from directory.listings.facts import FactChange
from directory.listings.lifecycle import Move
from directory.listings.queries import HistoryEntry, OwnerStatement
from directory.listings.tables import Listing

CONFIRM = "confirm"
"""The action name of a history entry for a confirmation, which does not change the state of the listing."""


def listing_history(session: Session, listing: Listing) -> list[HistoryEntry]:
    """Return moves and confirmations, newest first, with the facts that changed; runs two queries."""
    said = queries.owner_statements(session, listing.id)
    again = {stated.at: _describe_changes(stated.changed) for stated in said[1:]}
    moves = [
        replace(step, reason=again.get(step.at, "")) if step.move == Move.SUBMIT else step
        for step in queries.history(session, listing.id)
    ]
    submitted = {step.at for step in moves if step.move == Move.SUBMIT}
    confirmations = [
        HistoryEntry(CONFIRM, listing.state, _describe_changes(stated.changed), {}, stated.by, stated.at)
        for stated in reversed(said)
        if stated.at not in submitted
    ]
    return sorted([*confirmations, *moves], key=lambda step: step.at, reverse=True)


def last_changes(said: Sequence[OwnerStatement]) -> tuple[FactChange, ...]:
    """Return the facts changed by the latest owner statement, or nothing if it is the first one."""
    return said[-1].changed if len(said) > 1 else ()


def _describe_changes(changed: Sequence[FactChange]) -> str:
    return " ".join(f"{change.short}: {change.before} → {change.after}." for change in changed)
