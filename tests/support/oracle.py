"""Compares everything that the search index returns with the results of a scan of all rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.geography.box import Box
from directory.geography.point import Point
from directory.listings.tables import Listing, Location
from directory.search.changes import record_changes
from directory.search.clusters import Cluster
from directory.search.filters import Filters
from directory.search.index import Results, SearchIndex
from directory.search.query import Cursor, SearchQuery
from support.brute_force import BruteForce, RowNumbers
from support.synthetic_listings import (
    NOW,
    SyntheticListing,
    assert_equals_brute_force,
    insert_and_rebuild,
    insert_and_record,
    insert_listings,
)

EDGE_DEGREES = 1e-9
"""Degrees within which rounding decides on which side of a square's edge a location lies."""

STORAGE_MODES = ("changes", "snapshot", "both")
"""Where the listings are: all in changes since the snapshot, all in the snapshot, or some changed since."""


def assert_search(
    session: Session, index: SearchIndex, brute: BruteForce, query: SearchQuery, now: datetime = NOW
) -> Results:
    """Compare the page, the next page by its cursor, the facets and the most restrictive filter."""
    found = assert_equals_brute_force(session, index, brute, query, now)
    assert index.find(session, query, now=now, facets=False).hits == found.hits, query
    if found.has_next and query.origin is not None:
        assert_next_page(session, index, found, query, now)
    assert_most_restrictive_filter(session, index, brute, query, now)
    return found


def assert_next_page(
    session: Session, index: SearchIndex, found: Results, query: SearchQuery, now: datetime = NOW
) -> None:
    """Compare the next page by cursor with the next page by number."""
    last = found.hits[-1]
    assert found.after == Cursor(last.miles, last.listing_id), query
    following = replace(query, page=query.page + 1)
    by_number = index.find(session, replace(following, after=None), now=now) if query.after is None else None
    by_cursor = index.find(session, replace(following, after=found.after), now=now)
    if by_number:
        assert by_cursor == by_number, query


def assert_cursor_pages(
    session: Session, index: SearchIndex, brute: BruteForce, query: SearchQuery, now: datetime = NOW
) -> int:
    """From cursor to cursor each listing comes once, in order; returns the number of pages."""
    everybody = [hit[:2] for hit in brute.near(query, now).ranked(0)]
    inside = everybody[: max(brute.count(query, now), min(10, len(everybody)))]
    walked: list[tuple[float | None, int]] = []
    pages = 0
    while True:
        found = assert_equals_brute_force(session, index, brute, query, now)
        walked += [(hit.miles, hit.listing_id) for hit in found.hits]
        pages += 1
        if not found.has_next:
            break
        query = replace(query, page=query.page + 1, after=found.after)
    assert walked == inside
    assert found.after is None
    return pages


def assert_most_restrictive_filter(
    session: Session, index: SearchIndex, brute: BruteForce, query: SearchQuery, now: datetime = NOW
) -> None:
    most, names = brute.most_restrictive_filters(query, now)
    found = index.most_restrictive_filter(session, query, now=now)
    if not names:
        assert found is None, query
    else:
        assert found is not None, query
        assert found[0] in names, query
        assert found[1] == most, query


