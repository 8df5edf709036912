"""Writes a plan to the database; nothing here decides what is written."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from directory.imports.existing import LISTING_COLUMNS, KnownListing, addresses_of, values_of
from directory.imports.plan import Plan
from directory.imports.tables import DeactivatedNpi
from directory.listings import commands
from directory.listings.bulk_insert import NewListing, insert_listings, insert_moves
from directory.listings.lifecycle import ListingState, Move
from directory.listings.listing_data import Address
from directory.listings.name_words import listing_words, replace_words
from directory.listings.notices import tell_decision
from directory.listings.tables import Listing, Location

_AUDITED = frozenset({Move.SUSPEND, Move.REINSTATE})
"""Moves of listings that patients saw; publishing what was imported is no decision on it."""


def apply_plan(session: Session, plan: Plan, *, now: datetime) -> list[int]:
    """Write a plan in the caller's transaction, and set the listing of each row.

    Returns:
        The ids of the changed listings that are in the search index or must leave it.

    Raises:
        StaleDataError: somebody changed one of the listings since the plan was made; plan the batch again.
    """
    for listing in plan.changed:
        _write_values(listing, now=now)
    moves = [row for listing, move, reason in plan.moves for row in _move_stored(session, listing, move, reason, now)]
    session.flush()
    new_moves = _moves_of_new(plan, now)
    ids: dict[KnownListing | NewListing, int] = {listing: listing.stored.id for listing in plan.changed}
    ids |= zip(plan.new, insert_listings(session, plan.new), strict=True)
    insert_moves(session, [*moves, *({"listing_id": ids[listing], **row} for listing, row in new_moves)])
    _write_name_words(session, plan, ids)
    _write_deactivated(session, plan)
    for row in plan.rows:
        row.listing_id = ids.get(row.target) if row.target is not None else None
    return [ids[listing] for listing in ids if listing.state is not ListingState.DRAFT]


def _write_values(listing: KnownListing, *, now: datetime) -> None:
    """Write the values and addresses of a stored listing; columns that the import does not know stay as they are."""
    stored = listing.stored
    if listing.entry is not None:
        for name in LISTING_COLUMNS:
            setattr(stored, name, getattr(listing.entry, name))
    if any(isinstance(each, Address) for each in listing.addresses):
        _write_addresses(stored, [each for each in listing.addresses if isinstance(each, Address)])
    stored.source_updated = listing.source_updated
    stored.updated_at = now
    # Where only an address changed, no column of the listing did, so the version would stay the same.
    flag_modified(stored, "updated_at")


def _write_addresses(stored: Listing, addresses: Sequence[Address]) -> None:
    rows = list(stored.locations)[: len(addresses)]
    rows += [Location() for _ in range(len(addresses) - len(rows))]
    for ordinal, (address, row) in enumerate(zip(addresses, rows, strict=True)):
        address.write(row, ordinal)
    stored.locations = rows


def _move_stored(
    session: Session, listing: KnownListing | NewListing, move: Move, reason: str, now: datetime
) -> Iterator[dict[str, Any]]:
    """Make one move of a stored listing; yields its row of the history if it is still to be written."""
    if isinstance(listing, NewListing):
        return
    if move in _AUDITED:
        commands.move(session, listing.stored, move, by=None, now=now, reason=reason)
        tell_decision(session, listing.stored, move.value, reason, now=now)
    else:
        row = commands.apply_move(listing.stored, move, by=None, now=now, reason=reason)
        yield {"listing_id": listing.stored.id, **row}


def _moves_of_new(plan: Plan, now: datetime) -> list[tuple[NewListing, dict[str, Any]]]:
    """The rows of the history of listings that are not stored yet, which all begin as drafts."""
    moved = [(listing, move, reason) for listing, move, reason in plan.moves if isinstance(listing, NewListing)]
    for listing, _, _ in moved:
        listing.state = ListingState.DRAFT
    return [
        (listing, commands.apply_move(listing, move, by=None, now=now, reason=reason))
        for listing, move, reason in moved
    ]


def _write_deactivated(session: Session, plan: Plan) -> None:
    if plan.deactivated:
        session.execute(sa.delete(DeactivatedNpi).where(DeactivatedNpi.npi.in_(sorted(plan.deactivated))))
        rows = [{"npi": npi, "since": since} for npi, since in plan.deactivated.items()]
        session.execute(sa.insert(DeactivatedNpi), rows)


def _write_name_words(session: Session, plan: Plan, ids: Mapping[KnownListing | NewListing, int]) -> None:
    """Let practices find their listing by name, ZIP code and town as long as it is a draft."""
    drafts = (listing for listing in ids if listing.state is ListingState.DRAFT)
    words = {ids[listing]: _words_of(listing) for listing in drafts}
    replace_words(session, [listing.stored.id for listing in plan.changed], words)


def _words_of(listing: KnownListing | NewListing) -> set[str]:
    values = values_of(listing)
    return listing_words(f"{values.name} {values.other_name}", addresses_of(listing))
