"""Builds the columns of a segment from documents."""

import itertools
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
from directory.search.nearest import unit_vectors
from directory.search.segment import BLOCK, Array, Segment, pack
from directory.search.tokenizer import tokenize

SLACK = 1e-9
"""Radians added to a block's radius; rounding errors are far smaller."""

AT_ONCE = 512
"""Blocks whose positions are computed at a time, to limit memory."""

NEAR_MILES = 25.0
"""The greatest distance at which a listing is near a town; arbitrary, less than an hour's drive on most roads."""

NO_TOWNS = np.empty((0, 2))

TOWNS_AT_ONCE = 500
"""Towns compared with all blocks at a time, to limit memory."""

ROUNDING = 1e-7
"""Radians by which an angle from a cosine may differ from the exact one; ten times the real error."""

CACHE_SIZE = 8_000
"""Values whose facts are cached for each filter; arbitrary, many listings share a value."""

_COLUMNS = {
    "listing_id": "i", "location_id": "i", "lat": "d", "lon": "d", "attested_until": "q", "confirmed_until": "q",
}  # fmt: skip


def segment_of(documents: Sequence[SearchDocument]) -> Segment:
    """Return the segment of some documents, in memory."""
    builder = SegmentBuilder(NO_TOWNS)
    builder.add(documents)
    return Segment(dict(builder.columns()), {"facts": builder.facts})


