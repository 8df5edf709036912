"""Writes a batch of an import: applies its plan, and stores its rows with their digests and one log entry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.audit.chain import digest
from directory.audit.commands import record
from directory.audit.merkle import merkle_root
from directory.imports.apply import apply_plan
from directory.imports.differences import record_differences
from directory.imports.lifecycle import ImportState
from directory.imports.nppes_reader import Batch
from directory.imports.plan import Plan, PlannedRow
from directory.imports.planner import Planner
from directory.imports.report import ImportReport
from directory.imports.snapshot import Snapshot, snapshot_digest, take_snapshots, without_floats
from directory.imports.tables import Import, ImportBatch, ImportRow
from directory.listings.queries import unpublished_ids
from directory.search.changes import record_bulk_change, record_changes


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """A batch that was written: its plan, and the listings that it made or changed."""

    plan: Plan
    listing_ids: tuple[int, ...]


def write_batch(
    session: Session, planner: Planner, batch: Batch, *, of: Import | None, now: datetime
) -> WrittenBatch | None:
    """Plan a batch and write it in the caller's transaction.

    Args:
        session: the transaction.
        planner: plans the batch.
        batch: the rows.
        of: the import that the batch belongs to; None for a dry run, whose transaction is rolled back.
        now: the current time.

    Returns:
        What was written; None if the import was stopped.

    Raises:
        StaleDataError: somebody changed one of the listings in the meantime, or stopped the import; try again.
    """
    if of is not None and of.state is not ImportState.RUNNING:
        return None
    plan = planner.plan(session, batch)
    before = take_snapshots(session, (listing.stored.id for listing in plan.changed)) if of else {}
    public = apply_plan(session, plan, now=planner.now)
    if of is not None:
        _record_batch(session, of, plan, before, now=now)
        of.position = batch.position
    withdrawn = unpublished_ids(session, public)
    record_changes(session, withdrawn)
    if len(public) > len(withdrawn):
        record_bulk_change(session)
    return WrittenBatch(plan, tuple(sorted({row.listing_id for row in plan.rows if row.listing_id is not None})))


def row_digest(sha256: str, planned: Mapping[str, object]) -> str:
    """Return the digest of a row: that of its planned row as JSON, with the hash of the file it stands in."""
    return digest({"file": sha256, "row": without_floats(dict(planned))})


def rows_root(digests: Sequence[str]) -> str:
    """Return the Merkle root over the digests of the rows of a batch, in hexadecimal."""
    return merkle_root(bytes.fromhex(each) for each in digests).hex()


def _record_batch(session: Session, of: Import, plan: Plan, before: Mapping[int, Snapshot], *, now: datetime) -> None:
    """Store the rows of a batch that are worth listing, count them, and write one log entry."""
    of.batches += 1
    report = ImportReport.from_json(of.report)
    report.add(plan)
    rows = [row for row in plan.rows if row.worth_listing]
    if rows:
        ids = _insert_rows(session, of, rows, before, now=now)
        report.held += record_differences(session, zip(rows, ids, strict=True), now=now)
    of.report = report.to_json()
    session.flush()


def _insert_rows(
    session: Session, of: Import, rows: Sequence[PlannedRow], before: Mapping[int, Snapshot], *, now: datetime
) -> Sequence[int]:
    after = take_snapshots(session, (row.listing_id for row in rows if row.listing_id is not None))
    documents = [row.to_json() for row in rows]
    digests = [row_digest(of.sha256, document) for document in documents]
    first: set[int] = set()
    values = []
    for row, document, row_hash in zip(rows, documents, digests, strict=True):
        listing_id = row.listing_id
        is_first = listing_id is not None and listing_id not in first
        first |= {listing_id} if listing_id is not None else set()
        values.append({
            "import_id": of.id, "batch": of.batches, "line": row.line, "npi": row.npi, "effect": row.effect,
            "has_written": listing_id is not None, "listing_id": listing_id, "planned": document, "digest": row_hash,
            "before": before.get(listing_id) if listing_id is not None and is_first else None,
            "after": snapshot_digest(after[listing_id]) if listing_id is not None else None,
        })  # fmt: skip
    insert = sa.insert(ImportRow).returning(ImportRow.id, sort_by_parameter_order=True)
    ids = session.scalars(insert, values).all()
    root = rows_root(digests)
    entry = record(
        session,
        action="import.batch",
        target=f"import:{of.id}-{of.batches}",
        before=of.sha256,
        after=root,
        by=of.by_id,
        now=now,
    )
    session.add(ImportBatch(import_id=of.id, number=of.batches, rows=len(rows), root=root, log_seq=entry.seq))
    return ids
