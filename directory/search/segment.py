"""An immutable columnar segment of the index: its columns, its file, and bitmaps over its rows."""

import bisect
import json
import math
import mmap
import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from directory.errors import Conflict

BLOCK = 256
"""Rows in a block: few enough to read as a whole, and four words of a bitmap.

Rows are locations in the order of their Morton codes. A shorter block is filled up with copies of its last location,
which are not `valid`, so that block `b` always begins at row `BLOCK * b`.
"""

WORDS = BLOCK // 64
"""Words of a bitmap in each block."""

Array = npt.NDArray[Any]
Bitmap = npt.NDArray[np.uint64]
"""One bit for each row, 64 to a word, the lowest first."""

PAGES = "pages "
"""The prefix of the name of a column with a sitemap file; the file's number follows."""

_MAGIC = b"bma-search-segment 4\n"
"""The end of a file, with the version of the column layout; a file of another version is rebuilt."""

_ALIGNMENT = 64
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Segment:
    """The columns of a segment, read from a file or held in memory. Each is an attribute.

    A value for each row: `code` (Morton code), `lat`, `lon`, `unit_vectors`, `listing` and `location` (ids), `name`
    (normalized), `attested_until`, `confirmed_until` (microseconds), and a `number_…` for each number filter.
    Bitmaps: `valid`; `multi_location`, the rows of listings with several; `repeats`, for each zoom of the map, the rows
    that are not their listing's first in a square; `facts`, one for each of `filters.facts`.
    Rows: `by_listing_rows` in the order of listings, whose ids are `by_listing`.
    Words in order: `words`; the rows with word `n` are `posting_rows` from `posting_starts[n]` to before the next.
    Blocks: `ball_centers` (unit vectors) and `ball_radii` (radians) of the balls that hold them.
    Only a snapshot has `towns`, whether a listing is near each, and sitemap files.
    """

    def __init__(self, columns: Mapping[str, Array], meta: Mapping[str, Any]) -> None:
        self.columns, self.meta = columns, meta
        self._lasting: dict[str, tuple[int, int, Bitmap]] = {}

    def __getattr__(self, name: str) -> Array:
        """Return a column."""
        return self.columns[name]

    def __len__(self) -> int:
        """Return the number of rows, including those that are not valid."""
        return len(self.code)

    def rows_of_listings(self, listing_ids: Array) -> Array:
        """Return the rows of some listings, in their order; unknown ids have none."""
        starts, stops = (np.searchsorted(self.by_listing, listing_ids, side).tolist() for side in ("left", "right"))
        rows = self.by_listing_rows
        return np.concatenate([rows[:0], *(rows[one] for one in map(slice, starts, stops))])

    def without(self, listing_ids: Sequence[int]) -> "Segment":
        """Return this segment without some listings; only `valid` differs."""
        gone = self.rows_of_listings(np.array(listing_ids, np.int64))
        found = Segment({**self.columns, "valid": self.valid & ~bitmap_of(gone, len(self))}, self.meta)
        found._lasting = self._lasting
        return found

    def lasting(self, column: str | None, now: datetime) -> Bitmap:
        """Return the rows whose time in `column` has not passed; all valid rows if `column` is None."""
        if column is None:
            return self.valid
        at = microseconds(now)
        first, last, words = self._lasting.get(column, (0, -1, self.valid))
        if not first <= at <= last:
            left = self.columns[column] >= at
            last = int(np.min(self.columns[column], where=left, initial=np.iinfo(np.int64).max))
            words = pack(left)
            self._lasting[column] = at, last, words
        return words

    def rows_with(self, word: str, *, prefix: bool) -> Array:
        """Return the rows that contain a word, or any word that begins with it."""
        start = word.encode()
        first = bisect.bisect_left(self.words, start)
        # UTF-8 never contains the byte 0xFF.
        last = bisect.bisect_right(self.words, start + b"\xff" if prefix else start, first)
        return np.asarray(self.posting_rows[self.posting_starts[first] : self.posting_starts[last]])

    @property
    def page_files(self) -> tuple[int, ...]:
        """The numbers of the sitemap files."""
        return tuple(int(name.removeprefix(PAGES)) for name in self.columns if name.startswith(PAGES))

    def pages(self, number: int) -> str:
        """Return the lines of a sitemap file; empty if there is no such file."""
        column = self.columns.get(f"{PAGES}{number}")
        return "" if column is None else str(column.tobytes(), "utf-8")


def microseconds(moment: datetime) -> int:
    """Return whole microseconds since 1970; exact, so that the index and the listing's page agree."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def pack(flags: Array) -> Bitmap:
    """Pack booleans into a bitmap; their number must be a multiple of 64."""
    return np.packbits(flags, bitorder="little").view(np.uint64)


def bitmap_of(rows: Array, size: int) -> Bitmap:
    """Return the bitmap of `size` rows in which the given rows are set."""
    if len(rows) * 256 > size:  # then this is faster
        flags = np.zeros(size, bool)
        flags[rows] = True
        return pack(flags)
    words = np.zeros(size // 64, np.uint64)
    np.bitwise_or.at(words, rows >> 6, np.uint64(1) << (rows & 63).astype(np.uint64))
    return words


def rows_of(words: Bitmap, places: Array | None = None) -> Array:
    """Return the rows whose bit is set, in order; with `places`, only those in these words of the bitmap."""
    if places is None:
        places = np.flatnonzero(words)
    found = np.flatnonzero(np.unpackbits(words[places].view(np.uint8), bitorder="little"))
    return np.asarray((places[found >> 6] << 6) + (found & 63))


def bits_of(words: Bitmap, rows: Array) -> Array:
    """Return whether each row's bit is set."""
    return np.asarray(words[rows >> 6] >> (rows & 63).astype(np.uint64) & np.uint64(1)).astype(bool)


def count(words: Bitmap) -> int:
    """Return the number of bits set."""
    return int(np.bitwise_count(words).sum(dtype=np.uint32))


def write(path: Path, columns: Iterable[tuple[str, Array]], meta: Mapping[str, Any]) -> None:
    """Write a segment and replace `path` atomically: a crash leaves the old file or the new one.

    Raises:
        OSError: the disk is full or read-only; `path` is unchanged.
    """
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    index: dict[str, Any] = {}
    try:
        with beside.open("wb") as file:
            for name, column in columns:
                file.write(b"\0" * (-file.tell() % _ALIGNMENT))
                index[name] = (column.dtype.str, column.shape, file.tell())
                np.ascontiguousarray(column).tofile(file)
            header = json.dumps({"meta": dict(meta), "columns": index}).encode()
            file.write(header + len(header).to_bytes(8, "little") + _MAGIC)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def read(path: Path) -> Segment:
    """Map a segment into memory. The file may be replaced while it is mapped, but is never modified.

    Raises:
        FileNotFoundError: there is none.
        Conflict: it is damaged, or is not a segment of this version.
    """
    with path.open("rb") as file:
        # An empty file cannot be mapped.
        size = os.fstat(file.fileno()).st_size
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
    end = size - len(_MAGIC)
    if mapped[max(end, 0) :] != _MAGIC:
        raise Conflict(f"{path} is damaged, or is no snapshot of the search index of this version.")
    length = int.from_bytes(mapped[end - 8 : end], "little")
    header = json.loads(mapped[end - 8 - length : end - 8])
    columns = {
        name: np.frombuffer(mapped, dtype, math.prod(shape), offset).reshape(shape)
        for name, (dtype, shape, offset) in header["columns"].items()
    }
    return Segment(columns, header["meta"])
