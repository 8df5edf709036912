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
from directory.imports.nppes_rows import SECONDARY_PREFIX, Columns, FullLayout, Layout, SecondaryLayout, parse_npi
from directory.imports.records import Note, ParsedRow, Record, Row, SkippedRow

BATCH_SIZE = 500
"""Rows in a batch; arbitrary, keeps memory constant and write locks short."""

MAX_ROWS_READ = 20_000
"""The most rows read for a batch, even if few concern a listing; arbitrary, so that progress is reported often."""

_ZIP_ARCHIVE = b"PK\x03\x04"
_ODD_BYTES = "as-windows-1252"
_UNCLOSED_QUOTE_ERRORS = ("unexpected end of data", "field larger than field limit")
"""The csv module's errors for a quotation mark that is never closed."""


def _as_windows_1252(fault: UnicodeError) -> tuple[str, int]:
    """Codec error handler: decode bytes that are not UTF-8 as Windows-1252, which some programs write."""
    if not isinstance(fault, UnicodeDecodeError):
        raise fault
    return fault.object[fault.start : fault.end].decode("cp1252", "replace"), fault.end


codecs.register_error(_ODD_BYTES, _as_windows_1252)


@dataclass(frozen=True, slots=True)
class NumberedRow:
    """A row that may concern a listing, with the line number of its start and its NPI (empty if invalid)."""

    number: int
    npi: str
    row: Row | SkippedRow
    layout: Layout

    def parse(self) -> ParsedRow:
        """Parse the row. Call it only when needed: most secondary addresses belong to no listed provider."""
        notes: list[Note] = []
        try:
            return ParsedRow(self._record(notes), notes)
        except SkippedRow as skip:
            return ParsedRow(skip, notes)

    def _record(self, notes: list[Note]) -> Record:
        if isinstance(self.row, SkippedRow):
            raise self.row
        if len(self.row) != self.layout.width:
            details = f"{len(self.row)} instead of {self.layout.width}"
            raise SkippedRow("the row has too few or too many columns", details=details)
        if not self.npi:
            raise SkippedRow("the NPI is not valid")
        return self.layout.parse(self.row, notes)


@dataclass(slots=True)
class Batch:
    """Rows to write together: the count of all rows read, and the rows that may concern a listing."""

    read: int = 0
    beside: int = 0
    """The number of rows read without any of our specialties."""
    lines: list[NumberedRow] = field(default_factory=list)
    position: int = 0
    """Bytes of the file that were read at the end of the batch."""

    def is_full(self, npi: str) -> bool:
        """Whether a row of `npi` belongs in the next batch.

        Consecutive rows of one NPI stay in one batch, up to twice the batch size.
        """
        rows = len(self.lines)
        return rows >= BATCH_SIZE and (self.lines[-1].npi != npi or rows >= 2 * BATCH_SIZE)


def validate_file(path: Path) -> None:
    """Check that a file can be imported, before anything is written.

    Raises:
        Invalid: it is neither a full file nor a file of secondary locations.
    """
    with _open_csv(path) as (rows, _):
        _detect_layout(path, rows, every_specialty=True)


def read_batches(path: Path, *, every_specialty: bool = False) -> Iterator[Batch]:
    """Yield all rows of a full file or a file of secondary locations, detected by the header, in batches.

    Memory use does not grow with the file.

    Raises:
        Invalid: the file is neither, or a quotation mark is never closed.
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
    """The next row, None at the end, or a `SkippedRow` for a stray quotation mark; reading then continues."""
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
    """Yield a CSV reader of the file and a function that returns the number of bytes read."""
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
