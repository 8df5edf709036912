"""A consistent view of the index at one state of the database: the snapshot plus later changes."""

import logging
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from directory import clock
from directory.errors import Refusal
from directory.search.builder import segment_of
from directory.search.changes import changes_since, state_of
from directory.search.document import SearchDocument, documents_of
from directory.search.segment import Segment
from directory.search.snapshot import SnapshotStore

BATCH = 500
"""Changed listings read by one statement; arbitrary."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class View:
    """The index at one state of the database: the snapshot without the listings that changed since, and those.

    `changed` has the version and token of each change, and the documents of the listing.
    """

    token: int
    segments: tuple[Segment, ...]
    changed: Mapping[int, tuple[tuple[int, int], tuple[SearchDocument, ...]]]

    @property
    def snapshot(self) -> Segment:
        """The first segment, which has the columns that only a snapshot has."""
        return self.segments[0]


class ViewCache:
    """Caches the newest view of a process, and replaces it when the snapshot or the database changed."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._stamp: tuple[int, int] | None = None
        self._segment: Segment | None = None
        self._view: View | None = None

    @property
    def has_file(self) -> bool:
        """Whether the current snapshot is a file, and not only in memory."""
        return self._stamp is not None

    def current(self, session: Session) -> View:
        """Return the view for this transaction; reads only one row if nothing changed."""
        with self._lock:
            before, stamp = self._segment, self._store.stamp()
            segment = self._open(session) if before is None or stamp not in {None, self._stamp} else before
            token = state_of(session).token
            if self._view is None or self._view.token != token:
                # The snapshot may be from before a restore from a backup, or from a transaction that was rolled back.
                if segment is before and not self._store.usable(session, segment):
                    self._segment = None
                    segment = self._open(session)
                self._view = self._updated(session, segment, token)
            return self._view

    def _open(self, session: Session) -> Segment:
        """Load the newest snapshot, or build one if none can be used."""
        if found := self._adopt(session) or self._segment:
            # The next build replaces a file that cannot be used.
            return found
        now = clock.now()
        try:
            with self._store.building():
                found = self._adopt(session) or self._store.build(session, now=now)
                stamp = self._store.stamp()
        except (OSError, OperationalError):
            log.exception("the snapshot of the search index cannot be written; searching without it")
            found, stamp = self._store.build_in_memory(session, now=now), None
        self._segment, self._stamp, self._view = found, stamp, None
        return found

    def _adopt(self, session: Session) -> Segment | None:
        stamp = self._store.stamp()
        with suppress(OSError, Refusal):
            segment = self._store.read()
            if self._store.usable(session, segment):
                self._segment, self._stamp, self._view = segment, stamp, None
                return segment
        return None

    def _updated(self, session: Session, snapshot: Segment, token: int) -> View:
        """Return the view with all changes since the snapshot; reuses documents already read for the same change."""
        changes = changes_since(session, snapshot.meta["version"])
        known = self._view.changed if self._view else {}
        fresh = [one for one, change in changes.items() if one not in known or known[one][0] != change]
        found: dict[int, list[SearchDocument]] = {one: [] for one in fresh}
        for start in range(0, len(fresh), BATCH):
            for document in documents_of(session, self._store.rulesets, fresh[start : start + BATCH]):
                found[document.listing_id].append(document)
        changed = {
            one: (change, tuple(found[one])) if one in found else known[one] for one, change in sorted(changes.items())
        }
        if not changed:
            return View(token, (snapshot,), changed)
        documents = [document for _, documents in changed.values() for document in documents]
        return View(token, (snapshot.without([*changed]), segment_of(documents)), changed)
