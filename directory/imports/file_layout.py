"""Which layout a file has: one of the registry's, known by its header, or a table whose columns are settled by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from directory.errors import FieldError, Invalid
from directory.imports.columns import Columns
from directory.imports.csv_file import CsvFile, open_csv
from directory.imports.nppes_rows import SECONDARY_PREFIX, DeactivatedLayout, FullLayout, Layout, SecondaryLayout
from directory.imports.records import Row
from directory.imports.table_rows import (
    NPI_ALIASES,
    TABLE_FIELDS,
    TableLayout,
    missing_columns,
    recognize_columns,
)
from directory.imports.tables import FileKind

SAMPLE_ROWS = 200
"""In how many rows the filled cells of a column are counted; arbitrary."""


@dataclass(frozen=True, slots=True)
class TableColumns:
    """How the columns of a table are read.

    Attributes:
        columns: the header of the column of each field.
        as_of: the date of rows without one.
    """

    columns: Mapping[str, str]
    as_of: date


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of a file: its header, the first text in it, and the share of the first rows that have one."""

    header: str
    example: str
    filled: float


def detect_layout(file: CsvFile, *, every_specialty: bool, table: TableColumns | None = None) -> Layout:
    """Read the header of a file, and return its layout.

    Raises:
        Invalid: it is none of the registry's files, and `table` does not say how to read it.
    """
    header = file.header()
    if table is not None:
        return TableLayout(header, table.columns, every_specialty=every_specialty, as_of=table.as_of)
    columns = Columns(file.name, header)
    if f"{SECONDARY_PREFIX} - Address Line 1" in columns:
        return SecondaryLayout(columns)
    if "Entity Type Code" in columns:
        return FullLayout(columns, every_specialty=every_specialty)
    if date_column := DeactivatedLayout.date_column(columns):
        return DeactivatedLayout(columns, date_column)
    sentence = (
        f"{file.name} is no NPPES file: its first lines name neither an entity type, nor a secondary location, "
        "nor a deactivation date."
    )
    raise Invalid([FieldError("file", sentence)])


def recognize_file(path: Path) -> tuple[FileKind, dict[str, str]]:
    """Return whose layout a file has, and which columns of a table are recognized.

    Raises:
        Invalid: it is empty, an archive or a workbook, or has no column with an NPI.
    """
    header, _ = _read_sample(path, 0)
    try:
        with open_csv(path, NPI_ALIASES) as file:
            detect_layout(file, every_specialty=True)
    except Invalid:
        columns = recognize_columns(header)
        if "npi" not in columns:
            sentence = "The file has no column with the NPI in its first ten lines. Add one, called “NPI”."
            raise Invalid([FieldError("file", sentence)]) from None
        return FileKind.TABLE, columns
    return FileKind.NPPES, {}


def file_columns(path: Path) -> tuple[FileColumn, ...]:
    """Return the columns of a file with examples."""
    header, rows = _read_sample(path, SAMPLE_ROWS)
    return tuple(_column(name, [row[at].strip() for row in rows if at < len(row)]) for at, name in enumerate(header))


def check_columns(kind: FileKind, path: str, columns: Mapping[str, str]) -> dict[str, str]:
    """Check which column is which field, and return the columns that are chosen.

    Raises:
        Invalid: a field has no column that needs one, a column is chosen twice, or is not in the file.
    """
    if kind is FileKind.NPPES:
        return {}
    header, _ = _read_sample(Path(path), 0)
    chosen = {field.name: columns[field.name] for field in TABLE_FIELDS if columns.get(field.name)}
    faults = [
        FieldError(each.name, f"Choose the column of the field “{each.label}”.") for each in missing_columns(chosen)
    ]
    used: dict[str, str] = {}
    for field in TABLE_FIELDS:
        column = chosen.get(field.name)
        if column is None:
            continue
        if column not in header:
            faults.append(FieldError(field.name, f"The file has no column “{column}”."))
        if column in used:
            faults.append(FieldError(field.name, f"The column “{column}” is chosen for “{used[column]}” already."))
        used.setdefault(column, field.label)
    if faults:
        raise Invalid(faults)
    return chosen


def _read_sample(path: Path, rows: int) -> tuple[Sequence[str], list[Row]]:
    with open_csv(path, NPI_ALIASES) as file:
        header = file.header()
        return header, [row for _, row in islice(file.numbered_rows(), rows) if isinstance(row, list)]


def _column(name: str, cells: Sequence[str]) -> FileColumn:
    filled = [cell for cell in cells if cell]
    return FileColumn(name, filled[0] if filled else "", len(filled) / len(cells) if cells else 0.0)
