"""Queries for imports: one, a page of all, their rows, and what an undo made of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from directory.audit.merkle import inclusion_proof, verify_inclusion
from directory.audit.tables import AuditEntry
from directory.errors import NotFound
from directory.imports.batch_writer import row_digest
from directory.imports.effect import Effect
from directory.imports.lifecycle import AT_WORK
from directory.imports.tables import Import, ImportBatch, ImportRow, Outcome
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing


def listing_import(session: Session, import_id: int) -> Import:
    """Return an import.

    Raises:
        NotFound: there is none with this id.
    """
    found = session.get(Import, import_id)
    if found is None:
        raise NotFound("There is no such import.")
    return found


def latest_imports(session: Session, *, offset: int, limit: int) -> Sequence[Import]:
    """Return a page of the imports, the latest first."""
    wanted = sa.select(Import).order_by(Import.id.desc()).offset(offset).limit(limit)
    return session.scalars(wanted.options(joinedload(Import.by))).all()


def count_imports(session: Session) -> int:
    """Return the number of imports."""
    return session.scalar(sa.select(sa.func.count()).select_from(Import)) or 0


def is_at_work(session: Session) -> bool:
    """Return whether an import waits for the background process."""
    return session.scalar(sa.select(Import.id).where(Import.state.in_(AT_WORK)).limit(1)) is not None


def written_listings(session: Session, import_id: int) -> Sequence[int]:
    """Return the ids of the listings that an import made or changed."""
    wanted = sa.select(ImportRow.listing_id).where(ImportRow.import_id == import_id, ImportRow.listing_id.is_not(None))
    return [each for each in session.scalars(wanted.distinct().order_by(ImportRow.listing_id)) if each is not None]


def import_rows(
    session: Session, import_id: int, *, effect: Effect | None, outcome: Outcome | None, offset: int, limit: int
) -> Sequence[ImportRow]:
    """Return a page of the stored rows of an import, in the order of the file."""
    wanted = _rows(import_id, effect, outcome).order_by(ImportRow.line, ImportRow.id).offset(offset).limit(limit)
    return session.scalars(wanted.options(joinedload(ImportRow.listing))).all()


def all_rows(
    session: Session, import_id: int, *, effect: Effect | None, outcome: Outcome | None
) -> Iterator[ImportRow]:
    """Yield all stored rows of an import, for a file."""
    wanted = _rows(import_id, effect, outcome).order_by(ImportRow.line, ImportRow.id)
    return iter(session.scalars(wanted.execution_options(yield_per=1000)))


def count_rows(session: Session, import_id: int, *, effect: Effect | None, outcome: Outcome | None) -> int:
    """Return the number of stored rows of an import."""
    wanted = _rows(import_id, effect, outcome).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(wanted)) or 0


def count_outcomes(session: Session, import_id: int) -> dict[Outcome | None, int]:
    """Return how many rows have each outcome of the undo; None are those that have none yet."""
    rows = session.execute(
        sa.select(ImportRow.outcome, sa.func.count())
        .where(ImportRow.import_id == import_id)
        .group_by(ImportRow.outcome)
    )
    return dict(rows.all())


def count_effects(session: Session, import_id: int) -> dict[Effect, int]:
    """Return how many stored rows of an import have each effect."""
    rows = session.execute(
        sa.select(ImportRow.effect, sa.func.count()).where(ImportRow.import_id == import_id).group_by(ImportRow.effect)
    )
    return dict(rows.all())


def draft_listings(session: Session, import_id: int, *, offset: int, limit: int) -> Sequence[Listing]:
    """Return a page of the listings of an import that are still drafts, with their addresses."""
    return session.scalars(
        sa.select(Listing)
        .where(Listing.id.in_(draft_ids(import_id)))
        .order_by(Listing.name, Listing.id)
        .offset(offset)
        .limit(limit)
        .options(sa.orm.selectinload(Listing.locations), sa.orm.selectinload(Listing.managers))
    ).all()


def count_drafts(session: Session, import_id: int) -> int:
    """Return how many listings of an import are still drafts."""
    return session.scalar(sa.select(sa.func.count()).select_from(draft_ids(import_id).subquery())) or 0


def draft_ids(import_id: int) -> sa.Select[int]:
    """Return the statement for the listings of an import that are still drafts, and that nobody manages."""
    return (
        sa.select(Listing.id)
        .join(ImportRow, ImportRow.listing_id == Listing.id)
        .where(ImportRow.import_id == import_id, Listing.state == ListingState.DRAFT, ~Listing.managers.any())
        .distinct()
    )


def _rows(import_id: int, effect: Effect | None, outcome: Outcome | None) -> sa.Select[ImportRow]:
    wanted = sa.select(ImportRow).where(ImportRow.import_id == import_id)
    if effect is not None:
        wanted = wanted.where(ImportRow.effect == effect)
    return wanted.where(ImportRow.outcome == outcome) if outcome is not None else wanted


@dataclass(frozen=True, slots=True)
class RowProof:
    """The proof that a row is in the log: leaf, position, siblings and root, and the number of the log entry.

    `is_valid` says whether the stored row has the digest, the proof leads to the root, and the log has that root.
    """

    row: ImportRow
    index: int
    size: int
    siblings: tuple[str, ...]
    root: str
    log_seq: int
    is_valid: bool


def prove_row(session: Session, row_id: int) -> RowProof:
    """Return the proof that a row of an import is in the log as it is stored.

    Raises:
        NotFound: there is no such row.
    """
    row = session.get(ImportRow, row_id)
    if row is None:
        raise NotFound("There is no such row.")
    of, batch = session.get_one(Import, row.import_id), session.get_one(ImportBatch, (row.import_id, row.batch))
    rows = session.execute(
        sa.select(ImportRow.id, ImportRow.digest)
        .where(ImportRow.import_id == row.import_id, ImportRow.batch == row.batch)
        .order_by(ImportRow.line, ImportRow.id)
    ).all()
    leaves, index = [bytes.fromhex(each.digest) for each in rows], [each.id for each in rows].index(row.id)
    siblings = inclusion_proof(index, leaves)
    logged = session.scalar(sa.select(AuditEntry.after).where(AuditEntry.seq == batch.log_seq)) or ""
    leaf = bytes.fromhex(row_digest(of.sha256, row.planned))
    is_valid = logged == batch.root and verify_inclusion(leaf, index, len(leaves), siblings, bytes.fromhex(logged))
    return RowProof(
        row, index, len(leaves), tuple(each.hex() for each in siblings), batch.root, batch.log_seq, is_valid
    )
