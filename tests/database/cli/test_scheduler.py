"""The scheduler: each job at its time, none stopped by another, one scheduler on a database, and none left behind."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.factories import make_attestation, make_listing

from directory import clock, transaction
from directory.audit.tables import AuditHead
from directory.cli import supervisor
from directory.cli.installation import installation, search_index
from directory.cli.leader_lock import leader_lock
from directory.cli.scheduler import Job, run_job, run_scheduler, scheduled_jobs
from directory.cli.supervisor import supervise
from directory.errors import Conflict
from directory.outbox.tables import Email

SECONDS = 30
"""How long a test waits for something that takes a moment."""


def wait_until(is_so, seconds=SECONDS):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def installation_settings(environment, monkeypatch):
    """The settings of this test's installation, which the block is in."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with installation() as settings:
        yield settings


def often(name, do):
    return Job(name, timedelta(0), do)


def rounds(count):
    """`is_over` after the last job was done so many times."""
    done = []
    return done, lambda: len(done) >= count


def test_a_job_that_crashes_stops_neither_the_others_nor_itself(installation_settings, capsys):
    done, is_over = rounds(3)

    def crash(_settings):
        raise RuntimeError("a fault\nin two lines")

    def refuse(_settings):
        raise Conflict("Not now.")

    def work(_settings):
        done.append(1)
        return "worked"

    todo = (often("first", crash), often("second", refuse), often("third", work))
    run_scheduler(installation_settings, todo, is_over=is_over, wait=time.sleep)
    lines = [line.split(" ", 1)[1] for line in capsys.readouterr().err.splitlines()]
    said = ["first: failed: RuntimeError: a fault in two lines", "second: refused: Not now.", "third: worked"]
    assert lines == said * 3


def test_a_fault_of_the_database_in_a_job_leaves_the_next_a_clean_session(installation_settings, capsys, session):
    def break_it(_settings):
        with transaction.atomic() as writing:
            writing.execute(sa.text("INSERT INTO nowhere VALUES (1)"))

    remind = next(job for job in scheduled_jobs(installation_settings) if job.name == "audit head")
    for job in (often("broken", break_it), remind):
        run_job(job, installation_settings)
    said = capsys.readouterr().err
    assert "broken: failed:" in said
    assert "audit head: signed the head of" in said
    assert session.scalar(sa.select(sa.func.count()).select_from(AuditHead)) == 1


def test_each_job_waits_for_its_own_interval(installation_settings):
    done, is_over = rounds(20)
    slow = []
    todo = (
        Job("slow", timedelta(hours=1), lambda _settings: slow.append(1) or ""),
        Job("quick", timedelta(milliseconds=1), lambda _settings: done.append(1) or ""),
    )
    run_scheduler(installation_settings, todo, is_over=is_over, wait=time.sleep)
    assert (len(slow), len(done)) == (1, 20)


def test_what_did_nothing_says_nothing(installation_settings, capsys):
    search_index(installation_settings).rebuild(transaction.session())
    for job in scheduled_jobs(installation_settings):
        run_job(job, installation_settings)
    first = capsys.readouterr().err
    assert first.count("\n") == 1
    assert "audit head: signed the head of" in first
    for job in scheduled_jobs(installation_settings):
        run_job(job, installation_settings)
    assert capsys.readouterr().err == ""


def test_mail_is_a_job_only_where_a_server_is_named(installation_settings, monkeypatch):
    assert "mail send" not in {job.name for job in scheduled_jobs(installation_settings)}
    monkeypatch.setenv("BMA_SMTP_URL", "smtps://mail.example")
    with installation() as settings:
        assert {job.name for job in scheduled_jobs(settings)} == {
            "mail send",
            "attestations remind",
            "mail digest",
            "attestations revoke-unmanaged",
            "audit head",
            "sessions sweep",
            "decisions sweep",
            "account sweep",
            "statistics refresh",
            "import run",
            "duplicates find",
            "search rebuild",
        }


def test_reminders_are_written_by_the_job(installation_settings, session, provider, capsys):
    signed = clock.now() - timedelta(days=361)
    listing = make_listing(session, provider, now=signed)
    make_attestation(session, listing, now=signed)
    listing.last_confirmed = clock.now().date()
    session.commit()
    before = session.scalar(sa.select(sa.func.count()).select_from(Email))
    session.rollback()
    remind = next(job for job in scheduled_jobs(installation_settings) if job.name == "attestations remind")
    for _ in range(10):
        run_job(remind, installation_settings)
    assert session.scalar(sa.select(sa.func.count()).select_from(Email)) == before + 1
    assert capsys.readouterr().err.count("1 reminders are in the outbox") == 1


