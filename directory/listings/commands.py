"""What its managers can do to a listing, and the function that makes every lifecycle move."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from directory.accounts.policy import Action, Actor, Right, require
from directory.audit.commands import record
from directory.errors import Conflict, Invalid
from directory.listings.bulk_insert import NewListing
from directory.listings.changes import check_typed, require_allowed_words, values_of
from directory.listings.digest import listing_digest
from directory.listings.facts import ListingFacts
from directory.listings.field_sets import LIVE_LOCATION_FIELDS, editable_fields
from directory.listings.fields import LISTING_FIELDS
from directory.listings.lifecycle import EDITABLE, ListingState, Move, next_state
from directory.listings.listing_data import ListingData, check_typed_count
from directory.listings.notices import notify_owners
from directory.listings.tables import (
    HOLDS_NPI,
    Listing,
    ListingManager,
    ListingMove,
    ListingSource,
    ListingStatement,
)
from directory.settings.queries import forbidden_words

_LISTING_INPUTS = editable_fields(LISTING_FIELDS)

MAX_SLUG = 100
"""The most characters of a slug before its number; the column has room for the number that makes it unique."""


class AlreadyListed(Conflict):
    """Another listing holds the NPI; `slug` is that listing's, so that it can be claimed."""

    def __init__(self, sentence: str, *, slug: str) -> None:
        super().__init__(sentence)
        self.slug = slug


def create(
    session: Session,
    entry: ListingData,
    *,
    by: Actor,
    now: datetime,
    source: ListingSource = ListingSource.PROVIDER,
    form_key: str | None = None,
) -> Listing:
    """Create a draft of which `by` is the owner; a second one with the same `form_key` is a Conflict on commit.

    Raises:
        NotAllowed: the account is not a provider's.
        Invalid: a text has a forbidden word or is no phone number, or there are too many addresses.
        AlreadyListed: the NPI is already listed.
    """
    require(by, Action.ADD_LISTING)
    _check_typed(entry, {}, stored=0, words=forbidden_words(session))
    require_unlisted_npi(session, entry.npi)
    listing = Listing(
        slug=unique_slug(session, entry),
        source=source,
        managers=[ListingManager(account_id=by.id, right=Right.OWNER, since=now, by_id=by.id)],
        form_key=form_key,
        state=ListingState.DRAFT,
        created_at=now,
        updated_at=now,
    )
    write_entry(listing, entry, now=now)
    session.add(listing)
    session.flush()
    return listing


def update(session: Session, listing: Listing, entry: ListingData, *, version: int, by: Actor, now: datetime) -> None:
    """Replace the content of a draft; `version` is the version that the provider edited.

    Raises:
        Invalid: a changed text has a forbidden word or is no phone number, or there are too many addresses.
        Conflict: the listing was changed in the meantime, is no longer a draft, or its new NPI is already listed.
    """
    require(by, Action.EDIT_LISTING, right=listing.right_of(by.id))
    if listing.state not in EDITABLE:
        raise Conflict(f"This listing is {listing.state.value}; only a draft can be changed.")
    require_version(listing, version)
    old = values_of(_LISTING_INPUTS, listing)
    _check_typed(entry, old, stored=len(listing.locations), words=forbidden_words(session))
    if entry.npi != listing.npi:
        require_unlisted_npi(session, entry.npi)
    write_entry(listing, entry, now=now)
    listing.updated_at = now
    # Where only an address changed, no column of the listing did, so the version would stay the same.
    flag_modified(listing, "updated_at")
    session.flush()


def write_entry(listing: Listing, entry: ListingData, *, now: datetime) -> None:
    """Write the content of a listing, with the day on which its price was last noted."""
    before = listing.price_note or ""
    entry.write(listing)
    if listing.price_note != before:
        listing.price_noted_on = now.date() if listing.price_note else None


def submit(session: Session, listing: Listing, *, by: Actor, now: datetime, version: int | None = None) -> None:
    """Submit a draft for review. `version` is the version that the provider saw.

    Raises:
        Invalid: a text has a word that is forbidden since it was typed.
        Conflict: the listing is not a draft, or was changed in the meantime.
    """
    require(by, Action.EDIT_LISTING, right=listing.right_of(by.id))
    require_version(listing, version)
    require_allowed_words(listing, forbidden_words(session))
    _record_statement(session, listing, by=by, now=now)
    move(session, listing, Move.SUBMIT, by=by, now=now)
    notify_owners(session, listing.id, "listing_received", now=now, listing=listing)


def withdraw(session: Session, listing: Listing, *, by: Actor, now: datetime, version: int | None = None) -> None:
    """Take a listing back that waits for review, to change it; `version` is the version that the owner saw.

    Raises:
        Conflict: the listing does not wait for review, or was changed in the meantime.
    """
    require(by, Action.EDIT_LISTING, right=listing.right_of(by.id))
    require_version(listing, version)
    move(session, listing, Move.WITHDRAW, by=by, now=now)


def delete_draft(session: Session, listing: Listing, *, by: Actor, version: int | None = None) -> None:
    """Delete a draft that was never submitted; `version` is the version that the owner saw.

    Raises:
        Conflict: the listing is no draft, has a history, or was changed in the meantime.
    """
    require(by, Action.EDIT_LISTING, right=listing.right_of(by.id))
    require_version(listing, version)
    has_history = session.scalar(sa.select(ListingMove.id).where(ListingMove.listing_id == listing.id).limit(1))
    if listing.state not in EDITABLE or has_history is not None:
        raise Conflict("Only a draft that was never sent for review can be deleted: the others have a history.")
    session.delete(listing)
    session.flush()


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
    # A draft was never audited, so it has no earlier digest.
    before = None if name is Move.SUBMIT else listing_digest(listing)
    row = apply_move(listing, name, by=by, now=now, reason=reason, comments=comments)
    session.add(ListingMove(listing_id=listing.id, **row))
    session.flush()
    record(
        session,
        action=f"listing.{name.value}",
        target=f"listing:{listing.id}",
        before=before,
        after=listing_digest(listing),
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


def _check_typed(entry: ListingData, old: Mapping[str, Any], *, stored: int, words: Collection[str]) -> None:
    """Check what holds only for what a provider types, such as the number of addresses."""
    faults = list(check_typed_count(len(entry.addresses), stored))
    faults += list(check_typed(_LISTING_INPUTS, old, values_of(_LISTING_INPUTS, entry), words=words))
    for number, address in enumerate(entry.addresses):
        given = values_of(LIVE_LOCATION_FIELDS, address)
        faults += check_typed(LIVE_LOCATION_FIELDS, {}, given, f"addresses-{number}-", words=words)
    if faults:
        raise Invalid(faults)


def require_unlisted_npi(session: Session, npi: str | None) -> None:
    """Check that no other listing holds this NPI.

    Raises:
        Conflict: one does.
    """
    if npi is None:
        return
    taken = session.scalar(sa.select(Listing.slug).where(Listing.npi == npi, HOLDS_NPI))
    if taken is not None:
        raise AlreadyListed(f"NPI {npi} is listed already. Each provider is listed once.", slug=taken)