def assert_clusters(
    session: Session, index: SearchIndex, brute: BruteForce, filters: Filters, box: Box, zoom: int,
    now: datetime = NOW, *, origin: Point | None = None, within_miles: float | None = None,
) -> tuple[Cluster, ...]:  # fmt: skip
    """Compare the groups of a view: each location in the box is in one group, which counts the listings of its square.

    A listing counts once in each group.
    """
    if origin is not None and within_miles is not None:
        matching = brute.near(SearchQuery(origin, within_miles, filters), now).inside(within_miles)
    else:
        matching = brute.matching(filters, now)
    badges = brute.matching(Filters(badge="1"), now, matching)
    surely, maybe = (np.zeros(len(brute), dtype=int) for _ in range(2))
    asked = (filters, box, zoom, origin, within_miles)
    found = index.clusters(session, filters, box, zoom, now=now, origin=origin, within_miles=within_miles)
    for cluster in found:
        inside, edge = _members(brute, matching, cluster)
        surely[inside] += 1
        maybe[edge] += 1
        both = np.sort(np.concatenate([inside, edge]))
        assert max(brute.listings(inside), 1) <= cluster.count <= brute.listings(both), (cluster, asked)
        least, most = (brute.listings(np.intersect1d(rows, badges)) for rows in (inside, both))
        assert least <= cluster.badge_count <= most, (cluster, asked)
        assert cluster.south - EDGE_DEGREES <= cluster.lat <= cluster.north + EDGE_DEGREES, cluster
        assert cluster.west - EDGE_DEGREES <= cluster.lon <= cluster.east + EDGE_DEGREES, cluster
        assert_cluster_ids(brute, both, cluster)
    assert surely.max(initial=0) <= 1, "squares overlap"
    in_box = np.intersect1d(brute.inside_box(filters, box, now), matching)
    assert (surely + maybe)[in_box].all(), asked
    return found


def assert_cluster_ids(brute: BruteForce, members: RowNumbers, cluster: Cluster) -> None:
    """A group of one listing names it, and one of its locations; a larger one names none."""
    assert (cluster.listing_id is not None) == (cluster.location_id is not None) == (cluster.count == 1), cluster
    if cluster.listing_id is not None:
        named = members[brute.listing[members] == cluster.listing_id]
        assert cluster.location_id in brute.location[named].tolist(), cluster


def _members(brute: BruteForce, index: RowNumbers, cluster: Cluster) -> tuple[RowNumbers, RowNumbers]:
    """The rows within the square, and those so near to its edge that they may be in the neighboring one."""
    lat, lon = brute.lat[index], brute.lon[index]
    # The outer squares reach to the poles, and to the map's own east and west.
    ends = [
        np.where(cluster.north == 90.0, np.inf, cluster.north - lat),
        np.where(cluster.south == -90.0, np.inf, lat - cluster.south),
        np.where((cluster.east == 180.0) & (lon == 180.0), np.inf, cluster.east - lon),
        np.where((cluster.west == -180.0) & (lon == -180.0), np.inf, lon - cluster.west),
    ]
    deep = np.minimum.reduce(ends)
    inside = deep > EDGE_DEGREES
    return index[inside], index[np.abs(deep) <= EDGE_DEGREES]


def store_listings(
    session: Session, index: SearchIndex, rng: Random, made_up: Sequence[SyntheticListing], mode: str
) -> BruteForce:
    """Store listings in one of the `MODES`, and scan them."""
    if mode == "snapshot":
        insert_and_rebuild(session, index, made_up)
    elif mode == "changes":
        index.rebuild(session)
        insert_and_record(session, made_up)
    else:
        old = list(insert_and_rebuild(session, index, made_up[: len(made_up) * 3 // 4]))
        new = insert_listings(session, made_up[len(made_up) * 3 // 4 :])
        changed = rng.sample(old, len(old) // 3)
        for listing_id in changed:
            change_listing(session, listing_id, rng.choice(made_up))
        record_changes(session, [*changed, *new])
    session.commit()
    return BruteForce.of(session)


def change_listing(session: Session, listing_id: int, made: SyntheticListing) -> None:
    """Let a listing say and be what another one does, without recording the change."""
    session.execute(
        sa.update(Listing).where(Listing.id == listing_id).values(
            name=made.name, practice=made.practice, kind=made.kind, specialty_code=made.specialty, state=made.state,
            languages=list(made.languages), accepts_new_patients=made.accepting, last_confirmed=made.confirmed,
            updated_at=NOW + timedelta(days=1),
        )
    )  # fmt: skip
    place = made.places[0]
    session.execute(
        sa.update(Location).where(Location.listing_id == listing_id).values(
            lat=place and place.lat, lon=place and place.lon, city=made.cities[0]
        )
    )  # fmt: skip
