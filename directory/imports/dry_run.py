"""Collects what a dry run shows: the counts, and some rows of each kind with what would happen to them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.imports.effect import Effect
from directory.imports.existing import values_of
from directory.imports.npi_filter import NpiSet
from directory.imports.plan import Plan, PlannedChange, PlannedRow
from directory.imports.report import ImportReport
from directory.listings.tables import Listing

MAX_EXAMPLES = 10
"""Rows of each kind that are shown; arbitrary."""

HELD = "held"
"""The kind of rows that differ from what a provider keeps."""

REPEATED = "an earlier row of this file has this NPI already"


@dataclass(slots=True)
class DryRun:
    """The counts of a dry run, and examples by kind: an `Effect`, or `HELD`."""

    report: ImportReport = field(default_factory=ImportReport)
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, session: Session, plan: Plan, seen: NpiSet) -> None:
        """Add a batch; `seen` are the NPIs of earlier batches, which would be stored by then."""
        for row in plan.rows:
            if row.effect is Effect.CREATED and row.npi in seen:
                row.effect, row.reason, row.is_published = Effect.SKIPPED, REPEATED, False
        self.report.add(plan)
        held = [row for row in plan.rows if row.held_listing_id is not None and row.changes]
        self.report.held += len(held)
        self._show(session, HELD, held)
        for effect in Effect:
            self._show(session, effect.value, [row for row in plan.rows if row.effect is effect and row.worth_listing])

    def to_json(self) -> dict[str, Any]:
        """The dry run as JSON."""
        return {"report": self.report.to_json(), "examples": self.examples}

    def _show(self, session: Session, kind: str, rows: Iterable[PlannedRow]) -> None:
        shown = self.examples.setdefault(kind, [])
        wanted = list(rows)[: MAX_EXAMPLES - len(shown)]
        names = _names(session, wanted)
        shown += [{**row.to_json(), "name": names.get(id(row), "")} for row in wanted]


def examples_of(stored: Mapping[str, Any], kind: str) -> list[tuple[str, PlannedRow]]:
    """Return the examples of a kind that a dry run stored: the name of the listing, and the row."""
    shown = stored.get("examples", {}).get(kind, [])
    rows = [(each["name"], PlannedRow.from_json(each)) for each in shown]
    for (_, row), each in zip(rows, shown, strict=True):
        row.changes = [PlannedChange(**change) for change in each["changes"]]
    return rows


def _names(session: Session, rows: Iterable[PlannedRow]) -> dict[int, str]:
    names = {id(row): values_of(row.target).name for row in rows if row.target is not None}
    held = {row.held_listing_id: id(row) for row in rows if row.held_listing_id is not None}
    if held:
        found = session.execute(sa.select(Listing.id, Listing.name).where(Listing.id.in_(held)))
        names |= {held[listing_id]: name for listing_id, name in found}
    return names
