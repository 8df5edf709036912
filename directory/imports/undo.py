"""Undoes a committed import batch by batch, the last one first; each row ends with exactly one outcome."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from directory.audit.chain import digest
from directory.audit.commands import record
from directory.badges import commands as badges
from directory.certification.ruleset import Rulesets
from directory.database import Base
from directory.imports import lifecycle
from directory.imports.batch_writer import rows_root
from directory.imports.effect import Effect
from directory.imports.snapshot import restore, snapshot_digest, take_snapshots
from directory.imports.tables import DeactivatedNpi, Import, ImportRow, Outcome
from directory.listings import commands as listings
from directory.listings.lifecycle import ListingState, Move
from directory.listings.name_words import listing_words, replace_words
from directory.listings.notices import tell_decision
from directory.listings.tables import Listing
from directory.search.changes import record_changes

UNDO_REASON = "The import that listed it was undone."
CHANGED_SINCE = "somebody changed the listing since"
USED_SINCE = "somebody has worked with the listing since"
GONE = "the listing is gone"
LATER_IMPORT = "import {} changed the listing later: undo that one first"
SUSPENDED_NEW = "the listing is new and suspended, so it stays on file, off the map"
NOW_SUSPENDED = "it was a draft before, and is suspended now: a public listing cannot become a draft again"

_OWN_TABLES = frozenset({"listing_moves", "import_rows", "import_differences"})

Result = tuple[Outcome, str]


def undo_next_batch(session: Session, found: Import, *, rulesets: Rulesets, now: datetime) -> bool:
    """Undo the last batch of an import that is not undone yet, in the caller's transaction.

    Returns:
        Whether there was one. If not, the import is undone now.
    """
    if found.state is not lifecycle.ImportState.UNDOING:
        return False
    waiting = sa.and_(ImportRow.import_id == found.id, ImportRow.outcome.is_(None))
    number = session.scalar(sa.select(sa.func.max(ImportRow.batch)).where(waiting))
    if number is None:
        found.state, found.undone_at = lifecycle.next_state(found.state, lifecycle.Move.FINISH_UNDO), now
        session.flush()
        return False
    rows = session.scalars(
        sa.select(ImportRow).where(waiting, ImportRow.batch == number).order_by(ImportRow.line, ImportRow.id)
    ).all()
    _BatchUndo(session, found, rulesets, now).undo(rows)
    _log_batch(session, found, number, rows, now=now)
    return True


class _BatchUndo:
    """Undoes the rows of one batch; the rows of one listing have one outcome."""

    def __init__(self, session: Session, found: Import, rulesets: Rulesets, now: datetime) -> None:
        self._session, self._import, self._rulesets, self._now = session, found, rulesets, now

    def undo(self, rows: Sequence[ImportRow]) -> None:
        """Undo the rows, and set the outcome of each."""
        groups: dict[int, list[ImportRow]] = {}
        for row in rows:
            if row.listing_id is not None:
                groups.setdefault(row.listing_id, []).append(row)
            else:
                row.outcome = Outcome.FAILED if row.has_written else Outcome.NOTHING
                row.outcome_reason = GONE if row.has_written else ""
        self._load(groups)
        for listing_id, several in groups.items():
            outcome, reason = self._undo_listing(listing_id, several)
            for row in several:
                row.outcome, row.outcome_reason = outcome, reason
        self._session.flush()
        record_changes(self._session, groups)

    def _load(self, groups: Mapping[int, Sequence[ImportRow]]) -> None:
        """Load what is needed for all listings of the batch, in a fixed number of statements."""
        ids = list(groups)
        loaded = sa.select(Listing).where(Listing.id.in_(ids))
        options = (selectinload(Listing.locations), selectinload(Listing.managers))
        self._listings = {each.id: each for each in self._session.scalars(loaded.options(*options))}
        snapshots = take_snapshots(self._session, ids)
        self._digests = {each: snapshot_digest(snapshot) for each, snapshot in snapshots.items()}
        self._used = _used_listings(self._session, ids)
        self._later = _later_imports(self._session, self._import.id, ids)

    def _undo_listing(self, listing_id: int, rows: Sequence[ImportRow]) -> Result:
        listing = self._listings.get(listing_id)
        if listing is None:
            return Outcome.FAILED, GONE
        if later := self._later.get(listing_id):
            return Outcome.FAILED, LATER_IMPORT.format(later)
        if self._digests[listing_id] != rows[-1].after:
            return Outcome.KEPT, CHANGED_SINCE
        if any(row.effect is Effect.SUSPENDED for row in rows):
            self._forget_deactivation(listing)
        before = rows[0].before
        if before is None:
            return self._remove(listing)
        return self._restore(listing, rows[0])

    def _remove(self, listing: Listing) -> Result:
        """Delete a draft that the import made, and take a published listing off the map for good."""
        if listing.id in self._used:
            return Outcome.KEPT, USED_SINCE
        if listing.state is ListingState.DRAFT:
            self._session.delete(listing)
            return Outcome.REVERSED, ""
        if listing.state is ListingState.PUBLISHED:
            listings.move(self._session, listing, Move.RETIRE, by=None, now=self._now, reason=UNDO_REASON)
            return Outcome.REVERSED, ""
        return Outcome.FAILED, SUSPENDED_NEW

    def _restore(self, listing: Listing, first: ImportRow) -> Result:
        before = first.before or {}
        restore(listing, before)
        listing.updated_at = self._now
        self._session.flush()
        move = _MOVES_BACK.get((ListingState(before["state"]), listing.state))
        if move is not None:
            listings.move(self._session, listing, move, by=None, now=self._now, reason=UNDO_REASON)
            tell_decision(self._session, listing, move.value, UNDO_REASON, now=self._now)
        if move is Move.REINSTATE:
            badges.reissue(self._session, listing.id, rulesets=self._rulesets, now=self._now)
        self._replace_words(listing)
        was_draft = before["state"] == ListingState.DRAFT.value and listing.state is not ListingState.DRAFT
        return Outcome.REVERSED, NOW_SUSPENDED if was_draft else ""

    def _replace_words(self, listing: Listing) -> None:
        words = listing_words(f"{listing.name} {listing.other_name}", listing.locations)
        is_draft = listing.state is ListingState.DRAFT
        replace_words(self._session, [listing.id], {listing.id: words} if is_draft else {})

    def _forget_deactivation(self, listing: Listing) -> None:
        self._session.execute(sa.delete(DeactivatedNpi).where(DeactivatedNpi.npi == listing.npi))


_MOVES_BACK: Mapping[tuple[ListingState, ListingState], Move] = {
    (ListingState.PUBLISHED, ListingState.SUSPENDED): Move.REINSTATE,
    (ListingState.SUSPENDED, ListingState.PUBLISHED): Move.SUSPEND,
    (ListingState.DRAFT, ListingState.PUBLISHED): Move.SUSPEND,
}
"""The move that undoes the moves of an import, by the states before and after it."""


def _used_listings(session: Session, ids: Collection[int]) -> set[int]:
    """Return which listings rows refer to that must not lose them: claims, answers, reports, merges and so on."""
    used: set[int] = set()
    if not ids:
        return used
    for table in Base.metadata.sorted_tables:
        if table.name in _OWN_TABLES:
            continue
        for key in table.foreign_keys:
            if key.column.table.name == "listings" and key.ondelete == "RESTRICT":
                used |= set(session.scalars(sa.select(key.parent).where(key.parent.in_(ids)).distinct()))
    return used


def _later_imports(session: Session, import_id: int, ids: Iterable[int]) -> dict[int, int]:
    """Return the latest other import that wrote each listing after this one, unless it was undone."""
    rows = session.execute(
        sa.select(ImportRow.listing_id, sa.func.max(ImportRow.import_id))
        .where(
            ImportRow.listing_id.in_(list(ids)),
            ImportRow.import_id > import_id,
            sa.or_(ImportRow.outcome.is_(None), ImportRow.outcome != Outcome.REVERSED),
        )
        .group_by(ImportRow.listing_id)
    )
    return {listing_id: latest for listing_id, latest in rows if listing_id is not None}


def _log_batch(session: Session, found: Import, number: int, rows: Sequence[ImportRow], *, now: datetime) -> None:
    """Write one log entry: the Merkle root over the outcomes of the rows."""
    outcomes = [{"row": row.digest, "outcome": (row.outcome or "") and str(row.outcome)} for row in rows]
    record(
        session,
        action="import.undo_batch",
        target=f"import:{found.id}-{number}",
        before=rows_root([row.digest for row in rows]),
        after=rows_root([digest(each) for each in outcomes]),
        by=found.undo_by_id,
        now=now,
    )
