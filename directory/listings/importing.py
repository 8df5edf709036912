"""Makes and updates unclaimed listings from public NPPES rows, a batch at a time; run twice, it changes nothing."""

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.place import Place, Precision
from directory.geography.point import Point
from directory.listings.commands import move, slug_of
from directory.listings.entry import MAX_LOCATIONS, Address, Entry
from directory.listings.lifecycle import OPEN, Move, State
from directory.listings.nppes import Deactivated, Line, PostalAddress, Provider, Record, SecondAddress, Skip
from directory.listings.tables import Listing, Location, Source

BATCH = 500
"""Rows written together; arbitrary, so that memory stays constant and a write lock short."""

PUBLISHED_BECAUSE = "Published as not stated, from public NPPES data."
RETIRED_BECAUSE = "The NPI was deactivated in NPPES."


@dataclass
class Report:
    """What came of an import so far, in rows."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    published: int = 0
    retired: int = 0
    unplaced: int = 0
    skipped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that could not be used, for the file of rejected rows."""

    line: int
    npi: str
    reason: str


def batches(lines: Iterable[Line]) -> Iterator[Sequence[Line]]:
    """The lines in batches, each to be written in one transaction."""
    remaining = iter(lines)
    while batch := list(itertools.islice(remaining, BATCH)):
        yield batch


@dataclass
class Importer:
    """Writes batches through a session and counts what it does; the caller commits."""

    gazetteer: Gazetteer
    publish: bool
    now: datetime
    report: Report = field(default_factory=Report)

    def write(self, session: Session, batch: Sequence[Line]) -> tuple[list[int], list[Rejection]]:
        """Write one batch.

        Returns:
            The ids of the listings that changed, to be indexed again, and the rows that were rejected.
        """
        listed = _listed(session, {line.found.npi for line in batch})
        changed: dict[int, Listing] = {}
        rejected: list[Rejection] = []
        self.report.read += len(batch)
        for line in batch:
            try:
                listing = self._take(session, line.found, listed)
            except Skip as skip:
                self.report.skipped[skip.reason] += 1
                if skip.worth_listing:
                    rejected.append(Rejection(line.number, skip.npi, skip.reason))
            else:
                if listing is not None:
                    changed[id(listing)] = listing
        session.flush()
        return [listing.id for listing in changed.values()], rejected

    def _take(self, session: Session, found: Record | Skip, listed: dict[str, Listing]) -> Listing | None:
        """The listing that one row changed, or None where it says nothing new."""
        match found:
            case Deactivated() if (listing := listed.get(found.npi)) is not None and listing.state is State.PUBLISHED:
                return self._retire(session, listing, found)
            case Skip():
                raise found
            case SecondAddress():
                return self._add_address(found, listed)
            case Provider():
                return self._make_or_change(session, found, listed)

    def _retire(self, session: Session, listing: Listing, found: Deactivated) -> Listing:
        if listing.owner_id is not None:
            raise found
        move(session, listing, Move.RETIRE, by=None, now=self.now, reason=RETIRED_BECAUSE)
        self.report.retired += 1
        return listing

    def _make_or_change(self, session: Session, found: Provider, listed: dict[str, Listing]) -> Listing | None:
        listing = listed.get(found.npi)
        if listing is None:
            listing = self._make(session, found)
            listed[found.npi] = listing
        else:
            _refuse_claimed(listing)
            if not self._change(listing, found):
                return self._publish(session, listing)
        self._publish(session, listing)
        return listing

    def _make(self, session: Session, found: Provider) -> Listing:
        listing = Listing(
            slug=f"{slug_of(found.name)}-{found.npi}",
            source=Source.NPPES,
            source_updated=found.updated,
            state=State.DRAFT,
            created_at=self.now,
            updated_at=self.now,
        )
        self._entry(found, [self._placed(found.address)]).write(listing)
        session.add(listing)
        self.report.created += 1
        return listing

    def _change(self, listing: Listing, found: Provider) -> bool:
        """Bring the listing to what the row says, and say whether anything was new."""
        before = _said(listing)
        others = [_address_of(row) for row in listing.locations[1:]]
        first = listing.locations[0]
        kept = _address_of(first) if _same_address(first, found.address) else self._placed(found.address)
        self._entry(found, [kept, *others]).write(listing)
        listing.source_updated = found.updated
        if _said(listing) == before:
            self.report.unchanged += 1
            return False
        listing.updated_at = self.now
        self.report.updated += 1
        return True

    def _add_address(self, found: SecondAddress, listed: dict[str, Listing]) -> Listing | None:
        listing = listed.get(found.npi)
        if listing is None:
            raise Skip("the NPI of this second address is not listed", npi=found.npi, worth_listing=False)
        _refuse_claimed(listing)
        if any(_same_address(row, found.address) for row in listing.locations):
            self.report.unchanged += 1
            return None
        if len(listing.locations) >= MAX_LOCATIONS:
            raise Skip(f"the listing has {MAX_LOCATIONS} addresses already", npi=found.npi)
        row = Location()
        self._placed(found.address).write(row, len(listing.locations))
        listing.locations.append(row)
        listing.updated_at = self.now
        self.report.updated += 1
        return listing

    def _publish(self, session: Session, listing: Listing) -> Listing | None:
        if not self.publish or listing.state is not State.DRAFT:
            return None
        session.flush()
        for step in (Move.SUBMIT, Move.PUBLISH):
            move(session, listing, step, by=None, now=self.now, reason=PUBLISHED_BECAUSE)
        self.report.published += 1
        return listing

    def _placed(self, address: PostalAddress) -> Address:
        place = self.gazetteer.place_address(address.line1, address.city, address.state, address.postal_code)
        if place is None:
            self.report.unplaced += 1
        return Address(
            line1=address.line1,
            line2=address.line2,
            city=address.city,
            state=address.state,
            postal_code=address.postal_code,
            phone=address.phone,
            place=place,
        )

    @staticmethod
    def _entry(found: Provider, addresses: Sequence[Address]) -> Entry:
        return Entry(
            kind=found.kind,
            name=found.name,
            credential=found.credential,
            npi=found.npi,
            specialty_code=found.specialty_code,
            phone=found.address.phone,
            addresses=tuple(addresses),
        )


