"""The results of an import: row counts, rejected rows, and the listings to index again."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class ImportReport:
    """The row counts of an import. Each row in `read` is also counted once by its effect, or as skipped."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    retired: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    published: int = 0
    unplaced: int = 0

    def add(self, other: "ImportReport") -> None:
        """Add the counts of another batch."""
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
    """The result of one batch, valid only after its transaction is committed."""

    report: ImportReport = field(default_factory=ImportReport)
    rejected: list[RejectedRow] = field(default_factory=list)
    npis: set[str] = field(default_factory=set)
    """The NPIs of the rows of a full file that were accepted."""
    gone: set[str] = field(default_factory=set)
    """The NPIs that a row of this batch deactivates."""
    public: list[int] = field(default_factory=list)
    """Ids of changed listings that are in the search index or must be removed from it."""
