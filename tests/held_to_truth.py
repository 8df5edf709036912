"""Holds everything that a search can answer to what a look at every row finds."""

from dataclasses import replace
from datetime import datetime

import numpy as np
from brute_force import MOST, BruteForce, Index
from listings_by_point import NOW, assert_as_brute_force
from sqlalchemy.orm import Session

from directory.geography.box import WHOLE_GLOBE, Box
from directory.search import clusters as map_groups
from directory.search import index
from directory.search.clusters import Cluster, clusters
from directory.search.facets import facets, hindrance
from directory.search.index import Found, count
from directory.search.query import After, Filters, SearchQuery

EDGE = 1e-9
"""Degrees, the breadth of a hair, within which rounding decides on which side of a square's edge somebody is."""

READ_AT_MOST = 2000
"""Rows of the index that one search may read, whatever is listed and whatever is asked."""


def assert_truth(session: Session, brute: BruteForce, query: SearchQuery, now: datetime = NOW) -> Found:
    """The page, its number, the page after it by its cursor, the facets and the hindrance are all as they must be."""
    found = assert_as_brute_force(session, brute, query, now)
    assert count(session, query, now=now) == found.total, query
    if found.has_next:
        assert_next_page(session, found, query, now)
    assert_facets(session, brute, query, now)
    assert_hindrance(session, brute, query, now)
    return found


def assert_next_page(session: Session, found: Found, query: SearchQuery, now: datetime = NOW) -> Found:
    """The cursor that a page gives leads to the page that its number leads to."""
    last = found.hits[-1]
    assert found.after == After(last.miles, last.listing_id), query
    following = replace(query, page=query.page + 1)
    by_number = index.find(session, following, now=now)
    by_cursor = index.find(session, replace(following, after=found.after), now=now)
    assert by_cursor.hits == by_number.hits, query
    assert (by_cursor.total, by_cursor.has_next) == (by_number.total, by_number.has_next), query
    return by_cursor


def assert_walk(session: Session, brute: BruteForce, query: SearchQuery, now: datetime = NOW) -> int:
    """From cursor to cursor every listing comes once, in the order of all; how many pages it took."""
    everybody = [hit[:2] for hit in brute.near(query, now).ranked(0)]
    inside = everybody[: max(brute.count(query, now), min(10, len(everybody)))]
    walked: list[tuple[float, int]] = []
    pages = 0
    while True:
        found = assert_as_brute_force(session, brute, query, now)
        walked += [(hit.miles, hit.listing_id) for hit in found.hits]
        pages += 1
        if not found.has_next:
            break
        query = replace(query, page=query.page + 1, after=found.after)
    assert walked == inside
    assert found.after is None
    return pages


def assert_never_too_high(session: Session, brute: BruteForce, query: SearchQuery, now: datetime = NOW) -> None:
    """Whom it finds is right; what it counts is no more than there is, and exactly that where it says so."""
    found, told = index.find(session, query, now=now), facets(session, query, now=now)
    ranked = brute.near(query, now).ranked(0)
    assert [hit.listing_id for hit in found.hits] == [listing for _, listing, *_ in ranked][query.offset :][
        : len(found.hits)
    ]
    total, true = brute.count(query, now), brute.facets(query, now)
    for given, complete in ((found.total, found.complete), (told.total, told.complete)):
        assert given == total if complete else given <= total, query
    assert found.total >= sum(not hit.outside_radius for hit in found.hits), query
    for name, values in counts_without_nothing(told.counts).items():
        assert all(count <= true[name][value] for value, count in values.items()), query
    assert not told.complete or counts_without_nothing(told.counts) == true, query
    boxed = clusters(session, query.filters, WHOLE_GLOBE, 3, now=now)
    matching = brute.matching(query.filters, now)
    assert sum(cluster.count for cluster in boxed) <= len(matching)
    if boxed and all(cluster.complete for cluster in boxed):
        assert sum(cluster.count for cluster in boxed) == len(matching), query


