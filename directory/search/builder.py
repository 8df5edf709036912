"""Builds the columns of a segment from documents."""

import math
import operator
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np

from directory.geography.point import EARTH_RADIUS_MILES
from directory.search import filters
from directory.search.document import SearchDocument
from directory.search.filter_types import Filter, NumberFilter
from directory.search.morton import ZOOM, codes_of, shared_zoom
from directory.search.nearest import SLACK, unit_vectors
from directory.search.segment import BLOCK, Array, Segment, bitmap_of, pack
from directory.search.tokenizer import tokenize

NAME_LENGTH = 32
"""Bytes of a normalized name that are significant for its order; arbitrary, longer than most names."""

NEAR_MILES = 25.0
"""The greatest distance at which a listing is near a town; arbitrary, less than an hour's drive on most roads."""

NO_TOWNS = np.empty((0, 2))

PIECE = 100_000
"""Locations whose codes are computed at a time, to limit memory."""

CACHE_SIZE = 8_000
"""Values whose facts are cached for each filter; arbitrary, many listings share a value."""

_COLUMNS = {
    "listing_id": "i", "location_id": "i", "lat": "d", "lon": "d", "attested_until": "q", "confirmed_until": "q",
}  # fmt: skip


def segment_of(documents: Sequence[SearchDocument]) -> Segment:
    """Return the segment of some documents, in memory."""
    builder = SegmentBuilder(NO_TOWNS)
    builder.add(documents)
    return Segment(dict(builder.columns()), {})


