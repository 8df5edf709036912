"""Plans what an import does with a batch of rows; planning the same file again changes nothing."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from operator import attrgetter

from sqlalchemy.orm import Session

from directory.errors import Invalid
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.place import Place
from directory.imports.address_plan import AddressPlanner
from directory.imports.comparison import address_changes, address_of, held_changes, listing_changes, same_values
from directory.imports.deactivation import (
    DEACTIVATED,
    OUTDATED,
    REINSTATE_REASON,
    SUSPEND_REASON,
    is_reinstated,
    is_suspended,
)
from directory.imports.effect import Effect
from directory.imports.existing import (
    LISTING_COLUMNS,
    ExistingListings,
    KnownListing,
    addresses_of,
    row_values,
    unclaimed_values,
    values_of,
)
from directory.imports.future_dates import drop_future_date
from directory.imports.npi_filter import NpiSet
from directory.imports.nppes_reader import Batch, NumberedRow
from directory.imports.placement import place_in_zip
from directory.imports.plan import Plan, PlannedChange, PlannedRow
from directory.imports.records import Deactivation, ParsedRow, Provider, SecondaryAddress, SkippedRow
from directory.imports.usps_address import same_place
from directory.listings.bulk_insert import NewListing
from directory.listings.commands import slugify
from directory.listings.lifecycle import ListingState, Move, next_state
from directory.listings.listing_data import Address, ListingData

PUBLISH_REASON = "Published as not stated, from public NPPES data."
DEACTIVATED_SINCE = "the NPI was deactivated since"
SAME_DAY = "an earlier row of this import says something else of this NPI on the same day"
SUPPRESSED = "this listing was taken down on request, and its NPI stays out"
CLOSED_BY_HAND = "somebody here rejected or retired this listing, and it stays so"
MANAGED_BY_PROVIDER = "the provider keeps this listing themselves"
NOT_LISTED = "the NPI of this second address is not listed"
BAD_TEXT = "a text is too long, or cannot be shown"

PLACE_CACHE_SIZE = 4_096
"""Cached places by town and ZIP code, under 2 MB; arbitrary, because few files are sorted by place."""


@dataclass
class Planner:
    """Plans batches one after another; after a plan was applied and committed, pass it to `remember`."""

    gazetteer: Gazetteer
    publish: bool
    now: datetime
    seen: NpiSet = field(default_factory=NpiSet)

    def __post_init__(self) -> None:
        # The gazetteer uses neither the street nor the last four ZIP digits, so many addresses share a lookup.
        self.place = lru_cache(PLACE_CACHE_SIZE)(self._place)

    def _place(self, city: str, state: str, zip_code: str) -> Place | None:
        return place_in_zip(self.gazetteer, city, state, zip_code)

    def plan(self, session: Session, batch: Batch) -> Plan:
        """Plan one batch; writes nothing."""
        plan = Plan(batch.read, batch.beside)
        rows = list(self._skip_unchanged(session, batch, plan))
        planning = _BatchPlanner(self, ExistingListings.of(session, (line.npi for line, _ in rows)), plan)
        for line, row in rows:
            planning.take(line, row)
        plan.rows.sort(key=attrgetter("line"))
        return plan

    def _skip_unchanged(
        self, session: Session, batch: Batch, plan: Plan
    ) -> Iterator[tuple[NumberedRow, ParsedRow | None]]:
        """Yield the rows of a batch but for those that say nothing new, which are only counted.

        The parsed rows that are equal to their listing are dropped at once: kept until the end of the batch, they
        would make Python look for garbage all the time.
        """
        counts = Counter(line.npi for line in batch.lines if line.layout.names_providers)
        known = unclaimed_values(session, counts, drafts=not self.publish)
        for line in batch.lines:
            parsed = self.parse(line) if line.layout.names_providers else None
            stored = known.get(line.npi) if counts[line.npi] == 1 else None
            if parsed is None or stored is None or stored != row_values(parsed):
                yield line, parsed
                continue
            plan.npis.add(line.npi)
            if parsed.notes:
                plan.rows.append(PlannedRow(line.number, line.npi, Effect.UNCHANGED, notes=parsed.notes))
            else:
                plan.unchanged += 1

    def remember(self, plan: Plan) -> None:
        """Add the NPIs of a committed plan to those that were read, for rows of later batches."""
        for npi in plan.npis:
            self.seen.add(npi)

    def skip(self, batch: Batch) -> None:
        """Add the NPIs of a batch that was written before this process began, as `remember` does with a plan."""
        for line in batch.lines:
            if line.npi and line.layout.names_providers and isinstance(self.parse(line).record, Provider):
                self.seen.add(line.npi)

    def parse(self, line: NumberedRow) -> ParsedRow:
        """Parse a row, and take no date in the future for one: it would outlast all rows to come."""
        return drop_future_date(line.parse(), self.now)


class _BatchPlanner:
    """Plans one batch row by row; each row sees what is planned for the rows before it."""

    def __init__(self, planner: Planner, listed: ExistingListings, plan: Plan) -> None:
        self._planner, self._listed, self.plan = planner, listed, plan
        self._addresses = AddressPlanner(planner.place)
        self._touched: set[KnownListing] = set()

    def take(self, line: NumberedRow, parsed: ParsedRow | None) -> None:
        """Plan one row, or note why it is skipped or rejected."""
        planned = PlannedRow(line.number, line.npi, Effect.UNCHANGED)
        self.plan.rows.append(planned)
        try:
            self._take(line, parsed, planned)
        except SkippedRow as skip:
            self._skip(planned, skip, Effect.SKIPPED)
        except Invalid as refusal:
            self._skip(planned, SkippedRow(BAD_TEXT, details=refusal.sentence), Effect.REJECTED)

    @staticmethod
    def _skip(planned: PlannedRow, skip: SkippedRow, effect: Effect) -> None:
        planned.effect, planned.reason, planned.details = effect, skip.reason, skip.details
        planned.worth_listing, planned.is_unplaced = skip.worth_listing, False

    def _take(self, line: NumberedRow, parsed: ParsedRow | None, planned: PlannedRow) -> None:
        listing = self._listed.open.get(line.npi)
        if parsed is None:
            if listing is None:
                raise SkippedRow(NOT_LISTED, worth_listing=not line.npi)
            parsed = self._planner.parse(line)
        planned.notes = parsed.notes
        match parsed.record:
            case SkippedRow() as skip:
                self._skip(planned, skip, Effect.REJECTED)
            case Deactivation(since):
                self._take_deactivation(line.npi, listing, since, planned)
            case SecondaryAddress(address) if isinstance(listing, KnownListing):
                self._require_unprotected(listing)
                self._change_addresses(listing, self._addresses.plan_further(listing, address, planned), planned)
            case Provider() as found:
                self._take_provider(line.npi, listing, found, planned)

    def _take_deactivation(
        self, npi: str, listing: KnownListing | NewListing | None, since: date | None, planned: PlannedRow
    ) -> None:
        suspended = listing is not None and is_suspended(listing, since)
        self._remember_deactivation(npi, since)
        if listing is None:
            raise SkippedRow(DEACTIVATED, worth_listing=False)
        is_ours = isinstance(listing, NewListing) or not listing.is_protected
        if is_ours and (suspended or (since is not None and listing.state is ListingState.DRAFT)):
            self._date(listing, since or self._planner.now.date(), planned)
        if not suspended:
            raise SkippedRow(DEACTIVATED)
        planned.effect, planned.target = Effect.SUSPENDED, listing
        self._move(listing, Move.SUSPEND, SUSPEND_REASON)

    def _remember_deactivation(self, npi: str, since: date | None) -> None:
        """Have the date stored if it is the first one or a later one."""
        known = self._listed.deactivated.get(npi)
        as_of = since or known or self._planner.now.date()
        if known is None or known < as_of:
            self.plan.deactivated[npi] = self._listed.deactivated[npi] = as_of

    def _date(self, listing: KnownListing | NewListing, as_of: date, planned: PlannedRow) -> None:
        """Date a listing, so that no older row of the registry lists it again."""
        if listing.source_updated == as_of:
            return
        planned.changes = [PlannedChange("source_updated", listing.source_updated, as_of)]
        planned.target, listing.source_updated = listing, as_of
        self._touch(listing)

    def _take_provider(
        self, npi: str, listing: KnownListing | NewListing | None, found: Provider, planned: PlannedRow
    ) -> None:
        if isinstance(listing, KnownListing) and listing.is_protected:
            planned.held_listing_id = listing.stored.id
            planned.changes = [*held_changes(listing.stored, found)]
            raise SkippedRow(MANAGED_BY_PROVIDER)
        as_of = listing.source_updated if listing else None
        if listing is None:
            listing = self._create(npi, found, planned)
        else:
            self._bring_up_to_date(npi, listing, found, planned)
        self.plan.npis.add(npi)
        planned.target = listing
        if self._planner.publish and listing.state is ListingState.DRAFT:
            self._move(listing, Move.SUBMIT, PUBLISH_REASON)
            self._move(listing, Move.PUBLISH, PUBLISH_REASON)
            planned.is_published = True
        elif self._planner.publish and is_reinstated(listing, as_of, found.updated):
            self._move(listing, Move.REINSTATE, REINSTATE_REASON)
            planned.is_published = True

    def _create(self, npi: str, found: Provider, planned: PlannedRow) -> NewListing:
        if npi in self._listed.suppressed:
            raise SkippedRow(SUPPRESSED)
        if npi in self._listed.closed_by_hand:
            raise SkippedRow(CLOSED_BY_HAND)
        if (found.updated or date.min) < self._listed.closed_as_of.get(npi, date.min):
            raise SkippedRow(OUTDATED)
        since = self._listed.deactivated.get(npi)
        if since is not None and (found.updated or date.min) <= since:
            raise SkippedRow(DEACTIVATED_SINCE)
        entry = _entry(npi, found, [self._addresses.place(found.address, planned)])
        again = f"-{self._listed.closed[npi] + 1}" if self._listed.closed[npi] else ""
        slug = f"{slugify(found.name)}-{npi}{again}"
        listing = NewListing(slug, entry, source_updated=found.updated, updated_at=self._planner.now)
        self.plan.new.append(listing)
        self._listed.open[npi] = listing
        planned.effect = Effect.CREATED
        return listing

    def _bring_up_to_date(
        self, npi: str, listing: KnownListing | NewListing, found: Provider, planned: PlannedRow
    ) -> None:
        rows = addresses_of(listing)
        news = self._addresses.plan_change(rows[0] if rows else None, found.address, planned)
        if news is None and same_values(values_of(listing), found) and listing.source_updated == found.updated:
            return
        self._refuse_outdated(npi, listing, found)
        kept = [address_of(row) for row in rows]
        addresses = [news or kept[0], *(other for other in kept[1:] if not same_place(other, found.address))]
        entry = _entry(npi, found, addresses)
        planned.effect = Effect.CHANGED
        if isinstance(listing, NewListing):
            listing.entry = entry
        else:
            planned.changes = [
                *listing_changes(listing.values, entry),
                *address_changes(listing.addresses, addresses),
            ]
            listing.entry, listing.addresses = entry, tuple(addresses)
        listing.source_updated = found.updated
        self._touch(listing)

    def _refuse_outdated(self, npi: str, listing: KnownListing | NewListing, found: Provider) -> None:
        """Skip a row that is older than the stored data, or a later row of the same import with the same date."""
        stored, new = listing.source_updated or date.min, found.updated or date.min
        if new < stored:
            raise SkippedRow(OUTDATED)
        if new == stored and (npi in self.plan.npis or npi in self._planner.seen):
            raise SkippedRow(SAME_DAY)

    @staticmethod
    def _require_unprotected(listing: KnownListing) -> None:
        if listing.is_protected:
            raise SkippedRow(MANAGED_BY_PROVIDER)

    def _change_addresses(
        self, listing: KnownListing, addresses: Sequence[Address] | None, planned: PlannedRow
    ) -> None:
        if addresses is None:
            return
        planned.effect, planned.target = Effect.CHANGED, self._touch(listing)
        planned.changes = [*address_changes(listing.addresses, addresses)]
        listing.addresses = tuple(addresses)

    def _touch(self, listing: KnownListing | NewListing) -> KnownListing | NewListing:
        """Have the listing written; its version increases even if only an address changed."""
        if isinstance(listing, KnownListing) and listing not in self._touched:
            self._touched.add(listing)
            self.plan.changed.append(listing)
        return listing

    def _move(self, listing: KnownListing | NewListing, move: Move, reason: str) -> None:
        self._touch(listing)
        listing.state = next_state(listing.state, move)
        self.plan.moves.append((listing, move, reason))


def _entry(npi: str, found: Provider, addresses: Sequence[Address]) -> ListingData:
    return ListingData(**{name: getattr(found, name) for name in LISTING_COLUMNS}, npi=npi, addresses=tuple(addresses))
