"""The forms in which a provider edits a listing and its addresses."""

import re
from dataclasses import replace
from functools import partial
from typing import Any

from wtforms import FieldList, FormField, HiddenField, SelectChoice, StringField

from directory.errors import FieldError, Invalid
from directory.geocoding.gazetteer import Gazetteer
from directory.listings.facts import STATEMENT_FIELDS, ListingFacts
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.kinds import ListingKind
from directory.listings.listing_data import MAX_LOCATIONS, Address, ListingData, require_npi
from directory.listings.specialties import SPECIALTIES
from directory.listings.tables import Listing
from directory.web.portal.declared_form import collect, declared_form, text_of
from directory.web.support.form_errors import iter_fields


class AddressForm(declared_form(LOCATION_FIELDS)):  # type: ignore[misc]  # made from the declarations
    """One practice address."""

    def is_blank(self) -> bool:
        """Return whether all fields are empty."""
        return not any(text_of(field) for field in iter_fields(self))

    def address(self, gazetteer: Gazetteer) -> Address:
        """Return the address with its geocoded place, if one is found.

        Raises:
            Invalid: names every invalid field.
        """
        faults: list[FieldError] = []
        values = self.values(faults)
        typed = collect(faults, lambda: Address(**values))
        if typed is None or faults:
            raise Invalid(faults)
        return replace(typed, place=gazetteer.place_address(typed.line1, typed.city, typed.state, typed.postal_code))


class ListingForm(declared_form(LISTING_FIELDS)):  # type: ignore[misc]  # made from the declarations
    """The whole listing. `add` and `remove` are the buttons that add and remove an address."""

    addresses = FieldList(FormField(AddressForm), min_entries=1, max_entries=MAX_LOCATIONS + 1)
    version = HiddenField()
    add = StringField()
    remove = StringField()

    @classmethod
    def of(cls, listing: Listing) -> "ListingForm":
        """Return the form filled with a stored listing."""
        form = cls(obj=listing, data={"addresses": listing.locations}, kind=listing.kind.value)
        form.offer(listing.specialty_code)
        return form

    def offer(self, specialty_code: str) -> None:
        """Keep a stored specialty that is not in our list; the public registry has many of those."""
        if specialty_code and specialty_code not in SPECIALTIES:
            self.specialty_code.choices = [*self.specialty_code.choices, SelectChoice(specialty_code)]

    def rearranged(self) -> "ListingForm | None":
        """Return the form with one address added or removed, or None if neither button was pressed."""
        rows: list[dict[str, Any]] = [row.data for row in self.addresses]
        pressed = text_of(self.remove)
        if text_of(self.add):
            rows = [*rows, {}][:MAX_LOCATIONS]
        elif pressed.isascii() and pressed.isdigit() and len(rows) > 1:
            rows = [row for number, row in enumerate(rows) if number != int(pressed)]
        elif not pressed:
            return None
        form = ListingForm(data={**self.data, "addresses": rows, "add": "", "remove": ""})
        form.specialty_code.choices = self.specialty_code.choices
        return form

    def entry(self, gazetteer: Gazetteer) -> ListingData:
        """Return the typed listing with geocoded addresses.

        Raises:
            Invalid: names every invalid field.
        """
        faults: list[FieldError] = []
        filled = [row for row in self.addresses if not row.form.is_blank()] or self.addresses.entries[:1]
        addresses = [collect(faults, partial(row.form.address, gazetteer), f"{row.name}-") for row in filled]
        placed = tuple(address for address in addresses if address is not None)
        in_addresses = bool(faults)
        values = self.values(faults)
        values["npi"] = collect(faults, lambda: self._npi(values["kind"]))
        collect(faults, self._known_specialty)
        entry = collect(faults, lambda: ListingData(addresses=placed, **values))
        if in_addresses:
            faults = [fault for fault in faults if fault.field != "addresses"]
        if entry is None or faults:
            raise Invalid(faults)
        return entry

    def _npi(self, kind: str) -> str | None:
        """Return the NPI without spaces, dots and hyphens; only a clinic may have none."""
        digits = re.sub(r"[\s.-]", "", text_of(self.npi))
        if digits:
            return require_npi(digits)
        if kind != ListingKind.CLINIC:
            raise Invalid(
                [FieldError("npi", "Enter the NPI: every clinician has one, and it tells two of one name apart.")]
            )
        return None

    def _known_specialty(self) -> None:
        if text_of(self.specialty_code) not in {choice.value for choice in self.specialty_code.choices}:
            declared = next(each for each in self.declared if each.name == "specialty_code")
            raise Invalid([FieldError(declared.name, declared.error)])


class FactsForm(declared_form(STATEMENT_FIELDS)):  # type: ignore[misc]  # made from the declarations
    """Only the facts, the one part of a published listing that can still be edited."""

    version = HiddenField()

    @classmethod
    def of(cls, listing: Listing) -> "FactsForm":
        """Return the form filled with a stored listing."""
        return cls(obj=listing)

    def facts(self) -> ListingFacts:
        """Return the typed facts.

        Raises:
            Invalid: names every invalid field.
        """
        faults: list[FieldError] = []
        values = self.values(faults)
        facts = collect(faults, lambda: ListingFacts(**values))
        if facts is None or faults:
            raise Invalid(faults)
        return facts
