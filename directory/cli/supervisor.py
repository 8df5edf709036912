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
"""The scheduler's niceness relative to the workers; arbitrary, about a tenth of a processor if all are busy."""

FIRST_RESTART_DELAY, MAX_RESTART_DELAY = 1.0, 300.0
"""Seconds before a crashed scheduler is restarted; the delay doubles with each crash."""

STABLE_SECONDS = 60.0
"""Seconds of uptime after which the restart delay is reset; arbitrary."""

SHUTDOWN_TIMEOUT = 10.0
"""Seconds that a scheduler has to finish its work; arbitrary. The next one completes what is left."""


def scheduler_command() -> Sequence[str]:
    """Return the command that starts the scheduler; it ends by itself when this process is gone."""
    return (sys.executable, "-m", "directory", "schedule", "--with-parent", str(os.getpid()))


@contextmanager
def supervise(program: Sequence[str]) -> Iterator[None]:
    """Keep a process running during the block."""
    supervisor = _Supervisor(program)
    supervisor.start()
    try:
        yield
    finally:
        supervisor.end()


class _Supervisor:
    """Runs the process and waits for it in a separate thread."""

    def __init__(self, program: Sequence[str]) -> None:
        self._program = program
        self._over = threading.Event()
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep_running, name="scheduler", daemon=True)

    def start(self) -> None:
        """Start the process; it is restarted whenever it ends, with a growing delay."""
        self._thread.start()

    def end(self) -> None:
        """Terminate the process, and kill it if it does not end in time."""
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
            # A new session, so that Ctrl-C in the terminal reaches only `serve`, which then ends the scheduler cleanly.
            self._process = subprocess.Popen(self._program, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603  our own program
            # Lower its priority, so that it never slows the workers down, especially while they start.
            with suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, self._process.pid, os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
            return self._process
