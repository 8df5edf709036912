"""Requests to take a listing down: by anybody without an account, or by a manager."""

import re
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.email_address import check_email
from directory.accounts.policy import Action, Actor, require
from directory.audit.chain import digest
from directory.audit.commands import record
from directory.claims.lifecycle import RemovalMove, RemovalState, next_removal_state
from directory.claims.tables import Removal, RemovalMoveRecord
from directory.errors import Conflict, FieldError, Invalid
from directory.listings.lifecycle import ListingState
from directory.listings.notices import notify_owners
from directory.listings.tables import Listing
from directory.listings.text_limits import check_text
from directory.outbox.queue import enqueue_email

MAX_REASON = 2000
"""Maximum length of the reason in characters; arbitrary, about a page."""

_NUMBER = re.compile(r"[0-9a-f]{32}")


def request_removal(
    session: Session,
    listing: Listing,
    reason: str,
    *,
    by: Actor | None,
    now: datetime,
    reply_to: str = "",
    number: str = "",
) -> Removal:
    """Ask reviewers to take a published listing down; the same `number` sent twice makes only one request.

    `by` is a manager of the listing, or None for a request without an account.

    Raises:
        Invalid: the reason is missing or too long, or the address is not an email address.
        Conflict: the listing is not published.
    """
    if by is not None:
        require(by, Action.TAKE_DOWN, right=listing.right_of(by.id))
    number = number if _NUMBER.fullmatch(number) else uuid.uuid4().hex
    if found := session.scalar(sa.select(Removal).where(Removal.public_id == number, Removal.listing == listing)):
        return found
    if listing.state is not ListingState.PUBLISHED:
        raise Conflict("This listing is not public, so there is nothing to take down.")
    reason, reply_to = reason.strip(), reply_to.strip()
    _check(reason, reply_to)
    made = Removal(
        public_id=number,
        listing=listing,
        by_id=by.id if by else None,
        reason=reason,
        reply_to=reply_to,
        state=RemovalState.REQUESTED,
    )
    made.created_at = made.updated_at = now
    session.add(made)
    session.flush()
    _record(session, made, "request", before=None, by=by, now=now)
    return made


def move_removal(
    session: Session, removal: Removal, name: RemovalMove, *, by: Actor, now: datetime, reason: str
) -> None:
    """Decide on a request, tell who made it and the owners, and delete the reply address.

    The caller has checked that `by` may do so.

    Raises:
        Conflict: the request is already decided.
    """
    facts = {"listing": removal.listing, "accepted": name is RemovalMove.ACCEPT, "reason": reason}
    if removal.reply_to:
        enqueue_email(
            session, "removal_decided", to=removal.reply_to, now=now, listing_id=removal.listing_id, **facts
        ).forget = True
    _move(session, removal, name, by=by, now=now, reason=reason)
    notify_owners(session, removal.listing_id, "removal_decided", now=now, **facts)


def undo_removal(
    session: Session, removal: Removal, name: RemovalMove, *, reply_to: str, by: Actor, now: datetime, reason: str
) -> None:
    """Undo a decision on a request; `reply_to` is the reply address, which the decision deleted.

    Raises:
        Conflict: the request is not in the state that the move starts from.
    """
    _move(session, removal, name, by=by, now=now, reason=reason)
    removal.reply_to = reply_to
    session.flush()


def _move(session: Session, removal: Removal, name: RemovalMove, *, by: Actor, now: datetime, reason: str) -> None:
    before, hashed = removal.state, _digest(removal)
    removal.state, removal.updated_at, removal.reply_to = next_removal_state(before, name), now, ""
    session.add(
        RemovalMoveRecord(
            removal_id=removal.id,
            move=name.value,
            from_state=before.value,
            to_state=removal.state.value,
            reason=reason,
            by_id=by.id,
            at=now,
        )
    )
    session.flush()
    _record(session, removal, name.value, before=hashed, by=by, now=now)


def _check(reason: str, reply_to: str) -> None:
    faults = [*check_text("reason", "The reason", reason, least=1, most=MAX_REASON, lines=True)]
    if reply_to and (message := check_email(reply_to)):
        faults.append(FieldError("reply_to", message))
    if faults:
        raise Invalid(faults)


def _record(
    session: Session, removal: Removal, verb: str, *, before: str | None, by: Actor | None, now: datetime
) -> None:
    record(
        session,
        action=f"removal.{verb}",
        target=f"removal:{removal.id}",
        before=before,
        after=_digest(removal),
        by=by.id if by else None,
        now=now,
    )


def _digest(removal: Removal) -> str:
    """Return the hash of the request's state, without anything that people wrote."""
    return digest({"listing": removal.listing_id, "state": removal.state.value})
