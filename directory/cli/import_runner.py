"""Runs imports in the background: dry runs, runs and undos, each batch in a transaction of its own."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from directory import clock, transaction
from directory.certification.ruleset import Rulesets, bundled_rulesets
from directory.cli.installation import search_index
from directory.config import Settings
from directory.duplicates.commands import find_duplicates
from directory.duplicates.local_search import find_for
from directory.errors import Conflict, FieldError, Invalid
from directory.geocoding.gazetteer import Gazetteer
from directory.imports import commands
from directory.imports.batch_writer import WrittenBatch, write_batch
from directory.imports.dry_run import DryRun
from directory.imports.file_layout import TableColumns
from directory.imports.lifecycle import AT_WORK, ImportState, Move
from directory.imports.nppes_reader import Batch, read_batches
from directory.imports.plan import Plan
from directory.imports.planner import Planner
from directory.imports.queries import written_listings
from directory.imports.tables import FileKind, Import
from directory.imports.undo import undo_next_batch

T = TypeVar("T")

LOCK = "imports"
"""The name of the lock: one process at a time works on imports."""

MAX_TRIES = 3
"""How often a batch is tried that others change at the same time."""

DUPLICATES_AT_ONCE = 500
"""How many listings are compared with their neighbors in one transaction; arbitrary."""

MAX_LOCAL = 5_000
"""From so many listings on, comparing all listings once is quicker than comparing each with its neighbors."""


def run_waiting_imports(settings: Settings, places: Gazetteer) -> int:
    """Do all that waits, the oldest import first; returns how many imports it worked on.

    The caller holds the lock, so that no two processes work on one import.
    """
    done = 0
    while (found := _next_import()) is not None:
        import_id, state = found
        _WORK[state](import_id, places)
        done += 1
        if state is not ImportState.CHECKING:
            rebuild_if_due(settings)
    return done


def rebuild_if_due(settings: Settings) -> None:
    """Build the snapshot with the imported listings; other servers build theirs within a minute."""
    index, session = search_index(settings), transaction.session()
    if index.is_due(session, now=clock.now()):
        index.rebuild(session)


def run_import(import_id: int, planner: Planner) -> Iterator[tuple[Plan, int]]:
    """Write an import from where it stopped; yields each plan that was written, with the bytes read so far.

    Raises:
        Invalid: the file is gone, was changed, or cannot be read from some line on; the import has failed.
    """
    found = transaction.session().get_one(Import, import_id)
    written = found.batches
    try:
        _require_same_file(found)
        for number, batch in enumerate(_batches(found), 1):
            if number <= written:
                planner.skip(batch)
                continue
            result = _write_with_retry(planner, batch, import_id)
            if result is None:
                return
            planner.remember(result.plan)
            yield result.plan, batch.position
    except (Invalid, OSError) as fault:
        _fail(import_id, fault)
        raise
    _find_duplicates(import_id)
    with transaction.atomic() as session:
        found = session.get_one(Import, import_id, populate_existing=True)
        if found.state is ImportState.RUNNING:
            commands.move(found, Move.FINISH)
            found.finished_at = clock.now()


def _next_import() -> tuple[int, ImportState] | None:
    session = transaction.session()
    row = session.execute(
        sa.select(Import.id, Import.state).where(Import.state.in_(AT_WORK)).order_by(Import.id).limit(1)
    ).one_or_none()
    session.rollback()
    return (row.id, row.state) if row is not None else None


def _check(import_id: int, places: Gazetteer) -> None:
    """Plan the whole file, and store the counts and examples; nothing is written to a listing."""
    session = transaction.session()
    found = session.get_one(Import, import_id)
    version, planner, dry_run = found.version, Planner(places, publish=found.publish, now=clock.now()), DryRun()
    try:
        _require_same_file(found)
        for batch in _batches(found):
            plan = planner.plan(session, batch)
            dry_run.add(session, plan, planner.seen)
            planner.remember(plan)
            # The plan wrote nothing; a long read would keep others from cleaning up.
            session.rollback()
    except (Invalid, OSError) as fault:
        _fail(import_id, fault)
        return
    with transaction.atomic() as session:
        found = session.get_one(Import, import_id, populate_existing=True)
        if found.version == version and found.state is ImportState.CHECKING:
            found.dry_run = dry_run.to_json()
            commands.move(found, Move.REPORT)


def _run(import_id: int, places: Gazetteer) -> None:
    publish = transaction.session().get_one(Import, import_id).publish
    try:
        for _ in run_import(import_id, Planner(places, publish=publish, now=clock.now())):
            pass
    except (Invalid, OSError):
        return


def _undo(import_id: int, _places: Gazetteer) -> None:
    rulesets, is_left = bundled_rulesets(), True
    while is_left:
        is_left = _with_retry(lambda: _undo_batch(import_id, rulesets))


def _undo_batch(import_id: int, rulesets: Rulesets) -> bool:
    with transaction.atomic() as session:
        found = session.get_one(Import, import_id, populate_existing=True)
        return undo_next_batch(session, found, rulesets=rulesets, now=clock.now())


_WORK: Mapping[ImportState, Callable[[int, Gazetteer], None]] = {
    ImportState.CHECKING: _check,
    ImportState.RUNNING: _run,
    ImportState.UNDOING: _undo,
}


def _batches(found: Import) -> Iterator[Batch]:
    table = TableColumns(found.columns, found.created_at.date()) if found.kind is FileKind.TABLE else None
    return read_batches(Path(found.path), every_specialty=found.every_specialty, table=table)


def _write_with_retry(planner: Planner, batch: Batch, import_id: int) -> WrittenBatch | None:
    """Write one batch; tried again if a provider changes or claims one of its listings at the same time."""

    def write() -> WrittenBatch | None:
        with transaction.atomic() as session:
            found = session.get_one(Import, import_id, populate_existing=True)
            return write_batch(session, planner, batch, of=found, now=clock.now())

    return _with_retry(write)


def _with_retry(action: Callable[[], T]) -> T:
    for _ in range(MAX_TRIES - 1):
        try:
            return action()
        except Conflict:
            continue
    return action()


def _require_same_file(found: Import) -> None:
    if commands.hash_file(Path(found.path)) != found.sha256:
        raise Invalid([FieldError("file", f"{found.file} is not as it was when this import began.")])


def _fail(import_id: int, fault: Exception) -> None:
    sentence = fault.sentence if isinstance(fault, Invalid) else f"The file cannot be read: {fault}."
    with transaction.atomic() as session:
        found = session.get_one(Import, import_id, populate_existing=True)
        commands.move(found, Move.FAIL)
        found.error, found.finished_at = sentence, clock.now()


def _find_duplicates(import_id: int) -> None:
    """Compare what an import made or changed with the listings that may be the same provider."""
    ids = written_listings(transaction.session(), import_id)
    if len(ids) > MAX_LOCAL:
        with transaction.atomic() as session:
            find_duplicates(session, now=clock.now())
        return
    for start in range(0, len(ids), DUPLICATES_AT_ONCE):
        chunk = ids[start : start + DUPLICATES_AT_ONCE]
        with transaction.atomic() as session:
            find_for(session, chunk, now=clock.now())
