"""The search index of a server: one snapshot, the changes since, and all queries on them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from directory import clock
from directory.certification.ruleset import Rulesets
from directory.geography.box import Box
from directory.geography.point import Point
from directory.search.builder import NEAR_MILES, NO_TOWNS
from directory.search.changes import changes_since, state_of
from directory.search.clusters import Cluster, clusters_in
from directory.search.filters import Filters, facts
from directory.search.matching import Matches
from directory.search.query import MAX_DISTANCE_MILES, MAX_PAGE, Cursor, SearchQuery
from directory.search.segment import Array, Segment, count
from directory.search.snapshot import Progress, SnapshotStore
from directory.search.verify import differences
from directory.search.view import ViewCache

__all__ = ["FEWEST", "NEAR_MILES", "Hit", "Results", "SearchIndex"]

FEWEST = 10
"""A search with fewer results than this is extended beyond the radius to this many; hits outside are marked."""

MAX_WAITING = 500
"""The number of changes after which a new snapshot is due, because each change slows searches down."""

MAX_AGE = timedelta(hours=1)
"""The longest time that a change waits for a snapshot."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A listing found, at its nearest location; great-circle miles from the origin, None in a search by name."""

    listing_id: int
    location_id: int
    miles: float | None
    outside_radius: bool = False


@dataclass(frozen=True, slots=True)
class Results:
    """One page of hits, with the exact number of listings within the radius and exact facet counts.

    If they are fewer than `FEWEST`, the nearest ones outside follow; those are not counted. `after` is the cursor of
    the next page, if there is one. `facets` has no zeros.
    """

    hits: tuple[Hit, ...]
    total: int
    has_next: bool
    after: Cursor | None = None
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class SearchIndex:
    """Searches the public listings of one database.

    Args:
        folder: where this server stores its snapshot.
        rulesets: the rules that grade the answers.
        towns: latitude and longitude (degrees) of the places for which the snapshot records whether a listing is near.
    """

    def __init__(self, folder: Path, rulesets: Rulesets, towns: Array = NO_TOWNS) -> None:
        self.store = SnapshotStore(folder, rulesets, towns)
        self._views = ViewCache(self.store)

    def find(self, session: Session, query: SearchQuery, *, now: datetime, facets: bool = True) -> Results:
        """Return a page of results: nearest first, then by listing id; without an origin, by name.

        A listing with several locations appears once, at its nearest. A page past the end has no hits and the correct
        total.
        """
        parts = self._matches(session, query.filters, now, query.origin, query.within_miles)
        total = sum(count(part.listings) for part in parts)
        page = _by_name(parts, query) if query.origin is None else _by_distance(parts, query, total)
        has_next = len(page) > query.per_page and query.page < MAX_PAGE
        last = page[query.per_page - 1] if has_next else None
        after = Cursor(last.miles, last.listing_id) if last and last.miles is not None else None
        return Results(tuple(page[: query.per_page]), total, has_next, after, _facets(parts) if facets else {})

    def most_restrictive_filter(self, session: Session, query: SearchQuery, *, now: datetime) -> tuple[str, int] | None:
        """Return the filter without which most listings would be found, and their number.

        None if no filter is set, or if removing one filter finds nothing more.
        """
        segments = self._views.current(session).segments

        def total(filters: Filters) -> int:
            parts = (Matches(segment, filters, now, query.origin, query.within_miles) for segment in segments)
            return sum(count(part.listings) for part in parts)

        names = [name for name in query.filters.values if query.origin is not None or name != "q"]
        found = max(((total(query.filters.without(name)), name) for name in names), default=(0, ""))
        return (found[1], found[0]) if found[0] > total(query.filters) else None

    def clusters(
        self,
        session: Session,
        filters: Filters,
        box: Box,
        zoom: int,
        *,
        now: datetime,
        origin: Point | None = None,
        within_miles: float | None = None,
    ) -> tuple[Cluster, ...]:
        """Cluster matching listings by the squares that a view of the web map at `zoom` (0 to 24) touches.

        With an origin and a distance, only locations in that circle count. A listing with locations in two clusters
        counts in each.
        """
        return clusters_in(self._matches(session, filters, now, origin, within_miles), box, zoom, now)

    def snapshot(self, session: Session) -> Segment:
        """Return the snapshot, for its `towns` and its sitemap."""
        return self._views.current(session).snapshot

    def rebuild(self, session: Session, progress: Progress | None = None, *, wait: bool = True) -> int | None:
        """Rebuild this server's snapshot from the tables.

        Returns:
            The number of locations in it; without `wait`, None if another process is building it.

        Raises:
            OSError: it cannot be written; searches continue with the old one.
        """
        with self.store.building(wait=wait) as is_ours:
            if not is_ours:
                return None
            segment = self.store.build(session, now=clock.now(), progress=progress)
        return count(segment.valid)

    def is_due(self, session: Session, *, now: datetime) -> bool:
        """Return whether the snapshot is missing, cannot be used, or is far behind."""
        segment = self.store.load(session)
        if segment is None or state_of(session).bulk_version > segment.meta["version"]:
            return True
        waiting = len(changes_since(session, segment.meta["version"]))
        built = datetime.fromisoformat(segment.meta["built_at"]).astimezone(UTC)
        return waiting >= MAX_WAITING or (waiting > 0 and now - built > MAX_AGE)

    def trouble(self, session: Session) -> str:
        """Return what is wrong with the snapshot as a sentence; empty if nothing is."""
        try:
            view = self._views.current(session)
        except (OSError, OperationalError) as fault:
            return f"The search index cannot be used: {fault}."
        waiting = len(view.changed)
        if waiting > MAX_WAITING * 4 or state_of(session).bulk_version > view.snapshot.meta["version"]:
            return f"The snapshot of the search index is {waiting:,} changes behind."
        return ""

    def verify(self, session: Session) -> Iterator[tuple[int, str]]:
        """Yield the listings whose snapshot and changes differ from the tables: id and what is wrong."""
        yield from differences(self._views.current(session).segments, session, self.store.rulesets)

    def _matches(
        self, session: Session, filters: Filters, now: datetime, origin: Point | None, within_miles: float | None
    ) -> list[Matches]:
        """Return the matches of each segment; the segments have no listing in common."""
        segments = self._views.current(session).segments
        return [Matches(segment, filters, now, origin, within_miles) for segment in segments]


