"""The snapshot: a crash, a full disk or a foreign file never makes a search wrong."""

import errno
import json
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session
from support.synthetic_listings import (
    NOW,
    empty_engine,
    insert_and_rebuild,
    insert_and_record,
    listings_at,
    make_search_index,
)

from directory.errors import Conflict
from directory.geography.point import Point
from directory.search import segment, snapshot
from directory.search.index import SearchIndex
from directory.search.query import SearchQuery
from directory.search.tables import search_snapshots

DENVER = Point(39.7392, -104.9903)


def total(session: Session, index: SearchIndex) -> int:
    return index.find(session, SearchQuery(DENVER), now=NOW).total


@pytest.fixture
def indexed_listings(session, index) -> None:
    """Two listings in the snapshot, and one more since."""
    insert_and_rebuild(session, index, listings_at([DENVER] * 2))
    insert_and_record(session, listings_at([DENVER]))
    session.commit()
    assert total(session, index) == 3


def columns_of(index: SearchIndex) -> list[str]:
    return list(segment.read(index.store.path).columns)


class Broken(Exception):
    pass


def breaking(columns: Iterator, number: int, fail) -> Iterator:
    for place, column in enumerate(columns):
        if place == number:
            fail()
        yield column


@pytest.mark.usefixtures("indexed_listings")
def test_an_exception_at_any_column_leaves_the_old_snapshot(session, index, monkeypatch):
    """And no file beside it."""

    def fail() -> None:
        raise Broken

    write = segment.write
    before = index.store.path.read_bytes()
    for number in range(len(columns_of(index))):
        monkeypatch.setattr(
            snapshot, "write", lambda path, columns, meta, at=number: write(path, breaking(columns, at, fail), meta)
        )
        with pytest.raises(Broken):
            index.rebuild(session)
        assert index.store.path.read_bytes() == before
        assert {file.name for file in index.store.folder.iterdir()} == {"snapshot", "lock"}
    assert total(session, index) == total(session, make_search_index(index.store.folder)) == 3
    monkeypatch.setattr(snapshot, "write", write)
    index.rebuild(session)
    assert index.store.path.read_bytes() != before
    assert total(session, index) == 3


@pytest.mark.parametrize("point", ["first column", "last column", "fsync", "replace", "after replace"])
def test_a_process_killed_while_it_builds_leaves_the_old_snapshot_or_the_new_one(tmp_path, point):
    url = f"sqlite:///{tmp_path / 'killed.sqlite'}"
    engine = empty_engine(url)
    index = make_search_index(tmp_path / "search")
    with Session(engine) as session:
        insert_and_rebuild(session, index, listings_at([DENVER] * 2))
        insert_and_record(session, listings_at([DENVER]))
        session.commit()
    before, columns = index.store.path.read_bytes(), len(columns_of(index))
    engine.dispose()
    child = os.fork()
    if child == 0:
        kill_at(point, columns)
        with Session(engine) as session:
            make_search_index(tmp_path / "search").rebuild(session)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    assert (index.store.path.read_bytes() == before) is (point != "after replace")
    with Session(engine) as session:
        assert total(session, index) == total(session, make_search_index(tmp_path / "search")) == 3
        index.rebuild(session)
        assert total(session, index) == total(session, make_search_index(tmp_path / "search")) == 3
    assert {file.name for file in index.store.folder.iterdir()} == {"snapshot", "lock"}
    engine.dispose()


