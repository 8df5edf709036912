"""Reads the public NPPES files as a stream, in batches, and tolerates renamed headers, stray quotes and short rows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from directory.imports.csv_file import open_csv
from directory.imports.file_layout import TableColumns, detect_layout
from directory.imports.nppes_rows import Layout, parse_npi
from directory.imports.records import Note, ParsedRow, Record, Row, SkippedRow
from directory.imports.table_rows import NPI_ALIASES

BATCH_SIZE = 500
"""Rows in a batch; arbitrary, keeps memory constant and write locks short."""

MAX_ROWS_READ = 20_000
"""The most rows read for a batch, even if few concern a listing; arbitrary, so that progress is reported often."""


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
        Invalid: it is none of the registry's files.
    """
    with open_csv(path, NPI_ALIASES) as file:
        detect_layout(file, every_specialty=True)


def read_batches(path: Path, *, every_specialty: bool = False, table: TableColumns | None = None) -> Iterator[Batch]:
    """Yield all rows of one of the registry's files, detected by the header, or of a table, in batches.

    Memory use does not grow with the file.

    Raises:
        Invalid: the file is none of them, or a quotation mark is never closed.
    """
    with open_csv(path, NPI_ALIASES) as file:
        layout = detect_layout(file, every_specialty=every_specialty, table=table)
        beside, width = layout.beside, layout.width
        batch = Batch()
        for number, row in file.numbered_rows():
            if beside and isinstance(row, list) and len(row) == width and beside(row):
                batch.read += 1
                batch.beside += 1
            elif row:
                line = _numbered_row(number, row, layout)
                if batch.is_full(line.npi):
                    batch.position = file.position()
                    yield batch
                    batch = Batch()
                batch.read += 1
                batch.lines.append(line)
            if batch.read >= MAX_ROWS_READ:
                batch.position = file.position()
                yield batch
                batch = Batch()
        batch.position = file.position()
        yield batch


def _numbered_row(number: int, row: Row | SkippedRow, layout: Layout) -> NumberedRow:
    npi = "" if isinstance(row, SkippedRow) or len(row) <= layout.npi else parse_npi(row[layout.npi])
    return NumberedRow(number, npi, row, layout)
