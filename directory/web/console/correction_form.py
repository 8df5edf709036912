"""The form in which a reviewer corrects a listing and its addresses."""

from functools import partial
from typing import Any

from wtforms import FieldList, FormField, HiddenField, TextAreaField

from directory.errors import FieldError, Invalid
from directory.geocoding.gazetteer import Gazetteer
from directory.listings.address_changes import TypedAddress, row_pin_text
from directory.listings.listing_data import MAX_LOCATIONS
from directory.listings.tables import Listing
from directory.web.support.declared_form import collect, text_of
from directory.web.support.form_errors import Required
from directory.web.support.listing_form import AddressForm, ListingForm
from directory.web.support.merge import Merge, merge_forms, snapshot

MAX_ID_DIGITS = 9


class CorrectedAddressForm(AddressForm):
    """One address; `id` is the stored location, and empty for a new address."""

    id = HiddenField()

    def typed(self, gazetteer: Gazetteer) -> TypedAddress:
        """Return the address with its geocoded place, if one is found, and its pin.

        Raises:
            Invalid: names every invalid field, or asks about a contradiction.
        """
        address, pin = self.placed_address(gazetteer)
        text = text_of(self.id)
        if not text:
            return TypedAddress(None, address, pin)
        is_id = len(text) <= MAX_ID_DIGITS and text.isascii() and text.isdigit()
        return TypedAddress(int(text) if is_id else 0, address, pin)


class CorrectionForm(ListingForm):
    """The whole listing, and why it is corrected."""

    addresses = FieldList(FormField(CorrectedAddressForm), min_entries=1, max_entries=MAX_LOCATIONS + 1)
    reason = TextAreaField("Why", [Required()], description="The owners of the listing read it.")

    @classmethod
    def of(cls, listing: Listing) -> "CorrectionForm":
        """Return the form filled with a stored listing."""
        form = cls(obj=listing, data={"addresses": listing.locations}, kind=listing.kind.value)
        for row, location in zip(form.addresses, listing.locations, strict=True):
            row.form.pin.data = row_pin_text(location)
        form.offer(listing.specialty_code)
        form.base.data = snapshot(form)
        return form

    def corrected(self, gazetteer: Gazetteer, listing: Listing) -> tuple[dict[str, Any], list[TypedAddress]]:
        """Return the typed values by name, and the typed addresses; an NPI that stays is not checked again.

        Raises:
            Invalid: names every invalid field.
        """
        faults: list[FieldError] = []
        values = self.identity_values(faults, stored_npi=listing.npi)
        typed = [collect(faults, partial(row.form.typed, gazetteer), f"{row.name}-") for row in self.filled_addresses()]
        if faults:
            raise Invalid(faults)
        return values, [one for one in typed if one is not None]

    def merge_if_stale(self, listing: Listing, sent: Any, version: int) -> Merge | None:
        """Return the merge with what was stored since the form was made, if there is something in it to look at."""
        if version == listing.version:
            return None
        merged = merge_forms(CorrectionForm.of(listing), self, sent, self.base.data)
        return merged if merged.differences else None
