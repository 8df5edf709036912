"""Lists the rows of an import one by one as CSV: those that could not be used, or all that was changed or repaired."""

import csv
from collections.abc import Iterator
from typing import Any, TextIO

from directory.imports.effect import Effect
from directory.imports.plan import Plan, PlannedRow

REJECTED_HEADER = ("file", "line", "npi", "reason")
DETAILS_HEADER = ("file", "line", "npi", "kind", "field", "read", "stored", "before")

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Characters at the beginning of a cell that a spreadsheet would treat as a formula."""


class RejectedRowsFile:
    """Writes the rows that could not be used, with the reason."""

    def __init__(self, out: TextIO) -> None:
        self._rows = csv.writer(out)
        self._rows.writerow(REJECTED_HEADER)

    def write(self, file: str, plan: Plan) -> None:
        """Write the rows of a committed plan of a file."""
        for row in plan.listed_rows():
            reason = f"{row.reason}: {row.details}" if row.details else row.reason
            self._rows.writerow(map(escape_formula, (file, row.line, row.npi, reason)))


class DetailsFile:
    """Writes each change, repair, doubt and reason, with what was read and what is stored."""

    def __init__(self, out: TextIO) -> None:
        self._rows = csv.writer(out)
        self._rows.writerow(DETAILS_HEADER)

    def write(self, file: str, plan: Plan) -> None:
        """Write the rows of a committed plan of a file."""
        for row in plan.rows:
            for cells in _details(row):
                self._rows.writerow(map(escape_formula, (file, row.line, row.npi, *cells)))


def _details(row: PlannedRow) -> Iterator[tuple[Any, ...]]:
    """Yield kind, field, what was read, what is stored, and what was stored before."""
    if row.reason and row.worth_listing:
        yield f"{row.effect.value}: {row.reason}", "", row.details, "", ""
    elif row.effect in {Effect.CREATED, Effect.SUSPENDED}:
        yield row.effect.value, "", "", "", ""
    for note in row.notes:
        yield f"{note.kind.value}: {note.what}", note.field, note.read, note.stored, ""
    for change in row.changes:
        field = change.field if change.address is None else f"{change.field} of address {change.address + 1}"
        kept = row.target is None
        kind, stored = ("differs, and is kept", change.old) if kept else (Effect.CHANGED.value, change.new)
        yield kind, field, change.new, stored, change.old
    if row.is_published:
        yield "published", "", "", "", ""
    if row.is_unplaced:
        yield "in doubt: an address that could not be placed", "", "", "", ""


def escape_formula(value: object) -> str:
    """Return the text of a cell so that a spreadsheet does not evaluate it as a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
