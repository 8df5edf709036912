"""Parses one row of an NPPES file into a provider, a secondary address, a deactivation, or a reason to skip it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Protocol, TypeAlias

from directory.errors import FieldError, Invalid
from directory.imports.name_case import (
    normalize_credential,
    titlecase_address,
    titlecase_city,
    titlecase_organization,
    titlecase_person,
)
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS, STATES
from directory.listings.kinds import ListingKind
from directory.listings.npi import is_valid_npi
from directory.listings.specialties import SPECIALTIES

NO_SPECIALTY = "no specialty of those listed here"
TAXONOMY_SLOTS = 15
SECONDARY_PREFIX = "Provider Secondary Practice Location Address"

_PO_BOX = re.compile(r"(P\.? *O\.? *|POST OFFICE +)(BOX|DRAWER)\b.*|(LOCK|CALLER) BOX\b.*|BOX +\d.*", re.IGNORECASE)
_FLOAT = re.compile(r"(\d+)\.0+")
_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_TAXONOMY = re.compile(r"[0-9A-Z]{9}X")
_US_COUNTRY_CODES = {"", "US", "USA"}
_KINDS = {"1": ListingKind.PERSON, "2": ListingKind.CLINIC}


class SkippedRow(Exception):
    """The reason to skip a row; with `worth_listing=False` it is left out of the file of rejected rows.

    That is for reasons that apply to millions of rows.
    """

    def __init__(self, reason: str, *, details: str = "", worth_listing: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.details = details
        self.worth_listing = worth_listing


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """A practice address in the United States, as in the file except for its case."""

    line1: str
    line2: str
    city: str
    state: str
    postal_code: str
    phone: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider from a row of the full file."""

    kind: ListingKind
    name: str
    credential: str
    specialty_code: str
    address: PostalAddress
    updated: date | None

    @property
    def phone(self) -> str:
        """The phone of the address; the registry has no other phone number."""
        return self.address.phone


@dataclass(frozen=True, slots=True)
class SecondaryAddress:
    """A row of the secondary locations: another address of a provider in the full file."""

    address: PostalAddress


@dataclass(frozen=True, slots=True)
class Deactivation:
    """A deactivated NPI: it must not be listed, and an existing listing is retired."""

    since: date | None


Record: TypeAlias = Provider | SecondaryAddress | Deactivation
Row: TypeAlias = Sequence[str]


class Columns:
    """Column indexes by name; ignores differences in case, dashes and spaces between years.

    Raises:
        Invalid: a requested column is missing.
    """

    def __init__(self, file: str, header: Row) -> None:
        self.width = len(header)
        self._file = file
        self._at = {_normalize_header(name): index for index, name in enumerate(header)}

    def __contains__(self, name: str) -> bool:
        return _normalize_header(name) in self._at

    def __getitem__(self, name: str) -> int:
        if name not in self:
            raise Invalid([FieldError("file", f"{self._file} has no column “{name}”, which NPPES files have.")])
        return self._at[_normalize_header(name)]


class Layout(Protocol):
    """Parses the rows of one kind of file."""

    names_providers: bool
    """Whether its rows describe providers, or only add addresses to existing listings."""

    npi: int
    """The index of the NPI column."""

    width: int
    """The number of columns in each row."""

    beside: Callable[[Row], bool] | None
    """A fast test for rows of full width: whether the provider has none of our specialties."""

    def parse(self, row: Row) -> Record:
        """Parse a row.

        Raises:
            SkippedRow: the row has nothing that can be listed.
        """


class _AddressParser:
    """Parses the address columns of either layout."""

    def __init__(self, columns: Columns, lines: tuple[str, str], named: str) -> None:
        self._lines = [columns[name] for name in lines]
        of_location = {each.name: each.nppes_column for each in LOCATION_FIELDS if each.nppes_column}
        self._city, self._state, self._zip, self._phone = (
            columns[f"{named} {of_location[name]}"] for name in ("city", "state", "postal_code", "phone")
        )
        self._country = columns[f"{named} Country Code (If outside U.S.)"]

    def parse(self, row: Row) -> PostalAddress:
        if row[self._country].strip().upper() not in _US_COUNTRY_CODES:
            raise SkippedRow("the practice is outside the United States")
        printed = [line for line in (" ".join(row[index].split()) for index in self._lines) if line]
        lines = [line for line in printed if not _PO_BOX.fullmatch(line)]
        if printed and not lines:
            raise SkippedRow("the practice address is a PO box")
        if not lines or not row[self._city].strip():
            raise SkippedRow("the practice address is incomplete")
        state = row[self._state].strip().upper()
        if state not in STATES:
            raise SkippedRow("the state is not a code of the postal service")
        return PostalAddress(
            line1=titlecase_address(lines[0]),
            line2=titlecase_address(lines[1]) if len(lines) > 1 else "",
            city=titlecase_city(row[self._city]),
            state=state,
            postal_code=_parse_postal_code(row[self._zip]),
            phone=_undo_float(row[self._phone]),
        )