def test_only_one_is_alone_and_the_next_comes_after_it(installation_settings):
    url = installation_settings.database_url
    with leader_lock(url, "a thing") as first:
        with leader_lock(url, "a thing") as second, leader_lock(url, "another thing") as other:
            assert (first(), second(), other()) == (True, False, True)
        assert first()
    with leader_lock(url, "a thing") as third:
        assert third()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_lock_whose_connection_was_cut_is_lost(installation_settings, session):
    with leader_lock(installation_settings.database_url, "a thing") as still_alone:
        assert still_alone()
        cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
        session.execute(sa.text(cut))
        session.commit()
        wait_until(lambda: not still_alone())
        with leader_lock(installation_settings.database_url, "a thing") as next_one:
            assert next_one()


def test_a_second_scheduler_waits_and_takes_over(installation_settings, capsys, monkeypatch):
    monkeypatch.setattr("directory.cli.scheduler.STANDBY_SECONDS", 0.1)
    done, is_over = rounds(1)
    todo = (often("thing", lambda _settings: done.append(1) or ""),)
    with leader_lock(installation_settings.database_url, "scheduler") as first:
        assert first()
        spare = threading.Event()
        run_scheduler(installation_settings, todo, is_over=spare.is_set, wait=lambda _seconds: spare.set())
    assert done == []
    assert capsys.readouterr().err.count("another one is at work") == 1
    run_scheduler(installation_settings, todo, is_over=is_over, wait=time.sleep)
    assert done == [1]


DEAF = "import signal; signal.signal(15, signal.SIG_IGN)"


def counting(folder, code):
    """A program that leaves a file each time it is started, and then runs `code`."""
    program = f"import os, pathlib, time; pathlib.Path({str(folder)!r}, str(os.getpid())).touch(); {code}"
    return (sys.executable, "-c", program)


def started(folder):
    return {int(path.name) for path in folder.iterdir()}


def nobody_waits():
    """Whether the supervisor's thread has ended, so that nothing is started again."""
    return "scheduler" not in {thread.name for thread in threading.enumerate()}


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_scheduler_that_crashes_is_started_again_later_each_time(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(supervisor, "FIRST_RESTART_DELAY", 0.01)
    with supervise(counting(tmp_path, "os._exit(3)")):
        wait_until(lambda: len(started(tmp_path)) >= 4)
    assert "ended with status 3; starting it again in 0 s" in capsys.readouterr().err
    assert nobody_waits()


@pytest.mark.parametrize("code", ["time.sleep(600)", f"{DEAF}; time.sleep(600)"])
def test_it_ends_with_what_started_it_even_when_it_will_not(tmp_path, monkeypatch, code):
    monkeypatch.setattr(supervisor, "SHUTDOWN_TIMEOUT", 0.5)
    with supervise(counting(tmp_path, code)):
        wait_until(lambda: started(tmp_path))
        (pid,) = started(tmp_path)
        assert is_alive(pid)
    assert not is_alive(pid)


def test_it_lets_the_workers_go_first(tmp_path):
    with supervise(counting(tmp_path, "time.sleep(600)")):
        wait_until(lambda: started(tmp_path))
        (pid,) = started(tmp_path)
        wait_until(lambda: os.getpriority(os.PRIO_PROCESS, pid) > os.getpriority(os.PRIO_PROCESS, 0))


def test_nothing_is_started_again_while_the_end_is_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(supervisor, "FIRST_RESTART_DELAY", 600.0)
    with supervise(counting(tmp_path, "os._exit(1)")):
        wait_until(lambda: started(tmp_path))
        assert not nobody_waits()
    assert nobody_waits()
    assert len(started(tmp_path)) == 1


def scheduler(environment, *arguments, parent=None):
    command = [sys.executable, "-m", "directory", "schedule", *arguments]
    return subprocess.Popen(parent or command, env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_works_until_it_is_told_to_stop(environment, session, how):
    with scheduler(environment) as process:
        wait_until(lambda: session.rollback() or session.scalar(sa.select(sa.func.count()).select_from(AuditHead)))
        process.send_signal(how)
        _, said = process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    assert "audit head: signed the head of" in said
    assert "Traceback" not in said


def test_it_ends_when_its_parent_was_killed(environment, session, tmp_path):
    orphan = (
        "import os, pathlib, subprocess, sys, time\n"
        "command = [sys.executable, '-m', 'directory', 'schedule', '--with-parent', str(os.getpid())]\n"
        f"pathlib.Path({str(tmp_path)!r}, 'pid').write_text(str(subprocess.Popen(command).pid))\n"
        "time.sleep(600)\n"
    )
    with scheduler(environment, parent=[sys.executable, "-c", orphan]) as parent:
        wait_until(lambda: session.rollback() or session.scalar(sa.select(sa.func.count()).select_from(AuditHead)))
        pid = int((tmp_path / "pid").read_text())
        assert is_alive(pid)
        parent.kill()
    wait_until(lambda: not is_alive(pid))
