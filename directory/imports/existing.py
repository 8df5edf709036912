"""Finds the listings that already hold the NPIs of some rows of a register, and compares them with these rows."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from directory.claims.tables import UnmanagedListing
from directory.imports.records import ParsedRow, Provider
from directory.imports.tables import DeactivatedNpi
from directory.listings.bulk_insert import NewListing
from directory.listings.field_sets import imported_names
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.lifecycle import ListingState, Move
from directory.listings.listing_data import Address, ListingData
from directory.listings.tables import HOLDS_NPI, Listing, ListingMove, ListingSource, Location, SuppressedNpi

CLOSED = (ListingState.REJECTED, ListingState.RETIRED)

LISTING_COLUMNS, LOCATION_COLUMNS = imported_names(LISTING_FIELDS), imported_names(LOCATION_FIELDS)
"""The columns of a listing and of a location that the import writes, without the NPI."""

_listing_values, _location_values = attrgetter(*LISTING_COLUMNS), attrgetter(*LOCATION_COLUMNS)


@dataclass(slots=True, eq=False)
class KnownListing:
    """A stored listing, and what a plan makes of it; the plan does not write to `stored`.

    Attributes:
        is_protected: whether a provider manages the listing or did, so that the import must not overwrite it.
        suspension: the last suspension or reinstatement, if the state or the row makes it matter.
        entry: what the import writes; None if only the state changes.
    """

    stored: Listing
    is_protected: bool
    state: ListingState
    source_updated: date | None
    addresses: Sequence[Location | Address]
    suspension: "Suspension | None" = None
    entry: ListingData | None = None

    @property
    def values(self) -> "Listing | ListingData":
        """What has the values of the listing's columns."""
        return self.entry or self.stored


@dataclass(frozen=True, slots=True)
class Suspension:
    """The last move that suspended or reinstated a listing; `by_import` if no person made it."""

    move: Move
    by_import: bool
    on: date


@dataclass
class ExistingListings:
    """Listings by NPI: the open listing that holds it, and the number of closed listings that held it."""

    open: dict[str, KnownListing | NewListing] = field(default_factory=dict)
    closed: Counter[str] = field(default_factory=Counter)
    closed_by_hand: set[str] = field(default_factory=set)
    """NPIs whose listing a person rejected or retired, as opposed to an import."""
    suppressed: set[str] = field(default_factory=set)
    """NPIs whose listing was taken down on request."""
    deactivated: dict[str, date] = field(default_factory=dict)
    """Since when NPIs are deactivated, as far as an import said."""
    closed_as_of: dict[str, date] = field(default_factory=dict)
    """The latest registry date of the closed listings, by NPI."""

    @classmethod
    def of(cls, session: Session, npis: Iterable[str]) -> "ExistingListings":
        """Load the listings of these NPIs in eight statements for any number of NPIs."""
        wanted = sorted(set(npis) - {""})
        listed = cls()
        if not wanted:
            return listed
        listed.open = {row.stored.npi or "": row for row in _known_listings(session, wanted)}
        endings = session.execute(
            sa.select(sa.func.coalesce(Listing.npi, ""), ListingMove.by_id, Listing.source_updated)
            .join(ListingMove, sa.and_(ListingMove.listing_id == Listing.id, ListingMove.to_state == Listing.state))
            .where(Listing.npi.in_(wanted), Listing.state.in_(CLOSED))
        )
        for npi, by_id, as_of in endings:
            listed.closed[npi] += 1
            listed.closed_as_of[npi] = max(as_of or date.min, listed.closed_as_of.get(npi, date.min))
            if by_id is not None:
                listed.closed_by_hand.add(npi)
        listed.suppressed = set(session.scalars(sa.select(SuppressedNpi.npi).where(SuppressedNpi.npi.in_(wanted))))
        gone = sa.select(DeactivatedNpi.npi, DeactivatedNpi.since).where(DeactivatedNpi.npi.in_(wanted))
        listed.deactivated = {row.npi: row.since for row in session.execute(gone)}
        return listed


def _known_listings(session: Session, npis: Sequence[str]) -> list[KnownListing]:
    rows = session.scalars(
        sa.select(Listing)
        .where(Listing.npi.in_(npis), HOLDS_NPI)
        .options(selectinload(Listing.locations), selectinload(Listing.managers))
    ).all()
    if not rows:
        return []
    ids = [row.id for row in rows]
    left = set(session.scalars(sa.select(UnmanagedListing.listing_id).where(UnmanagedListing.listing_id.in_(ids))))
    suspensions = _suspensions(session, ids)
    return [
        KnownListing(
            row,
            is_protected=row.source is not ListingSource.NPPES or bool(row.managers) or row.id in left,
            state=row.state,
            source_updated=row.source_updated,
            addresses=tuple(row.locations),
            suspension=suspensions.get(row.id),
        )
        for row in rows
    ]


def _suspensions(session: Session, ids: Sequence[int]) -> Mapping[int, Suspension]:
    """The last suspension or reinstatement of each of these listings that has one."""
    rows = session.execute(
        sa.select(ListingMove.listing_id, ListingMove.move, ListingMove.by_id, ListingMove.at)
        .where(ListingMove.listing_id.in_(ids), ListingMove.move.in_([Move.SUSPEND.value, Move.REINSTATE.value]))
        .order_by(ListingMove.id)
    )
    return {row.listing_id: Suspension(Move(row.move), row.by_id is None, row.at.date()) for row in rows}


def unclaimed_values(session: Session, npis: Iterable[str], *, drafts: bool) -> dict[str, tuple[Any, ...]]:
    """The values of unclaimed registry listings by NPI, to be compared with `row_values`, without ORM objects.

    In a repeated import, nearly all rows equal their listing. `drafts` says whether listings that are drafts count too.
    """
    wanted = sorted(set(npis) - {""})
    if not wanted:
        return {}
    listings = sa.select(*(getattr(Listing, name) for name in ("id", "npi", "source_updated", *LISTING_COLUMNS)))
    of_registry = sa.and_(Listing.source == ListingSource.NPPES, ~Listing.managers.any())
    held = listings.where(Listing.npi.in_(wanted), HOLDS_NPI, of_registry, Listing.state != ListingState.SUSPENDED)
    if not drafts:
        held = held.where(Listing.state != ListingState.DRAFT)
    listing = held.subquery()
    first = sa.and_(Location.listing_id == listing.c.id, Location.ordinal == 0, Location.lat.is_not(None))
    columns = [*(listing.c[name] for name in LISTING_COLUMNS), *(getattr(Location, name) for name in LOCATION_COLUMNS)]
    stored = session.execute(sa.select(listing.c.npi, listing.c.source_updated, *columns).join(Location, first))
    return {npi: tuple(said) for npi, *said in stored}


def row_values(row: ParsedRow) -> tuple[Any, ...] | None:
    """The values of a row, as `unclaimed_values` returns those of a listing; None if it is not a valid provider row."""
    found = row.record
    if not isinstance(found, Provider):
        return None
    return (found.updated, *_listing_values(found), *_location_values(found.address))


def addresses_of(listing: KnownListing | NewListing) -> Sequence[Location | Address]:
    """The addresses of a listing in order, the primary one first."""
    return listing.entry.addresses if isinstance(listing, NewListing) else listing.addresses


def values_of(listing: KnownListing | NewListing) -> Any:
    """What has the values of the listing's columns as attributes."""
    return listing.entry if isinstance(listing, NewListing) else listing.values
