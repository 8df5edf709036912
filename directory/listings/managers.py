"""Grants and ends the rights of accounts to a listing; each change is in the audit log."""

from datetime import datetime

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from directory.accounts.policy import Actor, Right
from directory.audit.chain import digest
from directory.audit.commands import record
from directory.listings.tables import Listing, ListingManager


def grant_right(
    session: Session, listing: Listing, account_id: int, right: Right, *, by: Actor | None, now: datetime
) -> None:
    """Give an account this right to the listing, instead of the right that it has, if any.

    The caller has checked the policy.
    """
    if listing.right_of(account_id) is right:
        return
    before = _managers_digest(listing)
    held = next((row for row in listing.managers if row.account_id == account_id), None)
    if held is None:
        held = ListingManager(account_id=account_id)
        listing.managers.append(held)
    held.right, held.since, held.by_id = right, now, by.id if by else None
    _record(session, listing, "grant_right", before, by=by, now=now)


def end_right(session: Session, listing: Listing, account_id: int, *, by: Actor | None, now: datetime) -> None:
    """End the right of an account to the listing, if it has one. The caller has checked the policy."""
    held = next((row for row in listing.managers if row.account_id == account_id), None)
    if held is None:
        return
    before = _managers_digest(listing)
    listing.managers.remove(held)
    _record(session, listing, "end_right", before, by=by, now=now)


def owner_ids(listing: Listing) -> tuple[int, ...]:
    """The accounts that own the listing, the first owner first."""
    return tuple(row.account_id for row in listing.managers if row.right is Right.OWNER)


def _record(session: Session, listing: Listing, verb: str, before: str, *, by: Actor | None, now: datetime) -> None:
    listing.updated_at = now
    # A new version, so that an import or a reviewer who read the listing before this change does not overwrite it.
    flag_modified(listing, "updated_at")
    session.flush()
    record(
        session,
        action=f"listing.{verb}",
        target=f"listing:{listing.id}",
        before=before,
        after=_managers_digest(listing),
        by=by.id if by else None,
        now=now,
    )


def _managers_digest(listing: Listing) -> str:
    rights = sorted([row.account_id, row.right.value] for row in listing.managers)
    return digest({"listing": listing.id, "managers": rights})
