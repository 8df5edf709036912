"""The results of an import: row counts, rejected rows, and the listings to index again."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class ImportReport:
    """What came of an import so far. Each row read is counted once again: by what it did, or as skipped."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    retired: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    published: int = 0
    unplaced: int = 0

    def add(self, other: "ImportReport") -> None:
        """Count what came of one more batch."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that could not be used, for the file of rejected rows."""

    line: int
    npi: str
    reason: str


@dataclass
class BatchResult:
    """What came of one batch, to be believed when it is committed."""

    report: ImportReport = field(default_factory=ImportReport)
    rejected: list[RejectedRow] = field(default_factory=list)
    npis: set[str] = field(default_factory=set)
    """Whose rows of a full file were taken."""
    gone: set[str] = field(default_factory=set)
    """Whose rows said that they are deactivated."""
    public: list[int] = field(default_factory=list)
    """Ids of listings that changed and are in the search index, or must leave it."""
