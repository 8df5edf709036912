"""Counts page views in memory and writes them in the background, so that no page waits for the database."""

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from directory.errors import Refusal
from directory.page_views.commands import ViewKey
from directory.page_views.queries import month_of
from directory.page_views.tables import CountedPage

FLUSH_SECONDS = 30.0
"""How long a view may wait in memory; arbitrary. A worker that is killed loses at most this much."""


class ViewCounter:
    """The counts of one worker. `write` stores them in a transaction of its own, from any thread."""

    def __init__(self, write: Callable[[Mapping[ViewKey, int]], None], *, seconds: float = FLUSH_SECONDS) -> None:
        self._write = write
        self._seconds = seconds
        self._lock = threading.Lock()
        self._counts: Counter[ViewKey] = Counter()
        self._timer: threading.Timer | None = None
        self._is_closed = False

    def count(self, listing_id: int, page: CountedPage, *, now: datetime) -> None:
        """Count one view; it is written within `seconds`."""
        with self._lock:
            self._counts[ViewKey(listing_id, month_of(now), page)] += 1
            self._schedule()

    def flush(self) -> None:
        """Write what is counted. If the database does not take it, it is kept and tried again later."""
        with self._lock:
            counts, self._counts, self._timer = self._counts, Counter(), None
        if not counts:
            return
        try:
            self._write(counts)
        except (SQLAlchemyError, Refusal):
            with self._lock:
                self._counts.update(counts)
                self._schedule()

    def close(self) -> None:
        """Write what is counted, at the end of the worker; what is counted later is lost."""
        with self._lock:
            self._is_closed = True
            if self._timer:
                self._timer.cancel()
        self.flush()

    def _schedule(self) -> None:
        """Start the timer, unless it is running; the lock is held."""
        if self._timer is None and not self._is_closed:
            self._timer = threading.Timer(self._seconds, self.flush)
            self._timer.daemon = True
            self._timer.start()
