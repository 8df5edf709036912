"""The layout of any CSV file with a row for each provider: its columns are recognized by their usual names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from directory.imports.cells import RowCells
from directory.imports.csv_file import normalize_header
from directory.imports.name_case import normalize_credential, titlecase_organization, titlecase_person
from directory.imports.nppes_rows import NO_KIND, NO_NAME, NO_SPECIALTY
from directory.imports.person_name import split_credentials
from directory.imports.practice_address import AddressParser
from directory.imports.records import Note, Provider, Row, SkippedRow
from directory.listings.kinds import ListingKind
from directory.listings.specialties import SPECIALTIES


@dataclass(frozen=True, slots=True)
class TableField:
    """A field that a CSV file may have a column for; `aliases` are usual headers, as `normalize_header` writes them."""

    name: str
    label: str
    aliases: tuple[str, ...]
    required: bool = False


def _field(name: str, label: str, aliases: str, *, required: bool = False) -> TableField:
    return TableField(name, label, tuple(aliases.split()), required)


NPI_ALIASES = ("npi", "npinumber", "nationalprovideridentifier", "providernpi", "rndrngnpi", "prscrbrnpi", "npiid")

TABLE_FIELDS: tuple[TableField, ...] = (
    TableField("npi", "NPI", NPI_ALIASES, required=True),
    _field("kind", "Person or clinic", "entitytypecode entitytype kind type listedas rndrngprvdrentcd entity"),
    _field("name", "Whole name", "name fullname providername displayname doctor physician provider"),
    _field("first", "First name", "firstname frstnm providerfirstname givenname first rndrngprvdrfirstname"),
    _field("middle", "Middle name", "middlename midnm providermiddlename middle middleinitial mi rndrngprvdrmi"),
    _field("last", "Last name", "lastname lstnm providerlastname surname familyname last rndrngprvdrlastorgname"),
    _field("suffix", "Suffix", "suff suffix namesuffix providernamesuffix"),
    _field("credential", "Credential", "cred credential credentials degree title rndrngprvdrcrdntls"),
    _field("organization", "Name of the clinic", "organization organizationname clinic clinicname businessname"),
    _field("specialty", "Specialty", "specialty specialtycode taxonomy taxonomycode prispec primaryspecialty"),
    _field("line1", "Street", "line1 address address1 street street1 addressline1 adrln1", required=True),
    _field("line2", "Second line", "line2 address2 street2 addressline2 adrln2 suite unit rndrngprvdrst2"),
    _field("city", "City", "city cty citytown town rndrngprvdrcity", required=True),
    _field("state", "State", "state st stateabbreviation statecode rndrngprvdrstateabrvtn", required=True),
    _field("postal_code", "ZIP code", "zip zipcode postalcode zip5 postcode rndrngprvdrzip5", required=True),
    _field("country", "Country", "country countrycode rndrngprvdrcntry"),
    _field("phone", "Phone", "phone phnnumbr telephone telephonenumber phonenumber tel practicetelno practicephone"),
    _field("updated", "Last changed", "updated lastupdatedate lastupdated asof date modified"),
)

_KINDS = {
    "1": ListingKind.PERSON, "i": ListingKind.PERSON, "individual": ListingKind.PERSON, "person": ListingKind.PERSON,
    "2": ListingKind.CLINIC, "o": ListingKind.CLINIC, "organization": ListingKind.CLINIC, "clinic": ListingKind.CLINIC,
}  # fmt: skip
_WORDS = {
    "orthopedicsurgery": "207X00000X",
    "physicalmedicineandrehabilitation": "208100000X",
    "sportsmedicine": "207QS0010X",
    "painmanagement": "208VP0000X",
    "interventionalpainmanagement": "208VP0014X",
    "interventionalradiology": "2085R0204X",
    "handsurgery": "207XS0106X",
} | {normalize_header(label): code for code, label in SPECIALTIES.items()}
"""Specialties in words, as Medicare and this directory write them."""


def recognize_columns(header: Sequence[str]) -> dict[str, str]:
    """Return the header of the column of each field that is recognized."""
    by_name = {normalize_header(each): each for each in reversed(header)}
    found: dict[str, str] = {}
    for field in TABLE_FIELDS:
        name = next((alias for alias in field.aliases if alias in by_name), None)
        if name is not None and by_name[name] not in found.values():
            found[field.name] = by_name[name]
    return found


def missing_columns(columns: Mapping[str, str]) -> Iterator[TableField]:
    """Yield the fields without a column that a file must have; one column must hold a name."""
    for field in TABLE_FIELDS:
        if field.required and not columns.get(field.name):
            yield field
    if not any(columns.get(name) for name in ("name", "last", "organization")):
        yield next(field for field in TABLE_FIELDS if field.name == "name")


class TableLayout:
    """The layout of any CSV file, given which column is which field.

    Args:
        header: the names of the columns.
        columns: the header of the column of each field.
        every_specialty: whether rows with a specialty that is not listed here are taken too.
        as_of: the date of rows without one.
    """

    names_providers = True
    beside: Callable[[Row], bool] | None = None

    def __init__(
        self, header: Sequence[str], columns: Mapping[str, str], *, every_specialty: bool, as_of: date
    ) -> None:
        self.width = len(header)
        # A field without a column reads the empty cell that `parse` adds to each row.
        self._at = {
            field.name: header.index(columns[field.name]) if columns.get(field.name) else self.width
            for field in TABLE_FIELDS
        }
        self.npi = self._at["npi"]
        self._every_specialty, self._as_of = every_specialty, as_of
        places = {name: self._at[name] for name in ("city", "state", "postal_code", "phone", "country")}
        self._addresses = AddressParser((self._at["line1"], self._at["line2"]), places)

    def parse(self, row: Row, notes: list[Note]) -> Provider:
        """Parse a row into a provider.

        Raises:
            SkippedRow: the row has nothing that can be listed.
        """
        cells = RowCells([*row, ""], notes)
        specialty = self._specialty(cells)
        kind = self._kind(cells)
        name, credential = self._name(cells, kind)
        if not name:
            raise SkippedRow(NO_NAME)
        return Provider(
            kind=kind,
            specialty_code=specialty,
            name=name,
            credential=credential,
            address=self._addresses.parse(cells),
            updated=cells.date(self._at["updated"], "updated") or self._as_of,
        )

    def _kind(self, cells: RowCells) -> ListingKind:
        text = cells.text(self._at["kind"], "kind").lower()
        if text:
            kind = _KINDS.get(text)
            if kind is None:
                raise SkippedRow(NO_KIND, details=text)
            return kind
        is_person = any(cells.text(self._at[name], "name") for name in ("first", "last", "name"))
        return ListingKind.PERSON if is_person else ListingKind.CLINIC

    def _name(self, cells: RowCells, kind: ListingKind) -> tuple[str, str]:
        parts = {
            name: cells.text(self._at[name], "name")
            for name in ("name", "first", "middle", "last", "suffix", "organization")
        }
        if kind is ListingKind.CLINIC:
            return titlecase_organization(parts["organization"] or parts["name"] or parts["last"]), ""
        whole = " ".join(filter(None, (parts["first"], parts["middle"], parts["last"], parts["suffix"])))
        name, credential = split_credentials(whole or parts["name"])
        own = cells.text(self._at["credential"], "credential")
        return titlecase_person(name), normalize_credential(own or credential)

    def _specialty(self, cells: RowCells) -> str:
        """The code of the specialty; empty if the file has no such column.

        Raises:
            SkippedRow: it is none of those listed here.
        """
        text = cells.text(self._at["specialty"], "specialty_code")
        code = text if text in SPECIALTIES else _WORDS.get(normalize_header(text), "")
        if not code and self._at["specialty"] != self.width and not self._every_specialty:
            raise SkippedRow(NO_SPECIALTY, worth_listing=False)
        return code
