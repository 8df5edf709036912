"""Reads the gazetteer file through a pool of connections, with one statement for each query."""

import os
import sqlite3
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from directory.errors import NotFound
from directory.geocoding.grid_index import GRID_COLUMNS, grid_square, squares_in_ring

FORMAT_VERSION: Final = 2
"""The version of the file's schema; incremented with every change to it."""

COUNTY: Final = "county"
QUARTER: Final = "quarter"
"""Two of the kinds of areas."""

OWN_NAME: Final = 0
OTHER_SPELLING: Final = 1
OTHER_NAME: Final = 2
DOUBTFUL: Final = 3
"""How a looked-up name matches a town; only the end of what was typed matches a doubtful one."""

_TOWN_COLUMNS: Final = "t.id, t.name, t.state, t.beside, t.lat, t.lon, t.weight, t.miles"
_SELECT_ZIP: Final = (
    f"SELECT p.zip, 1, p.state, p.name, p.lat, p.lon, p.miles, {_TOWN_COLUMNS}"  # noqa: S608  only column names of this module
    " FROM postal p LEFT JOIN town t ON t.id = p.town"
)
_SELECT_AREA: Final = "SELECT name, state, kind, town, lat, lon, miles, weight FROM area"
_HIGHEST_CHARACTER: Final = "\x7f"
CACHE_PAGES: Final = 256
"""Pages of 4 KB cached by each connection; the operating system caches the rest."""


@dataclass(frozen=True, slots=True)
class TownRow:
    """A town; `beside` names a larger town near it if its state has another town of the same name.

    `match` tells what a looked-up name is to it: its own name, another spelling of it, or another name.
    """

    id: int
    name: str
    state: str
    beside: str | None
    lat: float
    lon: float
    weight: int
    miles: float
    match: int = OWN_NAME


@dataclass(frozen=True, slots=True)
class ZipRow:
    """A ZIP code with its own point, or the center of those that begin with `digits`; `name` is the post office's."""

    digits: str
    exact: bool
    state: str
    name: str | None
    lat: float
    lon: float
    miles: float
    town: TownRow | None


@dataclass(frozen=True, slots=True)
class AreaRow:
    """A county, region, island, base or quarter; `town` is a town in it, or the city of a quarter."""

    name: str
    state: str
    kind: str
    town: str
    lat: float
    lon: float
    miles: float
    weight: int


@dataclass(frozen=True, slots=True)
class AbroadRow:
    """A country or province abroad, or with its population a large city abroad."""

    name: str
    weight: int | None


def _parse_zip_row(row: tuple[Any, ...]) -> ZipRow:
    digits, exact, state, name, lat, lon, miles, *town = row
    return ZipRow(digits, bool(exact), state, name, lat, lon, miles, TownRow(*town) if town[0] is not None else None)