class FullLayout:
    """The layout of the full file and its weekly updates: one row for each provider."""

    names_providers = True

    def __init__(self, columns: Columns, *, every_specialty: bool) -> None:
        self.npi, self.width = columns["NPI"], columns.width
        of_listing = {each.name: each.nppes_column for each in LISTING_FIELDS if each.nppes_column}
        self._entity = columns[of_listing["kind"]]
        self._off, self._on = columns["NPI Deactivation Date"], columns["NPI Reactivation Date"]
        self._organization = columns["Provider Organization Name (Legal Business Name)"]
        named = ("First Name", "Middle Name", "Last Name (Legal Name)", "Name Suffix Text")
        self._names = [columns[f"Provider {name}"] for name in named]
        self._credential = columns[of_listing["credential"]]
        self._updated = columns["Last Update Date"]
        slots = range(1, TAXONOMY_SLOTS + 1)
        self._codes = itemgetter(*(columns[f"Healthcare Provider Taxonomy Code_{slot}"] for slot in slots))
        self._switches = itemgetter(*(columns[f"Healthcare Provider Primary Taxonomy Switch_{slot}"] for slot in slots))
        practice = "Provider {} Line Business Practice Location Address"
        lines = (practice.format("First"), practice.format("Second"))
        self._addresses = _AddressParser(columns, lines, "Provider Business Practice Location Address")
        self._every_specialty = every_specialty
        self.beside: Callable[[Row], bool] | None = None if every_specialty else self._quickly_beside()

    def _quickly_beside(self) -> Callable[[Row], bool]:
        """Build the test for `beside` as a closure, for speed: it runs for each of nine million rows."""
        entity, codes, disjoint = self._entity, self._codes, frozenset(SPECIALTIES).isdisjoint
        return lambda row: bool(row[entity]) and disjoint(codes(row))

    def parse(self, row: Row) -> Record:
        """Parse a row into a provider or a deactivation.

        Raises:
            SkippedRow: the row has nothing that can be listed.
        """
        code = _undo_float(row[self._entity])
        off, on = _parse_date(row[self._off]), _parse_date(row[self._on])
        if not code or (off and (on is None or on < off)):
            return Deactivation(off)
        if code not in _KINDS:
            raise SkippedRow("the row is neither a person's nor an organization's")
        kind = _KINDS[code]
        return Provider(
            kind=kind,
            specialty_code=self._specialty(row),
            name=self._name(row, kind),
            credential=normalize_credential(row[self._credential]) if kind is ListingKind.PERSON else "",
            address=self._addresses.parse(row),
            updated=_parse_date(row[self._updated]),
        )

    def _specialty(self, row: Row) -> str:
        """The primary specialty if it is one of ours, otherwise the first that is. The primary may be in any slot."""
        codes = [code.strip() for code in self._codes(row)]
        switches = [switch.strip() for switch in self._switches(row)]
        primary = codes[switches.index("Y")] if "Y" in switches else codes[0]
        ours = next((code for code in (primary, *codes) if code in SPECIALTIES), "")
        if not ours and not self._every_specialty:
            raise SkippedRow(NO_SPECIALTY, worth_listing=False)
        return ours or (primary if _TAXONOMY.fullmatch(primary) else "")

    def _name(self, row: Row, kind: ListingKind) -> str:
        parts = [row[self._organization]] if kind is ListingKind.CLINIC else [row[index] for index in self._names]
        text = " ".join(part for part in parts if "UNAVAIL" not in part).strip()
        if not text:
            raise SkippedRow("there is no name")
        return titlecase_organization(text) if kind is ListingKind.CLINIC else titlecase_person(text)


class SecondaryLayout:
    """The layout of the secondary locations: one row for each further address."""

    names_providers = False
    beside: Callable[[Row], bool] | None = None

    def __init__(self, columns: Columns) -> None:
        self.npi, self.width = columns["NPI"], columns.width
        lines = (f"{SECONDARY_PREFIX} - Address Line 1", f"{SECONDARY_PREFIX} - Address Line 2")
        self._addresses = _AddressParser(columns, lines, f"{SECONDARY_PREFIX} -")

    def parse(self, row: Row) -> Record:
        """Parse a row into a secondary address.

        Raises:
            SkippedRow: patients cannot go to the address.
        """
        return SecondaryAddress(self._addresses.parse(row))


def parse_npi(text: str) -> str:
    """The NPI of a row, even if a program wrote it as a float; empty if it is not valid."""
    npi = _undo_float(text)
    return npi if is_valid_npi(npi) else ""


def _normalize_header(header: str) -> str:
    return re.sub(r"[^a-z0-9]", "", header.lower())


def _undo_float(text: str) -> str:
    """Remove the “.0” that a program added to digits by writing them as a float."""
    text = text.strip()
    matched = _FLOAT.fullmatch(text)
    return matched[1] if matched else text


def _parse_postal_code(text: str) -> str:
    """Parse a ZIP code of five or nine digits; restores the leading zeros that a float lost."""
    written = text.strip().replace("-", "")
    digits = _undo_float(written)
    if digits != written:
        digits = digits.zfill(5 if len(digits) <= 5 else 9)
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in {5, 9}:
        raise SkippedRow("the ZIP code has neither five nor nine digits")
    return digits if len(digits) == 5 else f"{digits[:5]}-{digits[5:]}"


def _parse_date(text: str) -> date | None:
    found = _DAY.fullmatch(text.strip())
    if found is None:
        return None
    month, day, year = map(int, found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None