def kill_at(point: str, columns: int) -> None:
    """Let this process be killed at a point of writing a snapshot of so many columns."""

    def kill(*_arguments: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    write, replace = segment.write, Path.replace
    if "column" in point:
        number = 0 if point == "first column" else columns - 1
        snapshot.write = lambda path, columns, meta: write(path, breaking(columns, number, kill), meta)
    elif point == "fsync":
        os.fsync = kill
    elif point == "replace":
        Path.replace = kill
    else:
        Path.replace = lambda path, target: (replace(path, target), kill())


@pytest.mark.usefixtures("indexed_listings")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_cannot_be_written_leaves_searching_right(session, index, monkeypatch, number):
    def fail(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=os.strerror(number)):
        index.rebuild(session)
    insert_and_record(session, listings_at([DENVER]))
    session.commit()
    assert total(session, index) == total(session, make_search_index(index.store.folder)) == 4


@pytest.mark.usefixtures("indexed_listings")
def test_without_a_snapshot_and_without_a_disk_the_check_says_so(session, tmp_path):
    """A file stands where the folder would be: even root cannot write there."""
    (tmp_path / "file").touch()
    index = make_search_index(tmp_path / "file" / "search")
    with pytest.raises(OSError, match="file"):
        total(session, index)
    assert "cannot be used" in index.trouble(session)
    (tmp_path / "file").unlink()
    assert total(session, index) == 3
    assert index.trouble(session) == ""


def cut(path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])


def other_format(path: Path) -> None:
    found = segment.read(path)
    segment.write(path, found.columns.items(), {**found.meta, "fingerprint": "another"})


FOREIGN = {
    "empty": lambda path: cut(path, 0),
    "cut in its first bytes": lambda path: cut(path, 30),
    "cut in the middle": lambda path: cut(path, path.stat().st_size // 2),
    "cut by a byte": lambda path: cut(path, path.stat().st_size - 1),
    "no snapshot": lambda path: path.write_text(json.dumps({})),
    "of another format": other_format,
    "gone": Path.unlink,
}


@pytest.mark.usefixtures("indexed_listings")
@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_is_no_snapshot_of_this_program_is_built_anew(session, index, name):
    beside = index.store.path.with_name("beside")
    shutil.copy(index.store.path, beside)
    FOREIGN[name](beside)
    beside.replace(index.store.path) if beside.exists() else index.store.path.unlink()
    assert total(session, index) == 3
    assert index.is_due(session, now=NOW)
    started = make_search_index(index.store.folder)
    assert total(session, started) == 3
    assert not started.is_due(session, now=NOW)
    assert list(started.verify(session)) == []


@pytest.mark.usefixtures("indexed_listings")
def test_a_snapshot_of_another_database_is_built_anew(session, index, tmp_path):
    engine = empty_engine()
    other = make_search_index(tmp_path / "other")
    with Session(engine) as of_other:
        insert_and_rebuild(of_other, other, listings_at([DENVER] * 9))
    shutil.copy(other.store.path, index.store.folder / "copied")
    (index.store.folder / "copied").replace(index.store.path)
    assert total(session, index) == 3
    assert total(session, make_search_index(index.store.folder)) == 3
    engine.dispose()


@pytest.mark.usefixtures("indexed_listings")
def test_a_snapshot_from_after_a_backup_is_built_anew_once_the_backup_is_restored(session, index):
    """Restored is what the tables held before the snapshot was built, while workers go on with it."""
    worker = make_search_index(index.store.folder)
    index.rebuild(session)
    assert total(session, worker) == 3
    token = segment.read(index.store.path).meta["token"]
    session.execute(search_snapshots.delete().where(search_snapshots.c.token == token))
    insert_and_record(session, listings_at([DENVER]))
    session.commit()
    for one in (index, worker, make_search_index(index.store.folder)):
        assert total(session, one) == 4
    assert segment.read(index.store.path).meta["token"] != token


def test_a_damaged_file_is_refused(tmp_path):
    (tmp_path / "snapshot").write_bytes(b"damaged" * 100)
    with pytest.raises(Conflict):
        segment.read(tmp_path / "snapshot")


def test_while_another_process_builds_a_rebuild_that_does_not_wait_does_nothing(session, index):
    with make_search_index(index.store.folder).store.building():
        assert index.rebuild(session, wait=False) is None
    assert index.rebuild(session, wait=False) == 0
