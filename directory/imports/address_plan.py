"""Plans the addresses of a listing: what a row says new, and where it lies."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from directory.geocoding.place import Place
from directory.imports.comparison import address_of, is_geocoded, same_address
from directory.imports.existing import LOCATION_COLUMNS, KnownListing
from directory.imports.plan import PlannedRow
from directory.imports.records import PostalAddress, SkippedRow
from directory.imports.usps_address import same_place
from directory.listings.listing_data import MAX_LOCATIONS, Address
from directory.listings.tables import Location

TOO_MANY = f"the listing has {MAX_LOCATIONS} addresses already"
_LINES = ("line1", "line2", "city")


class AddressPlanner:
    """Plans addresses for one batch; `place` returns the place of a city, state and ZIP code, or None."""

    def __init__(self, place: Callable[[str, str, str], Place | None]) -> None:
        self._place = place
        self._further: dict[KnownListing, list[PostalAddress]] = {}

    def plan_change(
        self, row: Location | Address | None, address: PostalAddress, planned: PlannedRow
    ) -> Address | None:
        """The primary address to write, or None if the stored one says it already.

        Geocoding is tried again if the stored one has no coordinates.
        """
        if row is None:
            return self.place(address, planned)
        same = same_address(row, address)
        if same and is_geocoded(row):
            return None
        if not same_place(row, address):
            return self.place(address, planned)
        kept = address_of(row)
        place = kept.place or self._geocode(address, planned)
        if same and place is None:
            return None
        # The stored lines stay as they are, because both spellings are one address.
        said = {name: getattr(address, name) for name in LOCATION_COLUMNS if name not in _LINES}
        return replace(kept, **said, place=place)

    def plan_further(
        self, listing: KnownListing, address: PostalAddress, planned: PlannedRow
    ) -> Sequence[Address] | None:
        """All addresses of a listing with one that a file of secondary locations adds or changes; None if none is new.

        Raises:
            SkippedRow: the listing has the most addresses already.
        """
        ordinal = next((at for at, row in enumerate(listing.addresses) if same_place(row, address)), None)
        earlier = self._further.setdefault(listing, [])
        # The full file says more about the primary address; an earlier row of this batch already had this one.
        settled = ordinal == 0 or any(same_place(one, address) for one in earlier)
        if ordinal is None and len(listing.addresses) >= MAX_LOCATIONS:
            raise SkippedRow(TOO_MANY)
        row = None if ordinal is None else listing.addresses[ordinal]
        news = None if settled else self.plan_change(row, address, planned)
        earlier.append(address)
        if news is None:
            return None
        addresses = [address_of(each) for each in listing.addresses]
        if ordinal is None:
            return [*addresses, news]
        addresses[ordinal] = news
        return addresses

    def place(self, address: PostalAddress, planned: PlannedRow) -> Address:
        """The address of a row with its place."""
        said = {name: getattr(address, name) for name in LOCATION_COLUMNS}
        return Address(**said, place=self._geocode(address, planned))

    def _geocode(self, address: PostalAddress, planned: PlannedRow) -> Place | None:
        place = self._place(address.city, address.state, address.postal_code[:5])
        planned.is_unplaced |= place is None
        return place
