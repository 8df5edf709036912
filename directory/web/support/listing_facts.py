"""Labels and display texts for the declared fields of listings and locations."""

from collections.abc import Iterable
from dataclasses import dataclass

from directory.listings.field import Field
from directory.listings.field_types import URLField
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS, editable_fields
from directory.listings.tables import Listing, Location


@dataclass(frozen=True, slots=True)
class Fact:
    """One field in words; `type` is "url" or "tel" where the words are an address or a telephone number."""

    label: str
    text: str
    type: str = "text"


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """A location with those of its fields that pages show as facts."""

    location: Location
    facts: tuple[Fact, ...]


def all_facts(listing: Listing) -> tuple[Fact, ...]:
    """Every field that the owner may change, as the owner and reviewers see it."""
    return _facts(editable_fields(LISTING_FIELDS), listing)


def all_locations(listing: Listing) -> tuple[LocationFacts, ...]:
    """Every location with its facts, as the owner and reviewers see it."""
    facts = [each for each in LOCATION_FIELDS if each.is_fact]
    return tuple(LocationFacts(row, _facts(facts, row)) for row in listing.locations)


def public_facts(listing: Listing) -> tuple[Fact, ...]:
    """The facts of a listing that patients see, stated or not."""
    return _facts((each for each in LISTING_FIELDS if each.is_fact and each.is_public), listing)


def public_links(listing: Listing) -> tuple[Fact, ...]:
    """The web addresses that patients see."""
    return _facts(
        (each for each in LISTING_FIELDS if isinstance(each, URLField) and each.is_public), listing, stated_only=True
    )


def location_facts(location: Location) -> tuple[Fact, ...]:
    """The facts of a location that patients see, where they are stated."""
    return _facts((each for each in LOCATION_FIELDS if each.is_fact and each.is_public), location, stated_only=True)


def _facts(fields: Iterable[Field], row: Listing | Location, *, stated_only: bool = False) -> tuple[Fact, ...]:
    return tuple(
        Fact(each.label, each.display(getattr(row, each.name)), each.look.type)
        for each in fields
        if not stated_only or each.is_stated(getattr(row, each.name))
    )
