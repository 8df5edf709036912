"""Review decisions on requests to take a listing down: retire the listing, keep its NPI out of imports, queue email."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.claims.lifecycle import RemovalMove
from directory.claims.removals import MAX_REASON, move_removal
from directory.claims.tables import Removal
from directory.errors import Conflict, Invalid
from directory.listings import commands as listings
from directory.listings.lifecycle import ListingState, Move
from directory.listings.tables import Listing, SuppressedNpi
from directory.listings.text_limits import check_text
from directory.review.decisions import group_decision, keep_for_undo
from directory.search.changes import record_changes

TAKEN_DOWN = "The listing was taken down on request."
"""The public reason; what was written stays with the request."""


def decide_removal(
    session: Session,
    removal: Removal,
    move: RemovalMove,
    *,
    reason: str,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> None:
    """Accept or decline a request to take a listing down. An accepted one retires the listing.

    The listing's NPI is suppressed, so that no import lists it again.

    Raises:
        NotAllowed: `by` is not a reviewer, or manages the listing.
        Invalid: the reason is missing or too long.
        Conflict: the request is decided, was changed since, or the listing is not published.
    """
    listing, reason = removal.listing, reason.strip()
    require(by, Action.DECIDE, right=listing.right_of(by.id))
    if version is not None and removal.version != version:
        raise Conflict("This request was changed in the meantime. Look at it as it is now, then decide again.")
    if faults := list(check_text("reason", "The reason", reason, least=1, most=MAX_REASON, lines=True)):
        raise Invalid(faults)
    with group_decision(session, listing, by=by, now=now) as decision:
        reply_to = removal.reply_to
        move_removal(session, removal, move, by=by, now=now, reason=reason)
        suppressed = move is RemovalMove.ACCEPT and _take_down(session, listing, by=by, now=now)
        keep_for_undo(decision, f"removal:{removal.id}", suppressed=suppressed, reply_to=reply_to)


def _take_down(session: Session, listing: Listing, *, by: Actor, now: datetime) -> bool:
    """Retire the listing, and return whether its NPI was not suppressed before."""
    if listing.state is not ListingState.PUBLISHED:
        raise Conflict(f"This listing is {listing.state.value}, so there is nothing to take down.")
    listings.move(session, listing, Move.RETIRE, by=by, now=now, reason=TAKEN_DOWN)
    record_changes(session, [listing.id])
    if not listing.npi or session.get(SuppressedNpi, listing.npi) is not None:
        return False
    session.add(SuppressedNpi(npi=listing.npi, reason=TAKEN_DOWN, at=now, by_id=by.id))
    return True
