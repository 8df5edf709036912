"""Reads the index: which listings lie in a circle, how many they are, and which are nearest, exactly."""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from directory.geography.point import Point, miles_between
from directory.search.cells import HALF_ROUND_MILES, ZOOM, Range, block, cover, lie_within
from directory.search.keys import Flag, Scope

ROUGH_SQUARES = 12
"""Squares that cover a circle whose rows are read: more would read fewer rows and take longer to find."""

COUNT_SQUARES = 64
"""Squares that cover a circle whose rows are counted: only those on its rim are read row by row."""

SPARE_ROWS = 100
ROWS_PER_HIT = 8
"""A probe gives up past `SPARE_ROWS + ROWS_PER_HIT * wanted` rows. A block has a quarter of the area of the
next coarser one, so eight rows for each hit leave room for a zoom that has enough and not too many."""

WIDER = 1.6
"""How much farther to look where a circle holds too few."""

CLOSE_ENOUGH = 1.05
"""Radii so near to each other have a stack of entries between them, as in one building: then read it whole."""

CLOSEST_MILES = 0.001
"""The smallest circle worth probing, finer than any square."""

UNLIMITED = 2**31 - 1
"""More rows than the index can hold; the two databases write no limit in different ways."""

_NO_CODES = (1, 0)
_FROM_RANGES = """
FROM (VALUES {ranges}) AS run
JOIN search_cells AS cell ON cell.key = :key AND cell.code BETWEEN run.column1 AND run.column2
WHERE (cell.flags & :mask) = :mask AND cell.live_until >= :alive_at
"""


@functools.cache
def _statement(columns: str, ending: str, ranges: int) -> sa.TextClause:
    """A query over so many ranges, made once: a text that stays the same is prepared once by the database."""
    places = ", ".join(f"(:first{number}, :last{number})" for number in range(ranges))
    return sa.text(f"SELECT {columns} {_FROM_RANGES.format(ranges=places)} {ending}")


@dataclass(frozen=True, slots=True, order=True)
class Near:
    """A listing at its nearest location. Ordered as people are shown it: by miles, then by listing."""

    miles: float
    listing_id: int
    location_id: int


@dataclass(slots=True)
class Reader:
    """One search's way to the index. `rows_read` counts the rows fetched or counted: its cost without noise."""

    connection: sa.Connection
    scope: Scope
    origin: Point
    rows_read: int = 0

    def within(self, miles: float, *, limit: int = UNLIMITED) -> list[Near] | None:
        """Every listing within the circle, nearest first; None where that takes more than `limit` rows."""
        return self._ranked(cover(self.origin, miles, squares=ROUGH_SQUARES).ranges, miles, limit)

    def nearest(self, wanted: int) -> list[Near]:
        """The `wanted` nearest listings, or all where there are fewer.

        Looks at blocks of the map about the point, halving between the coarsest and the finest, until one
        holds enough and not too many; the farthest hit in it is the radius of a circle that is then read whole.
        """
        limit = SPARE_ROWS + ROWS_PER_HIT * wanted
        coarse, fine = 1, ZOOM
        while coarse <= fine:
            zoom = (coarse + fine) // 2
            ranges = block(self.origin, zoom)
            found = self._ranked(ranges, HALF_ROUND_MILES, limit)
            if found is None:
                coarse = zoom + 1
            elif len(found) >= wanted:
                aim = found[wanted - 1].miles
                inside = lie_within(cover(self.origin, aim, squares=ROUGH_SQUARES).ranges, ranges)
                return found[:wanted] if inside else self._reach(wanted, aim, limit)
            elif zoom == 1:
                return found
            else:
                fine = zoom - 1
        return self._reach(wanted, HALF_ROUND_MILES / (1 << fine), limit)

    def _reach(self, wanted: int, aim: float, limit: int) -> list[Near]:
        """The nearest listings by circles: a wider one after too few, a narrower one after a crowd."""
        few, crowd = CLOSEST_MILES, math.inf
        while True:
            aim = min(max(aim, CLOSEST_MILES * WIDER), HALF_ROUND_MILES)
            whole = crowd <= few * CLOSE_ENOUGH
            found = self.within(crowd, limit=UNLIMITED) if whole else self.within(aim, limit=limit)
            if found is None:
                crowd = aim
            elif len(found) >= wanted or aim >= HALF_ROUND_MILES:
                return found[:wanted]
            else:
                few, crowd = (crowd, math.inf) if whole else (aim, crowd)
            aim = few * WIDER if crowd == math.inf else math.sqrt(few * crowd)

    def count(self, miles: float) -> int:
        """How many listings lie within the circle, exactly.

        A listing with one place is counted by the database; one with several may lie inside twice, so those
        are counted by name.
        """
        circle = cover(self.origin, miles, squares=COUNT_SQUARES)
        rim = self._ranked(circle.rim, miles, UNLIMITED) or []
        named = {near.listing_id for near in rim}
        columns = f"count(*), coalesce(sum(cell.flags & {Flag.SEVERAL:d}), 0)"
        every, several = self._rows(columns, "", circle.inner)[0]
        self.rows_read += every
        if several:
            ending = f"AND (cell.flags & {Flag.SEVERAL:d}) <> 0"
            rows = self._rows("DISTINCT cell.listing_id", ending, circle.inner)
            self.rows_read += several
            named.update(listing_id for (listing_id,) in rows)
        return int(every - several) + len(named)

    def _ranked(self, ranges: Sequence[Range], miles: float, limit: int) -> list[Near] | None:
        columns = "cell.listing_id, cell.location_id, cell.lat, cell.lon"
        rows = self._rows(columns, "LIMIT :limit", ranges, limit=limit + 1)
        self.rows_read += len(rows)
        if len(rows) > limit:
            return None
        best: dict[int, Near] = {}
        for listing_id, location_id, lat, lon in rows:
            near = Near(miles_between(self.origin, Point(lat, lon)), listing_id, location_id)
            if near.miles <= miles and (listing_id not in best or near < best[listing_id]):
                best[listing_id] = near
        return sorted(best.values())

    def _rows(self, columns: str, ending: str, ranges: Sequence[Range], **parameters: int) -> Sequence[Any]:
        # A few sizes of statement serve all: the rest is filled with a range that holds nothing.
        size = next(size for size in (4, 16, COUNT_SQUARES) if len(ranges) <= size)
        values: dict[str, int] = {
            "key": self.scope.key, "mask": self.scope.mask, "alive_at": self.scope.alive_at, **parameters,
        }  # fmt: skip
        for number in range(size):
            first, last = ranges[number] if number < len(ranges) else _NO_CODES
            values[f"first{number}"], values[f"last{number}"] = first, last
        return self.connection.execute(_statement(columns, ending, size), values).all()
