"""Reads the index: which listings lie in a circle, how many they are, and which are nearest, exactly."""

import functools
import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from directory.geography.point import Point, miles_between
from directory.search.cells import HALF_ROUND_MILES, SLACK_MILES, ZOOM, Range, Square, block, cover, lie_within
from directory.search.keys import Flag, Scope

ROUGH_SQUARES = 12
"""Squares that cover a circle whose rows are read: more would read fewer rows and take longer to find."""

COUNT_SQUARES = 64
"""Squares that cover a circle whose rows are counted: only those on its rim are read row by row."""

SPARE_ROWS = 100
ROWS_PER_HIT = 4
"""A probe gives up past `SPARE_ROWS + ROWS_PER_HIT * wanted` rows. A block has a quarter of the area of the
next coarser one, so four rows for each hit leave room for a zoom that has enough and not too many."""

SQUARE_SPARE_ROWS = 10
"""A square gives up past so many more rows than are wanted: fewer rows are read, by more statements."""

UNLIMITED = 2**31 - 2
"""More rows than the index can hold; the two databases write no limit in different ways."""

_NO_CODES = (1, 0)
_ONE_RANGE = """
SELECT listing_id, location_id, lat, lon, flags FROM search_cells
WHERE key = :key AND code BETWEEN :first{number} AND :last{number}
AND (flags & :mask) = :mask AND live_until >= :alive_at
"""


@functools.cache
def _statement(columns: str, ending: str, ranges: int) -> sa.TextClause:
    """A query over so many ranges, made once: a text that stays the same is prepared once by the database.

    One SELECT for each range: joined with a list of ranges, PostgreSQL reads the whole table instead of the key.
    """
    every = " UNION ALL ".join(_ONE_RANGE.format(number=number) for number in range(ranges))
    # Only the module's own constants and numbers enter the text; what a patient asks for is bound.
    return sa.text(f"SELECT {columns} FROM ({every}) AS cell {ending}")  # noqa: S608


@dataclass(frozen=True, slots=True, order=True)
class Near:
    """A listing at its nearest location. Ordered as people are shown it: by miles, then by listing."""

    miles: float
    listing_id: int
    location_id: int


