"""Reads the public NPPES files as a stream and tolerates renamed headers, odd bytes, stray quotes and short rows."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from directory.errors import FieldError, Invalid
from directory.listings.nppes_rows import (
    SECONDARY_PREFIX,
    Columns,
    FullLayout,
    Layout,
    Record,
    Row,
    SecondaryLayout,
    SkippedRow,
    parse_npi,
)

BATCH_SIZE = 500
"""Rows written together; arbitrary, so that memory stays constant and a write lock short."""

MAX_ROWS_READ = 20_000
"""Rows read before a batch ends, however few of them concern anybody; arbitrary, so that progress shows."""

_ZIP_ARCHIVE = b"PK\x03\x04"
_ODD_BYTES = "as-windows-1252"
_UNCLOSED_QUOTE_ERRORS = ("unexpected end of data", "field larger than field limit")
"""What the csv module says where one quotation mark swallows row after row."""


def _as_windows_1252(fault: UnicodeError) -> tuple[str, int]:
    """Bytes that are no UTF-8 come from programs that write Windows' alphabet."""
    if not isinstance(fault, UnicodeDecodeError):
        raise fault
    return fault.object[fault.start : fault.end].decode("cp1252", "replace"), fault.end


codecs.register_error(_ODD_BYTES, _as_windows_1252)


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """A row that may concern a listing: the line it begins on, and its NPI or nothing."""

    number: int
    npi: str
    row: Row | SkippedRow
    layout: Layout

    def record(self) -> Record:
        """What the row says; worked out when asked, because most second addresses concern nobody listed.

        Raises:
            Skip: nothing that can be listed.
        """
        if isinstance(self.row, SkippedRow):
            raise self.row
        if len(self.row) != self.layout.width:
            details = f"{len(self.row)} instead of {self.layout.width}"
            raise SkippedRow("the row has too few or too many columns", details=details)
        if not self.npi:
            raise SkippedRow("the NPI is not valid")
        return self.layout.parse(self.row)


@dataclass(slots=True)
class Batch:
    """Rows to be written together: all of them counted, and those that may concern a listing."""

    read: int = 0
    beside: int = 0
    """Rows of which there is only this to say: no specialty of those listed here."""
    lines: list[NumberedRow] = field(default_factory=list)
    position: int = 0
    """Bytes of the file that were read when the batch ended."""

    def is_full(self, npi: str) -> bool:
        """Whether a row of `npi` belongs into the next batch.

        Rows of one NPI stand together and are written together, unless there are far too many of them.
        """
        rows = len(self.lines)
        return rows >= BATCH_SIZE and (self.lines[-1].npi != npi or rows >= 2 * BATCH_SIZE)


def validate_file(path: Path) -> None:
    """Refuse a file that cannot be imported, before anything is written.

    Raises:
        Invalid: it is neither a full file nor one of secondary locations.
    """
    with _open_csv(path) as (rows, _):
        _detect_layout(path, rows, every_specialty=True)


def read_batches(path: Path, *, every_specialty: bool = False) -> Iterator[Batch]:
    """All rows of a full file or a file of secondary locations, which are told apart by their headers.

    Memory does not grow with the file.

    Raises:
        Invalid: it is neither, or a quotation mark is never closed.
    """
    with _open_csv(path) as (rows, position):
        layout = _detect_layout(path, rows, every_specialty=every_specialty)
        beside, width = layout.beside, layout.width
        batch = Batch()
        number = rows.line_num + 1
        while (row := _next_row(path, rows, number)) is not None:
            if beside and isinstance(row, list) and len(row) == width and beside(row):
                batch.read += 1
                batch.beside += 1
            elif row:
                line = _numbered_row(number, row, layout)
                if batch.is_full(line.npi):
                    batch.position = position()
                    yield batch
                    batch = Batch()
                batch.read += 1
                batch.lines.append(line)
            if batch.read >= MAX_ROWS_READ:
                batch.position = position()
                yield batch
                batch = Batch()
            number = rows.line_num + 1
        batch.position = position()
        yield batch


def _next_row(path: Path, rows: Any, number: int) -> Row | SkippedRow | None:
    """The next row, None at the end; one with a stray quotation mark is passed over, and the next is read again."""
    try:
        row: Row | None = next(rows, None)
    except csv.Error as fault:
        if str(fault).startswith(_UNCLOSED_QUOTE_ERRORS):
            sentence = f"{path.name}, line {number:,}: a quotation mark that opens here or below is never closed."
            raise Invalid([FieldError("file", sentence)]) from fault
        return SkippedRow("the row cannot be read as CSV", details=str(fault))
    return row


def _numbered_row(number: int, row: Row | SkippedRow, layout: Layout) -> NumberedRow:
    npi = "" if isinstance(row, SkippedRow) or len(row) <= layout.npi else parse_npi(row[layout.npi])
    return NumberedRow(number, npi, row, layout)


@contextmanager
def _open_csv(path: Path) -> Iterator[tuple[Any, Callable[[], int]]]:
    """A reader of the file's rows, and what says how many bytes of it were read."""
    with path.open("rb") as raw:
        head = raw.read(len(_ZIP_ARCHIVE))
        if head == _ZIP_ARCHIVE:
            raise Invalid(
                [FieldError("file", f"{path.name} is a ZIP archive. Unpack it, and import the CSV file in it.")]
            )
        raw.seek(len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0)
        text = io.TextIOWrapper(raw, encoding="utf-8", errors=_ODD_BYTES, newline="")
        whole = (line.replace("\0", "") for line in text)
        yield csv.reader(whole, strict=True, skipinitialspace=True), raw.tell


def _detect_layout(path: Path, rows: Any, *, every_specialty: bool) -> Layout:
    try:
        header: Row = next(rows, [])
    except csv.Error as fault:
        raise Invalid([FieldError("file", f"{path.name} cannot be read as CSV: {fault}.")]) from fault
    columns = Columns(path.name, header)
    if f"{SECONDARY_PREFIX} - Address Line 1" in columns:
        return SecondaryLayout(columns)
    if "Entity Type Code" in columns:
        return FullLayout(columns, every_specialty=every_specialty)
    sentence = f"{path.name} is no NPPES file: its first line names neither an entity type nor a secondary location."
    raise Invalid([FieldError("file", sentence)])
