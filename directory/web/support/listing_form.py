"""The form of a whole listing with its addresses, for its provider and for a reviewer who corrects it."""

import re
from dataclasses import replace
from functools import partial
from typing import Any, Self

from wtforms import BooleanField, FieldList, Form, FormField, HiddenField, SelectChoice, StringField

from directory.errors import FieldError, Invalid
from directory.geocoding.gazetteer import Gazetteer
from directory.geography.point import Point
from directory.listings.address_changes import check_pin, parse_pin, pinned, row_pin_text
from directory.listings.field_types import ChoiceField
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.kinds import ListingKind
from directory.listings.listing_data import MAX_LOCATIONS, MAX_TYPED_LOCATIONS, Address, ListingData, require_npi
from directory.listings.specialties import SPECIALTIES
from directory.listings.tables import Listing
from directory.web.support.declared_form import DeclaredForm, collect, declared_form, text_of
from directory.web.support.form_errors import field_label, iter_fields
from directory.web.support.merge import snapshot


class TypedAddressForm(DeclaredForm):
    """A form with an address. `sure` is asked when ZIP code and city contradict, and then keeps what was typed."""

    pin = StringField(
        "Pin on the map",
        description="Latitude and longitude, such as 39.92050, -105.08670, at most 30 miles from the ZIP code. "
        "Leave it empty to place the address by its ZIP code.",
    )
    sure = BooleanField("The ZIP code, the city and the state are right as I typed them")

    def placed_address(self, gazetteer: Gazetteer) -> tuple[Address, Point | None]:
        """Return the address with its geocoded place, if one is found, and its pin.

        Raises:
            Invalid: names every invalid field, or asks about a contradiction.
        """
        faults: list[FieldError] = []
        pin = collect(faults, lambda: parse_pin(text_of(self.pin)))
        address = collect(faults, lambda: self._checked_address(gazetteer))
        if address is not None:
            faults += check_pin(pin, address)
        if pin is not None and gazetteer.state_at(pin) is None:
            faults.append(FieldError("pin", "The pin lies at sea, or outside the United States."))
        if address is None or faults:
            raise Invalid(faults)
        return address, pin

    def _checked_address(self, gazetteer: Gazetteer) -> Address:
        """Return the address with its geocoded place, if one is found.

        Raises:
            Invalid: names every invalid field, or asks about a contradiction.
        """
        faults: list[FieldError] = []
        values = self.values(faults)
        typed = collect(faults, lambda: Address(**values))
        if typed is None or faults:
            raise Invalid(faults)
        where = (typed.city, typed.state, typed.postal_code)
        contradiction = gazetteer.find_contradiction(*where)
        if contradiction and not self.sure.data:
            raise Invalid([FieldError("sure", f"{contradiction} Correct it, or tick that it is right.")])
        return replace(typed, place=gazetteer.place_address(typed.line1, *where))


class AddressForm(TypedAddressForm, declared_form(LOCATION_FIELDS)):  # type: ignore[misc]  # made from the declarations
    """One practice address."""

    def is_blank(self) -> bool:
        """Return whether all fields are empty."""
        return not any(text_of(field) for field in iter_fields(self) if field.type != "BooleanField")

    def pinned_address(self, gazetteer: Gazetteer) -> Address:
        """Return the address at its pin, or else at its geocoded place.

        Raises:
            Invalid: names every invalid field, or asks about a contradiction.
        """
        return pinned(*self.placed_address(gazetteer))


class IdentityForm(DeclaredForm):
    """A form with the fields that say who is listed."""

    def offer(self, specialty_code: str) -> None:
        """Keep a stored specialty that is not in our list; the public registry has many of those."""
        if specialty_code and specialty_code not in SPECIALTIES:
            self.specialty_code.choices = [*self.specialty_code.choices, SelectChoice(specialty_code)]

    def identity_values(self, faults: list[FieldError], *, stored_npi: str | None = None) -> dict[str, Any]:
        """Return the typed values as `values` does, with the specialty checked, and the NPI unless it is as stored."""
        values = self.values(faults)
        is_stored = stored_npi is not None and text_of(self.npi) == stored_npi
        values["npi"] = stored_npi if is_stored else collect(faults, lambda: self._npi(values["kind"]))
        collect(faults, self._known_specialty)
        return values

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
            choices = [each for each in self.declared if isinstance(each, ChoiceField)]
            raise Invalid([FieldError(one.name, one.error) for one in choices if one.name == "specialty_code"])


class AddressListForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A form with a list of addresses. `add` and `remove` are the buttons that add and remove one."""

    add = StringField()
    remove = StringField()

    def rearranged(self) -> Self | None:
        """Return the form with one address added or removed, or None if neither button was pressed."""
        rows: list[dict[str, Any]] = [row.data for row in self.addresses]
        pressed = text_of(self.remove)
        if text_of(self.add):
            rows = [*rows, {}][: max(MAX_TYPED_LOCATIONS, len(rows))]
        elif pressed.isascii() and pressed.isdigit() and len(rows) > 1:
            rows = [row for number, row in enumerate(rows) if number != int(pressed)]
        elif not pressed:
            return None
        return type(self)(data={**self.data, "addresses": rows, "add": "", "remove": ""})

    def filled_addresses(self) -> list[Any]:
        """Return the entries in which something was typed, or the first one if all are blank."""
        return [row for row in self.addresses if not row.form.is_blank()] or self.addresses.entries[:1]


class ListingForm(IdentityForm, AddressListForm, declared_form(LISTING_FIELDS)):  # type: ignore[misc]  # made from the declarations
    """The whole listing."""

    addresses = FieldList(FormField(AddressForm), min_entries=1, max_entries=MAX_LOCATIONS + 1)
    version = HiddenField()
    base = HiddenField()
    form_key = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(self.addresses) > 1:
            for number, row in enumerate(self.addresses, start=1):
                for field in iter_fields(row):
                    field.full_label = f"Address {number}: {field_label(field)}"

    @classmethod
    def of(cls, listing: Listing) -> "ListingForm":
        """Return the form filled with a stored listing."""
        form = cls(obj=listing, data={"addresses": listing.locations}, kind=listing.kind.value)
        for row, location in zip(form.addresses, listing.locations, strict=True):
            row.form.pin.data = row_pin_text(location)
        form.offer(listing.specialty_code)
        form.base.data = snapshot(form)
        return form

    def renew(self, listing: Listing) -> None:
        """Make this the form of the version that is stored now, so that sending it again overwrites that version."""
        self.version.data, self.base.data = str(listing.version), ListingForm.of(listing).base.data

    @classmethod
    def new(cls, key: str) -> "ListingForm":
        """Return the form for a new listing that has this key."""
        return cls(kind=ListingKind.PERSON.value, form_key=key)

    @property
    def key(self) -> str | None:
        """The key of the form for a new listing, or None if it was not sent as it was made."""
        return key if re.fullmatch(r"[0-9a-f]{32}", key := text_of(self.form_key)) else None

    def rearranged(self) -> "ListingForm | None":
        """Return the form with one address added or removed, and the specialties that it offers."""
        form = super().rearranged()
        if form is not None:
            form.specialty_code.choices = self.specialty_code.choices
        return form

    def entry(self, gazetteer: Gazetteer) -> ListingData:
        """Return the typed listing with geocoded addresses.

        Raises:
            Invalid: names every invalid field.
        """
        faults: list[FieldError] = []
        addresses = [
            collect(faults, partial(row.form.pinned_address, gazetteer), f"{row.name}-")
            for row in self.filled_addresses()
        ]
        placed = tuple(address for address in addresses if address is not None)
        in_addresses = bool(faults)
        values = self.identity_values(faults)
        entry = collect(faults, lambda: ListingData(addresses=placed, **values))
        if in_addresses:
            faults = [fault for fault in faults if fault.field != "addresses"]
        if entry is None or faults:
            raise Invalid(faults)
        return entry
