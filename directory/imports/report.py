"""The report of an import: how many rows had which effect, and which repairs, doubts and reasons there were."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from directory.imports.effect import Effect
from directory.imports.nppes_rows import NO_SPECIALTY
from directory.imports.plan import Plan, PlannedRow
from directory.imports.records import NoteKind

READ = "rows read"
EFFECTS = {
    Effect.CREATED: "rows that made a listing",
    Effect.CHANGED: "rows that changed a listing",
    Effect.UNCHANGED: "rows that said nothing new",
    Effect.SUSPENDED: "rows that suspended a listing because the NPI was deactivated",
}
PUBLISHED = "listings published"
UNPLACED = "addresses that no search finds because they could not be placed"
HELD = "differences from what providers keep, which wait for a decision"


@dataclass
class ImportReport:
    """The row counts of an import. Each row in `read` is also counted once by its effect, with the reason if any."""

    read: int = 0
    effects: Counter[Effect] = field(default_factory=Counter)
    reasons: Counter[tuple[Effect, str]] = field(default_factory=Counter)
    """How many rows were skipped or rejected, by reason."""
    notes: Counter[tuple[NoteKind, str]] = field(default_factory=Counter)
    """How many values were repaired or doubted, by what it was."""
    published: int = 0
    unplaced: int = 0
    held: int = 0
    """How many differences from what providers keep wait for a decision."""

    def to_json(self) -> dict[str, Any]:
        """The counts as JSON."""
        return {
            "read": self.read,
            "effects": {effect.value: count for effect, count in self.effects.items()},
            "reasons": [[effect.value, reason, count] for (effect, reason), count in self.reasons.items()],
            "notes": [[kind.value, what, count] for (kind, what), count in self.notes.items()],
            "published": self.published,
            "unplaced": self.unplaced,
            "held": self.held,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "ImportReport":
        """The counts that `to_json` stored; none if nothing was stored yet."""
        if not stored:
            return cls()
        return cls(
            read=stored["read"],
            effects=Counter({Effect(effect): count for effect, count in stored["effects"].items()}),
            reasons=Counter({(Effect(effect), reason): count for effect, reason, count in stored["reasons"]}),
            notes=Counter({(NoteKind(kind), what): count for kind, what, count in stored["notes"]}),
            published=stored["published"],
            unplaced=stored["unplaced"],
            held=stored["held"],
        )

    def total(self, effect: Effect) -> int:
        """The number of rows with this effect, whatever the reason."""
        return self.effects[effect] + sum(count for (of, _), count in self.reasons.items() if of is effect)

    def add(self, plan: Plan) -> None:
        """Add the rows of a batch."""
        self.read += plan.read
        if plan.beside:
            self.reasons[Effect.SKIPPED, NO_SPECIALTY] += plan.beside
        self.effects[Effect.UNCHANGED] += plan.unchanged
        for row in plan.rows:
            self._add_row(row)

    def _add_row(self, row: PlannedRow) -> None:
        if row.reason:
            self.reasons[row.effect, row.reason] += 1
        else:
            self.effects[row.effect] += 1
        self.published += row.is_published
        self.unplaced += row.is_unplaced
        for note in row.notes:
            self.notes[note.kind, note.what] += 1

    def counts(self) -> Iterator[tuple[int, str]]:
        """Yield each count with what it counts, in the order of the report."""
        yield self.read, READ
        for effect, what in EFFECTS.items():
            yield self.effects[effect], what
        for (effect, reason), count in self.reasons.most_common():
            yield count, f"rows {effect.value}: {reason}"
        for (kind, what), count in sorted(self.notes.items(), key=lambda pair: (pair[0][0] != "repaired", -pair[1])):
            yield count, f"values {kind.value}: {what}"
        yield self.published, PUBLISHED
        yield self.unplaced, UNPLACED
        yield self.held, HELD
