"""Where each value of a listing comes from: its provider, an import or a reviewer; and what the registry says of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from directory.imports.tables import DeactivatedNpi
from directory.listings.changes import ADDRESSES, Document, FieldChange, address_text
from directory.listings.field import Field
from directory.listings.field_sets import editable_fields
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.queries import PublicChange, public_changes
from directory.listings.tables import Listing, ListingSource, Location

PROVIDER, REVIEWER = "Provider", "Reviewer"
_ORIGINS = {ListingSource.NPPES: "NPPES", ListingSource.DEMO: "Demonstration", ListingSource.PROVIDER: PROVIDER}

SAME = "Same"
UNKNOWN = ""
"""What is shown of the registry if no import of this listing read the field."""

Step = tuple[PublicChange, Any]
"""A change of one value, and the value before it."""


@dataclass(frozen=True, slots=True)
class FieldSource:
    """One value of a listing.

    Attributes:
        label: the label of the field.
        text: the value now.
        source: the provider, a reviewer, or the registry; empty if nothing is stated.
        by: the name of who changed it last, if somebody did.
        since: since when it has this value.
        registry: what the registry says: `SAME`, another value, or `UNKNOWN`.
    """

    label: str
    text: str
    source: str
    by: str
    since: date | datetime | None
    registry: str


@dataclass(frozen=True, slots=True)
class ListingSources:
    """The values of a listing, and those of each address under its text."""

    fields: tuple[FieldSource, ...]
    addresses: tuple[tuple[str, tuple[FieldSource, ...]], ...]


def listing_sources(session: Session, listing: Listing) -> ListingSources:
    """Return the source of each value of a listing and its addresses; runs two statements."""
    changes = public_changes(session, listing.id)
    fields = [_source(each, listing, listing, _steps(changes, None, each.name)) for each in _fields(LISTING_FIELDS)]
    return ListingSources(
        tuple(_with_registry_state(session, listing, fields)),
        tuple((_address_line(row), tuple(_address_sources(listing, row, changes))) for row in listing.locations),
    )


def _fields(declared: Sequence[Field]) -> Sequence[Field]:
    return editable_fields(tuple(declared))


def _address_line(row: Location) -> str:
    return address_text({name: getattr(row, name) for name in _ADDRESS})


_ADDRESS = ("line1", "line2", "city", "state", "postal_code", "lat", "lon", "precision")


def _address_sources(listing: Listing, row: Location, changes: Sequence[PublicChange]) -> Iterator[FieldSource]:
    for each in _fields(LOCATION_FIELDS):
        steps = sorted(
            [*_steps(changes, row.id, each.name), *_address_steps(changes, row, each.name)], key=lambda step: step[0].at
        )
        yield _source(each, listing, row, steps)


def _steps(changes: Sequence[PublicChange], location_id: int | None, name: str) -> list[Step]:
    """Return the changes of one field, oldest first."""
    key = (location_id, name)
    return [(one, change.old) for one in changes for change in one.changes if change.key == key]


def _address_steps(changes: Sequence[PublicChange], row: Location, name: str) -> Iterator[Step]:
    """Yield the changes of all addresses at once that gave this address another value of a field."""
    for one in changes:
        for change in one.changes:
            if change.field == ADDRESSES and (step := _step_of_address(one, change, row, name)):
                yield step


def _step_of_address(one: PublicChange, change: FieldChange, row: Location, name: str) -> Step | None:
    after: Document | None = next((each for each in change.new if _is_of(each, row)), None)
    if after is None or name not in after:
        return None
    before: Document = next((each for each in change.old if each["id"] == row.id), {})
    return (one, before.get(name)) if after[name] != before.get(name) else None


def _is_of(document: Document, row: Location) -> bool:
    """Whether a document is that of an address; of a new address it has no id yet."""
    if document["id"] is not None:
        return bool(document["id"] == row.id)
    return bool(document["line1"] == row.line1 and document["postal_code"] == row.postal_code)


def _source(declared: Field, listing: Listing, row: Listing | Location, steps: Sequence[Step]) -> FieldSource:
    value = declared.stored(getattr(row, declared.name))
    text, registry = declared.display(value), _registry_text(declared, listing, value, steps)
    if steps:
        last = steps[-1][0]
        source = REVIEWER if last.is_correction else PROVIDER
        return FieldSource(declared.label, text, source, last.by, last.at, registry)
    if not declared.is_stated(value):
        return FieldSource(declared.label, text, "", "", None, registry)
    if listing.source is ListingSource.NPPES and not declared.is_imported:
        return FieldSource(declared.label, text, PROVIDER, "", listing.last_confirmed, registry)
    since = listing.source_updated or listing.created_at
    return FieldSource(declared.label, text, _ORIGINS[listing.source], "", since, registry)


def _registry_text(declared: Field, listing: Listing, value: Any, steps: Sequence[Step]) -> str:
    """Return what the last import read: the value before anybody changed it, because no import changes it since."""
    if listing.source is not ListingSource.NPPES or not declared.is_imported:
        return UNKNOWN
    read = steps[0][1] if steps else value
    if read is None and not declared.nullable:
        return UNKNOWN  # somebody added this address
    return SAME if declared.is_same(read, value) else declared.display(read)


def _with_registry_state(session: Session, listing: Listing, fields: Sequence[FieldSource]) -> Iterator[FieldSource]:
    """Yield the sources, with what the registry says of the NPI itself."""
    gone = session.get(DeactivatedNpi, listing.npi) if listing.npi else None
    for each in fields:
        if each.label == "NPI" and gone is not None:
            registry = f"Deactivated since {gone.since:%b} {gone.since.day}, {gone.since.year}"
            yield FieldSource(each.label, each.text, each.source, each.by, each.since, registry)
        else:
            yield each
