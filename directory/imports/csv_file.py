"""Opens CSV files as programs write them: any usual encoding and separator, and lines above the header."""

import codecs
import csv
import io
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from directory.errors import FieldError, Invalid
from directory.imports.records import Row, SkippedRow

SEPARATORS = (",", ";", "\t", "|")
HEADER_LINES = 10
"""In how many of the first lines the header is looked for; arbitrary, lists have a title above it."""
_HEAD_BYTES = 131_072
"""More than a header of 330 columns in UTF-16."""

_ZIP_ARCHIVE = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_ODD_BYTES = "as-windows-1252"
_LINE_END = re.compile(r"\r\n|\n|\r")
_UNCLOSED_QUOTE_ERRORS = ("unexpected end of data", "field larger than field limit")
"""The csv module's errors for a quotation mark that is never closed."""


def _as_windows_1252(fault: UnicodeError) -> tuple[str, int]:
    """Codec error handler: decode bytes that are not UTF-8 as Windows-1252, which some programs write."""
    if not isinstance(fault, UnicodeDecodeError):
        raise fault
    return fault.object[fault.start : fault.end].decode("cp1252", "replace"), fault.end


codecs.register_error(_ODD_BYTES, _as_windows_1252)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """An open CSV file: its reader, how many lines were skipped above the header, and the bytes read so far."""

    name: str
    rows: Any
    skipped: int
    position: Callable[[], int]

    def header(self) -> Row:
        """Read the header.

        Raises:
            Invalid: it is not CSV.
        """
        try:
            header: Row = next(self.rows, [])
        except csv.Error as fault:
            raise Invalid([FieldError("file", f"{self.name} cannot be read as CSV: {_in_words(fault)}.")]) from fault
        return header

    def numbered_rows(self) -> Iterator[tuple[int, Row | SkippedRow]]:
        """Yield each row with the number of the line at which it begins.

        A stray quotation mark costs its row, which is a `SkippedRow`, and no other.

        Raises:
            Invalid: a quotation mark is never closed.
        """
        # Written for speed: this runs for each of nine million rows.
        rows, above = self.rows, self.skipped + 1
        number = rows.line_num + above
        while True:
            try:
                row: Row | SkippedRow | None = next(rows, None)
            except csv.Error as fault:
                row = self._unreadable_row(fault, number)
            if row is None:
                return
            yield number, row
            number = rows.line_num + above

    def _unreadable_row(self, fault: csv.Error, number: int) -> SkippedRow:
        if str(fault).startswith(_UNCLOSED_QUOTE_ERRORS):
            sentence = f"{self.name}, line {number:,}: a quotation mark that opens here or below is never closed."
            raise Invalid([FieldError("file", sentence)]) from fault
        return SkippedRow("the row cannot be read as CSV", details=_in_words(fault))


@contextmanager
def open_csv(path: Path, columns: Collection[str]) -> Iterator[CsvFile]:
    """Open a file whose header names one of `columns`, in lower case without spaces.

    Raises:
        Invalid: it is an archive or a workbook.
    """
    with path.open("rb") as raw:
        head = raw.read(_HEAD_BYTES)
        _refuse_archive(path, head)
        encoding, start = _find_encoding(head)
        separator, skipped = _find_header(head[start:].decode(encoding, "replace"), columns)
        raw.seek(start)
        errors = _ODD_BYTES if encoding == "utf-8" else "replace"
        text = io.TextIOWrapper(raw, encoding=encoding, errors=errors, newline="")
        for _ in range(skipped):
            text.readline()
        lines = (line.replace("\0", "") for line in text)
        reader = csv.reader(lines, strict=True, skipinitialspace=separator != "\t", delimiter=separator)
        yield CsvFile(path.name, reader, skipped, raw.tell)


def normalize_header(header: str) -> str:
    """The name of a column in lower case, only its letters and digits."""
    return re.sub(r"[^a-z0-9]", "", header.lower())


def _refuse_archive(path: Path, head: bytes) -> None:
    if head.startswith(_OLD_EXCEL) or (head.startswith(_ZIP_ARCHIVE) and b"[Content_Types].xml" in head):
        raise Invalid([FieldError("file", f"{path.name} is an Excel workbook. Save it as CSV, and import that file.")])
    if head.startswith(_ZIP_ARCHIVE):
        raise Invalid([FieldError("file", f"{path.name} is a ZIP archive. Unpack it, and import the CSV file in it.")])


def _find_encoding(head: bytes) -> tuple[str, int]:
    """The encoding of a file, and the length of its byte order mark."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if head.startswith(mark):
            return encoding, len(mark)
    # Without a mark, every second byte of a header in UTF-16 is zero.
    sample = head[:200]
    if len(sample) == 200 and not any(sample[1::2]):
        return "utf-16-le", 0
    if len(sample) == 200 and not any(sample[::2]):
        return "utf-16-be", 0
    return "utf-8", 0


def _find_header(head: str, columns: Collection[str]) -> tuple[str, int]:
    """The separator of the columns, and the number of lines above the header."""
    lines = _LINE_END.split(head.replace("\0", ""))[:HEADER_LINES]
    for number, line in enumerate(lines):
        cells = {separator: next(csv.reader([line], delimiter=separator), []) for separator in SEPARATORS}
        named = [
            separator
            for separator, names in cells.items()
            if len(names) > 1 and not set(map(normalize_header, names)).isdisjoint(columns)
        ]
        if named:
            return max(named, key=lambda separator: len(cells[separator])), number
    return ",", 0


def _in_words(fault: csv.Error) -> str:
    """Say what the csv module found wrong: with strict reading, it is always a quotation mark."""
    if str(fault).startswith(_UNCLOSED_QUOTE_ERRORS):
        return "a quotation mark is never closed"
    return "a quotation mark stands inside a value" if "expected after" in str(fault) else str(fault)
