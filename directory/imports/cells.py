"""Reads the cells of one row: values that say nothing, digits written as decimals, dates and ZIP codes."""

import re
from datetime import date
from functools import lru_cache

from directory.geocoding.us_states import state_of_zip
from directory.imports.records import Note, NoteKind, Row, SkippedRow

UNAVAILABLE = "a mark for “not available” left out"
DECIMAL = "digits written as a decimal number"
LOST_ZEROS = "a ZIP code that lost its leading zeros"
UNREADABLE_DATE = "a date that cannot be read"
ZIP_IN_ANOTHER_STATE = "a ZIP code of another state"
BAD_ZIP = "the ZIP code has neither five nor nine digits"

CACHE_SIZE = 4_096
"""Cached dates; arbitrary, a decade of days."""

ZIP_LENGTH, ZIP4_LENGTH = 5, 9
_MOST_LOST_ZEROS = 2
"""ZIP codes begin with at most two zeros: 00501."""

_FLOAT = re.compile(r"(\d+)\.0+")
_MARK = r"\s*".join("UNAVAIL") + r"(?:\s*A\s*B\s*L\s*E)?"
_UNAVAILABLE = re.compile(rf"(?:<|&lt;)\s*{_MARK}\s*(?:>|&gt;)|^\W*{_MARK}\W*$", re.IGNORECASE)
_TIME = r"(?:[T ]\d{1,2}:\d\d.*)?"
_DATES = (
    re.compile(rf"(?P<month>\d{{1,2}})[/-](?P<day>\d{{1,2}})[/-](?P<year>\d{{4}}|\d\d){_TIME}", re.ASCII),
    re.compile(rf"(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}}){_TIME}", re.ASCII),
    re.compile(r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)", re.ASCII),
)
_CENTURY = 2000
"""The registry began in 2005, so a year of two digits lies in this century."""


class RowCells:
    """The cells of one row, with notes on what was repaired or doubted while they were read."""

    __slots__ = ("_row", "notes")

    def __init__(self, row: Row, notes: list[Note]) -> None:
        self._row, self.notes = row, notes

    def text(self, index: int, field: str) -> str:
        """The text of a cell with single spaces, without marks for “not available”."""
        cell = self._row[index]
        # A fast path for most cells, which are empty or one word.
        if not cell or (cell.isalnum() and cell[0] not in "Uu"):
            return cell
        if "<" in cell or "navail" in cell.lower():
            cell = self._without_mark(cell, field)
        return " ".join(cell.split())

    def digits(self, index: int, field: str) -> str:
        """The text of a cell, without the “.0” that a program added by writing digits as a float."""
        text = self.text(index, field)
        if text.endswith("0") and (whole := undo_float(text)) != text:
            self.repair(DECIMAL, field, text, whole)
            return whole
        return text

    def date(self, index: int, field: str) -> date | None:
        """The date in a cell; None if it is empty or, with a note, if it cannot be read."""
        text = self.text(index, field)
        if not text:
            return None
        found = parse_date(text)
        if found is None:
            self.doubt(UNREADABLE_DATE, field, text)
        return found

    def postal_code(self, index: int, state: str) -> str:
        """A ZIP code of five or nine digits; restores leading zeros if the result lies in `state`.

        Raises:
            SkippedRow: it has another number of digits.
        """
        text = self.text(index, "postal_code")
        # A program that writes digits as a float also loses the zeros before them.
        digits = undo_float(re.sub(r"[\s-]+", "", text).rstrip("."))
        if not (digits.isascii() and digits.isdigit()):
            raise SkippedRow(BAD_ZIP, details=text)
        if len(digits) not in {ZIP_LENGTH, ZIP4_LENGTH}:
            digits = _restore_zeros(digits, state, text)
            self.repair(LOST_ZEROS, "postal_code", text, _format_zip(digits))
        elif state_of_zip(digits[:ZIP_LENGTH]) not in {state, None}:
            self.doubt(ZIP_IN_ANOTHER_STATE, "postal_code", text, f"{_format_zip(digits)} {state}")
        return _format_zip(digits)

    def repair(self, what: str, field: str, read: str, stored: str) -> None:
        """Note that a value is stored in another form than it was read."""
        self.notes.append(Note(NoteKind.REPAIR, what, field, read, stored))

    def doubt(self, what: str, field: str, read: str, stored: str = "") -> None:
        """Note that a value may be wrong."""
        self.notes.append(Note(NoteKind.DOUBT, what, field, read, stored))

    def _without_mark(self, cell: str, field: str) -> str:
        rest = _UNAVAILABLE.sub(" ", cell)
        if rest != cell:
            self.repair(UNAVAILABLE, field, cell.strip(), " ".join(rest.split()))
        return rest


def undo_float(text: str) -> str:
    """Remove the “.0” that a program added to digits by writing them as a float."""
    text = text.strip()
    matched = _FLOAT.fullmatch(text)
    return matched[1] if matched else text


@lru_cache(CACHE_SIZE)
def parse_date(text: str) -> date | None:
    """Parse 05/06/2024, 5/6/24, 2024-05-06 or 20240506, also with a time; None for any other text."""
    found = next(filter(None, (written.fullmatch(text) for written in _DATES)), None)
    if found is None:
        return None
    year = int(found["year"])
    try:
        return date(year if len(found["year"]) == 4 else _CENTURY + year, int(found["month"]), int(found["day"]))
    except ValueError:
        return None


def _restore_zeros(digits: str, state: str, text: str) -> str:
    """Put back one or two zeros, if the ZIP code then lies in the state."""
    for length in (ZIP_LENGTH, ZIP4_LENGTH):
        whole = digits.zfill(length)
        if length - _MOST_LOST_ZEROS <= len(digits) < length and state_of_zip(whole[:ZIP_LENGTH]) == state:
            return whole
    raise SkippedRow(BAD_ZIP, details=f"{text}, which is in no way a ZIP code of {state}")


def _format_zip(digits: str) -> str:
    return digits if len(digits) == ZIP_LENGTH else f"{digits[:ZIP_LENGTH]}-{digits[ZIP_LENGTH:]}"
