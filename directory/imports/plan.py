"""The plan of a batch: what an import would do with each row, as values that can be shown, stored and undone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from directory.imports.effect import Effect
from directory.imports.existing import KnownListing
from directory.imports.records import Note, NoteKind
from directory.listings.bulk_insert import NewListing
from directory.listings.lifecycle import Move


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A value of a listing, or of its address number `address` (from 0), before and after; None is no address."""

    field: str
    old: Any
    new: Any
    address: int | None = None


@dataclass(slots=True)
class PlannedRow:
    """What becomes of one row of a file, with its repairs and doubts.

    Attributes:
        reason: why it is skipped or rejected; `details` are about this row alone.
        worth_listing: whether the row is listed one by one; not where the reason applies to millions.
        changes: what changes; of a skipped row, how it differs from what the provider says.
        listing_id: the listing, once the plan is applied.
        held_listing_id: the listing that its provider keeps, which the row therefore did not change.
    """

    line: int
    npi: str
    effect: Effect
    reason: str = ""
    details: str = ""
    worth_listing: bool = True
    changes: Sequence[PlannedChange] = ()
    notes: Sequence[Note] = ()
    is_published: bool = False
    is_unplaced: bool = False
    listing_id: int | None = None
    held_listing_id: int | None = None
    target: "NewListing | KnownListing | None" = None

    def to_json(self) -> dict[str, Any]:
        """The row as JSON, without what only the import itself needs."""
        values = {name: getattr(self, name) for name in _STORED}
        return values | {
            "effect": self.effect.value,
            "changes": [
                asdict(replace(change, old=_to_json(change.old), new=_to_json(change.new))) for change in self.changes
            ],
            "notes": [asdict(note) for note in self.notes],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "PlannedRow":
        """The row that `to_json` stored."""
        return cls(
            **{name: stored[name] for name in _STORED},
            effect=Effect(stored["effect"]),
            changes=[PlannedChange(**change) for change in stored["changes"]],
            notes=[Note(**{**note, "kind": NoteKind(note["kind"])}) for note in stored["notes"]],
        )


def _to_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


_STORED = (
    "line", "npi", "reason", "details", "worth_listing", "is_published", "is_unplaced", "listing_id", "held_listing_id",
)  # fmt: skip


@dataclass(slots=True)
class Plan:
    """What an import does with a batch: a row for each line that may concern a listing, and what is written.

    Planning it writes nothing, and `apply.apply_plan` writes it.
    """

    read: int
    beside: int
    """The number of rows read without any of our specialties, which are not in `rows`."""
    unchanged: int = 0
    """The number of rows without any note that say nothing new, which are not in `rows` either."""
    rows: list[PlannedRow] = field(default_factory=list)
    new: list[NewListing] = field(default_factory=list)
    changed: list[KnownListing] = field(default_factory=list)
    moves: list[tuple[NewListing | KnownListing, Move, str]] = field(default_factory=list)
    """The lifecycle moves of listings in their order, with the reason."""
    npis: set[str] = field(default_factory=set)
    """The NPIs of the rows of a full file that were accepted."""
    deactivated: dict[str, date] = field(default_factory=dict)
    """NPIs that a row of this batch deactivates, with the date to store."""

    def listed_rows(self) -> Iterator[PlannedRow]:
        """Yield the rows that could not be used and are worth listing one by one."""
        return (row for row in self.rows if row.reason and row.worth_listing)
