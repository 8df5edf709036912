"""Corrections of a listing by a reviewer: any field and address, at once, with a reason that the owners are told."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.errors import Conflict, FieldError, Invalid
from directory.listings import commands as listings
from directory.listings.address_changes import TypedAddress, documents, typed_documents
from directory.listings.changes import (
    ADDRESSES,
    Document,
    FieldChange,
    check_typed,
    check_values,
    diff_values,
    from_json,
    values_of,
)
from directory.listings.field_sets import LIVE_LOCATION_FIELDS, editable_fields
from directory.listings.fields import LISTING_FIELDS
from directory.listings.lifecycle import OPEN, ListingState
from directory.listings.name_words import listing_words, replace_words
from directory.listings.notices import notify_owners
from directory.listings.revision_lifecycle import Move, RevisionState
from directory.listings.revision_store import find_revision, new_revision, write_public_changes
from directory.listings.tables import Listing, ListingRevisionMove, ListingSource
from directory.review.commands import validate_reason
from directory.review.revisions import end_answers, names_another_provider
from directory.search.changes import record_changes
from directory.settings.queries import forbidden_words

CORRECTED_FIELDS = editable_fields(LISTING_FIELDS)


def correct_listing(
    session: Session,
    listing: Listing,
    values: Mapping[str, Any],
    locations: Sequence[TypedAddress] | None,
    *,
    version: int | None,
    reason: str,
    by: Actor,
    now: datetime,
) -> tuple[FieldChange, ...]:
    """Correct a listing in any open state at once, tell its owners why, and return what changed.

    `values` are those of `CORRECTED_FIELDS` by name, `locations` all addresses in their order; what is left out stays.
    `version` is the version that the reviewer saw. Another NPI, kind or name of a person ends the signed answers.

    Raises:
        NotAllowed: `by` is no reviewer, or manages the listing.
        Invalid: a value breaks a limit, the reason is missing, or nothing changes.
        Conflict: the listing is closed or was changed since, the provider's own change of the same field waits for
            review, or the new NPI is listed already.
    """
    require(by, Action.DECIDE, right=listing.right_of(by.id))
    if listing.state not in OPEN:
        raise Conflict(f"This listing is {listing.state.value}, so there is nothing to correct.")
    listings.require_version(listing, version)
    changes = _checked_changes(listing, values, locations, forbidden_words(session))
    reason = validate_reason(reason, needed=True)
    _require_not_proposed(session, listing, changes)
    for change in changes:
        if change.field == "npi":
            listings.require_unlisted_npi(session, change.new)
    ends = names_another_provider(listing, changes)
    _store(session, listing, changes, reason=reason, by=by, now=now)
    ended = ends and end_answers(session, listing, by=by, now=now)
    record_changes(session, [listing.id])
    facts = {"listing": listing, "changes": changes, "reason": reason, "ended": ended}
    notify_owners(session, listing.id, "listing_corrected", now=now, **facts)
    return changes


def _checked_changes(
    listing: Listing,
    values: Mapping[str, Any],
    locations: Sequence[TypedAddress] | None,
    words: Collection[str],
) -> tuple[FieldChange, ...]:
    """Return what changes.

    Raises:
        Invalid: a new value breaks a limit, or nothing changes.
    """
    fields = [each for each in CORRECTED_FIELDS if each.name in values]
    own = values_of(fields, listing)
    faults = list(check_values(fields, own, values, words=words))
    changes = list(diff_values(fields, own, values))
    if locations is not None:
        faults += _check_locations(listing, locations, words)
        changes += _location_changes(listing, locations)
    if faults:
        raise Invalid(faults)
    if not changes:
        raise Invalid([FieldError("values", "Nothing is different from what is stored.")])
    return tuple(changes)


def _check_locations(
    listing: Listing, locations: Sequence[TypedAddress], words: Collection[str]
) -> Iterator[FieldError]:
    stored = {row.id: values_of(LIVE_LOCATION_FIELDS, row) for row in listing.locations}
    for number, typed in enumerate(locations):
        given = values_of(LIVE_LOCATION_FIELDS, typed.address)
        old = stored.get(typed.location_id or 0, {})
        yield from check_typed(LIVE_LOCATION_FIELDS, old, given, f"addresses-{number}-", words=words)


def _location_changes(listing: Listing, locations: Sequence[TypedAddress]) -> Iterator[FieldChange]:
    """Yield the change of all addresses as one, and those of the live fields of each address that stays."""
    old = documents(listing)
    pairs = zip(typed_documents(old, locations), locations, strict=True)
    new = [_with_live_fields(document, typed) for document, typed in pairs]
    if old != new:
        yield FieldChange(ADDRESSES, old, new)
    rows = {row.id: row for row in listing.locations}
    for typed in locations:
        if typed.location_id is not None:
            row, given = rows[typed.location_id], values_of(LIVE_LOCATION_FIELDS, typed.address)
            for change in diff_values(LIVE_LOCATION_FIELDS, values_of(LIVE_LOCATION_FIELDS, row), given, row):
                yield replace(change, where=typed.address.line1)


def _with_live_fields(document: Document, typed: TypedAddress) -> Document:
    """Return the document of an address; a new one has its live fields in it, because no row has them yet."""
    if typed.location_id is not None:
        return document
    return document | {each.name: each.stored(getattr(typed.address, each.name)) for each in LIVE_LOCATION_FIELDS}


def _require_not_proposed(session: Session, listing: Listing, changes: Sequence[FieldChange]) -> None:
    """Check that the provider does not wait for a decision on the same field.

    Raises:
        Conflict: they do; the message has both values.
    """
    waiting = find_revision(session, listing, RevisionState.SUBMITTED)
    proposed = {change.key: change for change in from_json(waiting.changes if waiting else ())}
    for change in changes:
        if theirs := proposed.get(change.key):
            raise Conflict(
                f"{change.short}: the provider's own change to “{theirs.after}” waits for review, and you would make "
                f"it “{change.after}”. Decide on their change first."
            )


def _store(
    session: Session, listing: Listing, changes: Sequence[FieldChange], *, reason: str, by: Actor, now: datetime
) -> None:
    """Write the changes as a revision that was never submitted and is accepted at once."""
    revision = new_revision(listing, changes, RevisionState.ACCEPTED, by=by.id, now=now)
    session.add(revision)
    session.flush()
    states = {"from_state": RevisionState.SUBMITTED.value, "to_state": RevisionState.ACCEPTED.value}
    session.add(
        ListingRevisionMove(
            revision_id=revision.id, move=Move.ACCEPT.value, **states, reason=reason, by_id=by.id, at=now
        )
    )
    write_public_changes(session, listing, changes, by=by, now=now, action="listing.correct")
    if listing.source is ListingSource.NPPES and listing.state is ListingState.DRAFT:
        words = listing_words(f"{listing.name} {listing.other_name}", listing.locations)
        replace_words(session, [listing.id], {listing.id: words})
