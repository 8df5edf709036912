"""The command `schedule`, which runs periodic jobs in one process for each database."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import FrameType

import click

from directory import clock, transaction
from directory.accounts.rate_limits import delete_expired_counters
from directory.accounts.sessions import delete_expired_sessions
from directory.audit.access import delete_old_access
from directory.audit.commands import publish_head
from directory.audit.queries import find_head
from directory.cli.accounts import sweep_accounts
from directory.cli.installation import installation, report_errors, search_index
from directory.cli.leader_lock import leader_lock
from directory.cli.mail import queue_digests, send_due_emails
from directory.cli.reminders import enqueue_due_reminders
from directory.cli.statistics import count_statistics
from directory.cli.unmanaged import revoke_due_answers
from directory.config import Settings
from directory.duplicates.local_search import check_changed
from directory.errors import Refusal
from directory.imports.queries import is_at_work
from directory.review.decisions import forget_kept
from directory.signing.keys import Keyring

MAIL_TIME_LIMIT_SECONDS = 45.0
"""How long one run may send mail; a slow mail server must not delay the other jobs for longer."""

POLL_SECONDS = 2.0
"""How soon the scheduler notices that `serve` has ended; arbitrary."""

STANDBY_SECONDS = 30.0
"""How soon a standby scheduler takes over when the active one ends; arbitrary."""

MAX_MESSAGE_LENGTH = 300
"""Characters of an error in the log; arbitrary, because database errors can be pages long."""


@dataclass(frozen=True, slots=True)
class Job:
    """A periodic job; `run` returns a short description of what it did, or an empty string if it did nothing."""

    name: str
    every: timedelta
    run: Callable[[Settings], str]
    on_every_server: bool = False


def scheduled_jobs(settings: Settings) -> tuple[Job, ...]:
    """Return the jobs of an installation. Each may run at any time, also from cron, and repeats nothing."""
    always = (
        Job("attestations remind", timedelta(hours=1), _enqueue_reminders),
        Job("mail digest", timedelta(hours=1), _queue_digests),
        Job("attestations revoke-unmanaged", timedelta(hours=1), _revoke_unmanaged),
        Job("audit head", timedelta(hours=1), _sign_head),
        Job("sessions sweep", timedelta(hours=1), _sweep_sessions),
        Job("decisions sweep", timedelta(minutes=1), _sweep_decisions),
        Job("account sweep", timedelta(hours=1), _sweep_accounts),
        Job("statistics refresh", timedelta(hours=1), _refresh_statistics),
        Job("import run", timedelta(seconds=5), _run_imports),
        Job("duplicates find", timedelta(minutes=1), _check_changed),
        Job("search rebuild", timedelta(minutes=1), _rebuild_search, on_every_server=True),
    )
    return (Job("mail send", timedelta(minutes=1), _send_mail), *always) if settings.smtp_url else always


@click.command()
@click.option("--with-parent", "parent", type=int, hidden=True, help="End when the parent is not this process.")
@report_errors
def schedule(parent: int | None) -> None:
    """Send email, queue reminders and digests, sign the audit log's head and delete what has expired, until stopped.

    `serve` starts this automatically. Use the command if another program serves the application and you have no
    cron. Several may run: one is active, the others wait until it ends.

    Example: BMA_HOME=/srv/bma bma-directory schedule
    """
    stop = threading.Event()

    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)

    def is_over() -> bool:
        return stop.is_set() or (parent is not None and os.getppid() != parent)

    with installation() as settings:
        run_scheduler(settings, scheduled_jobs(settings), is_over=is_over, wait=stop.wait)


def run_scheduler(
    settings: Settings, todo: tuple[Job, ...], *, is_over: Callable[[], bool], wait: Callable[[float], object]
) -> None:
    """Run all jobs at their intervals while this process is the leader, until `is_over`.

    Raises:
        SQLAlchemyError: the database is not available; the supervisor restarts the scheduler.
    """
    waits = False
    while not is_over():
        with leader_lock(settings.database_url, "scheduler") as still_alone:
            if still_alone():
                _run_due_jobs(settings, todo, is_over=lambda: is_over() or not still_alone(), wait=wait)
                waits = False
                continue
        if not waits:
            log("scheduler", "another one is at work; waiting for its end")
        waits = True
        for job in todo:
            if job.on_every_server:
                run_job(job, settings)
        _sleep(STANDBY_SECONDS, is_over, wait)


def run_job(job: Job, settings: Settings) -> None:
    """Run one job once and log its result; errors are logged and do not propagate."""
    try:
        said = job.run(settings)
    except Refusal as refusal:
        said = f"refused: {refusal.sentence}"
    except Exception as fault:  # noqa: BLE001  an error in one job must not stop the others
        said = f"failed: {type(fault).__name__}: {fault}"[:MAX_MESSAGE_LENGTH]
    finally:
        transaction.close()
    if said:
        log(job.name, said)


def log(name: str, said: str) -> None:
    """Write one line to the log (standard error)."""
    click.echo(f"{clock.now():%Y-%m-%dT%H:%M:%SZ} {name}: {' '.join(said.split())}", err=True)


def _run_due_jobs(
    settings: Settings, todo: tuple[Job, ...], *, is_over: Callable[[], bool], wait: Callable[[float], object]
) -> None:
    due: Mapping[str, float] = {job.name: time.monotonic() for job in todo}
    while not is_over():
        for job in todo:
            if due[job.name] <= time.monotonic() and not is_over():
                run_job(job, settings)
                due = {**due, job.name: time.monotonic() + job.every.total_seconds()}
        _sleep(min(due.values()) - time.monotonic(), is_over, wait)


def _sleep(seconds: float, is_over: Callable[[], bool], wait: Callable[[float], object]) -> None:
    """Wait for some seconds, or until `is_over`."""
    end = time.monotonic() + seconds
    while not is_over() and (left := end - time.monotonic()) > 0:
        wait(min(left, POLL_SECONDS))


def _send_mail(settings: Settings) -> str:
    sent, failed = send_due_emails(settings, seconds=MAIL_TIME_LIMIT_SECONDS)
    return f"sent {sent}, failed {failed}" if sent or failed else ""


def _queue_digests(_settings: Settings) -> str:
    queued = queue_digests()
    return f"{queued:,} digests are in the outbox" if queued else ""


def _enqueue_reminders(settings: Settings) -> str:
    promised = enqueue_due_reminders(settings)
    return f"{promised:,} reminders are in the outbox" if promised else ""


def _revoke_unmanaged(_settings: Settings) -> str:
    handled = revoke_due_answers()
    return f"handled {handled:,} listings that nobody manages" if handled else ""


def _rebuild_search(settings: Settings) -> str:
    if not search_index(settings).is_due(transaction.session(), now=clock.now()):
        return ""
    # Run in a separate process, so that its memory is released; only the thread waits for it, not the other jobs.
    command = [sys.executable, "-m", "directory", "search", "rebuild", "--if-due"]
    threading.Thread(target=subprocess.run, args=(command,), daemon=True).start()
    return "a new snapshot is being built"


def _run_imports(_settings: Settings) -> str:
    if not is_at_work(transaction.session()):
        return ""
    # As above. Another one ends at once while the first holds the lock, and goes on for one that was killed.
    command = [sys.executable, "-m", "directory", "import", "run"]
    threading.Thread(target=subprocess.run, args=(command,), daemon=True).start()
    return ""


def _check_changed(_settings: Settings) -> str:
    with transaction.atomic() as session:
        new = check_changed(session, now=clock.now())
    return f"{new:,} new pairs of listings may be the same provider" if new else ""


def _sweep_sessions(_settings: Settings) -> str:
    with transaction.atomic() as session:
        removed = delete_expired_sessions(session, now=clock.now())
        delete_expired_counters(session, now=clock.now())
        delete_old_access(session, now=clock.now())
    return f"removed {removed:,}" if removed else ""


def _sweep_decisions(_settings: Settings) -> str:
    with transaction.atomic() as session:
        forgotten = forget_kept(session, now=clock.now())
    return f"erased what {forgotten:,} decisions kept for an undo" if forgotten else ""


def _sweep_accounts(_settings: Settings) -> str:
    removed = sweep_accounts()
    return f"removed {removed:,}" if removed else ""


def _refresh_statistics(_settings: Settings) -> str:
    count_statistics()
    return ""


def _sign_head(settings: Settings) -> str:
    now = clock.now()
    if find_head(transaction.session(), now.date()) is not None:
        return ""
    key = Keyring.open(settings.keys, settings.signing_key).current
    with transaction.atomic() as session:
        publish_head(session, key=key, issuer=settings.base_url, now=now)
    return f"signed the head of {now:%Y-%m-%d}"
