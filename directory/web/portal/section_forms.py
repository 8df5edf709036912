"""The forms of a published listing, one for each section: who it is, where it is, and what is for patients."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from wtforms import FieldList, FormField, HiddenField

from directory.errors import FieldError, Invalid
from directory.geocoding.gazetteer import Gazetteer
from directory.listings.address_changes import TypedAddress, pin_text, typed_documents
from directory.listings.changes import ADDRESSES, Document
from directory.listings.field_sets import LIVE_FIELDS, LIVE_LOCATION_FIELDS, REVIEWED_FIELDS, REVIEWED_LOCATION_FIELDS
from directory.listings.listing_data import MAX_LOCATIONS
from directory.listings.tables import Listing
from directory.web.support.declared_form import collect, declared_form, text_of
from directory.web.support.listing_form import AddressListForm, IdentityForm, TypedAddressForm

_NOT_OF_THIS_LISTING = "One of these addresses is not of this listing. Open the page again."


class WhoForm(IdentityForm, declared_form(REVIEWED_FIELDS)):  # type: ignore[misc]  # made from the declarations
    """Who is listed; a reviewer looks at each change."""

    version = HiddenField()
    base = HiddenField()

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "WhoForm":
        """Return the form filled with these values."""
        form = cls(data=values)
        form.offer(values["specialty_code"])
        return form

    def proposed(self, _gazetteer: Gazetteer, base: Mapping[str, Any]) -> dict[str, Any]:
        """Return the typed values by name; an NPI that stays as in `base` is not checked again.

        Raises:
            Invalid: names every invalid field.
        """
        faults: list[FieldError] = []
        values = self.identity_values(faults, stored_npi=base["npi"])
        if faults:
            raise Invalid(faults)
        return values


class PlaceForm(TypedAddressForm, declared_form(REVIEWED_LOCATION_FIELDS)):  # type: ignore[misc]  # made from the declarations
    """One practice address; `id` is the stored location, and empty for a new address."""

    id = HiddenField()

    def is_blank(self) -> bool:
        """Return whether all visible fields are empty."""
        return not any(text_of(self[each.name]) for each in self.declared)

    def typed(self, gazetteer: Gazetteer) -> TypedAddress:
        """Return the address with its geocoded place, if one is found, and its pin.

        Raises:
            Invalid: names every invalid field, or asks about a contradiction.
        """
        address, pin = self.placed_address(gazetteer)
        return TypedAddress(_read_id(text_of(self.id)), address, pin)


class PlacesForm(AddressListForm):
    """Where the practice is; a reviewer looks at each change."""

    addresses = FieldList(FormField(PlaceForm), min_entries=1, max_entries=MAX_LOCATIONS + 1)
    version = HiddenField()
    base = HiddenField()

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "PlacesForm":
        """Return the form filled with these values."""
        return cls(data={ADDRESSES: [{**address, "pin": pin_text(address)} for address in values[ADDRESSES]]})

    def proposed(self, gazetteer: Gazetteer, base: Mapping[str, Any]) -> dict[str, list[Document]]:
        """Return the documents of the typed addresses; those that stay as in `base` keep their coordinates.

        Raises:
            Invalid: names every invalid field.
        """
        faults: list[FieldError] = []
        typed = [collect(faults, partial(row.form.typed, gazetteer), f"{row.name}-") for row in self.filled_addresses()]
        if faults:
            raise Invalid(faults)
        return {ADDRESSES: typed_documents(base[ADDRESSES], [one for one in typed if one is not None])}


class PatientsLocationForm(declared_form(LIVE_LOCATION_FIELDS)):  # type: ignore[misc]  # made from the declarations
    """What is live of one location."""

    id = HiddenField()


class PatientsForm(declared_form(LIVE_FIELDS)):  # type: ignore[misc]  # made from the declarations
    """What patients need; each change goes live at once."""

    locations = FieldList(FormField(PatientsLocationForm), max_entries=MAX_LOCATIONS)
    version = HiddenField()
    base = HiddenField()

    @classmethod
    def of(cls, listing: Listing) -> "PatientsForm":
        """Return the form filled with a stored listing."""
        return cls(obj=listing, data={"locations": listing.locations})

    def typed(self, known: Collection[int]) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
        """Return the typed values of the listing, and those of its locations by id; `known` are their ids.

        Raises:
            Invalid: names every invalid field.
        """
        faults: list[FieldError] = []
        values, locations = self.values(faults), {}
        for row in self.locations:
            own: list[FieldError] = []
            number = _read_id(text_of(row.form.id))
            if number is None or number not in known:
                raise Invalid([FieldError("locations", _NOT_OF_THIS_LISTING)])
            locations[number] = row.form.values(own)
            faults += [FieldError(f"{row.name}-{fault.field}", fault.detail) for fault in own]
        if faults:
            raise Invalid(faults)
        return values, locations


def _read_id(text: str) -> int | None:
    """Return the id of a location; a text that is none is the id of no location."""
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
