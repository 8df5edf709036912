"""What a provider types of themselves: the entry with its addresses."""

import re
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from typing import Any, TypeVar

from wtforms import (
    Field,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TelField,
    URLField,
)

from directory.errors import Fault, Invalid
from directory.geocoding.gazetteer import Gazetteer
from directory.listings.entry import MAX_LOCATIONS, STATES, Address, Entry, require_npi
from directory.listings.facts import Facts
from directory.listings.kinds import Kind
from directory.listings.specialties import SPECIALTIES
from directory.listings.tables import Listing
from directory.web.portal.facts import accepting_field, facts_of, languages_field

T = TypeVar("T")

KINDS = [SelectChoice(Kind.PERSON.value, "A person"), SelectChoice(Kind.CLINIC.value, "A clinic or practice")]
STATE_CODES = [SelectChoice("", "Choose"), *map(SelectChoice, sorted(STATES))]
OUR_SPECIALTIES = [
    SelectChoice("", "None of these"),
    *sorted((SelectChoice(code, label) for code, label in SPECIALTIES.items()), key=lambda choice: choice.label),
]


class Asked:
    """Marks a field that must be filled; the sentence for an empty one is the entry's own."""

    field_flags = {"required": True}  # noqa: RUF012  WTForms' name for what a validator says of its field

    def __call__(self, form: Form, field: Field) -> None:
        """Nothing: the entry checks."""


class AddressForm(Form):  # type: ignore[misc]  # WTForms has no types
    """One practice address."""

    line1 = StringField("Street address", [Asked()])
    line2 = StringField("Suite, floor or building")
    city = StringField("City", [Asked()])
    state = SelectField("State", [Asked()], choices=STATE_CODES)
    postal_code = StringField("ZIP code", [Asked()])
    phone = TelField("Phone at this address")

    def is_blank(self) -> bool:
        """Whether nothing was typed into it."""
        return not any(_text(field) for field in self)

    def address(self, gazetteer: Gazetteer) -> Address:
        """The address with the place where it lies, if there is one.

        Raises:
            Invalid: it breaks a limit.
        """
        texts: dict[str, Any] = {field.short_name: _text(field) for field in self}
        typed = Address(**texts)
        place = gazetteer.place_address(typed.line1, typed.city, typed.state, typed.postal_code)
        return replace(typed, place=place)


class ListingForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The whole entry. `add` and `remove` are the buttons that change how many addresses there are."""

    kind = RadioField("This entry is for", [Asked()], choices=KINDS, validate_choice=False)
    name = StringField("Name", [Asked()], description="As patients know you, without titles.")
    credential = StringField("Credential", description="For example MD, DO or PA-C.")
    practice = StringField("Practice or group")
    npi = StringField("NPI", description="Ten digits. A clinic may leave it out.")
    specialty_code = SelectField("Specialty", choices=OUR_SPECIALTIES)
    phone = TelField("Phone for patients")
    website = URLField("Website", description="The whole address, beginning with https://")
    accepts_new_patients = accepting_field()
    languages = languages_field()
    addresses = FieldList(FormField(AddressForm), min_entries=1, max_entries=MAX_LOCATIONS + 1)
    version = HiddenField()
    add = StringField()
    remove = StringField()

    @classmethod
    def of(cls, listing: Listing) -> "ListingForm":
        """The form as it stands for what is stored."""
        form = cls(obj=listing, data={"addresses": listing.locations}, kind=listing.kind.value)
        form.offer(listing.specialty_code)
        return form

    def offer(self, specialty_code: str) -> None:
        """Let a specialty stay that is not on our list, as the public registry has many."""
        if specialty_code and specialty_code not in SPECIALTIES:
            self.specialty_code.choices = [*OUR_SPECIALTIES, SelectChoice(specialty_code)]

    def rearranged(self) -> "ListingForm | None":
        """The same with an address more or one less, where one of those buttons was pressed."""
        rows: list[dict[str, Any]] = [row.data for row in self.addresses]
        pressed = _text(self.remove)
        if _text(self.add):
            rows = [*rows, {}][:MAX_LOCATIONS]
        elif pressed.isascii() and pressed.isdigit() and len(rows) > 1:
            rows = [row for number, row in enumerate(rows) if number != int(pressed)]
        elif not pressed:
            return None
        form = ListingForm(data={**self.data, "addresses": rows, "add": "", "remove": ""})
        form.specialty_code.choices = self.specialty_code.choices
        return form

    def entry(self, gazetteer: Gazetteer) -> Entry:
        """What was typed, as an entry whose addresses are placed.

        Raises:
            Invalid: names every field that breaks a limit.
        """
        faults: list[Fault] = []
        filled = [row for row in self.addresses if not row.form.is_blank()] or self.addresses.entries[:1]
        addresses = [_collect(faults, partial(row.form.address, gazetteer), f"{row.name}-") for row in filled]
        placed = tuple(address for address in addresses if address is not None)
        in_addresses = bool(faults)
        kind = _collect(faults, self._kind) or Kind.PERSON
        npi = _collect(faults, lambda: self._npi(kind))
        _collect(faults, self._known_specialty)
        texts: dict[str, Any] = {
            name: _text(self[name]) for name in ("name", "credential", "practice", "specialty_code", "phone", "website")
        }
        facts = asdict(_collect(faults, lambda: facts_of(self)) or Facts())
        entry = _collect(faults, lambda: Entry(kind=kind, addresses=placed, npi=npi, **texts, **facts))
        if in_addresses:
            faults = [fault for fault in faults if fault.field != "addresses"]
        if entry is None or faults:
            raise Invalid(faults)
        return entry

    def _kind(self) -> Kind:
        if _text(self.kind) not in set(Kind):
            raise Invalid([Fault("kind", "Say who is listed: a person, or a clinic.")])
        return Kind(_text(self.kind))

    def _npi(self, kind: Kind) -> str | None:
        """The digits, however they were grouped."""
        digits = re.sub(r"[\s.-]", "", _text(self.npi))
        if digits:
            return require_npi(digits)
        if kind is Kind.PERSON:
            raise Invalid([Fault("npi", "Enter the NPI: every clinician has one, and it tells two of one name apart.")])
        return None

    def _known_specialty(self) -> None:
        if _text(self.specialty_code) not in {choice.value for choice in self.specialty_code.choices}:
            raise Invalid([Fault("specialty_code", "Choose a specialty from the list.")])


def _collect(faults: list[Fault], make: Callable[[], T], prefix: str = "") -> T | None:
    """What `make` makes, or None when it refuses; its faults are kept for one answer to all of them."""
    try:
        return make()
    except Invalid as refusal:
        faults += [Fault(f"{prefix}{fault.field}", fault.detail) for fault in refusal.faults]
        return None


def _text(field: Field) -> str:
    return str(field.data or "").strip()