@dataclass(slots=True)
class Reader:
    """One search's way to the index.

    `rows_read` are the rows fetched to find hits, `rows_counted` those looked at for a total, fetched or not:
    what a search costs, without the noise of a clock.
    """

    connection: sa.Connection
    scope: Scope
    origin: Point
    rows_read: int = 0
    rows_counted: int = 0

    def within(self, miles: float, *, limit: int = UNLIMITED) -> list[Near] | None:
        """Every listing within the circle, nearest first; None where that takes more than `limit` rows."""
        return self._ranked(cover(self.origin, miles, squares=ROUGH_SQUARES).ranges, miles, limit)

    def nearest(self, wanted: int) -> list[Near]:
        """The `wanted` nearest listings, or all where there are fewer.

        Looks at blocks of the map about the point, halving between the coarsest and the finest, until one
        holds enough and not too many; the farthest hit in it is the radius of a circle that is then read whole.
        Where a crowd lies beside an empty land there may be no such block or circle: then square by square.
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
                return self._completed(found, wanted, zoom, limit)
            elif zoom == 1:
                return found
            else:
                fine = zoom - 1
        return self._square_by_square(wanted, fine)

    def _completed(self, found: list[Near], wanted: int, zoom: int, limit: int) -> list[Near]:
        """The nearest, given all of a block: enough listings, but some outside it may be nearer."""
        miles = found[wanted - 1].miles
        circle = cover(self.origin, miles, squares=ROUGH_SQUARES).ranges
        whole = lie_within(circle, block(self.origin, zoom))
        inside = found if whole else self._ranked(circle, miles, limit)
        return self._square_by_square(wanted, zoom) if inside is None else inside[:wanted]

    def _square_by_square(self, wanted: int, crowded: int) -> list[Near]:
        """The nearest listings by reading the nearest square, or its quarters where it is a crowd.

        Squares that hold the origin are not worth reading at zooms coarser than `crowded`.
        """
        limit = SQUARE_SPARE_ROWS + wanted
        squares = [(0.0, Square(0, 0, 0))]
        best: dict[int, Near] = {}
        bound = math.inf
        while squares and squares[0][0] <= bound + SLACK_MILES:
            miles, square = heapq.heappop(squares)
            rows = None
            if miles > 0.0 or square.zoom >= crowded:
                rows = self._fetch([square.codes], limit if square.zoom < ZOOM else UNLIMITED)
            if rows is None:
                for quarter in square.quarters:
                    heapq.heappush(squares, (quarter.nearest_miles(self.origin), quarter))
            else:
                self._keep_nearest(best, rows)
                if len(best) >= wanted:
                    bound = heapq.nsmallest(wanted, best.values())[-1].miles
        return sorted(best.values())[:wanted]

    def count(self, miles: float) -> int:
        """How many listings lie within the circle, exactly.

        A listing with one place is counted by the database; one with several may lie inside twice, so those
        are counted by name.
        """
        circle = cover(self.origin, miles, squares=COUNT_SQUARES)
        columns = "cell.listing_id, cell.lat, cell.lon"
        rim = self._rows(columns, "", circle.rim)
        self.rows_counted += len(rim)
        named = {listing_id for listing_id, lat, lon in rim if miles_between(self.origin, Point(lat, lon)) <= miles}
        columns = f"count(*), coalesce(sum(cell.flags & {Flag.SEVERAL:d}), 0)"
        every, several = self._rows(columns, "", circle.inner)[0]
        self.rows_counted += every
        if several:
            ending = f"WHERE (cell.flags & {Flag.SEVERAL:d}) <> 0"
            rows = self._rows("DISTINCT cell.listing_id", ending, circle.inner)
            self.rows_counted += several
            named.update(listing_id for (listing_id,) in rows)
        return int(every - several) + len(named)

    def _ranked(self, ranges: Sequence[Range], miles: float, limit: int) -> list[Near] | None:
        rows = self._fetch(ranges, limit)
        if rows is None:
            return None
        best: dict[int, Near] = {}
        self._keep_nearest(best, rows)
        return sorted(near for near in best.values() if near.miles <= miles)

    def _keep_nearest(self, best: dict[int, Near], rows: Sequence[Any]) -> None:
        """Note each listing of the rows at the nearest of its places that were seen so far."""
        for listing_id, location_id, lat, lon in rows:
            near = Near(miles_between(self.origin, Point(lat, lon)), listing_id, location_id)
            if listing_id not in best or near < best[listing_id]:
                best[listing_id] = near

    def _fetch(self, ranges: Sequence[Range], limit: int) -> Sequence[Any] | None:
        """The rows of the ranges; None where they are more than `limit`."""
        columns = "cell.listing_id, cell.location_id, cell.lat, cell.lon"
        rows = self._rows(columns, "LIMIT :limit", ranges, limit=limit + 1)
        self.rows_read += len(rows)
        return None if len(rows) > limit else rows

    def _rows(self, columns: str, ending: str, ranges: Sequence[Range], **parameters: int) -> Sequence[Any]:
        # A few sizes of statement serve all: the rest is filled with a range that holds nothing.
        size = next(size for size in (1, 4, 16, COUNT_SQUARES) if len(ranges) <= size)
        values: dict[str, int] = {
            "key": self.scope.key, "mask": self.scope.mask, "alive_at": self.scope.alive_at, **parameters,
        }  # fmt: skip
        for number in range(size):
            first, last = ranges[number] if number < len(ranges) else _NO_CODES
            values[f"first{number}"], values[f"last{number}"] = first, last
        return self.connection.execute(_statement(columns, ending, size), values).all()