class SegmentBuilder:
    """Collects documents in the order of listing and location id, and builds the columns of their segment once.

    Documents are stored in columns and not as objects, in about 110 bytes for each location. The segment records for
    each town (latitude and longitude in degrees) whether any location lies within `NEAR_MILES`.
    """

    def __init__(self, towns: Array) -> None:
        self._towns = towns
        self.filters = tuple(each for each in filters.FILTERS if each.choices)
        self.facts = filters.facts()
        self._numbers = {fact: number for number, fact in enumerate(self.facts)}
        self._fields = operator.attrgetter(*(each.field for each in self.filters))
        self._held = tuple(lru_cache(CACHE_SIZE)(partial(self._facts_of, each)) for each in self.filters)
        self._columns = {name: array(code) for name, code in _COLUMNS.items()}
        self._combinations: dict[tuple[Any, ...], int] = {}
        self._combination = array("i")
        self._vocabulary: dict[str, int] = {}
        self._word_ids, self._word_counts = array("i"), array("B")
        self._names, self._name_offsets = bytearray(), array("q", [0])

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
            self._names += " ".join(name).encode()
            self._name_offsets.append(len(self._names))

    def _facts_of(self, each: Filter, value: Any) -> tuple[tuple[int, ...], float]:
        """Return the numbers of the facts that hold for a value, and the number that the filter compares (or NaN)."""
        facts = tuple(self._numbers[each.name, choice] for choice in each.facts(value))
        return facts, each.number(value) if isinstance(each, NumberFilter) else math.nan

    def columns(self) -> Iterator[tuple[str, Array]]:
        """Yield every column with its name, one at a time, so that a large segment is never in memory as a whole."""
        lats, lons = self._taken("lat"), self._taken("lon")
        code = codes_of(lats, lons)
        order = np.argsort(code, kind="stable")
        row, size = _rows(code[order])
        row_of_document = np.empty(len(order), np.int32)
        row_of_document[order] = row
        filled = np.zeros(size, bool)
        filled[row] = True
        del order, row

        def spread(column: Array) -> Array:
            out = np.zeros(size, column.dtype)
            out[row_of_document] = column
            return out

        lats, lons = spread(lats), spread(lons)
        # Empty rows get the code of the row before them, so that codes stay sorted.
        codes = np.maximum.accumulate(spread(code))
        del code
        yield "code", codes
        yield "valid", pack(filled)
        yield from _positions(lats, lons, filled, self._towns)
        del lats, lons
        listings = spread(self._taken("listing_id"))
        yield "listing", listings
        yield "location", spread(self._taken("location_id"))
        for name in ("attested_until", "confirmed_until"):
            yield from _ends(name, spread(self._taken(name)), filled)
        yield from _repeats(listings, codes, filled)
        del listings, codes
        yield from self._facts(spread(np.asarray(self._combination)), filled)
        yield from self._postings(row_of_document)
        yield from self._sorted_names(row_of_document, size)

    def _taken(self, name: str) -> Array:
        return np.asarray(self._columns.pop(name))

    def _facts(self, combination: Array, filled: Array) -> Iterator[tuple[str, Array]]:
        """Yield a bitmap for each fact, and a column for each number filter."""
        table = np.zeros((max(len(self._combinations), 1), len(self.facts)), bool)
        numbers = np.full((len(self.filters), len(table)), np.nan, np.float32)
        for held, at in self._combinations.items():
            for place, (facts_held, number) in enumerate(held):
                table[at, facts_held] = True
                numbers[place, at] = number
        self._combinations.clear()
        facts = np.empty((len(self.facts), len(combination) // 64), np.uint64)
        for number in range(len(self.facts)):
            facts[number] = pack(table[combination, number] & filled)
        yield "facts", facts
        for each, number in zip(self.filters, numbers, strict=True):
            if isinstance(each, NumberFilter):
                yield f"number_{each.name}", np.where(filled, number[combination], np.float32(np.nan))

    def _postings(self, row_of_document: Array) -> Iterator[tuple[str, Array]]:
        """Yield the words in order, and the rows that contain each."""
        texts = sorted(self._vocabulary)
        place = np.empty(len(texts), np.int64)
        place[[self._vocabulary[text] for text in texts]] = np.arange(len(texts))
        # Word and row are combined in one integer and sorted in place: this is the largest part of a build.
        postings = place[np.asarray(self._word_ids)]
        self._word_ids = array("i")
        postings <<= 32
        postings |= np.repeat(row_of_document, np.asarray(self._word_counts))
        postings.sort()
        yield "posting_starts", np.searchsorted(postings, np.arange(len(texts) + 1) << 32)
        yield "posting_rows", postings.astype(np.int32)
        yield from _texts("word", [text.encode() for text in texts])

    def _sorted_names(self, row_of_document: Array, size: int) -> Iterator[tuple[str, Array]]:
        """Yield the different names in order, and for each row the position of its name among them."""
        # Each name is sorted with its document number appended, to save memory. No name contains a zero byte.
        with memoryview(self._names) as data:
            names = [
                data[start:stop].tobytes() + b"\0" + document.to_bytes(4, "big")
                for document, (start, stop) in enumerate(itertools.pairwise(self._name_offsets))
            ]
        self._names.clear()
        names.sort()
        documents = np.fromiter((int.from_bytes(name[-4:], "big") for name in names), np.int32, len(names))
        for at, name in enumerate(names):
            names[at] = name[:-5]
        is_new = np.fromiter(map(operator.ne, names, itertools.chain([None], names)), bool, len(names))
        place = np.zeros(size, np.int32)
        place[row_of_document[documents]] = np.cumsum(is_new) - 1
        yield "name_place", place
        yield from _texts("name", [*itertools.compress(names, is_new)])


def _rows(code: Array) -> tuple[Array, int]:
    """Return the row of each location in code order, and the number of rows.

    Blocks end where the curve jumps farthest, so that they are compact; each block but the last is at least half full.
    """
    lengths = []
    start = 0
    while len(code) - start > BLOCK:
        window = code[start + BLOCK // 2 - 1 : start + BLOCK + 1]
        length = BLOCK // 2 + int(np.argmax(np.diff(window)))
        lengths.append(length)
        start += length
    lengths.append(len(code) - start)
    blocks = np.repeat(np.arange(len(lengths)), lengths)
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    return blocks * BLOCK + np.arange(len(code)) - starts[blocks], len(lengths) * BLOCK


def _positions(lats: Array, lons: Array, filled: Array, towns: Array) -> Iterator[tuple[str, Array]]:
    """Yield coordinates, their prefix sums, unit vectors, the bounding balls of the blocks, and the towns near them."""
    yield "lat", lats
    yield "lon", lons
    yield "lat_sum", np.concatenate(([0.0], np.cumsum(lats)))
    yield "lon_sum", np.concatenate(([0.0], np.cumsum(lons)))
    vectors = np.empty((len(lats), 3))
    balls = []
    for start in range(0, len(lats), AT_ONCE * BLOCK):
        part = slice(start, start + AT_ONCE * BLOCK)
        vectors[part] = unit_vectors(lats[part], lons[part])
        balls.append(_balls(vectors[part], filled[part]))
    yield "unit_vectors", vectors
    centers, radii = map(np.concatenate, zip(*balls, strict=True))
    yield "ball_centers", centers
    yield "ball_radii", radii
    yield "towns", _towns_near(towns, filled, vectors, centers, radii)


def _balls(vectors: Array, filled: Array) -> tuple[Array, Array]:
    """Return the center of each block on the unit sphere, and the angle in radians to its farthest location."""
    blocks = np.where(filled[:, None], vectors, 0.0).reshape(-1, BLOCK, 3)
    middles = blocks.sum(axis=1)
    lengths = np.linalg.norm(middles, axis=1)
    middles = np.where(lengths[:, None] > SLACK, middles / np.maximum(lengths, SLACK)[:, None], (1.0, 0.0, 0.0))
    chords = np.where(filled.reshape(-1, BLOCK), np.linalg.norm(blocks - middles[:, None], axis=2), 0.0)
    return middles, 2 * np.arcsin(np.minimum(chords.max(axis=1) / 2, 1.0)) + SLACK


def _towns_near(towns: Array, filled: Array, vectors: Array, centers: Array, radii: Array) -> Array:
    """Return for each town (latitude and longitude in degrees) whether any location lies within `NEAR_MILES`.

    Bounds on the blocks decide for most towns; otherwise the locations of blocks across the edge are checked.
    """
    near = np.zeros(len(towns), bool)
    filled, blocks = filled.reshape(-1, BLOCK), vectors.reshape(-1, BLOCK, 3)
    reach = NEAR_MILES / EARTH_RADIUS_MILES
    places = unit_vectors(*towns.T)
    surely = np.where(radii < reach, np.cos(np.maximum(reach - radii - ROUNDING, 0.0)), np.inf)
    perhaps = np.cos(np.minimum(reach + radii + ROUNDING, np.pi))
    for start in range(0, len(places), TOWNS_AT_ONCE):
        cosines = places[start : start + TOWNS_AT_ONCE] @ centers.T
        near[start : start + TOWNS_AT_ONCE] = (cosines >= surely).any(axis=1)
        rim = cosines >= perhaps
        for town in np.flatnonzero(rim.any(axis=1) & ~near[start : start + TOWNS_AT_ONCE]):
            there = rim[town]
            chords = np.square(blocks[there][filled[there]] - places[start + town]).sum(axis=1)
            near[start + town] = (chords <= (2 * np.sin(reach / 2)) ** 2).any()
    return near


def _ends(name: str, moments: Array, filled: Array) -> Iterator[tuple[str, Array]]:
    """Yield the rows ordered by the time in `moments`, and the times in that order."""
    rows = np.flatnonzero(filled)
    rows = rows[np.argsort(moments[rows], kind="stable")].astype(np.int32)
    yield f"{name}_rows", rows
    yield f"{name}_sorted", moments[rows]


def _repeats(listings: Array, codes: Array, filled: Array) -> Iterator[tuple[str, Array]]:
    """Yield rows of listings with several and, for each zoom, rows that are not their listing's first in a square."""
    rows = np.flatnonzero(filled)
    rows = rows[np.argsort(listings[rows], kind="stable")]
    yield "by_listing", listings[rows]
    yield "by_listing_row", rows.astype(np.int32)
    same = listings[rows[1:]] == listings[rows[:-1]]
    multi = np.zeros(len(filled), bool)
    multi[rows[1:][same]] = multi[rows[:-1][same]] = True
    yield "multi_location", pack(multi)
    # Rows are in the order of codes, so the rows of a listing in one square are consecutive.
    shared = np.full(len(filled), -1, np.int8)
    shared[rows[1:][same]] = shared_zoom(codes[rows[1:][same]], codes[rows[:-1][same]])
    yield "repeats", np.stack([pack(shared >= zoom) for zoom in range(ZOOM + 1)])


def _texts(name: str, texts: Sequence[bytes]) -> Iterator[tuple[str, Array]]:
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    yield f"{name}_offsets", np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    data = bytearray()
    for text in texts:  # join() would take 80 bytes more for each
        data += text
    yield f"{name}_bytes", np.frombuffer(data, np.uint8)