def _listed(session: Session, npis: set[str]) -> dict[str, Listing]:
    rows = session.scalars(
        sa.select(Listing)
        .where(Listing.npi.in_(npis - {""}), Listing.state.in_(OPEN))
        .options(selectinload(Listing.locations))
    )
    return {row.npi: row for row in rows if row.npi is not None}


def _refuse_claimed(listing: Listing) -> None:
    """What a provider says of themselves is worth more than what the registry says."""
    if listing.source is not Source.NPPES or listing.owner_id is not None:
        raise Skip("the provider keeps this listing themselves", npi=listing.npi or "")


def _said(listing: Listing) -> tuple[object, ...]:
    entry = (listing.kind, listing.name, listing.credential, listing.specialty_code, listing.phone)
    return (*entry, listing.source_updated, *(_address_of(row) for row in listing.locations))


def _address_of(row: Location) -> Address:
    """What a row holds, as the value it was written from."""
    place = None
    if row.lat is not None and row.lon is not None:
        place = Place(
            label=f"{row.line1}, {row.city}, {row.state} {row.postal_code}",
            city=row.city,
            state=row.state,
            postal_code=row.postal_code,
            point=Point(row.lat, row.lon),
            precision=Precision(row.precision),
            uncertainty_miles=row.uncertainty_miles or 0.0,
        )
    return Address(
        line1=row.line1,
        line2=row.line2,
        city=row.city,
        state=row.state,
        postal_code=row.postal_code,
        phone=row.phone,
        place=place,
    )


def _same_address(row: Location, address: PostalAddress) -> bool:
    stored = (row.line1, row.line2, row.city, row.state, row.postal_code, row.phone)
    return stored == (
        address.line1,
        address.line2,
        address.city,
        address.state,
        address.postal_code,
        address.phone,
    )
