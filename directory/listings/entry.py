"""What an entry says, as values that cannot be built wrong: the limits of a listing and its addresses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import urlsplit

from directory.errors import Fault, Invalid
from directory.geocoding import us_states
from directory.geocoding.place import Place
from directory.listings.facts import Facts
from directory.listings.kinds import Kind
from directory.listings.languages import language_faults
from directory.listings.npi import is_valid_npi
from directory.listings.tables import Listing, Location
from directory.listings.wording import faults_of

MAX_LOCATIONS = 50
"""Addresses of one listing; arbitrary, several times the largest group in the public registry's sample."""

STATES = frozenset(us_states.STATES) - us_states.ASSOCIATED_STATES
"""USPS codes of the states, the District of Columbia and the territories."""

_ZIP = re.compile(r"\d{5}(-\d{4})?", re.ASCII)
_PHONE = re.compile(r"[0-9+(). /x-]{7,30}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """A practice address in the United States; `place` is where the geocoder put it."""

    line1: str = field(metadata={"label": "The street address", "least": 1, "most": 200})
    city: str = field(metadata={"label": "The city", "least": 1, "most": 100})
    state: str
    postal_code: str
    line2: str = field(default="", metadata={"label": "The second address line", "most": 200})
    phone: str = ""
    place: Place | None = None

    def __post_init__(self) -> None:
        faults = [*_text_faults(self), *self._faults()]
        if faults:
            raise Invalid(faults)

    def _faults(self) -> Iterator[Fault]:
        if self.state not in STATES:
            yield Fault("state", "The state must be a two-letter code such as CO.")
        if not _ZIP.fullmatch(self.postal_code):
            yield Fault("postal_code", "The ZIP code must have five digits, or five and four: 80021 or 80021-1234.")
        if self.phone and not _PHONE.fullmatch(self.phone):
            yield Fault("phone", "The phone number must have 7 to 30 digits, spaces, brackets or dashes.")

    @property
    def columns(self) -> dict[str, Any]:
        """What a row of `locations` holds of this address."""
        return {
            "line1": self.line1,
            "line2": self.line2,
            "city": self.city,
            "state": self.state,
            "postal_code": self.postal_code,
            "phone": self.phone,
            "lat": self.place.point.lat if self.place else None,
            "lon": self.place.point.lon if self.place else None,
            "precision": self.place.precision.value if self.place else "",
            "uncertainty_miles": self.place.uncertainty_miles if self.place else None,
        }

    def write(self, location: Location, ordinal: int) -> None:
        """Put this address into a row."""
        location.ordinal = ordinal
        for name, value in self.columns.items():
            setattr(location, name, value)


@dataclass(frozen=True, slots=True)
class Entry:
    """All that a provider says of themselves, apart from how they take bone marrow."""

    kind: Kind
    name: str = field(metadata={"label": "The name", "least": 2, "most": 200})
    addresses: tuple[Address, ...]
    credential: str = field(default="", metadata={"label": "The credential", "most": 60})
    practice: str = field(default="", metadata={"label": "The practice", "most": 200})
    npi: str | None = None
    specialty_code: str = field(default="", metadata={"label": "The specialty", "most": 10})
    phone: str = ""
    website: str = field(default="", metadata={"label": "The website", "most": 300})
    languages: tuple[str, ...] = ()
    accepts_new_patients: bool | None = None

    def __post_init__(self) -> None:
        faults = [*_text_faults(self), *self._faults()]
        if faults:
            raise Invalid(faults)

    def _faults(self) -> Iterator[Fault]:
        if not 1 <= len(self.addresses) <= MAX_LOCATIONS:
            yield Fault("addresses", f"A listing has 1 to {MAX_LOCATIONS} addresses; this has {len(self.addresses)}.")
        if self.phone and not _PHONE.fullmatch(self.phone):
            yield Fault("phone", "The phone number must have 7 to 30 digits, spaces, brackets or dashes.")
        if self.website and not _is_web_address(self.website):
            yield Fault("website", "The website must be a whole address that begins with https:// or http://.")
        yield from language_faults(self.languages)

    @property
    def columns(self) -> dict[str, Any]:
        """What a row of `listings` holds of this entry; its addresses are rows of their own."""
        return {
            "kind": self.kind,
            "name": self.name,
            "credential": self.credential,
            "practice": self.practice,
            "npi": self.npi,
            "specialty_code": self.specialty_code,
            "phone": self.phone,
            "website": self.website,
        }

    def write(self, listing: Listing) -> None:
        """Put this entry into a row and its addresses into rows of their own, reusing those there."""
        for name, value in self.columns.items():
            setattr(listing, name, value)
        Facts(self.languages, self.accepts_new_patients).write(listing)
        rows = list(listing.locations)[: len(self.addresses)]
        rows += [Location() for _ in range(len(self.addresses) - len(rows))]
        for ordinal, (address, row) in enumerate(zip(self.addresses, rows, strict=True)):
            address.write(row, ordinal)
        listing.locations = rows


def require_npi(npi: str) -> str:
    """The NPI, checked as one that somebody typed.

    Raises:
        Invalid: it is not ten digits with the right check digit.
    """
    if not is_valid_npi(npi):
        raise Invalid([Fault("npi", "An NPI has ten digits and a check digit; this one has a typing error.")])
    return npi


def _text_faults(value: Address | Entry) -> Iterator[Fault]:
    for name, label, least, most in _LIMITS[type(value)]:
        yield from faults_of(name, label, getattr(value, name), least=least, most=most)


def _limits(kind: type[Address | Entry]) -> tuple[tuple[str, str, int, int], ...]:
    limited = [(spec.name, spec.metadata) for spec in fields(kind) if "most" in spec.metadata]
    return tuple((name, limits["label"], limits.get("least", 0), limits["most"]) for name, limits in limited)


_LIMITS: dict[type, tuple[tuple[str, str, int, int], ...]] = {kind: _limits(kind) for kind in (Address, Entry)}
"""Name, label, least and most of each limited text: worked out once, because an import asks for each row."""


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in parts.netloc