class SegmentBuilder:
    """Collects documents in the order of listing and location id, and builds the columns of their segment once.

    Documents are stored in columns and not as objects, in about 110 bytes for each location. The segment records for
    each town (latitude and longitude in degrees) whether any location lies within `NEAR_MILES`.
    """

    def __init__(self, towns: Array) -> None:
        self._towns = towns
        self._filters = tuple(each for each in filters.FILTERS if each.choices)
        self._fact_numbers = {fact: number for number, fact in enumerate(filters.facts())}
        self._fields = operator.attrgetter(*(each.field for each in self._filters))
        self._held = tuple(lru_cache(CACHE_SIZE)(partial(self._facts_of, each)) for each in self._filters)
        self._columns = {name: array(code) for name, code in _COLUMNS.items()}
        self._combinations: dict[tuple[Any, ...], int] = {}
        self._combination = array("i")
        self._vocabulary: dict[str, int] = {}
        self._word_ids, self._word_counts = array("i"), array("B")
        self._names = bytearray()

    def add(self, documents: Sequence[SearchDocument]) -> None:
        """Add documents."""
        for field, column in self._columns.items():
            column.extend(map(operator.attrgetter(field), documents))
        combinations, vocabulary = self._combinations, self._vocabulary
        for document in documents:
            held = tuple(facts(value) for facts, value in zip(self._held, self._fields(document), strict=True))
            self._combination.append(combinations.setdefault(held, len(combinations)))
            name = tokenize(document.name)
            words = {*name, *tokenize(document.practice), *tokenize(document.city)}
            self._word_ids.extend([vocabulary.setdefault(word, len(vocabulary)) for word in words])
            self._word_counts.append(min(len(words), 255))
            self._names.extend(" ".join(name).encode()[:NAME_LENGTH].ljust(NAME_LENGTH, b"\0"))

    def _facts_of(self, each: Filter, value: Any) -> tuple[tuple[int, ...], float]:
        """Return the numbers of the facts that hold for a value, and the number that the filter compares (or NaN)."""
        facts = tuple(self._fact_numbers[each.name, choice] for choice in each.facts(value))
        return facts, each.number(value) if isinstance(each, NumberFilter) else math.nan

    def columns(self) -> Iterator[tuple[str, Array]]:
        """Yield every column with its name, one at a time, so that a large segment is never in memory as a whole."""
        lats, lons = self._taken("lat"), self._taken("lon")
        pieces = len(lats) // PIECE + 1
        codes = np.concatenate([*map(codes_of, np.array_split(lats, pieces), np.array_split(lons, pieces))])
        document, valid = _rows(codes)
        yield "valid", pack(valid)
        codes, listings = codes[document], self._taken("listing_id")[document]
        yield "code", codes
        yield "listing", listings
        yield "location", self._taken("location_id")[document]
        yield from _by_listing(listings, codes, np.flatnonzero(valid))
        del codes, listings
        yield "attested_until", self._taken("attested_until")[document]
        yield "confirmed_until", self._taken("confirmed_until")[document]
        yield "name", np.frombuffer(self._names, f"S{NAME_LENGTH}")[document]
        self._names = bytearray()
        yield from self._facts(np.asarray(self._combination)[document])
        row = np.empty(len(self._combination), np.int32)
        row[document[valid]] = np.flatnonzero(valid)
        yield from self._postings(row)
        lats, lons = lats[document], lons[document]
        yield "lat", lats
        yield "lon", lons
        yield from _positions(lats, lons, self._towns)

    def _taken(self, name: str) -> Array:
        return np.asarray(self._columns.pop(name))

    def _facts(self, combination: Array) -> Iterator[tuple[str, Array]]:
        """Yield a bitmap for each fact, and a column for each number filter."""
        table = np.zeros((len(self._fact_numbers), len(self._combinations)), bool)
        numbers = np.empty((len(self._filters), len(self._combinations)), np.float32)
        for held, at in self._combinations.items():
            for place, (facts, number) in enumerate(held):
                table[facts, at] = True
                numbers[place, at] = number
        self._combinations.clear()
        bitmaps = np.empty((len(table), len(combination) // 64), np.uint64)
        for number, holds in enumerate(table):
            bitmaps[number] = pack(holds[combination])
        yield "facts", bitmaps
        for each, number in zip(self._filters, numbers, strict=True):
            if isinstance(each, NumberFilter):
                yield f"number_{each.name}", number[combination]

    def _postings(self, row: Array) -> Iterator[tuple[str, Array]]:
        """Yield the words in order, and the rows that contain each; `row` is the row of each document."""
        texts = sorted(self._vocabulary)
        place = np.empty(len(texts), np.int64)
        place[[self._vocabulary[text] for text in texts]] = np.arange(len(texts))
        # Word and row are combined in one integer and sorted in place: this is the largest part of a build.
        postings = place[np.asarray(self._word_ids)]
        self._word_ids = array("i")
        postings <<= 32
        postings |= np.repeat(row, np.asarray(self._word_counts))
        postings.sort()
        yield "posting_starts", np.searchsorted(postings, np.arange(len(texts) + 1) << 32)
        yield "posting_rows", postings.astype(np.int32)
        yield "words", np.array([text.encode() for text in texts], np.bytes_)


def _rows(codes: Array) -> tuple[Array, Array]:
    """Return the document of each row, and whether the row is valid.

    Blocks end where the curve jumps farthest, so that they are compact; each block but the last is at least half full.
    """
    order = np.argsort(codes, kind="stable").astype(np.int32)
    starts, start = [], 0
    while start < len(codes):
        starts.append(start)
        jumps = np.diff(codes[order[start + BLOCK // 2 - 1 : start + BLOCK + 1]])
        start += BLOCK // 2 + int(np.argmax(jumps)) if len(codes) - start > BLOCK else BLOCK
    bounds = np.array([*starts, len(codes)], np.int32)
    places, ends = bounds[:-1, None] + np.arange(BLOCK, dtype=np.int32), bounds[1:, None]
    return order[np.minimum(places, ends - 1).ravel()], (places < ends).ravel()


def _positions(lats: Array, lons: Array, towns: Array) -> Iterator[tuple[str, Array]]:
    """Yield unit vectors, the balls that hold the blocks, and the towns near them."""
    vectors = unit_vectors(lats, lons)
    blocks = vectors.reshape(-1, BLOCK, 3)
    middles = blocks.mean(axis=1)
    lengths = np.linalg.norm(middles, axis=1, keepdims=True)
    # Any center will do for a block whose middle is that of the globe.
    centers = np.where(lengths > SLACK, middles / np.maximum(lengths, SLACK), (1.0, 0.0, 0.0))
    radii = np.arccos(np.clip((blocks @ centers[:, :, None]).min(axis=(1, 2)), -1.0, 1.0))
    yield "unit_vectors", vectors
    yield "ball_centers", centers
    yield "ball_radii", radii
    yield "towns", _towns_near(towns, blocks, centers, radii + SLACK / EARTH_RADIUS_MILES)


def _towns_near(towns: Array, blocks: Array, centers: Array, radii: Array) -> Array:
    """Return for each town (latitude and longitude in degrees) whether any location lies within `NEAR_MILES`."""
    near = np.zeros(len(towns), bool)
    reach = NEAR_MILES / EARTH_RADIUS_MILES
    within_reach = np.cos(np.minimum(radii + reach, np.pi))
    for number, place in enumerate(unit_vectors(*towns.T)):
        perhaps = blocks[centers @ place >= within_reach]
        near[number] = (perhaps @ place).max(initial=-1.0) >= np.cos(reach)
    return near


def _by_listing(listings: Array, codes: Array, rows: Array) -> Iterator[tuple[str, Array]]:
    """Yield the rows in the order of their listings, and bitmaps of those that share a listing."""
    rows = rows[np.argsort(listings[rows], kind="stable")].astype(np.int32)
    yield "by_listing", listings[rows]
    yield "by_listing_rows", rows
    again = np.flatnonzero(np.diff(listings[rows]) == 0) + 1
    yield "multi_location", bitmap_of(np.append(rows[again], rows[again - 1]), len(codes))
    # Rows are in the order of codes, so the rows of a listing in one square are consecutive.
    zooms = shared_zoom(codes[rows[again]], codes[rows[again - 1]])
    yield "repeats", np.stack([bitmap_of(rows[again][zooms >= zoom], len(codes)) for zoom in range(ZOOM + 1)])