def assert_facets(
    session: Session, brute: BruteForce, query: SearchQuery, now: datetime = NOW, *, whole: bool = True
) -> None:
    """They are as many as there are; only if not `whole`, they may be too low where the answer says so."""
    told, true = facets(session, query, now=now), brute.facets(query, now)
    given = {name: dict(values) for name, values in counts_without_nothing(told.counts).items()}
    assert told.complete or not whole, query
    if told.complete:
        assert given == true, query
    for name, values in given.items():
        assert all(count <= true[name][value] for value, count in values.items()), query
    assert all(1 <= count <= MOST for values in given.values() for count in values.values())


def counts_without_nothing(counts):
    return {name: values for name, values in counts.items() if values}


def assert_hindrance(session: Session, brute: BruteForce, query: SearchQuery, now: datetime = NOW) -> None:
    most, names = brute.hindrances(query, now)
    told = hindrance(session, query, now=now)
    if not names:
        assert told is None, query
    else:
        assert told is not None, query
        assert told[0] in names, query
        assert told[1] == min(most, MOST), query


def assert_clusters(
    session: Session, brute: BruteForce, filters: Filters, box: Box, zoom: int, now: datetime = NOW, *,
    whole: bool = True,
) -> tuple[Cluster, ...]:  # fmt: skip
    """Whoever is in the box is in one cluster, and each cluster counts those of its square, about whom it lies.

    Only if not `whole`, it may count too few, and some may be in none, where the answer says so.
    """
    matching = brute.matching(filters, now)
    surely, maybe = (np.zeros(len(brute), dtype=int) for _ in range(2))
    told = clusters(session, filters, box, zoom, now=now)
    for cluster in told:
        inside, edge = _members(brute, matching, cluster)
        surely[inside] += 1
        maybe[edge] += 1
        least = max(len(inside), 1) if whole or cluster.complete else 1
        assert least <= cluster.count <= len(inside) + len(edge), (cluster, filters, box, zoom)
        assert cluster.south - EDGE <= cluster.lat <= cluster.north + EDGE, cluster
        assert cluster.west - EDGE <= cluster.lon <= cluster.east + EDGE, cluster
        if cluster.listing_id is not None or len(brute) <= map_groups.READ_IN_VIEW:
            assert_named(brute, np.concatenate([inside, edge]) if cluster.count > len(inside) else inside, cluster)
    assert surely.max(initial=0) <= 1, "squares that lie on each other"
    if whole or all(cluster.complete for cluster in told):
        assert (surely + maybe)[brute.inside_box(filters, box, now)].all(), (filters, box, zoom)
    return told


def assert_named(brute: BruteForce, members: Index, cluster: Cluster) -> None:
    """A cluster of one listing says which, and at which of its places; another says none.

    Where more are in view than are read, groups are only counted, and nobody is named.
    """
    listings = set(brute.listing[members].tolist())
    if len(members) > cluster.count:
        return
    assert cluster.listing_id == (listings.pop() if len(listings) == 1 else None), cluster
    assert (cluster.location_id in set(brute.location[members].tolist())) is (cluster.listing_id is not None), cluster


def _members(brute: BruteForce, index: Index, cluster: Cluster) -> tuple[Index, Index]:
    """The rows within the square, and those so near to its edge that it may be its neighbour's."""
    lat, lon = brute.lat[index], brute.lon[index]
    # The map ends at the poles, and at its own east and west.
    ends = [
        np.where(cluster.north == 90.0, np.inf, cluster.north - lat),
        np.where(cluster.south == -90.0, np.inf, lat - cluster.south),
        np.where((cluster.east == 180.0) & (lon == 180.0), np.inf, cluster.east - lon),
        np.where((cluster.west == -180.0) & (lon == -180.0), np.inf, lon - cluster.west),
    ]
    deep = np.minimum.reduce(ends)
    inside = deep > EDGE
    return index[inside], index[np.abs(deep) <= EDGE]
