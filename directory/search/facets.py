"""What a search could be narrowed to, and which of its filters leaves out most."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from directory.search.counting import MOST, Count, tally
from directory.search.index import count
from directory.search.keys import NUMBER
from directory.search.leading import steadily
from directory.search.query import Filters, SearchQuery
from directory.search.reading import Reader


@dataclass(frozen=True, slots=True)
class Facets:
    """How many of the listings found have each value of a filter, by parameter and value, up to `MOST`.

    Values that none has are left out. A volume is “at most” so many mL, a number of sites “at least” so many.
    `total` is how many are found. Where it is not `complete`, there was too much to read: then any number below
    `MOST` may be more, and so may `total`.
    """

    counts: Mapping[str, Mapping[str, int]]
    total: int
    complete: bool = True

    @property
    def count(self) -> Count:
        """How many are found, as `index.find` takes it."""
        return Count(self.total, self.complete)


def facets(session: Session, query: SearchQuery, *, now: datetime) -> Facets:
    """The facets of a search, of all its pages and within its radius."""
    connection = session.connection()
    return steadily(connection, query.filters, now, lambda way: _facets(way, query), nothing=Facets({}, 0))


def _facets(way: Reader, query: SearchQuery) -> Facets:
    tallied = tally(way, query.origin, query.reach, facets=True)
    found = tallied.facets.tolist()
    counts: dict[str, dict[str, int]] = {}
    for (name, value), number in NUMBER.items():
        if found[number]:
            counts.setdefault(name, {})[value] = min(found[number], MOST)
    return Facets(counts, tallied.listings, tallied.complete)


def hindrance(session: Session, query: SearchQuery, *, now: datetime) -> tuple[str, int] | None:
    """The filter without which most would be found in the radius, by its parameter, and how many, up to `MOST`.

    None where no filter is set, or where without any one of them nothing more is found.
    """
    plain = Filters()
    without = {
        name: count(session, replace(query, filters=replace(query.filters, **{name: getattr(plain, name)})), now=now)
        for name in query.filters.names
    }
    name = max(without, key=without.__getitem__, default=None)
    if name is None or without[name] <= count(session, query, now=now):
        return None
    return name, min(without[name], MOST)
