"""The columns of a file by name, whatever the case, dashes and spaces of its header."""

from directory.errors import FieldError, Invalid
from directory.imports.csv_file import normalize_header
from directory.imports.records import Row


class Columns:
    """Column indexes by name; ignores differences in case, dashes and spaces between years.

    Raises:
        Invalid: a requested column is missing.
    """

    def __init__(self, file: str, header: Row) -> None:
        self.width = len(header)
        self._file = file
        self._at = {normalize_header(name): index for index, name in enumerate(header)}

    def __contains__(self, name: str) -> bool:
        return normalize_header(name) in self._at

    def get(self, name: str) -> int | None:
        """The index of a column that some files lack."""
        return self._at.get(normalize_header(name))

    def __getitem__(self, name: str) -> int:
        if name not in self:
            raise Invalid([FieldError("file", f"{self._file} has no column “{name}”, which NPPES files have.")])
        return self._at[normalize_header(name)]
