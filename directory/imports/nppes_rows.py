"""The layouts of the registry's files: which columns there are, and how a row of them is read."""

import re
from collections.abc import Callable
from operator import itemgetter
from typing import Protocol

from directory.imports.cells import RowCells, undo_float
from directory.imports.columns import Columns
from directory.imports.name_case import normalize_credential, titlecase_organization, titlecase_person
from directory.imports.other_names import OtherNames
from directory.imports.person_name import split_credentials
from directory.imports.practice_address import AddressParser
from directory.imports.records import Deactivation, Note, Provider, Record, Row, SecondaryAddress, SkippedRow
from directory.listings.fields import LISTING_FIELDS, LOCATION_FIELDS
from directory.listings.kinds import ListingKind
from directory.listings.npi import is_valid_npi
from directory.listings.specialties import SPECIALTIES

NO_SPECIALTY = "no specialty of those listed here"
BAD_DEACTIVATION = "the deactivation date cannot be read, so the NPI may be active or not"
NO_KIND = "the row is neither a person's nor an organization's"
NO_NAME = "there is no name"
CREDENTIAL_IN_NAME = "a credential taken out of the name"
TAXONOMY_SLOTS = 15
DEACTIVATION_COLUMNS = ("NPPES Deactivation Date", "NPI Deactivation Date", "Deactivation Date")
SECONDARY_PREFIX = "Provider Secondary Practice Location Address"

_TAXONOMY = re.compile(r"[0-9A-Z]{9}X")
_KINDS = {"1": ListingKind.PERSON, "2": ListingKind.CLINIC}


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

    def parse(self, row: Row, notes: list[Note]) -> Record:
        """Parse a row, and append the repairs and doubts to `notes`.

        Raises:
            SkippedRow: the row has nothing that can be listed.
        """


