"""Keeps the settings in the memory of a worker for a few seconds, so that patients' pages need not read them."""

import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from directory.errors import Refusal
from directory.settings.queries import SettingValues

MAX_AGE_SECONDS = 5.0
"""How long after a change another worker may still show the old value; arbitrary."""


class SettingsCache:
    """The settings as one worker knows them. `read` reads them in a transaction of its own, from any thread."""

    def __init__(
        self,
        read: Callable[[], SettingValues],
        *,
        seconds: float = MAX_AGE_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._seconds = seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._values = SettingValues()
        self._read_at: float | None = None

    def current(self) -> SettingValues:
        """Return the settings, at most `seconds` old. If the database does not answer, the last known ones count."""
        with self._lock:
            if self._read_at is not None and self._monotonic() - self._read_at < self._seconds:
                return self._values
            # Set first: the other threads go on with the last values, and a database that is down is asked once.
            self._read_at = self._monotonic()
        try:
            values = self._read()
        except (SQLAlchemyError, Refusal):
            return self._values
        with self._lock:
            self._values = values
        return values

    def forget(self) -> None:
        """Read the settings again at the next request of this worker, because they were changed here."""
        with self._lock:
            self._read_at = None
