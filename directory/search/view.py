"""A consistent view of the index at one state of the database: the snapshot plus later changes."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from directory import clock
from directory.search.builder import segment_of
from directory.search.changes import changes_since, state_of
from directory.search.document import SearchDocument, documents_of
from directory.search.segment import Segment
from directory.search.snapshot import SnapshotStore

BATCH = 500
"""Changed listings read by one statement; arbitrary."""


@dataclass(frozen=True, slots=True)
class View:
    """The index at one state of the database.

    `segments` are the snapshot without the listings that changed since, and those. `changed` has the version and token
    of each change, and the documents of the listing.
    """

    snapshot: Segment
    segments: tuple[Segment, ...]
    changed: Mapping[int, tuple[tuple[int, int], tuple[SearchDocument, ...]]]


class ViewCache:
    """Caches the newest view of a process, and replaces it when the snapshot or the database changed."""

    def __init__(self, store: SnapshotStore) -> None:
        self._store = store
        self._lock = threading.RLock()
        self._key: tuple[object, int] | None = None
        self._view: View | None = None

    def current(self, session: Session) -> View:
        """Return the view for this transaction; reads only one row if nothing changed.

        Raises:
            OSError: there is no usable snapshot, and none can be written.
            OperationalError: the same, because the database cannot be written.
        """
        with self._lock:
            key = self._store.stamp(), state_of(session).token
            if self._view is None or self._key != key:
                snapshot = self._snapshot(session, is_new=self._key is None or self._key[0] != key[0])
                # A snapshot built just now is not read again; one that was swapped in meanwhile is, at the next change.
                self._view, self._key = self._updated(session, snapshot), (self._store.stamp(), key[1])
            return self._view

    def _snapshot(self, session: Session, *, is_new: bool) -> Segment:
        """Return the newest snapshot that is usable, or build one.

        The known one may be from before a restore from a backup, or from a transaction that was rolled back.
        """
        known = self._view.snapshot if self._view else None
        if is_new and (found := self._store.load(session)) is not None:
            return found
        if known is not None and self._store.usable(session, known):
            return known
        return self._store.load_or_build(session, now=clock.now())

    def _updated(self, session: Session, snapshot: Segment) -> View:
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
            return View(snapshot, (snapshot,), changed)
        documents = [document for _, documents in changed.values() for document in documents]
        return View(snapshot, (snapshot.without([*changed]), segment_of(documents)), changed)
