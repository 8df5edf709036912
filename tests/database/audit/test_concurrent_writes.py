"""Two processes write to the log at once: it never forks, and nobody's entry is lost."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import NOW, make_account

from directory import config, transaction
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.audit import queries
from directory.audit.chain import verify_chain
from directory.audit.commands import record
from directory.errors import Conflict

ENTRIES_EACH = 40
ROOT = Path(__file__).resolve().parents[3]

# One process: waits for the other, then writes one entry in each transaction and says how many went in.
WRITER = """
import os, sys, time
from directory import clock, transaction
from directory.audit import commands
from directory.cli.installation import installation
from directory.errors import Conflict

name, entries, careless, start = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "careless", sys.argv[4]
if careless:
    commands._lock_log = lambda session: None
written = refused = 0
with installation():
    print("ready", flush=True)
    while not os.path.exists(start):
        time.sleep(0.001)
    for number in range(entries):
        try:
            with transaction.atomic() as session:
                commands.record(
                    session, action="test.write", target=f"{name}:{number}", before=None, after=None, by=None,
                    now=clock.now(),
                )
            written += 1
        except Conflict:
            refused += 1
print(written, refused)
"""


def two_processes(environment: dict[str, str], tmp_path: Path, *, careless: bool) -> list[tuple[int, int]]:
    """How many entries each of the two wrote, and how many it was refused."""
    start = tmp_path / "start"
    how = "careless" if careless else "careful"
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, name, str(ENTRIES_EACH), how, str(start)],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "other")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    start.touch()
    counts = []
    for writer in writers:
        output, _ = writer.communicate(timeout=120)
        assert writer.returncode == 0
        written, refused = output.split()
        counts.append((int(written), int(refused)))
    return counts


def test_two_processes_take_turns_and_every_entry_is_in_one_chain(
    environment: dict[str, str], session: Session, tmp_path: Path
) -> None:
    assert two_processes(environment, tmp_path, careless=False) == [(ENTRIES_EACH, 0), (ENTRIES_EACH, 0)]
    objects = [row.entry.object for row in verify_chain(queries.entries(session))]
    for name in ("one", "other"):
        assert [text for text in objects if text.startswith(name)] == [f"{name}:{at}" for at in range(ENTRIES_EACH)]
    assert len(objects) == 2 * ENTRIES_EACH


def test_without_taking_turns_the_database_refuses_the_fork(
    environment: dict[str, str], session: Session, tmp_path: Path
) -> None:
    """A planted fault: the one who reads a head that is no longer the last gets a clean conflict, and no fork."""
    counts = two_processes(environment, tmp_path, careless=True)
    assert [written + refused for written, refused in counts] == [ENTRIES_EACH] * 2
    assert len(list(verify_chain(queries.entries(session)))) == sum(written for written, _ in counts)


@pytest.fixture
def program(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An application that has its database and nothing else, and does not wait long."""
    monkeypatch.setattr(transaction, "SQLITE_BUSY_SECONDS", 0.2)
    app = Flask("audit")
    transaction.init_app(app, config.read(environment))
    yield app
    with app.app_context():
        transaction.close()


def test_whoever_waits_in_a_ring_is_refused_and_the_other_goes_on(program: Flask, session: Session) -> None:
    """One holds the log and wants an account, the other holds the account and wants the log."""
    account_id = make_account(session, Role.PROVIDER).id
    session.commit()
    has_log, has_account = threading.Event(), threading.Event()
    refused: list[str] = []

    def rename() -> None:
        transaction.session().execute(sa.update(Account).where(Account.id == account_id).values(name="Bo Other"))

    def write(name: str) -> None:
        action = "test.write"
        record(
            transaction.session(), action=action, target=f"{name}:1", before=None, after=None, by=account_id, now=NOW
        )

    def run(first: str) -> None:
        try:
            with program.app_context(), transaction.atomic():
                if first == "log":
                    write("one")
                    has_log.set()
                    has_account.wait(1)
                    rename()
                else:
                    has_log.wait(5)
                    rename()
                    has_account.set()
                    write("other")
        except Conflict as conflict:
            refused.append(conflict.sentence)

    threads = [threading.Thread(target=run, args=(first,)) for first in ("log", "account")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert refused == ["Somebody else was saving at the same moment. Nothing of yours was saved; try again."]
    assert len(list(verify_chain(queries.entries(session)))) == 1
