"""How old the settings of a worker can be, and what counts while the database does not answer."""

from collections.abc import Callable

from sqlalchemy.exc import OperationalError

from directory.settings.cache import MAX_AGE_SECONDS, SettingsCache
from directory.settings.queries import SettingValues


class _Worker:
    """A cache with a clock, and a count of its reads."""

    def __init__(self) -> None:
        self.at = 0.0
        self.reads = 0
        self.is_down = False
        self.cache = SettingsCache(self._read, monotonic=self._time())

    def _time(self) -> Callable[[], float]:
        return lambda: self.at

    def _read(self) -> SettingValues:
        self.reads += 1
        if self.is_down:
            raise OperationalError("SELECT", None, Exception("down"))
        return SettingValues({"read": {"number": self.reads}})


def test_a_change_is_seen_within_five_seconds_and_read_once() -> None:
    worker = _Worker()
    assert MAX_AGE_SECONDS == 5
    for second, reads in ((0, 1), (4.9, 1), (5, 2), (9, 2), (10, 3)):
        worker.at = second
        assert worker.cache.current().sections["read"]["number"] == reads


def test_the_worker_that_made_the_change_sees_it_at_once() -> None:
    worker = _Worker()
    worker.cache.current()
    worker.cache.forget()
    assert worker.cache.current().sections["read"]["number"] == 2


def test_the_last_values_count_while_the_database_is_down_which_is_asked_every_five_seconds() -> None:
    worker = _Worker()
    worker.is_down = True
    assert worker.cache.current() == SettingValues()
    worker.is_down, worker.at = False, 5
    known = worker.cache.current()
    worker.is_down, worker.at = True, 10
    assert worker.cache.current() is known
    worker.at = 14
    assert worker.cache.current() is known
    assert worker.reads == 3