def _address_parser(columns: Columns, lines: tuple[str, str], named: str) -> AddressParser:
    """Return the parser of the address whose columns begin with `named`."""
    at = (columns[lines[0]], columns[lines[1]])
    places = {each.name: columns[f"{named} {each.nppes_column}"] for each in LOCATION_FIELDS if each.nppes_column}
    places["country"] = columns[f"{named} Country Code (If outside U.S.)"]
    return AddressParser(at, places)


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
        self._other_names = OtherNames(columns)
        slots = range(1, TAXONOMY_SLOTS + 1)
        self._codes = itemgetter(*(columns[f"Healthcare Provider Taxonomy Code_{slot}"] for slot in slots))
        self._switches = itemgetter(*(columns[f"Healthcare Provider Primary Taxonomy Switch_{slot}"] for slot in slots))
        practice = "Provider {} Line Business Practice Location Address"
        lines = (practice.format("First"), practice.format("Second"))
        self._addresses = _address_parser(columns, lines, "Provider Business Practice Location Address")
        self._every_specialty = every_specialty
        self.beside: Callable[[Row], bool] | None = None if every_specialty else self._quickly_beside()

    def _quickly_beside(self) -> Callable[[Row], bool]:
        """Build the test for `beside` as a closure, for speed: it runs for each of nine million rows."""
        entity, off, codes, disjoint = self._entity, self._off, self._codes, frozenset(SPECIALTIES).isdisjoint
        return lambda row: bool(row[entity]) and disjoint(codes(row)) and not row[off]

    def parse(self, row: Row, notes: list[Note]) -> Record:
        """Parse a row into a provider or a deactivation.

        Raises:
            SkippedRow: the row has nothing that can be listed.
        """
        cells = RowCells(row, notes)
        if deactivation := self._deactivation(cells, row):
            return deactivation
        kind = _KINDS.get(undo_float(row[self._entity]))
        if kind is None:
            raise SkippedRow(NO_KIND)
        specialty = self._specialty(row)
        name, credential = self._name(cells, kind)
        return Provider(
            kind=kind,
            specialty_code=specialty,
            name=name,
            credential=credential,
            address=self._addresses.parse(cells),
            updated=cells.date(self._updated, "updated"),
            other_name=self._other_names.read(cells, kind, name),
        )

    def _deactivation(self, cells: RowCells, row: Row) -> Deactivation | None:
        """The deactivation of an NPI that was not taken up again since; None if the NPI is active.

        Raises:
            SkippedRow: the dates do not tell.
        """
        written = cells.text(self._off, "deactivated")
        is_active = bool(row[self._entity].strip())
        if is_active and not written:
            return None
        off, on = cells.date(self._off, "deactivated"), cells.date(self._on, "reactivated")
        if is_active and on is not None:
            if off is None:
                raise SkippedRow(BAD_DEACTIVATION, details=written)
            if on >= off:
                return None
        return Deactivation(off)

    def _specialty(self, row: Row) -> str:
        """The primary specialty if it is one of ours, otherwise the first that is. The primary may be in any slot."""
        codes = [code.strip() for code in self._codes(row)]
        switches = [switch.strip() for switch in self._switches(row)]
        primary = codes[switches.index("Y")] if "Y" in switches else codes[0]
        ours = next((code for code in (primary, *codes) if code in SPECIALTIES), "")
        if not ours and not self._every_specialty:
            raise SkippedRow(NO_SPECIALTY, worth_listing=False)
        return ours or (primary if _TAXONOMY.fullmatch(primary) else "")

    def _name(self, cells: RowCells, kind: ListingKind) -> tuple[str, str]:
        """The name and, of a person, the credential."""
        if kind is ListingKind.CLINIC:
            text, credential = titlecase_organization(cells.text(self._organization, "name")), ""
        else:
            text, credential = self._person(cells)
        if not text:
            raise SkippedRow(NO_NAME)
        return text, credential

    def _person(self, cells: RowCells) -> tuple[str, str]:
        first, middle, last, suffix = (cells.text(index, "name") for index in self._names)
        written = " ".join(filter(None, (first, middle, last, suffix)))
        last, of_last = split_credentials(last)
        suffix, of_suffix = split_credentials(suffix, is_suffix=True)
        name = titlecase_person(" ".join(filter(None, (first, middle, last, suffix))))
        if of_last or of_suffix:
            cells.repair(CREDENTIAL_IN_NAME, "name", written, name)
        own = cells.text(self._credential, "credential")
        return name, normalize_credential(own or ", ".join(filter(None, (of_last, of_suffix))))


class SecondaryLayout:
    """The layout of the secondary locations: one row for each further address."""

    names_providers = False
    beside: Callable[[Row], bool] | None = None

    def __init__(self, columns: Columns) -> None:
        self.npi, self.width = columns["NPI"], columns.width
        lines = (f"{SECONDARY_PREFIX} - Address Line 1", f"{SECONDARY_PREFIX} - Address Line 2")
        self._addresses = _address_parser(columns, lines, f"{SECONDARY_PREFIX} -")

    def parse(self, row: Row, notes: list[Note]) -> Record:
        """Parse a row into a secondary address.

        Raises:
            SkippedRow: patients cannot go to the address.
        """
        return SecondaryAddress(self._addresses.parse(RowCells(row, notes)))


class DeactivatedLayout:
    """The layout of the list of deactivated NPIs: a row for each, with the date."""

    names_providers = True
    beside: Callable[[Row], bool] | None = None

    def __init__(self, columns: Columns, date_column: str) -> None:
        self.npi, self.width = columns["NPI"], columns.width
        self._since = columns[date_column]

    @staticmethod
    def date_column(columns: Columns) -> str:
        """The name of the column with the date; empty if there is none."""
        return next((name for name in DEACTIVATION_COLUMNS if name in columns), "")

    def parse(self, row: Row, notes: list[Note]) -> Record:
        """Parse a row into a deactivation."""
        return Deactivation(RowCells(row, notes).date(self._since, "deactivated"))


def parse_npi(text: str) -> str:
    """The NPI of a row, even if a program wrote it as a float; empty if it is not valid."""
    npi = undo_float(text)
    return npi if is_valid_npi(npi) else ""
