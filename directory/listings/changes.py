"""Changes to the fields of a listing: found by comparison, stored as JSON, and described in words."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from directory.errors import FieldError, Invalid
from directory.listings.field import NOT_STATED, Field
from directory.listings.field_sets import REVIEWED_LOCATION_FIELDS
from directory.listings.field_types import TextField, URLField
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.forbidden_words import check_own_words, check_words
from directory.listings.kinds import ListingKind
from directory.listings.tables import Listing, Location

ADDRESSES = "addresses"
"""The name under which the list of all addresses changes; it is one value, so that it is accepted as a whole."""

Document = dict[str, Any]

COORDINATES = ("lat", "lon", "precision", "uncertainty_miles")
_BY_NAME = {each.name: each for each in LISTING_FIELDS}
_LOCATION_BY_NAME = {each.name: each for each in LOCATION_FIELDS}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One changed field; `old` and `new` are as `Field.stored` returns them.

    Attributes:
        field: the name of the field, or `ADDRESSES`.
        old: the value before.
        new: the value after.
        location_id: the location, if it is a field of one.
        where: the street address of that location at the time.
    """

    field: str
    old: Any
    new: Any
    location_id: int | None = None
    where: str = ""

    @property
    def key(self) -> tuple[int | None, str]:
        """What the change is about; two changes with one key are of the same value."""
        return (self.location_id, self.field)

    @property
    def short(self) -> str:
        """The label of the field, with the street address of its location."""
        if self.field == ADDRESSES:
            return "Addresses"
        label = self.declared.label
        return f"{label} ({self.where})" if self.where else label

    @property
    def declared(self) -> Field:
        """The declaration of the field; there is none for `ADDRESSES`."""
        return (_BY_NAME if self.location_id is None else _LOCATION_BY_NAME)[self.field]

    @property
    def before(self) -> str:
        """The old value as text."""
        return self._text(self.old)

    @property
    def after(self) -> str:
        """The new value as text."""
        return self._text(self.new)

    def _text(self, value: Any) -> str:
        if self.field == ADDRESSES:
            return "; ".join(map(address_text, value)) or NOT_STATED
        return self.declared.display(value)


def to_json(changes: Iterable[FieldChange]) -> list[Document]:
    """The changes as they are stored."""
    return [asdict(change) for change in changes]


def from_json(stored: Iterable[Document]) -> tuple[FieldChange, ...]:
    """The changes that are stored in a revision."""
    return tuple(FieldChange(**change) for change in stored)


def address_document(row: Location) -> Document:
    """An address as it stands in a change, with its coordinates and without its live fields."""
    return {"id": row.id, **{each.name: each.stored(getattr(row, each.name)) for each in REVIEWED_LOCATION_FIELDS}} | {
        name: getattr(row, name) for name in COORDINATES
    }


def address_text(address: Document) -> str:
    """An address in one line; coordinates that the owner typed are part of it."""
    street = ", ".join(filter(None, (address["line1"], address["line2"], address["city"])))
    pin = f" (pin at {address['lat']:.5f}, {address['lon']:.5f})" if address["precision"] == "point" else ""
    return f"{street}, {address['state']} {address['postal_code']}{pin}"


def current_value(listing: Listing, change: FieldChange) -> Any:
    """The value today of the field that `change` is about; None if its location is gone."""
    if change.field == ADDRESSES:
        return [address_document(row) for row in listing.locations]
    row = _row(listing, change.location_id)
    return change.declared.stored(getattr(row, change.field)) if row is not None else None


def diff_values(
    fields: Sequence[Field], old: Mapping[str, Any], new: Mapping[str, Any], location: Location | None = None
) -> Iterator[FieldChange]:
    """The fields whose values differ; `location` is the one that they belong to."""
    place = (location.id, location.line1) if location is not None else (None, "")
    for each in fields:
        before, after = each.stored(old[each.name]), each.stored(new[each.name])
        if not each.is_same(before, after):
            yield FieldChange(each.name, before, after, *place)


def values_of(fields: Iterable[Field], row: object) -> dict[str, Any]:
    """The values of these fields by name, of a row or of validated data."""
    return {each.name: getattr(row, each.name) for each in fields}


def check_values(
    fields: Iterable[Field],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    prefix: str = "",
    *,
    words: Collection[str],
) -> Iterator[FieldError]:
    """Validate the values that differ from the old ones; `prefix` begins the field names of the errors."""
    for each in fields:
        before, after = old[each.name], new[each.name]
        if each.is_same(before, list(after) if isinstance(after, tuple) else after) or not (after or each.required):
            continue
        for fault in each.check(after):
            yield FieldError(f"{prefix}{fault.field}", fault.detail)
    yield from check_typed(fields, old, new, prefix, words=words)


def check_typed(
    fields: Iterable[Field],
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    prefix: str = "",
    *,
    words: Collection[str],
) -> Iterator[FieldError]:
    """Check what only typed texts must meet, where they differ from the old ones: no forbidden words, for example.

    `words` are those that the operator forbids besides.
    """
    is_person = new.get("kind", old.get("kind")) == ListingKind.PERSON
    for each in fields:
        text = new[each.name]
        if not text or text == old.get(each.name):
            continue
        for fault in each.check_typed(text):
            yield FieldError(f"{prefix}{fault.field}", fault.detail)
        if _has_words(each, is_person=is_person):
            yield from check_words(f"{prefix}{each.name}", each.noun, text, words)


def check_stored_words(listing: Listing, words: Collection[str]) -> Iterator[FieldError]:
    """Yield an error for each word in a listing that the operator forbids, perhaps since it was typed."""
    rows: list[tuple[str, Sequence[Field], object]] = [("", LISTING_FIELDS, listing)]
    rows += [(f"addresses-{number}-", LOCATION_FIELDS, row) for number, row in enumerate(listing.locations)]
    for prefix, fields, row in rows:
        for each in fields:
            if _has_words(each, is_person=listing.kind is ListingKind.PERSON) and (text := getattr(row, each.name)):
                yield from check_own_words(f"{prefix}{each.name}", each.noun, text, words)


def require_allowed_words(listing: Listing, words: Collection[str]) -> None:
    """Check that a listing has no word that the operator forbids.

    Raises:
        Invalid: it has some.
    """
    if faults := list(check_stored_words(listing, words)):
        raise Invalid(faults)


def _has_words(field: Field, *, is_person: bool) -> bool:
    """Return whether words in a field are checked. Milagros Cura may be the name of a person."""
    is_text = isinstance(field, TextField) and field.pattern is None and not isinstance(field, URLField)
    return is_text and not (field.name == "name" and is_person)


def write_changes(listing: Listing, changes: Iterable[FieldChange]) -> None:
    """Write the new values of single fields to the rows; `ADDRESSES` are not among them."""
    for change in changes:
        setattr(_row(listing, change.location_id), change.field, change.new)
    listing.kind = ListingKind(listing.kind)


def _row(listing: Listing, location_id: int | None) -> Listing | Location | None:
    if location_id is None:
        return listing
    return next((row for row in listing.locations if row.id == location_id), None)
