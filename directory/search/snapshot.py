"""The snapshot of a server: a segment of all public locations, built from the tables and replaced as a whole."""

import fcntl
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.errors import Refusal
from directory.search import filters
from directory.search.builder import SegmentBuilder
from directory.search.changes import new_token, state_of
from directory.search.document import all_documents
from directory.search.segment import PAGES, Array, Segment, read, write
from directory.search.tables import search_snapshots

PAGES_IN_FILE = 50_000
"""Listing ids in one sitemap file: the most URLs that the sitemap protocol allows."""

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
        self.rulesets = rulesets
        self._towns = towns
        self._towns_hash = hashlib.sha256(towns.tobytes()).hexdigest()

    def fingerprint(self) -> str:
        """Return a hash of everything besides the database on which a snapshot depends."""
        rules = [(each.id, str(self.rulesets.superseded_at(each.id))) for each in self.rulesets.newest_first]
        return hashlib.sha256(repr((filters.facts(), rules, self._towns_hash)).encode()).hexdigest()

    def usable(self, session: Session, segment: Segment) -> bool:
        """Return whether a segment is a snapshot of this database at some earlier time."""
        if segment.meta.get("fingerprint") != self.fingerprint():
            return False
        known = sa.select(search_snapshots.c.token).where(search_snapshots.c.token == segment.meta["token"])
        return session.scalar(known) is not None

    def load(self, session: Session) -> Segment | None:
        """Return the segment in the file; None if there is none, it is damaged, or it is not usable."""
        try:
            segment = read(self.path)
        except (OSError, Refusal):
            return None
        return segment if self.usable(session, segment) else None

    def load_or_build(self, session: Session, *, now: datetime) -> Segment:
        """Return the segment in the file, or build it.

        Raises:
            OSError: the file cannot be written.
            OperationalError: the database cannot be written.
        """
        with self.building():
            # Another process may have built it while this one waited for the lock.
            found = self.load(session)
            return self.build(session, now=now) if found is None else found

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
            write(self.path, self._columns(own, progress), meta)
        return read(self.path)

    def _begin(self, session: Session, now: datetime) -> dict[str, Any]:
        """Record a new snapshot in the database and return its metadata."""
        with session.begin():
            # Read the version before the rows: what is committed after it is then read again as a change.
            row = {"token": new_token(), "version": state_of(session).version, "built_at": now}
            session.execute(sa.delete(search_snapshots).where(search_snapshots.c.built_at < now - KEPT))
            session.execute(sa.insert(search_snapshots).values(row))
        return {**row, "built_at": now.isoformat(), "fingerprint": self.fingerprint()}

    def _columns(self, session: Session, progress: Progress | None = None) -> Iterator[tuple[str, Array]]:
        """Yield the sitemap files and the columns of the segment, each as soon as it is ready."""
        builder, files = SegmentBuilder(self._towns), defaultdict[int, bytearray](bytearray)
        for documents, pages in all_documents(session, self.rulesets):
            builder.add(documents)
            for listing_id, line in pages.items():
                files[(listing_id - 1) // PAGES_IN_FILE + 1].extend(line.encode())
            # Listings are in the order of their ids, so all files but the last are complete.
            for number in [*files][:-1]:
                yield f"{PAGES}{number}", np.frombuffer(files.pop(number), np.uint8)
            if progress:
                progress(len(documents))
                session.rollback()  # a long read transaction would prevent SQLite's checkpoints
        for number, lines in files.items():
            yield f"{PAGES}{number}", np.frombuffer(lines, np.uint8)
        yield from builder.columns()
