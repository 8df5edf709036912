"""What its managers can do to a listing, and the function that makes every lifecycle move."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from directory.accounts.policy import Action, Actor, Right, require
from directory.audit.commands import record
from directory.errors import Conflict
from directory.listings.bulk_insert import NewListing
from directory.listings.digest import listing_digest
from directory.listings.facts import ListingFacts
from directory.listings.lifecycle import EDITABLE, ListingState, Move, next_state
from directory.listings.listing_data import ListingData
from directory.listings.tables import (
    HOLDS_NPI,
    Listing,
    ListingManager,
    ListingMove,
    ListingSource,
    ListingStatement,
)

MAX_SLUG = 100
"""The most characters of a slug before its number; the column has room for the number that makes it unique."""


class AlreadyListed(Conflict):
    """Another listing holds the NPI; `slug` is that listing's, so that it can be claimed."""

    def __init__(self, sentence: str, *, slug: str) -> None:
        super().__init__(sentence)
        self.slug = slug


def create(
    session: Session, entry: ListingData, *, by: Actor, now: datetime, source: ListingSource = ListingSource.PROVIDER
) -> Listing:
    """Create a draft of which `by` is the owner.

    Raises:
        NotAllowed: the account is not a provider's.
        AlreadyListed: the NPI is already listed.
    """
    require(by, Action.ADD_LISTING)
    _require_unlisted_npi(session, entry.npi)
    listing = Listing(
        slug=unique_slug(session, entry),
        source=source,
        managers=[ListingManager(account_id=by.id, right=Right.OWNER, since=now, by_id=by.id)],
        state=ListingState.DRAFT,
        created_at=now,
        updated_at=now,
    )
    entry.write(listing)
    session.add(listing)
    session.flush()
    return listing


def update(session: Session, listing: Listing, entry: ListingData, *, version: int, by: Actor, now: datetime) -> None:
    """Replace the content of a draft; `version` is the version that the provider edited.

    Raises:
        Conflict: the listing was changed in the meantime, is no longer a draft, or its new NPI is already listed.
    """
    require(by, Action.EDIT_LISTING, right=listing.right_of(by.id))
    if listing.state not in EDITABLE:
        raise Conflict(f"This listing is {listing.state.value}; only a draft can be changed.")
    require_version(listing, version)
    if entry.npi != listing.npi:
        _require_unlisted_npi(session, entry.npi)
    entry.write(listing)
    listing.updated_at = now
    # Where only an address changed, no column of the listing did, so the version would stay the same.
    flag_modified(listing, "updated_at")
    session.flush()


def submit(session: Session, listing: Listing, *, by: Actor, now: datetime, version: int | None = None) -> None:
    """Submit a draft for review; `version` is the version that the provider saw.

    Raises:
        Conflict: the listing is not a draft, or was changed in the meantime.
    """
    require(by, Action.EDIT_LISTING, right=listing.right_of(by.id))
    require_version(listing, version)
    _record_statement(session, listing, by=by, now=now)
    move(session, listing, Move.SUBMIT, by=by, now=now)


def confirm(session: Session, listing: Listing, facts: ListingFacts, *, version: int, by: Actor, now: datetime) -> None:
    """Confirm that a published listing is correct today and store these facts.

    Repeating it with the same facts on the same day changes nothing. This does not update the search index;
    `review.confirmation.confirm_listing` does both.

    Raises:
        Conflict: the listing is not published, or was changed in the meantime.
    """
    require(by, Action.EDIT_LISTING, right=listing.right_of(by.id))
    if listing.state is not ListingState.PUBLISHED:
        raise Conflict(f"This listing is {listing.state.value}; only what patients find can be confirmed.")
    if ListingFacts.of(listing) == facts and listing.last_confirmed == now.date():
        return
    require_version(listing, version)
    before = listing_digest(listing)
    facts.write(listing)
    _record_statement(session, listing, by=by, now=now)
    listing.updated_at = now
    session.flush()
    record(
        session,
        action="listing.confirm",
        target=f"listing:{listing.id}",
        before=before,
        after=listing_digest(listing),
        by=by.id,
        now=now,
    )


def move(
    session: Session,
    listing: Listing,
    name: Move,
    *,
    by: Actor | None,
    now: datetime,
    reason: str = "",
    comments: Mapping[str, str] | None = None,
) -> None:
    """Make one lifecycle move and record it; the caller has checked that `by` may do so.

    Raises:
        Conflict: the lifecycle has no such move from here.
    """
    row = apply_move(listing, name, by=by, now=now, reason=reason, comments=comments)
    session.add(ListingMove(listing_id=listing.id, **row))
    session.flush()
    stands = listing_digest(listing)
    record(
        session,
        action=f"listing.{name.value}",
        target=f"listing:{listing.id}",
        # A draft was never audited, so it has no earlier digest. The other moves change the state, not the content.
        before=None if name is Move.SUBMIT else stands,
        after=stands,
        by=by.id if by else None,
        now=now,
    )


def apply_move(
    listing: Listing | NewListing,
    name: Move,
    *,
    by: Actor | None,
    now: datetime,
    reason: str = "",
    comments: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Make one move of a listing that may not be stored yet and return its history row without `listing_id`.

    Raises:
        Conflict: the lifecycle has no such move from here.
    """
    before, listing.state = listing.state, next_state(listing.state, name)
    listing.updated_at = now
    return {
        "move": name.value,
        "from_state": before.value,
        "to_state": listing.state.value,
        "reason": reason,
        "comments": dict(comments or {}),
        "by_id": by.id if by else None,
        "at": now,
    }


def require_version(listing: Listing, version: int | None) -> None:
    """Check that `version` is the current version; None, which scripts pass, skips the check.

    Raises:
        Conflict: the listing was changed since that version.
    """
    if version is not None and listing.version != version:
        raise Conflict("This listing was changed in the meantime. Look at it as it is now, then decide again.")


def unique_slug(session: Session, entry: ListingData) -> str:
    """A slug from the name and the first city and state, with a number if it is already taken."""
    first = entry.addresses[0]
    base = slugify(f"{entry.name} {first.city} {first.state}")
    taken = set(session.scalars(sa.select(Listing.slug).where(Listing.slug.startswith(base, autoescape=True))))
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def slugify(text: str) -> str:
    """Convert a text to lower-case ASCII letters and digits with single dashes; the result is never empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:MAX_SLUG].strip("-") or "listing"


def _record_statement(session: Session, listing: Listing, *, by: Actor, now: datetime) -> None:
    """Record the provider's statement that the whole listing is correct."""
    listing.last_confirmed = now.date()
    statement = ListingStatement(listing_id=listing.id, by_id=by.id, at=now)
    ListingFacts.of(listing).write(statement)
    session.add(statement)


def _require_unlisted_npi(session: Session, npi: str | None) -> None:
    if npi is None:
        return
    taken = session.scalar(sa.select(Listing.slug).where(Listing.npi == npi, HOLDS_NPI))
    if taken is not None:
        raise AlreadyListed(f"NPI {npi} is listed already. Each provider is listed once.", slug=taken)
