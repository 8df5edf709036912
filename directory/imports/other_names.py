"""Reads the other name of a provider, if patients may know it; former names are left out."""

from directory.imports.cells import RowCells, undo_float
from directory.imports.columns import Columns
from directory.imports.name_case import titlecase_organization, titlecase_person
from directory.imports.person_name import split_credentials
from directory.listings.kinds import ListingKind

DOING_BUSINESS_AS, PROFESSIONAL_NAME, OTHER = "3", "2", "5"
"""The registry's codes for kinds of other names; 1 and 4 are former names."""

UNKNOWN_KIND = "another name of unknown kind left out"
_LEFT_OUT_OF_CLINIC, _LEFT_OUT_OF_PERSON = frozenset({"4"}), frozenset({"1", OTHER})
"""Former names; the other name of a person may be one too."""
_PERSON_PARTS = ("First Name", "Middle Name", "Last Name", "Name Suffix Text")


class OtherNames:
    """The columns of other names, which older files and extracts may lack."""

    def __init__(self, columns: Columns) -> None:
        self._organization = columns.get("Provider Other Organization Name")
        self._organization_kind = columns.get("Provider Other Organization Name Type Code")
        self._person = [columns.get(f"Provider Other {part}") for part in _PERSON_PARTS]
        self._person_kind = columns.get("Provider Other Last Name Type Code")

    def read(self, cells: RowCells, kind: ListingKind, name: str) -> str:
        """The other name of a row; empty if there is none, or if it is the name itself."""
        is_clinic = kind is ListingKind.CLINIC
        text = self._of_organization(cells) if is_clinic else self._of_person(cells)
        if not text:
            return ""
        code = undo_float(_text(cells, self._organization_kind if is_clinic else self._person_kind))
        if code in (_LEFT_OUT_OF_CLINIC if is_clinic else _LEFT_OUT_OF_PERSON):
            return ""
        if code not in ({DOING_BUSINESS_AS, OTHER} if is_clinic else {PROFESSIONAL_NAME}):
            cells.doubt(UNKNOWN_KIND, "other_name", text)
            return ""
        return "" if text.casefold() == name.casefold() else text

    def _of_organization(self, cells: RowCells) -> str:
        return titlecase_organization(_text(cells, self._organization))

    def _of_person(self, cells: RowCells) -> str:
        *given, last, suffix = (_text(cells, index) for index in self._person)
        if not last:
            return ""
        last, suffix = split_credentials(last)[0], split_credentials(suffix, is_suffix=True)[0]
        return titlecase_person(" ".join(filter(None, (*given, last, suffix))))


def _text(cells: RowCells, index: int | None) -> str:
    return "" if index is None else cells.text(index, "other_name")
