"""Creates and updates unclaimed listings from NPPES rows in batches; importing the same file again changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from directory.errors import Invalid
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.place import Place
from directory.listings.bulk_insert import NewListing, insert_listings, insert_moves
from directory.listings.commands import apply_move, slugify
from directory.listings.existing import (
    LISTING_COLUMNS,
    LOCATION_COLUMNS,
    ExistingListings,
    address_of,
    addresses_of,
    is_geocoded,
    is_managed_by_provider,
    matches_row,
    same_place,
    same_text,
    unchanged_npis,
)
from directory.listings.import_report import BatchResult, ImportReport, RejectedRow
from directory.listings.lifecycle import ListingState, Move
from directory.listings.listing_data import MAX_LOCATIONS, Address, ListingData
from directory.listings.name_words import listing_words, replace_words
from directory.listings.npi_filter import NpiSet
from directory.listings.nppes import Batch, NumberedRow
from directory.listings.nppes_rows import (
    NO_SPECIALTY,
    Deactivation,
    PostalAddress,
    Provider,
    SecondaryAddress,
    SkippedRow,
)
from directory.listings.tables import Listing, Location

PUBLISH_REASON = "Published as not stated, from public NPPES data."
RETIRE_REASON = "The NPI was deactivated in NPPES."
DEACTIVATED = "the NPI is deactivated"
OUTDATED = "an older row than what is known already"
SUPPRESSED = "this listing was taken down on request, and its NPI stays out"
MANAGED_BY_PROVIDER = "the provider keeps this listing themselves"

PLACE_CACHE_SIZE = 4_096
"""Cached places by town and ZIP code, under 2 MB; arbitrary, because few files are sorted by place."""


@dataclass
class Importer:
    """Writes batches through a session; the caller commits, then calls `count` with the result of the batch."""

    gazetteer: Gazetteer
    publish: bool
    now: datetime
    report: ImportReport = field(default_factory=ImportReport)
    seen: NpiSet = field(default_factory=NpiSet)
    gone: NpiSet = field(default_factory=NpiSet)

    def __post_init__(self) -> None:
        # The gazetteer uses neither the street nor the last four ZIP digits, so many addresses share a lookup.
        self._place_of = lru_cache(PLACE_CACHE_SIZE)(self._place_in)

    def place(self, address: PostalAddress) -> Place | None:
        """Geocode an address; None if the result would be a guess."""
        return self._place_of(address.city, address.state, address.postal_code[:5])

    def _place_in(self, city: str, state: str, zip_code: str) -> Place | None:
        return self.gazetteer.place_address(None, city, state, zip_code)

    def write(self, session: Session, batch: Batch) -> BatchResult:
        """Write one batch. If its transaction fails, the batch can be written again."""
        settled = unchanged_npis(session, batch.lines, drafts=not self.publish)
        lines = [line for line in batch.lines if line.npi not in settled]
        writing = _BatchWriter(self, ExistingListings.of(session, (line.npi for line in lines)), session)
        for line in lines:
            writing.take(line)
        return writing.end(batch, settled)

    def count(self, written: BatchResult) -> None:
        """Add the result of a committed batch to the report and to the NPIs that were read."""
        self.report.add(written.report)
        for npi in written.npis:
            self.seen.add(npi)
        for npi in written.gone:
            self.gone.add(npi)


class _BatchWriter:
    """Processes one batch row by row; each row sees the changes of the rows before it."""

    def __init__(self, importer: Importer, listed: ExistingListings, session: Session) -> None:
        self._importer, self._listed, self._session = importer, listed, session
        self._written = BatchResult()
        self._report = self._written.report
        self._made: list[NewListing] = []
        self._changed: set[Listing] = set()
        self._moves: list[tuple[Listing | NewListing, dict[str, Any]]] = []
        self._second: set[Location] = set()

    def take(self, line: NumberedRow) -> None:
        """Process one row, or record why it is skipped."""
        try:
            self._take(line)
        except SkippedRow as skip:
            self._skip(line, skip)
        except Invalid as refusal:
            self._skip(line, SkippedRow("a text is too long, or cannot be shown", details=refusal.sentence))

    def end(self, batch: Batch, settled: set[str]) -> BatchResult:
        """Write the batch to the database; `settled` are the NPIs whose rows changed nothing."""
        self._report.read = batch.read
        self._report.unchanged += len(settled)
        self._written.npis |= settled
        self._report.skipped.update({NO_SPECIALTY: batch.beside} if batch.beside else {})
        self._session.flush()
        ids: dict[Listing | NewListing, int] = {listing: listing.id for listing in self._changed}
        ids |= zip(self._made, insert_listings(self._session, self._made), strict=True)
        insert_moves(self._session, [{"listing_id": ids[listing], **move} for listing, move in self._moves])
        replace_words(
            self._session,
            [listing.id for listing in self._changed],
            {ids[listing]: _words_of(listing) for listing in ids if listing.state is ListingState.DRAFT},
        )
        self._written.public = [
            listing_id for listing, listing_id in ids.items() if listing.state is not ListingState.DRAFT
        ]
        return self._written

    def _skip(self, line: NumberedRow, skip: SkippedRow) -> None:
        self._report.skipped[skip.reason] += 1
        if skip.worth_listing:
            reason = f"{skip.reason}: {skip.details}" if skip.details else skip.reason
            self._written.rejected.append(RejectedRow(line.number, line.npi, reason))

    def _take(self, line: NumberedRow) -> None:
        listing = self._listed.open.get(line.npi)
        if listing is None and not line.layout.names_providers:
            raise SkippedRow("the NPI of this second address is not listed", worth_listing=not line.npi)
        match line.record():
            case Deactivation(since):
                self._written.gone.add(line.npi)
                self._retire(line.npi, listing, since)
            # Files of secondary addresses create no listing, so each listing here is already stored.
            case SecondaryAddress(address) if isinstance(listing, Listing):
                self._add_address(listing, address)
            case Provider() as found:
                self._take_provider(line.npi, listing, found)

    def _retire(self, npi: str, listing: Listing | NewListing | None, since: date | None) -> None:
        if listing is not None and is_managed_by_provider(listing):
            raise SkippedRow(f"{DEACTIVATED}, but the provider keeps this listing themselves")
        if listing is None or listing.state is not ListingState.PUBLISHED:
            raise SkippedRow(DEACTIVATED)
        since = since or self._importer.now.date()
        if since < (listing.source_updated or date.min):
            raise SkippedRow(OUTDATED)
        # An older registry row must not restore the listing.
        listing.source_updated = since
        self._move(listing, Move.RETIRE, RETIRE_REASON)
        self._listed.close(npi, since)
        self._report.retired += 1

    def _take_provider(self, npi: str, listing: Listing | NewListing | None, found: Provider) -> None:
        if listing is None:
            listing = self._make(npi, found)
        elif is_managed_by_provider(listing):
            raise SkippedRow(MANAGED_BY_PROVIDER)
        else:
            self._bring_up_to_date(npi, listing, found)
        self._written.npis.add(npi)
        if self._importer.publish and listing.state is ListingState.DRAFT:
            self._move(listing, Move.SUBMIT, PUBLISH_REASON)
            self._move(listing, Move.PUBLISH, PUBLISH_REASON)
            self._report.published += 1

    def _make(self, npi: str, found: Provider) -> NewListing:
        if npi in self._listed.suppressed:
            raise SkippedRow(SUPPRESSED)
        if npi in self._listed.closed_by_hand:
            raise SkippedRow("somebody here rejected or retired this listing, and it stays so")
        if (found.updated or date.min) < self._listed.closed_as_of.get(npi, date.min):
            raise SkippedRow(OUTDATED)
        if npi in self._written.gone or npi in self._importer.gone:
            raise SkippedRow(f"{DEACTIVATED}, an earlier row of this import says")
        entry = self._entry(npi, found, [self._placed(found.address)])
        again = f"-{self._listed.closed[npi] + 1}" if self._listed.closed[npi] else ""
        slug = f"{slugify(found.name)}-{npi}{again}"
        listing = NewListing(slug, entry, source_updated=found.updated, updated_at=self._importer.now)
        self._made.append(listing)
        self._listed.open[npi] = listing
        self._report.created += 1
        return listing

    def _bring_up_to_date(self, npi: str, listing: Listing | NewListing, found: Provider) -> None:
        rows = addresses_of(listing)
        news = self._news(rows[0] if rows else None, found.address)
        if news is None and matches_row(listing, found):
            self._report.unchanged += 1
            return
        self._refuse_outdated(npi, listing, found)
        kept = [address_of(row) for row in rows]
        others = [other for other in kept[1:] if not same_place(other, found.address)]
        entry = self._entry(npi, found, [news or kept[0], *others])
        if isinstance(listing, NewListing):
            listing.entry = entry
        else:
            entry.write(listing)
        listing.source_updated = found.updated
        self._touch(listing)
        self._report.updated += 1

    def _refuse_outdated(self, npi: str, listing: Listing | NewListing, found: Provider) -> None:
        """Skip a row that is older than the stored data, or a later row of the same import with the same date."""
        stored, new = listing.source_updated or date.min, found.updated or date.min
        if new < stored:
            raise SkippedRow(OUTDATED)
        if new == stored and (npi in self._written.npis or npi in self._importer.seen):
            raise SkippedRow("an earlier row of this import says something else of this NPI on the same day")

    def _add_address(self, listing: Listing, address: PostalAddress) -> None:
        if is_managed_by_provider(listing):
            raise SkippedRow(MANAGED_BY_PROVIDER)
        ordinal = next((at for at, row in enumerate(listing.locations) if same_place(row, address)), None)
        row = None if ordinal is None else listing.locations[ordinal]
        # The full file says more about the primary address; an earlier row of this batch already had this one.
        settled = row is not None and (ordinal == 0 or row in self._second)
        news = None if settled else self._news(row, address)
        if news is not None:
            row, ordinal = self._row_for(listing, row, ordinal)
            news.write(row, ordinal)
            self._touch(listing)
            self._report.updated += 1
        else:
            self._report.unchanged += 1
        if row is not None:
            self._second.add(row)

    @staticmethod
    def _row_for(listing: Listing, row: Location | None, ordinal: int | None) -> tuple[Location, int]:
        if row is not None and ordinal is not None:
            return row, ordinal
        if len(listing.locations) >= MAX_LOCATIONS:
            raise SkippedRow(f"the listing has {MAX_LOCATIONS} addresses already")
        row = Location()
        listing.locations.append(row)
        return row, len(listing.locations) - 1

    def _news(self, row: Location | Address | None, address: PostalAddress) -> Address | None:
        """The address to write, or None if the row has it already. Retries geocoding if the row has no coordinates."""
        same = row is not None and same_text(row, address)
        if row is not None and same and is_geocoded(row):
            return None
        kept = address_of(row).place if row is not None and same_place(row, address) else None
        new = self._placed(address, kept)
        return None if same and new.place is None else new

    def _placed(self, address: PostalAddress, kept: Place | None = None) -> Address:
        place = kept or self._importer.place(address)
        if place is None:
            self._report.unplaced += 1
        return Address(**{name: getattr(address, name) for name in LOCATION_COLUMNS}, place=place)

    @staticmethod
    def _entry(npi: str, found: Provider, addresses: Sequence[Address]) -> ListingData:
        return ListingData(
            **{name: getattr(found, name) for name in LISTING_COLUMNS}, npi=npi, addresses=tuple(addresses)
        )

    def _touch(self, listing: Listing | NewListing) -> None:
        """Mark a listing as changed, so that its version increases even if only an address changed."""
        listing.updated_at = self._importer.now
        if isinstance(listing, Listing):
            self._changed.add(listing)

    def _move(self, listing: Listing | NewListing, move: Move, reason: str) -> None:
        self._moves.append((listing, apply_move(listing, move, by=None, now=self._importer.now, reason=reason)))
        self._touch(listing)


def _words_of(listing: Listing | NewListing) -> set[str]:
    name = listing.name if isinstance(listing, Listing) else listing.entry.name
    return listing_words(name, addresses_of(listing))
