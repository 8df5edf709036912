"""The snapshot of a server: a segment of all public locations, built from the tables and replaced as a whole."""

import fcntl
import hashlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.geography.point import EARTH_RADIUS_MILES
from directory.listings.tables import Listing
from directory.search import filters
from directory.search.builder import SegmentBuilder, unit_vectors
from directory.search.changes import new_token, state_of
from directory.search.document import DocumentReader
from directory.search.segment import BLOCK, FORMAT, PAGES, Array, Segment, read, write
from directory.search.tables import search_snapshots

NEAR_MILES = 25.0
"""The greatest distance at which a listing is near a town; arbitrary, less than an hour's drive on most roads."""

PAGES_IN_FILE = 50_000
"""Listing ids in one sitemap file: the most URLs that the sitemap protocol allows."""

BATCH = 2_000
"""Listings read at a time; arbitrary, some megabytes."""

TOWNS_AT_ONCE = 500
"""Towns compared with all blocks at a time, to limit memory."""

ROUNDING = 1e-7
"""Radians by which an angle from a cosine may differ from the exact one; ten times the real error."""

KEPT = timedelta(days=400)
"""How long the database keeps the record of a snapshot; an older snapshot is rebuilt."""

Progress = Callable[[int], object]
"""Called after each batch with the number of locations read since the last call."""


class SnapshotStore:
    """The snapshot in one folder.

    A snapshot is usable if this database has a record of it and it was built with the same filters, rules and towns.
    """

    def __init__(self, folder: Path, rulesets: Rulesets, towns: Array) -> None:
        self.folder = folder
        self.path = folder / "snapshot"
        self._rulesets = rulesets
        self._towns = towns
        self._towns_hash = hashlib.sha256(towns.tobytes()).hexdigest()

    def fingerprint(self) -> str:
        """Return a hash of everything besides the database on which a snapshot depends."""
        rules = [(each.id, str(self._rulesets.superseded_at(each.id))) for each in self._rulesets.newest_first]
        return hashlib.sha256(repr((FORMAT, filters.facts(), rules, self._towns_hash)).encode()).hexdigest()

    def usable(self, session: Session, segment: Segment) -> bool:
        """Return whether a segment is a snapshot of this database at some earlier time."""
        if segment.meta.get("fingerprint") != self.fingerprint():
            return False
        known = sa.select(search_snapshots.c.token).where(search_snapshots.c.token == segment.meta["token"])
        return session.scalar(known) is not None

    def read(self) -> Segment:
        """Read the segment from the file.

        Raises:
            FileNotFoundError: there is none.
            Conflict: it is damaged.
        """
        return read(self.path)

    def stamp(self) -> tuple[int, int] | None:
        """Return a value that changes whenever the file is replaced; None if there is no file."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    @contextmanager
    def building(self, *, wait: bool = True) -> Iterator[bool]:
        """Lock the folder, so that one process builds at a time; yields whether this process holds the lock.

        Raises:
            OSError: the folder cannot be written.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                for left in self.folder.glob(f"{self.path.name}.*.new"):
                    left.unlink(missing_ok=True)
                yield True

    def build(self, session: Session, *, now: datetime, progress: Progress | None = None) -> Segment:
        """Build the snapshot from the data committed now, in a separate session, and replace the file.

        Raises:
            OSError: the file cannot be written; the old one is unchanged.
            OperationalError: the database cannot be written.
        """
        with Session(session.get_bind()) as own:
            meta = self._begin(own, now)
            self.folder.mkdir(parents=True, exist_ok=True)
            write(self.path, self._columns(own, meta, progress), meta)
        return self.read()

    def build_in_memory(self, session: Session, *, now: datetime) -> Segment:
        """Build the snapshot in memory, for a disk that cannot be written.

        If the database cannot be written either, the segment holds what the session sees, and is not usable for any
        other state of the database.
        """
        try:
            with Session(session.get_bind()) as own:
                meta = self._begin(own, now)
                return Segment(dict(self._columns(own, meta, None)), meta)
        except OperationalError:
            meta = self._meta(session, now)
            return Segment(dict(self._columns(session, meta, None)), meta)

    def _begin(self, session: Session, now: datetime) -> dict[str, Any]:
        """Record a new snapshot in the database and return its metadata."""
        with session.begin():
            meta = self._meta(session, now)
            session.execute(sa.delete(search_snapshots).where(search_snapshots.c.built_at < now - KEPT))
            row = {"token": meta["token"], "version": meta["version"], "built_at": now}
            session.execute(sa.insert(search_snapshots).values(row))
        return meta

    def _meta(self, session: Session, now: datetime) -> dict[str, Any]:
        # Read the version before the rows: what is committed after it is then read again as a change.
        version, token = state_of(session).version, new_token()
        return {
            "facts": filters.facts(),
            "fingerprint": self.fingerprint(),
            "token": token,
            "version": version,
            "built_at": now.isoformat(),
        }

    def _columns(
        self, session: Session, meta: dict[str, Any], progress: Progress | None
    ) -> Iterator[tuple[str, Array]]:
        """Yield the columns of a segment, sitemap files and towns near listings, each as soon as it is ready.

        The ids of listings that could not be graded are added to `meta` before the last column.
        """
        reader, builder, pages = DocumentReader(self._rulesets), SegmentBuilder(), dict[int, bytearray]()
        for after, last in _ranges(session):
            documents, some = reader.by_range(session.connection(), after, last)
            builder.add(documents)
            for page in some:
                line = f"{page.slug}\t{page.changed.isoformat()}\n".encode()
                pages.setdefault((page.listing_id - 1) // PAGES_IN_FILE + 1, bytearray()).extend(line)
            # Listings are in the order of their ids, so all files but the last are complete.
            for number in [*pages][:-1]:
                yield _file_of_pages(number, pages.pop(number))
            if progress:
                progress(len(documents))
                session.rollback()  # a long read transaction would prevent SQLite's checkpoints
        yield from itertools.starmap(_file_of_pages, pages.items())
        meta["ungraded"] = sorted(reader.ungraded)[:BATCH]
        del reader, pages
        kept: dict[str, Array] = {}
        for name, column in builder.columns():
            if name in {"valid", "unit_vectors", "ball_centers", "ball_radii"}:
                kept[name] = column
            if name == "ball_radii":
                yield "towns", towns_near(self._towns, *kept.values())
                kept.clear()
            yield name, column


def towns_near(towns: Array, valid: Array, vectors: Array, centers: Array, radii: Array) -> Array:
    """Return for each town (latitude and longitude in degrees) whether any location lies within `NEAR_MILES`.

    Bounds on the blocks decide for most towns; otherwise the locations of blocks across the edge are checked.
    """
    near = np.zeros(len(towns), bool)
    filled = np.unpackbits(valid.view(np.uint8), bitorder="little").astype(bool).reshape(-1, BLOCK)
    if not filled.any():
        return near
    reach, blocks = NEAR_MILES / EARTH_RADIUS_MILES, vectors.reshape(-1, BLOCK, 3)
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


def _file_of_pages(number: int, lines: bytearray) -> tuple[str, Array]:
    return f"{PAGES}{number}", np.frombuffer(lines, np.uint8)


def _ranges(session: Session) -> Iterator[tuple[int, int]]:
    """Yield ranges of listing ids (after the first, up to the last) that together cover all; each holds one batch."""
    ids, done = sa.select(Listing.id).order_by(Listing.id).offset(BATCH - 1).limit(1), 0
    while last := session.scalar(ids.where(Listing.id > done)):
        yield done, last
        done = last
    yield done, 2**31 - 1
