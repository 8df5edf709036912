"""Labels and display texts for the declared fields of listings and locations."""

from collections.abc import Iterable
from dataclasses import dataclass

from directory.listings.facts import STATEMENT_FIELDS
from directory.listings.field import Field
from directory.listings.field_sets import editable_fields
from directory.listings.field_types import URLField
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.tables import Listing, Location


@dataclass(frozen=True, slots=True)
class Fact:
    """A field as label and text; `type` is "url" or "tel" if the text is a web address or telephone number."""

    label: str
    text: str
    type: str = "text"


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """A location with the fields that pages show as facts."""

    location: Location
    facts: tuple[Fact, ...]


def all_facts(listing: Listing) -> tuple[Fact, ...]:
    """Return all fields that the owner may edit, as the owner and reviewers see them."""
    return _facts(editable_fields(LISTING_FIELDS), listing)


def all_locations(listing: Listing) -> tuple[LocationFacts, ...]:
    """Return all locations with their facts, as the owner and reviewers see them."""
    facts = [each for each in LOCATION_FIELDS if each.is_fact]
    return tuple(LocationFacts(row, _facts(facts, row)) for row in listing.locations)


def public_facts(listing: Listing) -> tuple[Fact, ...]:
    """Return the public facts of a listing; those of the owner's statements also where nothing is stated."""
    facts = [each for each in LISTING_FIELDS if each.is_fact and each.is_public]
    return _facts(
        (each for each in facts if each in STATEMENT_FIELDS or each.is_stated(getattr(listing, each.name))), listing
    )


def public_links(listing: Listing) -> tuple[Fact, ...]:
    """Return the public web addresses of a listing."""
    return _facts(
        (each for each in LISTING_FIELDS if isinstance(each, URLField) and each.is_public), listing, stated_only=True
    )


def location_facts(location: Location) -> tuple[Fact, ...]:
    """Return the stated public facts of a location."""
    return _facts((each for each in LOCATION_FIELDS if each.is_fact and each.is_public), location, stated_only=True)


def _facts(fields: Iterable[Field], row: Listing | Location, *, stated_only: bool = False) -> tuple[Fact, ...]:
    return tuple(
        Fact(each.label, each.display(getattr(row, each.name)), each.look.type)
        for each in fields
        if not stated_only or each.is_stated(getattr(row, each.name))
    )
