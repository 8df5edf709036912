"""Which towns have somebody near them: the index is asked only where what it said of other towns leaves a doubt."""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from directory.geocoding.place import Place
from directory.geography.point import Point, miles_between
from directory.listings.queries import points_of
from directory.search.index import FEWEST, find
from directory.search.query import SearchQuery

NEAR_MILES = 25.0
"""How far "near" is where nobody says; arbitrary, less than an hour on most roads."""

DOUBT_MILES = 0.01
"""Where two distances differ by less, rounding could decide, so the index is asked."""

MILES_A_DEGREE = 69.0
"""Of latitude, at the least: what is farther apart than that need not be measured."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What one question to the index tells of the land around a point.

    The listings at `spots` are there, and there is no other listing less than `known_miles` from the point.
    """

    point: Point
    miles: float
    spots: Collection[Point]
    known_miles: float

    @property
    def has_somebody(self) -> bool:
        """Whether anybody is near the point itself."""
        return self.miles <= NEAR_MILES

    def of(self, other: Point) -> bool | None:
        """Whether anybody is near another point; None where that is not certain."""
        if any(_apart(other, spot) <= NEAR_MILES - DOUBT_MILES for spot in self.spots):
            return True
        if miles_between(self.point, other) + NEAR_MILES + DOUBT_MILES > self.known_miles:
            return None
        is_in_doubt = any(_apart(other, spot) <= NEAR_MILES + DOUBT_MILES for spot in self.spots)
        return None if is_in_doubt else False


def with_somebody_near(session: Session, towns: Sequence[Place], *, now: datetime) -> Iterator[Place]:
    """Those of the towns, in their order, within `NEAR_MILES` of which anybody is listed.

    Whoever is found near one town is also near others, and where the tenth is far away, so is everybody else.
    """
    known: dict[int, bool] = {}
    for number, town in enumerate(towns):
        if number not in known:
            found = surroundings(session, town.point, now=now)
            known[number] = found.has_somebody
            for other in range(number + 1, len(towns)):
                answer = None if other in known else found.of(towns[other].point)
                if answer is not None:
                    known[other] = answer
        if known[number]:
            yield town


def surroundings(session: Session, point: Point, *, now: datetime) -> Surroundings:
    """What the index says of a point: the listings near it, or else the nearest few."""
    hits = find(session, SearchQuery(point, within_miles=NEAR_MILES), now=now).hits
    if not hits:
        return Surroundings(point, math.inf, (), math.inf)
    known_miles = math.inf if len(hits) < FEWEST else hits[-1].miles
    return Surroundings(point, hits[0].miles, points_of(session, [hit.listing_id for hit in hits]), known_miles)


def _apart(one: Point, other: Point) -> float:
    """Miles between two points, or infinitely many where a look at their latitudes shows that they are not near."""
    if abs(one.lat - other.lat) * MILES_A_DEGREE > NEAR_MILES + 1.0:
        return math.inf
    return miles_between(one, other)