def _by_distance(parts: Sequence[Matches], query: SearchQuery, total: int) -> list[Hit]:
    """Return the hits of the page and, if another page follows, one more."""
    reach = MAX_DISTANCE_MILES if query.within_miles is None else query.within_miles
    skipped = 0 if query.after else query.offset
    end = skipped + query.per_page + 1
    wanted, limit, after = (FEWEST, MAX_DISTANCE_MILES, None) if total < FEWEST else (end, reach, query.after)
    found = sorted(near for part in parts for near in part.nearby.nearest(wanted, limit=limit, after=after))[:wanted]
    if query.after:
        found = [near for near in found if near[:2] > (query.after.miles, query.after.listing_id)]
    return [Hit(near.listing_id, near.location_id, near.miles, near.miles > reach) for near in found[skipped:end]]


def _by_name(parts: Sequence[Matches], query: SearchQuery) -> list[Hit]:
    """Return the hits of the page and, if another page follows, one more."""
    end = query.offset + query.per_page + 1
    found = sorted(named for part in parts for named in part.by_name(end))
    return [Hit(listing_id, location_id, None) for _, _, listing_id, location_id in found[query.offset : end]]


def _facets(parts: Sequence[Matches]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for (name, value), number in zip(facts(), np.sum([part.facets() for part in parts], axis=0).tolist(), strict=True):
        if number:
            found.setdefault(name, {})[value] = number
    return found
