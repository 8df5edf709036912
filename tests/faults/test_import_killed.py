"""A run of an import that is killed half-way goes on after its last batch, and ends as if nothing had happened."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.nppes_files import person_row, write_nppes_file

from directory import clock
from directory.audit.chain import verify_chain
from directory.audit.queries import entries
from directory.imports.commands import register_file, start
from directory.imports.lifecycle import ImportState, Move, next_state
from directory.imports.queries import prove_row
from directory.imports.report import ImportReport
from directory.imports.tables import Import, ImportBatch, ImportRow, Outcome
from directory.listings.tables import Listing

HERE = Path(__file__).resolve().parent
ROWS = 1_300
"""Rows for three batches of 500."""

RUN = """
import os, signal, sys
import sqlalchemy as sa
from directory.cli.commands import cli
from directory.imports.tables import ImportBatch, ImportRow

def die(_session, _transaction, connection):
    # A new transaction sees what is committed.
    if connection.scalar(sa.select(sa.func.count()).select_from({table}).where({condition})):
        os.kill(os.getpid(), signal.SIGKILL)

if len(sys.argv) > 1:
    sa.event.listen(sa.orm.Session, "after_begin", die)
cli(["import", "run"])
"""
UNDO_AT_WORK = ("ImportRow", "ImportRow.outcome.is_not(None)")
RUN_AT_WORK = ("ImportBatch", "ImportBatch.number > 0")


def work(environment: dict[str, str], at: tuple[str, str] | None = None) -> int:
    """Do what waits in a process of its own, which kills itself once the first batch is written, if it shall."""
    table, condition = at or RUN_AT_WORK
    code = RUN.format(table=table, condition=condition)
    paths = os.pathsep.join([str(HERE.parents[1]), str(HERE.parent)])
    command = [sys.executable, "-c", code, *(["die"] if at else [])]
    return subprocess.run(command, env={**os.environ, **environment, "PYTHONPATH": paths}, check=False).returncode


@pytest.fixture
def started(session: Session, tmp_path: Path) -> int:
    """An import of three batches that waits for the background process."""
    path = write_nppes_file(tmp_path / "list.csv", map(person_row, range(1, ROWS + 1)))
    found = register_file(session, path, name="list.csv", by=None, now=clock.now())
    start(session, found, by=None, now=clock.now())
    session.commit()
    return found.id


def test_a_killed_import_goes_on_and_its_undo_too(environment: dict[str, str], session: Session, started: int) -> None:
    assert work(environment, RUN_AT_WORK) == -signal.SIGKILL
    found = session.get_one(Import, started)
    assert (found.state, found.batches) == (ImportState.RUNNING, 1)
    session.rollback()
    assert work(environment) == 0
    session.expire_all()
    assert (found.state, found.batches) == (ImportState.DONE, 3)
    assert ImportReport.from_json(found.report).read == ROWS
    assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == ROWS
    lines = session.scalars(sa.select(ImportRow.line).order_by(ImportRow.line)).all()
    assert lines == list(range(2, ROWS + 2))
    edited = session.scalars(sa.select(Listing).order_by(Listing.id).limit(3)).all()
    for listing in edited:
        listing.phone = "3035550111"
    found.state, found.undo_reason = next_state(found.state, Move.UNDO), "Why."
    session.commit()
    assert work(environment, UNDO_AT_WORK) == -signal.SIGKILL
    assert work(environment) == 0
    session.expire_all()
    assert found.state is ImportState.UNDONE
    counted = session.execute(sa.select(ImportRow.outcome, sa.func.count()).group_by(ImportRow.outcome)).all()
    assert dict(counted) == {Outcome.REVERSED: ROWS - 3, Outcome.KEPT: 3}
    assert {row.phone for row in session.scalars(sa.select(Listing))} == {"3035550111"}
    actions = [row.entry.action for row in verify_chain(entries(session))]
    assert actions == ["import.run", *["import.batch"] * 3, *["import.undo_batch"] * 3]
    assert session.scalar(sa.select(sa.func.sum(ImportBatch.rows))) == ROWS
    assert prove_row(session, 700).is_valid
