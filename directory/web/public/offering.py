"""Which towns have somebody near them: the index is asked only where what it said of other towns leaves a doubt."""

import math
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from directory.geocoding.place import Place
from directory.geography.point import Point, miles_between
from directory.search.index import find
from directory.search.query import SearchQuery

NEAR_MILES = 25.0
"""How far "near" is where nobody says; arbitrary, less than an hour on most roads."""

DOUBT_MILES = 0.01
"""Where two distances differ by less, rounding could decide, so the index is asked."""

MILES_A_DEGREE = 69.0
"""Of latitude, at the least: towns farther apart than that need not be measured."""


def with_somebody_near(session: Session, towns: Sequence[Place], *, now: datetime) -> Iterator[Place]:
    """Those of the towns, in their order, within `NEAR_MILES` of which anybody is listed.

    Where the nearest listing lies d miles from one town, it lies from d - x to d + x miles from a town x miles away. In
    crowded land and in empty land one question so answers for all towns around.
    """
    known: dict[int, bool] = {}
    for number, town in enumerate(towns):
        if number not in known:
            miles = nearest_miles(session, town.point, now=now)
            known[number] = miles <= NEAR_MILES
            sure = abs(miles - NEAR_MILES) - DOUBT_MILES
            alike = _within(towns, number, sure) if sure > 0 else ()
            known.update(dict.fromkeys((other for other in alike if other not in known), known[number]))
        if known[number]:
            yield town


def nearest_miles(session: Session, point: Point, *, now: datetime) -> float:
    """Miles to the nearest listing, however far; infinitely many where there is none."""
    hits = find(session, SearchQuery(point, within_miles=NEAR_MILES, per_page=1), now=now).hits
    return hits[0].miles if hits else math.inf


def _within(towns: Sequence[Place], number: int, miles: float) -> Iterator[int]:
    """The towns after this one that lie less than so many miles from it."""
    here = towns[number].point
    degrees = miles / MILES_A_DEGREE
    for other in range(number + 1, len(towns)):
        there = towns[other].point
        if abs(there.lat - here.lat) <= degrees and miles_between(here, there) < miles:
            yield other
