"""The oracle of the search: its results by a scan of all rows of the tables, without the search index."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from directory.geography.box import Box
from directory.geography.point import Point
from directory.search.filters import FILTERS, Filters, declared
from directory.search.nearest import miles_between, unit_vectors
from directory.search.query import MAX_PAGE, SearchQuery
from directory.search.tokenizer import PREFIX_LENGTH, tokenize
from support.location_rows import LocationRow, microseconds, public_location_rows

MIN_HITS = 10
CONFIRMED_DAYS = 365
"""Limits that the pages name, written again here so that a wrong change in the search is found."""

NAME_BYTES = 32
"""Bytes of a name that count for its order."""

FILTER_NAMES = tuple(each.name for each in FILTERS)
IMAGING, BONES, LANGUAGES, KINDS = (tuple(declared(name).choices) for name in ("imaging", "bone", "language", "kind"))
METHODS = ("fluoroscopy", "ultrasound", "ct")

FACETS: dict[str, tuple[Any, ...]] = {
    "badge": ("1",), "imaging": IMAGING, "volume": (5, 10, 20), "sites": (3, 5, 10), "bone": BONES,
    "language": LANGUAGES, "accepting": ("1",), "kind": KINDS, "confirmed": ("1",),
}  # fmt: skip
"""The values that are counted, of all parameters but `specialty`, whose values are those in the tables."""

RowNumbers = NDArray[np.int64]


class _Column:
    """A column of names as numbers, which compare faster."""

    def __init__(self, names: Sequence[str]) -> None:
        self.numbers: dict[str, int] = {}
        self.column = np.array([self.numbers.setdefault(name, len(self.numbers)) for name in names], dtype=np.int32)

    def are(self, name: str, among: RowNumbers) -> NDArray[np.bool_]:
        return self.column[among] == self.numbers.get(name, -1)


@dataclass(frozen=True, slots=True)
class ExpectedPage:
    """An expected page: (miles, listing, location) of each hit, which lie outside, the total, and if more follow."""

    hits: list[tuple[float | None, int, int]]
    outside: list[bool]
    total: int
    has_next: bool


@dataclass(slots=True)
class NearbyLocations:
    """The places that match, seen from a point: `index` are their rows, `miles` how far each is."""

    places: "BruteForce"
    index: RowNumbers
    origin: Point
    miles: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.miles = self.places.miles(self.origin, self.index)

    def inside(self, within: float | None) -> RowNumbers:
        """The rows within the radius."""
        return self.index if within is None else self.index[self.miles <= within]

    def ranked(self, least: int, beyond: tuple[float, int] = (-1.0, 0)) -> list[tuple[float, int, int]]:
        """The nearest listings, each once: at least so many of those after `beyond`, if there are."""
        if not len(self.index):
            return []
        ids = self.places.listing[self.index]
        starts = np.flatnonzero(np.r_[True, ids[1:] != ids[:-1]])
        nearest = np.minimum.reduceat(self.miles, starts)
        farther = nearest[nearest > beyond[0]]
        edge = np.partition(farther, least - 1)[least - 1] if 0 < least < len(farther) else np.inf
        chosen = np.flatnonzero((nearest <= edge) & (nearest >= beyond[0]))
        ends = np.append(starts[1:], len(ids))
        hits = [
            min((float(self.miles[at]), int(ids[at]), int(self.places.location[self.index[at]]))
                for at in range(start, end))
            for start, end in zip(starts[chosen], ends[chosen], strict=True)
        ]  # fmt: skip
        return sorted(hit for hit in hits if hit[:2] > beyond)


class BruteForce:
    """Every public place in columns, and what any search over them must answer."""

    def __init__(self, rows: Iterable[LocationRow]) -> None:
        rows = list(rows)
        self.listing: RowNumbers = np.array([row.listing_id for row in rows], dtype=np.int64)
        self.location: RowNumbers = np.array([row.location_id for row in rows], dtype=np.int64)
        self.lat = np.array([row.lat for row in rows], dtype=np.float64)
        self.lon = np.array([row.lon for row in rows], dtype=np.float64)
        self._vectors = unit_vectors(self.lat, self.lon)
        self._live_until = np.array([row.live_until for row in rows], dtype=np.int64)
        self._badge = np.array([row.badge for row in rows], dtype=bool)
        self._methods = {name: np.array([name in row.methods for row in rows], dtype=bool) for name in METHODS}
        self._methods["any"] = np.array([bool(row.methods) for row in rows], dtype=bool)
        self._volume = np.array([row.volume for row in rows], dtype=np.float64)
        self._sites = np.array([row.sites for row in rows], dtype=np.float64)
        self._accepting = np.array([row.accepting for row in rows], dtype=bool)
        self._confirmed = np.array([row.confirmed for row in rows], dtype=np.int64)
        self._named = {name: _Column([getattr(row, name) for row in rows]) for name in ("bone", "specialty", "kind")}
        self._languages = {code: np.array([code in row.languages for row in rows], dtype=bool) for code in LANGUAGES}
        self._names = {row.listing_id: tokenize(row.name) for row in rows}
        self._postings = self._read(row.text for row in rows)
        self._vocabulary = sorted(self._postings)

    @classmethod
    def of(cls, session: Session) -> "BruteForce":
        """All that the tables list in public."""
        return cls(public_location_rows(session))

    def __len__(self) -> int:
        return len(self.listing)

    @staticmethod
    def _read(texts: Iterable[str]) -> dict[str, RowNumbers]:
        postings: dict[str, list[int]] = {}
        for number, text in enumerate(texts):
            for word in tokenize(text):
                postings.setdefault(word, []).append(number)
        return {word: np.array(numbers, dtype=np.int64) for word, numbers in postings.items()}

    @property
    def vocabulary(self) -> list[str]:
        """Every word that somebody's text has."""
        return self._vocabulary

    @property
    def specialties(self) -> list[str]:
        """Every specialty that somebody has."""
        return sorted(filter(None, self._named["specialty"].numbers))

    def point(self, row: int) -> Point:
        return Point(float(self.lat[row]), float(self.lon[row]))

    def miles(self, origin: Point, index: RowNumbers) -> NDArray[np.float64]:
        """Distances by the index's formula, which `tests/unit/search/test_nearest.py` compares with another."""
        return miles_between(self._vectors[index], unit_vectors(origin.lat, origin.lon))

    def matching(self, filters: Filters, now: datetime, among: RowNumbers | None = None) -> RowNumbers:
        """The rows, among some or all, of which all that is asked is true."""
        index: RowNumbers = np.arange(len(self.listing)) if among is None else among
        for name in filters.values:
            index = index[self._holds(name, filters, now, index)]
        return index

    def _holds(self, name: str, filters: Filters, now: datetime, index: RowNumbers) -> NDArray[np.bool_]:
        value = filters.values.get(name)
        if name in {"badge", "imaging", "volume", "sites", "bone"}:
            return (self._live_until[index] >= microseconds(now)) & self._stated(name, value, index)
        if name in {"specialty", "kind"}:
            return self._named[name].are(value, index)
        if name == "language":
            return self._languages[value][index]
        if name == "accepting":
            return self._accepting[index]
        if name == "confirmed":
            oldest = now.astimezone(UTC).date() - timedelta(days=CONFIRMED_DAYS)
            return self._confirmed[index] >= oldest.toordinal()
        return self._has_words(filters.words, index)

    def _stated(self, name: str, value: Any, index: RowNumbers) -> NDArray[np.bool_]:
        if name == "badge":
            return self._badge[index]
        if name == "imaging":
            return self._methods[value][index]
        if name == "bone":
            return self._named["bone"].are(value, index)
        return self._volume[index] <= value if name == "volume" else self._sites[index] >= value

    def _has_words(self, words: Iterable[str], index: RowNumbers) -> NDArray[np.bool_]:
        has = np.ones(len(index), dtype=bool)
        for word in words:
            bearing = [self._postings.get(word, np.empty(0, dtype=np.int64))]
            if len(word) >= PREFIX_LENGTH:
                first = bisect_left(self._vocabulary, word)
                while first < len(self._vocabulary) and self._vocabulary[first].startswith(word):
                    bearing.append(self._postings[self._vocabulary[first]])
                    first += 1
            anybody = np.zeros(len(self.listing), dtype=bool)
            anybody[np.concatenate(bearing)] = True
            has &= anybody[index]
        return has

    def _has_whole_words(self, words: Iterable[str], row: int) -> bool:
        return all(row in self._postings.get(word, ()) for word in words)

    def near(self, query: SearchQuery, now: datetime) -> NearbyLocations:
        return NearbyLocations(self, self.matching(query.filters, now), query.origin)

    def listings(self, index: RowNumbers) -> int:
        """How many listings the rows are of."""
        ids = self.listing[index]
        return int(np.count_nonzero(ids[1:] != ids[:-1])) + 1 if len(ids) else 0

    def count(self, query: SearchQuery, now: datetime) -> int:
        return self.listings(self.found(query, now))

    def found(self, query: SearchQuery, now: datetime) -> RowNumbers:
        """The rows that match, within the radius if there is an origin."""
        if query.origin is None:
            return self.matching(query.filters, now)
        return self.near(query, now).inside(query.within_miles)

    def by_name(self, query: SearchQuery, now: datetime) -> list[tuple[None, int, int]]:
        """All listings of a search by name in order: by rank, by normalized name, by listing id."""
        words = query.filters.words
        locations: dict[int, int] = {}
        ranks: dict[int, int] = {}
        names: dict[int, bytes] = {}
        for row in self.matching(query.filters, now).tolist():
            listing_id, location_id = int(self.listing[row]), int(self.location[row])
            locations[listing_id] = min(location_id, locations.get(listing_id, location_id))
            rank = 1 if self._has_whole_words(words, row) else 2
            name = " ".join(self._names[listing_id]).encode()[:NAME_BYTES]
            is_whole = name == " ".join(words).encode()[:NAME_BYTES]
            ranks[listing_id] = 0 if is_whole else min(rank, ranks.get(listing_id, rank))
            names[listing_id] = name
        order = sorted(ranks, key=lambda listing_id: (ranks[listing_id], names[listing_id], listing_id))
        return [(None, listing_id, locations[listing_id]) for listing_id in order]

    def page(self, query: SearchQuery, now: datetime) -> ExpectedPage:
        if query.origin is None:
            everybody = self.by_name(query, now)
            hits = everybody[query.offset :][: query.per_page]
            has_next = len(everybody) > query.offset + query.per_page and query.page < MAX_PAGE
            return ExpectedPage(hits, [False] * len(hits), len(everybody), has_next)
        return self._page_by_distance(query, now)

    def _page_by_distance(self, query: SearchQuery, now: datetime) -> ExpectedPage:
        near = self.near(query, now)
        total, everybody = self.listings(near.inside(query.within_miles)), self.listings(near.index)
        shown = max(total, min(MIN_HITS, everybody))
        beyond = (query.after.miles, query.after.listing_id) if query.after else (-1.0, 0)
        wanted = query.per_page + 1 + (0 if query.after else query.offset)
        ranked = near.ranked(max(wanted, MIN_HITS), beyond)
        if query.after:
            last = (
                near.ranked(shown)[shown - 1][:2]
                if total < MIN_HITS and shown
                else (query.within_miles or np.inf, 2**31)
            )
            rest = [hit for hit in ranked if hit[:2] <= last]
            has_next = len(rest) > query.per_page and query.page < MAX_PAGE
        else:
            rest = ranked[query.offset : shown]
            has_next = shown > query.offset + query.per_page and query.page < MAX_PAGE
        hits = rest[: query.per_page]
        reach = np.inf if query.within_miles is None else query.within_miles
        return ExpectedPage(hits, [hit[0] > reach for hit in hits], total, has_next)

    def facets(self, query: SearchQuery, now: datetime) -> dict[str, dict[str, int]]:
        """Of each value, how many of the listings found have it too: no zeros."""
        inside = self.found(query, now)
        counts: dict[str, dict[str, int]] = {}
        for name, values in (*FACETS.items(), ("specialty", tuple(self.specialties))):
            for value in values:
                found = self.listings(self.matching(Filters(**{name: value}), now, inside))
                if found:
                    counts.setdefault(name, {})[str(value)] = found
        return counts

    def most_restrictive_filters(self, query: SearchQuery, now: datetime) -> tuple[int, set[str]]:
        """The total without the most restrictive filter, and which filters that may be: none if none adds anything."""
        total = self.count(query, now)
        without = {
            name: self.count(replace(query, filters=query.filters.without(name)), now)
            for name in query.filters.values
            if query.origin is not None or name != "q"
        }
        most = max(without.values(), default=0)
        return (most, {name for name, found in without.items() if found == most}) if most > total else (total, set())

    def inside_box(self, filters: Filters, box: Box, now: datetime) -> RowNumbers:
        """The rows in the box, on its edges too."""
        index = self.matching(filters, now)
        lat, lon = self.lat[index], self.lon[index]
        beside = np.zeros(len(index), dtype=bool)
        for west, east in box.spans:
            beside |= (west <= lon) & (lon <= east)
        return index[beside & (box.south <= lat) & (lat <= box.north)]
