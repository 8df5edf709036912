"""Reads the public NPPES files, row by row, as they are: renamed headers, numbers written as floats, empty rows."""

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeAlias

from directory.errors import Fault, Invalid
from directory.listings.capitals import as_address, as_name
from directory.listings.entry import STATES
from directory.listings.npi import is_valid_npi
from directory.listings.specialties import SPECIALTIES
from directory.listings.tables import Kind

TAXONOMY_SLOTS = 15
_PO_BOX = re.compile(r"\bP\.? ?O\.? *(BOX|DRAWER)\b|\bPOST OFFICE BOX\b|^BOX \d", re.IGNORECASE)
_FLOAT = re.compile(r"(\d+)\.0+")
_HOME = {"", "US", "USA"}
_KINDS = {"1": Kind.PERSON, "2": Kind.CLINIC}


class Skip(Exception):
    """Why a row is passed over; `worth_listing` False where there would be millions of them."""

    def __init__(self, reason: str, *, npi: str = "", worth_listing: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.npi = npi
        self.worth_listing = worth_listing


class Deactivated(Skip):
    """The NPI is no longer in use: it may not be listed, and if it is, it must go."""

    def __init__(self, npi: str) -> None:
        super().__init__("the NPI is deactivated", npi=npi)


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """A practice address in the United States, as printed but for its capitals."""

    line1: str
    line2: str
    city: str
    state: str
    postal_code: str
    phone: str


@dataclass(frozen=True, slots=True)
class Provider:
    """A row of the full file."""

    npi: str
    kind: Kind
    name: str
    credential: str
    specialty_code: str
    address: PostalAddress
    updated: date | None


@dataclass(frozen=True, slots=True)
class SecondAddress:
    """A row of the secondary locations: one more address of a provider named elsewhere."""

    npi: str
    address: PostalAddress


Record: TypeAlias = Provider | SecondAddress
Row: TypeAlias = Sequence[str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: what it holds or why it is passed over, its number, and the bytes read so far."""

    number: int
    position: int
    found: Record | Skip


def read(path: Path, *, every_specialty: bool = False) -> Iterator[Line]:
    """All rows of a full file or a file of secondary locations, which are told apart by their headers.

    Memory does not grow with the file.

    Raises:
        Invalid: it is neither, or cannot be read as CSV.
    """
    position = 0

    def lines() -> Iterator[str]:
        nonlocal position
        with path.open("rb") as raw:
            for line in raw:
                position += len(line)
                yield line.decode("utf-8-sig" if position == len(line) else "utf-8", "replace").replace("\0", "")

    rows = csv.reader(lines())
    try:
        parse = _layout(path, next(rows, []), every_specialty=every_specialty)
        for row in rows:
            yield Line(rows.line_num, position, _found(parse, row))
    except csv.Error as fault:
        sentence = f"{path.name}, line {rows.line_num}, cannot be read as CSV: {fault}."
        raise Invalid([Fault("file", sentence)]) from fault


def _found(parse: Callable[[Row], Record], row: Row) -> Record | Skip:
    try:
        return parse(row)
    except Skip as skip:
        return skip
    except IndexError:
        return Skip("the row has too few columns", npi=row[0][:20] if row else "")


def _layout(path: Path, header: Row, *, every_specialty: bool) -> Callable[[Row], Record]:
    columns = {_plain(name): index for index, name in enumerate(header)}
    secondary = "providersecondarypracticelocationaddress"
    if f"{secondary}addressline1" in columns:
        return _SecondaryLayout(_Columns(path, columns), f"{secondary}{{}}").parse
    if "entitytypecode" in columns:
        return _FullLayout(_Columns(path, columns), every_specialty=every_specialty).parse
    sentence = f"{path.name} is no NPPES file: its header names neither an entity type nor a secondary location."
    raise Invalid([Fault("file", sentence)])


class _Columns:
    """Where each column is; header names differ between years in case, dashes and spaces."""

    def __init__(self, path: Path, columns: dict[str, int]) -> None:
        self._path, self._columns = path, columns

    def __getitem__(self, name: str) -> int:
        if name not in self._columns:
            raise Invalid([Fault("file", f"{self._path.name} has no column “{name}”.")])
        return self._columns[name]


class _AddressColumns:
    def __init__(self, columns: _Columns, pattern: str, *, line_pattern: tuple[str, str]) -> None:
        self._lines = [columns[name] for name in line_pattern]
        self._city = columns[pattern.format("cityname")]
        self._state = columns[pattern.format("statename")]
        self._zip = columns[pattern.format("postalcode")]
        self._country = columns[pattern.format("countrycodeifoutsideus")]
        self._phone = columns[pattern.format("telephonenumber")]

    def parse(self, row: Row, npi: str) -> PostalAddress:
        line1, line2 = (" ".join(row[index].split()) for index in self._lines)
        if row[self._country].strip().upper() not in _HOME:
            raise Skip("the practice is outside the United States", npi=npi)
        if not line1 or not row[self._city].strip():
            raise Skip("the practice address is incomplete", npi=npi)
        if _PO_BOX.search(line1):
            raise Skip("the practice address is a PO box", npi=npi)
        state = row[self._state].strip().upper()
        if state not in STATES:
            raise Skip("the state is not a code of the postal service", npi=npi)
        return PostalAddress(
            line1=as_address(line1)[:200],
            line2=as_address(line2)[:200],
            city=as_name(row[self._city])[:100],
            state=state,
            postal_code=_postal_code(row[self._zip], npi),
            phone=_number(row[self._phone])[:20],
        )


class _FullLayout:
    def __init__(self, columns: _Columns, *, every_specialty: bool) -> None:
        address = "provider{}businesspracticelocationaddress"
        self._npi, self._entity = columns["npi"], columns["entitytypecode"]
        self._off, self._on = columns["npideactivationdate"], columns["npireactivationdate"]
        self._organization = columns["providerorganizationnamelegalbusinessname"]
        names = ("firstname", "middlename", "lastnamelegalname", "namesuffixtext")
        self._names = [columns[f"provider{name}"] for name in names]
        self._credential = columns["providercredentialtext"]
        self._updated = columns["lastupdatedate"]
        slots = range(1, TAXONOMY_SLOTS + 1)
        self._codes = [columns[f"healthcareprovidertaxonomycode{slot}"] for slot in slots]
        self._switches = [columns[f"healthcareproviderprimarytaxonomyswitch{slot}"] for slot in slots]
        self._every_specialty = every_specialty
        lines = (address.format("firstline"), address.format("secondline"))
        self._address = _AddressColumns(columns, address.format("") + "{}", line_pattern=lines)

    def parse(self, row: Row) -> Provider:
        npi = _npi(row[self._npi])
        kind = _KINDS.get(_number(row[self._entity]))
        if kind is None or (row[self._off].strip() and not row[self._on].strip()):
            raise Deactivated(npi)
        specialty = self._specialty(row, npi)
        return Provider(
            npi=npi,
            kind=kind,
            name=self._name(row, kind, npi),
            credential=_credential(row[self._credential]) if kind is Kind.PERSON else "",
            specialty_code=specialty,
            address=self._address.parse(row, npi),
            updated=_date(row[self._updated]),
        )

    def _specialty(self, row: Row, npi: str) -> str:
        """The primary specialty if it is one of ours, else the first that is; the primary is not always slot 1."""
        codes = [row[index].strip() for index in self._codes]
        primary = next(
            (code for code, at in zip(codes, self._switches, strict=True) if row[at].strip() == "Y"), codes[0]
        )
        ours = [code for code in (primary, *codes) if code in SPECIALTIES]
        if ours:
            return ours[0]
        if not self._every_specialty:
            raise Skip("no specialty of those listed here", npi=npi, worth_listing=False)
        return primary[:10]

    def _name(self, row: Row, kind: Kind, npi: str) -> str:
        parts = [row[self._organization]] if kind is Kind.CLINIC else [row[index] for index in self._names]
        name = as_name(" ".join(part for part in parts if "UNAVAIL" not in part))
        if len(name) < 2:
            raise Skip("there is no name", npi=npi)
        return name[:200]


class _SecondaryLayout:
    def __init__(self, columns: _Columns, pattern: str) -> None:
        self._npi = columns["npi"]
        lines = (pattern.format("addressline1"), pattern.format("addressline2"))
        self._address = _AddressColumns(columns, pattern, line_pattern=lines)

    def parse(self, row: Row) -> SecondAddress:
        npi = _npi(row[self._npi])
        return SecondAddress(npi, self._address.parse(row, npi))


def _plain(header: str) -> str:
    return re.sub(r"[^a-z0-9]", "", header.lower())


def _number(text: str) -> str:
    """Digits as they were before a program took them for a float."""
    text = text.strip()
    matched = _FLOAT.fullmatch(text)
    return matched[1] if matched else text


def _npi(text: str) -> str:
    npi = _number(text)
    if not is_valid_npi(npi):
        raise Skip("the NPI is not valid", npi=npi[:20])
    return npi


def _postal_code(text: str, npi: str) -> str:
    """Five or nine digits; a float lost its leading zeros, so they are put back."""
    digits = _number(text).replace("-", "")
    if digits != text.strip().replace("-", ""):
        digits = digits.zfill(5 if len(digits) <= 5 else 9)
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in {5, 9}:
        raise Skip("the ZIP code has neither five nor nine digits", npi=npi)
    return digits if len(digits) == 5 else f"{digits[:5]}-{digits[5:]}"


def _credential(text: str) -> str:
    return " ".join(text.replace(".", "").split())[:60]


def _date(text: str) -> date | None:
    try:
        return datetime.strptime(text.strip(), "%m/%d/%Y").date()  # noqa: DTZ007  a day without a zone
    except ValueError:
        return None
