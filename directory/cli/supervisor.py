"""Runs the scheduler as a child process of `serve` and restarts it when it exits."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from directory.cli.scheduler import log

NICENESS = 10
"""How far it lets the workers go first; arbitrary, about a tenth of a processor where all are busy."""

FIRST_RESTART_DELAY, MAX_RESTART_DELAY = 1.0, 300.0
"""Seconds before a scheduler that crashed is started again; they double with each crash."""

STABLE_SECONDS = 60.0
"""Seconds after which a crash counts as the first one again; arbitrary."""

SHUTDOWN_TIMEOUT = 10.0
"""Seconds that a scheduler has to finish what it is doing; arbitrary. What it leaves undone, the next one does."""


def scheduler_command() -> Sequence[str]:
    """How the scheduler is started: it ends by itself when this process is gone."""
    return (sys.executable, "-m", "directory", "schedule", "--with-parent", str(os.getpid()))


@contextmanager
def supervise(program: Sequence[str]) -> Iterator[None]:
    """Keep a process running as long as the block does."""
    supervisor = _Supervisor(program)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.end()


class _Supervisor:
    """Waits for the process in a thread of its own, beside the one that serves."""

    def __init__(self, program: Sequence[str]) -> None:
        self._program = program
        self._over = threading.Event()
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name="scheduler", daemon=True)

    def start(self) -> None:
        """Start it, and again whenever it ends, later each time."""
        self._thread.start()

    def end(self) -> None:
        """Ask it to end, and see that it does."""
        with self._turn:
            self._over.set()
            process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
            try:
                process.wait(SHUTDOWN_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(SHUTDOWN_TIMEOUT)

    def _keep_running(self) -> None:
        wait = FIRST_RESTART_DELAY
        while (process := self._next()) is not None:
            began = time.monotonic()
            status = process.wait()
            if self._over.is_set():
                return
            wait = FIRST_RESTART_DELAY if time.monotonic() - began > STABLE_SECONDS else wait
            log("scheduler", f"ended with status {status}; starting it again in {wait:.0f} s")
            self._over.wait(wait)
            wait = min(2 * wait, MAX_RESTART_DELAY)

    def _next(self) -> "subprocess.Popen[bytes] | None":
        with self._turn:
            if self._over.is_set():
                return None
            # A session of its own: Ctrl-C in the terminal is for `serve`, which then ends it in good order.
            self._process = subprocess.Popen(self._program, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603  our own program
            # It waits for the workers and never they for it, least of all while all of them start.
            with suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
            return self._process