class Store:
    """The gazetteer file, opened read-only and without locks. Thread-safe; close it after use.

    Raises:
        NotFound: the file does not exist, or is not a gazetteer of this version.
    """

    def __init__(self, path: Path) -> None:
        self._address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._idle: defaultdict[int, list[sqlite3.Connection]] = defaultdict(list)
        advice = "Run: bma-directory places build."
        if not path.is_file():
            raise NotFound(f"There is no gazetteer at {path}. {advice}")
        try:
            found = self._rows("SELECT value FROM about WHERE name = 'format'")
        except sqlite3.DatabaseError as fault:
            self.close()
            raise NotFound(f"The file {path} is not a gazetteer. {advice}") from fault
        if found != [(str(FORMAT_VERSION),)]:
            self.close()
            raise NotFound(f"The gazetteer at {path} was made by another version. {advice}")

    def close(self) -> None:
        """Close all connections of this process; no thread may be reading."""
        idle = self._idle[os.getpid()]
        while idle:
            idle.pop().close()

    def _rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        # A forked process must neither use nor close the connections of its parent.
        idle = self._idle[os.getpid()]
        try:
            connection = idle.pop()
        except IndexError:
            connection = self._connect()
        try:
            rows: list[tuple[Any, ...]] = connection.execute(statement, values).fetchall()
        finally:
            idle.append(connection)
        return rows

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._address, uri=True, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA cache_size = {CACHE_PAGES}")
        except sqlite3.DatabaseError:
            connection.close()
            raise
        return connection

    def postal(self, zip_code: str) -> ZipRow | None:
        """Return the row of a five-digit ZIP code."""
        rows = self._rows(
            f"{_SELECT_ZIP} WHERE p.zip = ?",
            zip_code,
        )
        return _parse_zip_row(rows[0]) if rows else None

    def prefix(self, zip_code: str) -> ZipRow | None:
        """Return the center of the ZIP codes with the same prefix, for a ZIP code without its own point.

        None for a ZIP code above all known ones, such as 99999.
        """
        if not self._rows("SELECT 1 FROM postal WHERE zip > ? LIMIT 1", zip_code):
            return None
        rows = self._rows(
            f"SELECT p.digits, 0, p.state, NULL, p.lat, p.lon, p.miles, {_TOWN_COLUMNS}"  # noqa: S608  only column names of this module
            " FROM prefix p JOIN town t ON t.id = p.town WHERE p.digits IN (?, ?) ORDER BY p.digits DESC LIMIT 1",
            zip_code,
            zip_code[:3],
        )
        return _parse_zip_row(rows[0]) if rows else None

    def towns_spelled(self, key: str, state: str | None = None, match: int | None = None) -> list[TownRow]:
        """Return the towns of that name, largest first; alternate names count only if no town has it as its own.

        With `match`, return those to which the name is that.
        """
        rows = self._rows(
            f"SELECT s.alternate, {_TOWN_COLUMNS} FROM spelling s CROSS JOIN town t ON t.id = s.town"  # noqa: S608  only column names of this module
            " WHERE s.key = ? AND (? IS NULL OR t.state = ?) ORDER BY s.alternate, t.weight DESC, t.id",
            key,
            state,
            state,
        )
        wanted = match if match is not None or not rows else rows[0][0]
        return [replace(TownRow(*row[1:]), match=row[0]) for row in rows if row[0] == wanted]

    def areas_spelled(self, key: str, state: str | None = None) -> list[AreaRow]:
        """Return the areas of that name, those with most people first; alternate names come last."""
        rows = self._rows(
            f"{_SELECT_AREA} WHERE key = ? AND (? IS NULL OR state = ?) ORDER BY alternate, weight DESC, state",
            key,
            state,
            state,
        )
        return [AreaRow(*row) for row in rows]

    def areas_opening(self, letters: str, limit: int) -> list[AreaRow]:
        """Return the areas whose names begin with these letters, listed ones before counties."""
        rows = self._rows(
            f"{_SELECT_AREA} WHERE key >= ? AND key < ? GROUP BY name, state, town"
            " ORDER BY kind = 'county', weight DESC, state LIMIT ?",
            letters,
            letters + _HIGHEST_CHARACTER,
            limit,
        )
        return [AreaRow(*row) for row in rows]

    def find_abroad(self, key: str) -> AbroadRow | None:
        """Return the country, province or large city abroad of that name."""
        rows = self._rows("SELECT name, weight FROM abroad WHERE key = ?", key)
        return AbroadRow(*rows[0]) if rows else None

    def towns_opening(self, letters: str, state: str | None, limit: int) -> list[TownRow]:
        """Return the largest towns whose names begin with these letters."""
        if state is None:
            rows = self._rows(
                f"SELECT {_TOWN_COLUMNS} FROM opening o JOIN town t ON t.id = o.town"  # noqa: S608  only column names of this module
                " WHERE o.letters = ? ORDER BY o.rank LIMIT ?",
                letters,
                limit,
            )
            if rows:
                return [TownRow(*row) for row in rows]
        rows = self._rows(
            f"SELECT {_TOWN_COLUMNS} FROM spelling s CROSS JOIN town t ON t.id = s.town"  # noqa: S608  only column names of this module
            " WHERE s.key >= ? AND s.key < ? AND s.alternate = 0 AND (? IS NULL OR t.state = ?)"
            " ORDER BY t.weight DESC, t.id LIMIT ?",
            letters,
            letters + _HIGHEST_CHARACTER,
            state,
            state,
            limit,
        )
        return [TownRow(*row) for row in rows]

    def zips_opening(self, digits: str, limit: int) -> list[ZipRow]:
        """Return the ZIP codes that begin with these digits, those of the largest towns first."""
        rows = self._rows(
            f"{_SELECT_ZIP} WHERE p.zip >= ? AND p.zip < ? ORDER BY t.weight DESC, p.zip LIMIT ?",
            digits,
            digits + _HIGHEST_CHARACTER,
            limit,
        )
        return [_parse_zip_row(row) for row in rows]

    def largest_of(self, state: str, limit: int) -> list[TownRow]:
        """Return the largest towns of a state."""
        rows = self._rows(
            f"SELECT {_TOWN_COLUMNS} FROM town t WHERE t.state = ? ORDER BY t.weight DESC, t.id LIMIT ?",  # noqa: S608  only column names of this module
            state,
            limit,
        )
        return [TownRow(*row) for row in rows]

    def names(self) -> list[tuple[str, str, int, int]]:
        """Return key, state, id and weight of every town, for the fuzzy search."""
        return self._rows(
            "SELECT s.key, t.state, t.id, t.weight FROM spelling s CROSS JOIN town t ON t.id = s.town"
            " WHERE s.alternate = 0 ORDER BY s.key, t.weight DESC, t.id"
        )

    def every_town(self) -> list[TownRow]:
        """Return all towns, ordered by id."""
        return [TownRow(*row) for row in self._rows(f"SELECT {_TOWN_COLUMNS} FROM town t ORDER BY t.id")]  # noqa: S608  only column names of this module

    def towns(self, numbers: list[int]) -> list[TownRow]:
        """Return the towns with these ids, in the order given."""
        marks = ",".join("?" * len(numbers))
        rows = self._rows(f"SELECT {_TOWN_COLUMNS} FROM town t WHERE t.id IN ({marks})", *numbers)  # noqa: S608 - only marks
        found = {row[0]: TownRow(*row) for row in rows}
        return [found[number] for number in numbers if number in found]

    def zips_around(self, lat: float, lon: float, rings: int) -> list[ZipRow]:
        """Return the ZIP codes in the squares around a point."""
        marks, squares = _squares_around(lat, lon, rings)
        rows = self._rows(
            f"SELECT p.zip, 1, p.state, p.name, p.lat, p.lon, p.miles, {_TOWN_COLUMNS}"  # noqa: S608 - constants and marks
            f" FROM postal p LEFT JOIN town t ON t.id = p.town WHERE p.square IN ({marks})",
            *squares,
        )
        return [_parse_zip_row(row) for row in rows]

    def towns_around(self, lat: float, lon: float, rings: int) -> list[TownRow]:
        """Return the towns in the squares around a point."""
        marks, squares = _squares_around(lat, lon, rings)
        rows = self._rows(f"SELECT {_TOWN_COLUMNS} FROM town t WHERE t.square IN ({marks})", *squares)  # noqa: S608 - only marks
        return [TownRow(*row) for row in rows]


def _squares_around(lat: float, lon: float, rings: int) -> tuple[str, list[int]]:
    home = grid_square(lat, lon)
    squares = [
        row * GRID_COLUMNS + column for distance in range(rings + 1) for row, column in squares_in_ring(home, distance)
    ]
    return ",".join("?" * len(squares)), squares
