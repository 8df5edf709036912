"""Groups search results into clusters for the map; a cluster splits as the map zooms in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from directory.geography.box import Box
from directory.search.filters import Filters
from directory.search.matching import Matches, match
from directory.search.morton import ZOOM, Ints, edges_of, interleave, squares_in
from directory.search.segment import Array, Bitmap

FINER = 2
"""Zoom levels between the map's tiles of 256 pixels and a cluster: about 64 pixels, enough to tap each separately."""

MAX_SQUARES = 600
"""The most clusters in one view, more than a large screen shows."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Listings in one square of the map, each counted once, at the place of one; the box is the square, in degrees.

    `badge_count` of them show the badge. `listing_id` and `location_id` are set only if there is one listing.
    """

    lat: float
    lon: float
    count: int
    badge_count: int
    south: float
    west: float
    north: float
    east: float
    listing_id: int | None = None
    location_id: int | None = None


def clusters_in(parts: Sequence[Matches], box: Box, zoom: int, now: datetime) -> tuple[Cluster, ...]:
    """Group the matches of several segments, which share no listing, by the squares of a view of the web map."""
    zoom, x, y = squares_in(box, min(zoom + FINER, ZOOM), MAX_SQUARES)
    squares = np.stack([_groups(part, zoom, interleave(x, y), now) for part in parts])
    counts, badge_counts = squares[:, :2].sum(axis=0).astype(int).tolist()
    largest = squares[squares[:, 0].argmax(axis=0), 2:, np.arange(len(x))].tolist()
    boxes = zip(*(edge.tolist() for edge in edges_of(zoom, x, y)), strict=True)
    return tuple(
        Cluster(lat, lon, count, badges, *box, *((int(listing), int(location)) if count == 1 else ()))
        for count, badges, box, (lat, lon, listing, location) in zip(counts, badge_counts, boxes, largest, strict=True)
        if count
    )


def _groups(part: Matches, zoom: int, squares: Ints, now: datetime) -> Array:
    """Return for each square: listings, badges, and latitude, longitude, listing and location of one of the matches.

    That is the middle one in the order of codes.
    """
    segment, shift = part.segment, 2 * (ZOOM - zoom)
    edges = np.searchsorted(segment.code, np.stack((squares, squares + 1)) << shift)
    words = part.each_once(zoom)
    starts, stops = _rank(words, edges)
    badge_starts, badge_stops = _rank(words & match(segment, Filters(badge="1"), now), edges)
    found = np.zeros((6, len(squares)))
    found[:2] = stops - starts, badge_stops - badge_starts
    held = np.flatnonzero(found[0])
    rows = _select(words, (starts + stops)[held] // 2)
    found[2:, held] = segment.lat[rows], segment.lon[rows], segment.listing[rows], segment.location[rows]
    return found


def _rank(words: Bitmap, rows: Array) -> Array:
    """Return how many bits are set before each row."""
    # A row at the end of the bitmap has no word of its own.
    words = np.append(words, np.uint64(0))
    bits_below = (np.uint64(1) << (rows & 63).astype(np.uint64)) - np.uint64(1)
    return np.asarray(_bits_before(words)[rows >> 6] + np.bitwise_count(words[rows >> 6] & bits_below))


def _select(words: Bitmap, ranks: Array) -> Array:
    """Return the row of the bit that has so many set bits before it; the inverse of `_rank`."""
    before = _bits_before(words)
    places = np.searchsorted(before, ranks, "right") - 1
    bits = np.unpackbits(words[places].view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
    return np.asarray(places * 64 + (bits.cumsum(axis=1) == (ranks - before[places] + 1)[:, None]).argmax(axis=1))


def _bits_before(words: Bitmap) -> Array:
    """Return how many bits are set before each word, and then in all."""
    return np.concatenate(([0], np.cumsum(np.bitwise_count(words), dtype=np.int64)))
