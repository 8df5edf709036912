"""Files and their rows: neither a crash nor a sweep parts them."""

import contextlib
import hashlib
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from directory.errors import NotFound
from directory.evidence import storage

LATER = datetime.now(UTC) + storage.GRACE_PERIOD + timedelta(hours=1)
SOON = datetime.now(UTC) + storage.GRACE_PERIOD - timedelta(hours=1)


def every_file(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "lock")


def test_a_file_is_found_by_its_hash_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    name = storage.store(tmp_path, b"template")
    path = storage.find(tmp_path, name)
    assert name == hashlib.sha256(b"template").hexdigest()
    assert path.read_bytes() == b"template"
    assert path.relative_to(tmp_path).parts == (name[:2], name)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_the_same_content_is_one_file(tmp_path: Path) -> None:
    assert storage.store(tmp_path, b"template") == storage.store(tmp_path, b"template")
    assert len(every_file(tmp_path)) == 1


@pytest.mark.parametrize("name", ["", "..", "../../etc/passwd", "0" * 63, "G" * 64, "0" * 64, "../" + "0" * 64])
def test_no_other_name_leads_to_a_file(tmp_path: Path, name: str) -> None:
    storage.store(tmp_path, b"template")
    with pytest.raises(NotFound):
        storage.find(tmp_path, name)


def test_a_sweep_removes_what_no_row_speaks_of_once_it_is_old(tmp_path: Path) -> None:
    known, orphan = storage.store(tmp_path, b"known"), storage.store(tmp_path, b"orphan")
    assert storage.delete_orphans(tmp_path, {known}, now=SOON) == storage.CleanupResult(0, ())
    assert storage.find(tmp_path, orphan)
    assert storage.delete_orphans(tmp_path, {known}, now=LATER) == storage.CleanupResult(1, ())
    assert [path.name for path in every_file(tmp_path)] == [known]


def test_a_sweep_removes_what_a_crash_left_half_written(tmp_path: Path) -> None:
    known = storage.store(tmp_path, b"known")
    (tmp_path / known[:2] / "coming-0011").write_bytes(b"kno")
    assert storage.delete_orphans(tmp_path, {known}, now=LATER).removed == 1


def test_a_sweep_names_what_is_missing(tmp_path: Path) -> None:
    assert storage.delete_orphans(tmp_path / "none", {"0" * 64}, now=LATER) == storage.CleanupResult(0, ("0" * 64,))


def test_what_is_kept_again_is_new_for_a_sweep_that_read_the_rows_before(tmp_path: Path) -> None:
    name = storage.store(tmp_path, b"template")
    path = storage.find(tmp_path, name)
    os.utime(path, (0, 0))
    storage.store(tmp_path, b"template")
    assert storage.delete_orphans(tmp_path, set(), now=datetime.now(UTC)).removed == 0
    assert path.exists()


def test_sweeping_and_keeping_at_the_same_time_loses_nothing(tmp_path: Path) -> None:
    names = [storage.store(tmp_path, f"template {number}".encode()) for number in range(20)]
    stop, swept = threading.Event(), []

    def sweeping() -> None:
        while not stop.is_set():
            swept.append(storage.delete_orphans(tmp_path, set(), now=datetime.now(UTC)).removed)

    sweeper = threading.Thread(target=sweeping)
    sweeper.start()
    for _ in range(20):
        for number, name in enumerate(names):
            with contextlib.suppress(FileNotFoundError):
                os.utime(tmp_path / name[:2] / name, (0, 0))
            assert storage.store(tmp_path, f"template {number}".encode()) == name
            assert storage.find(tmp_path, name)
    stop.set()
    sweeper.join()
    assert len(swept) > 1
    assert [path.name for path in every_file(tmp_path)] == sorted(names)


KILLED = """
import os, sys
from pathlib import Path
from directory.evidence import storage
calls = int(sys.argv[2])
def until(name):
    real = getattr(os, name)
    def counted(*arguments, **options):
        global calls
        calls -= 1
        if calls < 0:
            os._exit(9)
        return real(*arguments, **options)
    setattr(os, name, counted)
for name in ("open", "fsync", "fdopen", "rename", "replace", "mkdir"):
    until(name)
print(storage.store(Path(sys.argv[1]), b"template" * 9000))
"""


def test_a_process_killed_at_any_step_leaves_a_whole_file_or_none(tmp_path: Path) -> None:
    name = hashlib.sha256(b"template" * 9000).hexdigest()
    states = set()
    for calls in range(40):
        folder = tmp_path / str(calls)
        run = subprocess.run(
            [sys.executable, "-c", KILLED, str(folder), str(calls)], capture_output=True, text=True, check=False
        )
        path = folder / name[:2] / name
        states.add((run.returncode, path.exists()))
        if path.exists():
            assert path.read_bytes() == b"template" * 9000
        if run.returncode == 0:
            assert run.stdout.strip() == name
            break
        assert run.returncode == 9, run.stderr
    assert states == {(9, False), (9, True), (0, True)}
