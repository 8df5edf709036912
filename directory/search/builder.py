"""Builds the columns of a segment from documents."""

from array import array
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from directory.search import filters
from directory.search.document import SearchDocument
from directory.search.filter_types import NumberFilter
from directory.search.morton import ZOOM, codes_of, shared_zoom
from directory.search.segment import BLOCK, Array, Segment, pack
from directory.search.tokenizer import tokenize

SLACK = 1e-9
"""Radians by which a block's radius is widened; rounding is far less."""

AT_ONCE = 512
"""Blocks whose bounding balls are worked out at a time, to keep memory low."""

_COLUMNS = ("listing_id", "location_id", "lat", "lon", "attested_until", "confirmed_until")
_TYPES = (np.int32, np.int32, np.float64, np.float64, np.int64, np.int64)


class SegmentBuilder:
    """Takes documents, in the order of listing and location id, and gives the columns of their segment.

    Documents are kept as columns and not as objects: some 150 bytes a location.
    """

    def __init__(self) -> None:
        self.filters = tuple(each for each in filters.FILTERS if each.choices)
        self.facts = filters.facts()
        self._numbers = {fact: number for number, fact in enumerate(self.facts)}
        self._fields = attrgetter(*(each.field for each in self.filters))
        self._chunks: list[tuple[Array, ...]] = []
        self._combinations: dict[tuple[Any, ...], int] = {}
        self._combination = array("i")
        self._vocabulary: dict[str, int] = {}
        self._word_ids, self._word_counts = array("i"), array("B")
        self._names = bytearray()
        self._name_offsets = array("q", [0])

    def add(self, documents: Sequence[SearchDocument]) -> None:
        """Take some more documents."""
        if not documents:
            return
        self._chunks.append(
            tuple(
                np.fromiter(map(attrgetter(name), documents), kind, len(documents))
                for name, kind in zip(_COLUMNS, _TYPES, strict=True)
            )
        )
        combinations, vocabulary = self._combinations, self._vocabulary
        for document in documents:
            self._combination.append(combinations.setdefault(self._fields(document), len(combinations)))
            name = tokenize(document.name)
            words = {*name, *tokenize(document.practice), *tokenize(document.city)}
            self._word_ids.extend([vocabulary.setdefault(word, len(vocabulary)) for word in words])
            self._word_counts.append(min(len(words), 255))
            self._names += " ".join(name).encode()
            self._name_offsets.append(len(self._names))

    def segment(self) -> Segment:
        """The segment, in memory."""
        return Segment(dict(self.columns()), self.meta)

    @property
    def meta(self) -> dict[str, Any]:
        """What a reader must know of the columns."""
        return {"facts": [list(fact) for fact in self.facts]}

    def columns(self) -> Iterator[tuple[str, Array]]:
        """Every column by name, one at a time, so that a large segment is never in memory as a whole."""
        listing, location, lat, lon, attested, confirmed = (
            np.concatenate([np.empty(0, kind), *(chunk[number] for chunk in self._chunks)])
            for number, kind in enumerate(_TYPES)
        )
        self._chunks.clear()
        code = codes_of(lat, lon)
        order = np.argsort(code, kind="stable")
        row, size = _rows(code[order])
        row_of_document = np.empty(len(order), np.int32)
        row_of_document[order] = row
        filled = np.zeros(size, bool)
        filled[row] = True

        def spread(column: Array) -> Array:
            out = np.zeros(size, column.dtype)
            out[row_of_document] = column
            return out

        # Empty rows have the code of the row before them, so that codes stay sorted.
        codes, listings = np.maximum.accumulate(spread(code)), spread(listing)
        yield "code", codes
        yield "valid", pack(filled)
        yield "listing", listings
        yield "location", spread(location)
        yield from _positions(spread(lat), spread(lon), filled)
        yield from self._ends("attested_until", spread(attested), filled)
        yield from self._ends("confirmed_until", spread(confirmed), filled)
        yield from _repeats(listings, codes, filled)
        yield from self._facts(spread(np.array(self._combination, np.int32)), filled)
        yield from self._postings(row_of_document)
        yield from self._sorted_names(row_of_document, size)

    def _ends(self, name: str, moments: Array, filled: Array) -> Iterator[tuple[str, Array]]:
        ending = np.flatnonzero(filled)
        order = np.argsort(moments[ending], kind="stable")
        ending = ending[order].astype(np.int32)
        yield f"{name}_rows", ending
        yield f"{name}_sorted", moments[ending]

    def _facts(self, combination: Array, filled: Array) -> Iterator[tuple[str, Array]]:
        """A bitmap for each fact, and a column for each filter by number."""
        table = np.zeros((max(len(self._combinations), 1), len(self.facts)), bool)
        numbered = [(place, each) for place, each in enumerate(self.filters) if isinstance(each, NumberFilter)]
        numbers = np.full((len(numbered), len(table)), np.nan, np.float32)
        for fields, at in self._combinations.items():
            for each, value in zip(self.filters, fields, strict=True):
                for choice in each.facts(value):
                    table[at, self._numbers[each.name, choice]] = True
            for column, (place, each) in enumerate(numbered):
                numbers[column, at] = each.number(fields[place])
        facts = np.empty((len(self.facts), len(combination) // 64), np.uint64)
        for number in range(len(self.facts)):
            facts[number] = pack(table[combination, number] & filled)
        yield "facts", facts
        for column, (_, each) in enumerate(numbered):
            yield f"number_{each.name}", np.where(filled, numbers[column, combination], np.float32(np.nan))

    def _postings(self, row_of_document: Array) -> Iterator[tuple[str, Array]]:
        texts = sorted((word.encode(), number) for word, number in self._vocabulary.items())
        place = np.empty(len(texts), np.int32)
        place[[number for _, number in texts]] = np.arange(len(texts), dtype=np.int32)
        words = place[np.frombuffer(self._word_ids, np.int32)] if texts else np.empty(0, np.int32)
        rows = np.repeat(row_of_document, np.frombuffer(self._word_counts, np.uint8)) if texts else words
        order = np.argsort(words, kind="stable")
        yield "posting_rows", rows[order]
        yield "posting_starts", np.concatenate(([0], np.cumsum(np.bincount(words, minlength=len(texts)))))
        yield from _texts("word", [text for text, _ in texts])

    def _sorted_names(self, row_of_document: Array, size: int) -> Iterator[tuple[str, Array]]:
        data, offsets = bytes(self._names), self._name_offsets
        texts = [data[offsets[number] : offsets[number + 1]] for number in range(len(row_of_document))]
        order = sorted(range(len(texts)), key=texts.__getitem__)
        place = np.full(size, -1, np.int32)
        place[row_of_document[order]] = np.arange(len(order), dtype=np.int32)
        yield "name_place", place
        yield from _texts("name", [texts[number] for number in order])


def unit_vectors(lat: Any, lon: Any) -> Array:
    """Points in degrees as points on a sphere of radius 1, one row each."""
    phi, theta = np.radians(lat), np.radians(lon)
    return np.stack((np.cos(phi) * np.cos(theta), np.cos(phi) * np.sin(theta), np.sin(phi)), axis=-1)


def _rows(code: Array) -> tuple[Array, int]:
    """The row of each location in code order, and how many rows there are.

    Blocks end where the curve jumps farthest, so that they are compact; they are at least half full.
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


def _positions(lats: Array, lons: Array, filled: Array) -> Iterator[tuple[str, Array]]:
    """Coordinates, their sums up to each row, unit vectors, and the bounding balls of the blocks."""
    yield "lat", lats
    yield "lon", lons
    yield "lat_sum", np.concatenate(([0.0], np.cumsum(lats)))
    yield "lon_sum", np.concatenate(([0.0], np.cumsum(lons)))
    vectors = unit_vectors(lats, lons)
    yield "unit_vectors", vectors
    yield from _balls(vectors, filled)


def _balls(vectors: Array, filled: Array) -> Iterator[tuple[str, Array]]:
    """The middle of each block on the unit sphere, and the angle to its farthest location in radians."""
    vectors = np.where(filled[:, None], vectors, 0.0).reshape(-1, BLOCK, 3)
    middles = vectors.sum(axis=1)
    lengths = np.linalg.norm(middles, axis=1)
    middles = np.where(lengths[:, None] > SLACK, middles / np.maximum(lengths, SLACK)[:, None], (1.0, 0.0, 0.0))
    radii = np.empty(len(middles))
    used = filled.reshape(-1, BLOCK)
    for start in range(0, len(middles), AT_ONCE):
        part = slice(start, start + AT_ONCE)
        chord = np.linalg.norm(vectors[part] - middles[part, None], axis=2)
        radii[part] = 2 * np.arcsin(np.minimum(np.where(used[part], chord, 0.0).max(axis=1) / 2, 1.0))
    yield "ball_centers", middles
    yield "ball_radii", radii + SLACK


def _repeats(listings: Array, codes: Array, filled: Array) -> Iterator[tuple[str, Array]]:
    """Which rows belong to a listing with several, and which are not its first in their square, for each zoom."""
    rows = np.flatnonzero(filled)
    rows = rows[np.argsort(listings[rows], kind="stable")]
    yield "by_listing", listings[rows]
    yield "by_listing_row", rows.astype(np.int32)
    same = listings[rows[1:]] == listings[rows[:-1]]
    multi = np.zeros(len(filled), bool)
    multi[rows[1:][same]] = multi[rows[:-1][same]] = True
    yield "multi_location", pack(multi)
    # Rows are in the order of codes, so a square holds a run of a listing's rows.
    shared = np.full(len(filled), -1, np.int8)
    shared[rows[1:][same]] = shared_zoom(codes[rows[1:][same]], codes[rows[:-1][same]])
    yield "repeats", np.stack([pack(shared >= zoom) for zoom in range(ZOOM + 1)])


def _texts(name: str, texts: Sequence[bytes]) -> Iterator[tuple[str, Array]]:
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    yield f"{name}_offsets", np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths)))
    yield f"{name}_bytes", np.frombuffer(b"".join(texts), np.uint8)
