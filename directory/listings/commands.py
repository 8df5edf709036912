"""What an owner can do to a listing, and the function that makes every lifecycle move."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from directory.accounts.policy import Action, Actor, require
from directory.audit.commands import record
from directory.errors import Conflict
from directory.listings.bulk_insert import NewListing
from directory.listings.digest import listing_digest
from directory.listings.facts import ListingFacts
from directory.listings.lifecycle import EDITABLE, ListingState, Move, next_state
from directory.listings.listing_data import ListingData
from directory.listings.tables import HOLDS_NPI, Listing, ListingMove, ListingSource, ListingStatement

MAX_SLUG = 100
"""Characters of a name in a web address, leaving room in the column for what makes it unique."""


def create(
    session: Session, entry: ListingData, *, by: Actor, now: datetime, source: ListingSource = ListingSource.PROVIDER
) -> Listing:
    """A draft owned by `by`, seen by nobody else yet.

    Raises:
        NotAllowed: the account is not a provider's.
        Conflict: the NPI is listed already.
    """
    require(by, Action.ADD_LISTING)
    _require_unlisted_npi(session, entry.npi)
    listing = Listing(
        slug=unique_slug(session, entry),
        source=source,
        owner_id=by.id,
        state=ListingState.DRAFT,
        created_at=now,
        updated_at=now,
    )
    entry.write(listing)
    session.add(listing)
    session.flush()
    return listing


def update(session: Session, listing: Listing, entry: ListingData, *, version: int, by: Actor, now: datetime) -> None:
    """Replace what a draft says; `version` is the one that the owner was looking at.

    Raises:
        Conflict: it was changed in the meantime, is no draft any more, or its NPI is listed already.
    """
    require(by, Action.EDIT_LISTING, owner_id=listing.owner_id)
    if listing.state not in EDITABLE:
        raise Conflict(f"This listing is {listing.state.value}; only a draft can be changed.")
    require_version(listing, version)
    if entry.npi != listing.npi:
        _require_unlisted_npi(session, entry.npi)
    entry.write(listing)
    listing.updated_at = now
    # What changed may be an address alone, and the version must tell of that too.
    flag_modified(listing, "updated_at")
    session.flush()


def submit(session: Session, listing: Listing, *, by: Actor, now: datetime, version: int | None = None) -> None:
    """Ask for the listing to be published; `version` is the one that the owner was looking at.

    Raises:
        Conflict: it is no draft, or was changed in the meantime.
    """
    require(by, Action.EDIT_LISTING, owner_id=listing.owner_id)
    require_version(listing, version)
    _record_statement(session, listing, by=by, now=now)
    move(session, listing, Move.SUBMIT, by=by, now=now)


def confirm(session: Session, listing: Listing, facts: ListingFacts, *, version: int, by: Actor, now: datetime) -> None:
    """Say that a public entry is right today, with these facts; sent twice on one day, it is said once.

    The search index does not know of it yet: `review.confirming` is the way in.

    Raises:
        Conflict: it is not public, or was changed in the meantime.
    """
    require(by, Action.EDIT_LISTING, owner_id=listing.owner_id)
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
        object=f"listing:{listing.id}",
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
    """Make one move and write it down; whether `by` may do so was asked before.

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
        object=f"listing:{listing.id}",
        # A draft is nobody's business yet; from there on a move changes where an entry stands and not what it says.
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
    """Make one move of a listing that may not be stored yet; the row that writes it down lacks only its id.

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
    """Refuse what was decided on by looking at something older; None is for scripts, which look at nothing.

    Raises:
        Conflict: the listing was changed since.
    """
    if version is not None and listing.version != version:
        raise Conflict("This listing was changed in the meantime. Look at it as it is now, then decide again.")


def unique_slug(session: Session, entry: ListingData) -> str:
    """A web address made of the name and the first city, with a number where it is taken."""
    first = entry.addresses[0]
    base = slugify(f"{entry.name} {first.city} {first.state}")
    taken = set(session.scalars(sa.select(Listing.slug).where(Listing.slug.startswith(base, autoescape=True))))
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def slugify(text: str) -> str:
    """Lower-case ASCII letters and digits with single dashes; never empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:MAX_SLUG].strip("-") or "listing"


def _record_statement(session: Session, listing: Listing, *, by: Actor, now: datetime) -> None:
    """Write down that the owner says of the whole entry that it is right."""
    listing.last_confirmed = now.date()
    statement = ListingStatement(listing_id=listing.id, by_id=by.id, at=now)
    ListingFacts.of(listing).write(statement)
    session.add(statement)


def _require_unlisted_npi(session: Session, npi: str | None) -> None:
    if npi is None:
        return
    taken = sa.select(Listing.id).where(Listing.npi == npi, HOLDS_NPI)
    if session.scalar(taken) is not None:
        raise Conflict(f"NPI {npi} is listed already. Each provider is listed once.")
