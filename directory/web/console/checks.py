"""Points for a reviewer to check in a listing: its NPI, its addresses, and similar listings."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from directory.geocoding.place import Precision
from directory.listings.changes import check_stored_words
from directory.listings.kinds import ListingKind
from directory.listings.npi import is_valid_npi
from directory.listings.tables import Listing, Location


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check; `alike` are the similar listings it refers to."""

    fine: bool
    sentence: str
    alike: tuple[Listing, ...] = ()


_PLACEMENT_TEXTS = {
    Precision.POINT: "placed exactly",
    Precision.ADDRESS: "placed by its street address",
    Precision.POSTAL: "placed in the middle of its ZIP code",
    Precision.PREFIX: "placed by the first digits of its ZIP code only",
    Precision.CITY: "placed in the middle of its city",
}
_IMPRECISE = frozenset({Precision.PREFIX, Precision.CITY})


def listing_checks(listing: Listing, alike: Sequence[Listing], words: Collection[str]) -> tuple[Check, ...]:
    """Return all checks of a listing.

    Args:
        listing: the listing.
        alike: the other listings with the same NPI or a shared address.
        words: the words that must not stand in a listing.
    """
    return (
        *_npi_checks(listing, alike),
        *(_placement_check(location) for location in listing.locations),
        *_address_checks(listing, alike),
        *(Check(fine=False, sentence=fault.detail) for fault in check_stored_words(listing, words)),
    )


def _npi_checks(listing: Listing, alike: Sequence[Listing]) -> Iterator[Check]:
    if listing.npi is None:
        needed = listing.kind is ListingKind.PERSON
        yield Check(not needed, "There is no NPI, and a person has one." if needed else "There is no NPI.")
        return
    valid = is_valid_npi(listing.npi)
    yield Check(valid, f"NPI {listing.npi} {'has' if valid else 'does not have'} the right check digit.")
    same = tuple(other for other in alike if other.npi == listing.npi)
    yield Check(not same, "Other listings have the same NPI." if same else "No other listing has this NPI.", same)


def _placement_check(location: Location) -> Check:
    where = f"{location.line1}, {location.city}"
    if location.lat is None:
        return Check(fine=False, sentence=f"{where}: could not be placed, so no search finds it.")
    precision = Precision(location.precision)
    about = f", within about {location.uncertainty_miles:.0f} miles" if (location.uncertainty_miles or 0) >= 1 else ""
    return Check(precision not in _IMPRECISE, f"{where}: {_PLACEMENT_TEXTS[precision]}{about}.")


def _address_checks(listing: Listing, alike: Sequence[Listing]) -> Iterator[Check]:
    ours = {_address_key(location) for location in listing.locations}
    same = tuple(
        other for other in alike if not ours.isdisjoint(_address_key(location) for location in other.locations)
    )
    if same:
        yield Check(
            fine=False, sentence="Other listings have the same address. Is one of them the same provider?", alike=same
        )
    else:
        yield Check(fine=True, sentence="No other listing has this address.")


def _address_key(location: Location) -> tuple[str, str]:
    return location.line1.lower(), location.postal_code[:5]
