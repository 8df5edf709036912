"""Commands on the people who manage a listing: leave, remove, and what becomes of a listing without an owner."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, Right, require
from directory.claims import notices
from directory.claims.removals import request_removal
from directory.claims.tables import ManagerInvitation, UnmanagedListing
from directory.errors import Conflict, FieldError, Invalid
from directory.listings.managers import end_right, grant_right, owner_ids
from directory.listings.tables import Listing, ListingManager

ACCOUNT_CLOSED = "The account of the last owner was closed."
OWNER_LEFT = "The last owner left."


class Fate(enum.StrEnum):
    """What becomes of a listing when its last owner leaves."""

    UNMANAGED = "unmanaged"
    TAKE_DOWN = "take_down"


def leave(session: Session, listing: Listing, fate: Fate | None, *, by: Actor, now: datetime) -> None:
    """End one's own right to a listing; the last owner says what becomes of it.

    Raises:
        Invalid: `by` is the last owner and did not say what becomes of the listing.
        Conflict: it is to be taken down, but is not published.
    """
    require(by, Action.SEE_LISTING, right=listing.right_of(by.id))
    if owner_ids(listing) == (by.id,):
        if fate is None:
            raise Invalid([FieldError("fate", "You are the last owner: say what becomes of the listing.")])
        if fate is Fate.TAKE_DOWN:
            request_removal(session, listing, OWNER_LEFT, by=by, now=now)
    release_listing(session, listing, by.id, by=by, now=now, reason=OWNER_LEFT)


def remove_manager(session: Session, listing: Listing, account_id: int, *, by: Actor, now: datetime) -> None:
    """End the right of an editor or a signer.

    Raises:
        NotAllowed: `by` is not an owner.
        Conflict: the account is an owner, who can only leave, or does not manage the listing.
    """
    require(by, Action.CHANGE_MANAGERS, right=listing.right_of(by.id))
    right = listing.right_of(account_id)
    if right is None:
        raise Conflict("This person does not manage the listing any more.")
    if right is Right.OWNER:
        raise Conflict("An owner can only leave the listing themselves.")
    end_right(session, listing, account_id, by=by, now=now)
    notices.tell_right_ended(session, account_id, listing, "An owner of the listing ended it.", now=now)


def change_right(
    session: Session, listing: Listing, account_id: int, right: Right, *, by: Actor, now: datetime
) -> None:
    """Change the right of an editor or a signer, or one's own; the person and all owners are told.

    Raises:
        NotAllowed: `by` is not an owner.
        Conflict: the account is another owner or the last one, or does not manage the listing.
    """
    require(by, Action.CHANGE_MANAGERS, right=listing.right_of(by.id))
    held = listing.right_of(account_id)
    if held is None:
        raise Conflict("This person does not manage the listing any more.")
    if held is right:
        return
    if held is Right.OWNER and account_id != by.id:
        raise Conflict("Only the owners themselves can give up their right.")
    if owner_ids(listing) == (account_id,):
        raise Conflict("You are the last owner. Make somebody else an owner first, or hand the listing over.")
    told = {*owner_ids(listing), account_id}
    grant_right(session, listing, account_id, right, by=by, now=now)
    if held is Right.OWNER:
        withdraw_invitations(session, ManagerInvitation.by_id == account_id, listing_id=listing.id, now=now)
    notices.tell_right_changed(session, listing, account_id, told - {by.id}, right, now=now)


def release_listing(
    session: Session, listing: Listing, account_id: int, *, by: Actor | None, now: datetime, reason: str
) -> None:
    """End the right of one account. Without an owner, nobody manages the listing, and it becomes a case."""
    end_right(session, listing, account_id, by=by, now=now)
    withdraw_invitations(session, ManagerInvitation.by_id == account_id, listing_id=listing.id, now=now)
    if not owner_ids(listing):
        release_from_all(session, listing, by=by, now=now, reason=reason)


def release_from_all(session: Session, listing: Listing, *, by: Actor | None, now: datetime, reason: str) -> None:
    """End the rights of everybody to a listing without an owner, which becomes a case."""
    for row in tuple(listing.managers):
        end_right(session, listing, row.account_id, by=by, now=now)
        notices.tell_right_ended(session, row.account_id, listing, reason, now=now)
    withdraw_invitations(session, sa.true(), listing_id=listing.id, now=now)
    current = sa.select(UnmanagedListing).where(
        UnmanagedListing.listing_id == listing.id, UnmanagedListing.ended_at.is_(None)
    )
    if session.scalar(current) is None:
        session.add(UnmanagedListing(listing=listing, since=now, reason=reason))
    session.flush()


def lost_its_managers(session: Session, listing: Listing) -> bool:
    """Whether people managed a listing at some time and then nobody did."""
    lost = sa.select(UnmanagedListing.id).where(UnmanagedListing.listing_id == listing.id).limit(1)
    return session.scalar(lost) is not None


def end_rights_of(session: Session, account_id: int, *, now: datetime) -> None:
    """End all rights and invitations of an account that is being closed."""
    managed = sa.select(Listing).where(Listing.managers.any(ListingManager.account_id == account_id))
    for listing in session.scalars(managed).all():
        release_listing(session, listing, account_id, by=None, now=now, reason=ACCOUNT_CLOSED)


def end_unmanaged(session: Session, listing: Listing, *, now: datetime) -> None:
    """End the case of a listing that nobody managed, because somebody does now."""
    session.execute(
        sa.update(UnmanagedListing)
        .where(UnmanagedListing.listing_id == listing.id, UnmanagedListing.ended_at.is_(None))
        .values(ended_at=now)
    )


def withdraw_invitations(
    session: Session, condition: sa.ColumnElement[bool], *, listing_id: int, now: datetime
) -> None:
    """End the pending invitations to a listing that meet the condition."""
    session.execute(
        sa.update(ManagerInvitation)
        .where(ManagerInvitation.listing_id == listing_id, ManagerInvitation.ended_at.is_(None), condition)
        .values(ended_at=now)
    )
