"""The change feed: records each changed listing in the transaction that changes it."""

import secrets
from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from directory.search.tables import search_changes, search_state

TOKEN_BITS = 62
"""Bits of a random token: as many as an integer column of either database can hold."""


class State(NamedTuple):
    """The row of `search_state`."""

    version: int
    token: int
    bulk_version: int


_STATE = sa.select(search_state.c.version, search_state.c.token, search_state.c.bulk_version)


def new_token() -> int:
    """Return a new random token."""
    return secrets.randbits(TOKEN_BITS)


def state_of(session: Session) -> State:
    """Return the state that this transaction sees; reads one row."""
    return State(*session.execute(_STATE).one())


def record_changes(session: Session, listing_ids: Iterable[int]) -> None:
    """Record that listings changed, so that searches after this transaction see them. Call it after all changes.

    The row of `search_state` stays locked until the transaction ends, so that the order of versions is the order of
    commits.
    """
    session.flush()
    changed = sorted(set(listing_ids))
    if not changed:
        return
    token = new_token()
    connection = session.connection()
    version = connection.scalar(
        sa.update(search_state)
        .values(version=search_state.c.version + 1, token=token)
        .returning(search_state.c.version)
    )
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = insert(search_changes)
    upsert = row.on_conflict_do_update(
        index_elements=["listing_id"], set_={"version": row.excluded.version, "token": row.excluded.token}
    )
    connection.execute(upsert, [{"listing_id": one, "version": version, "token": token} for one in changed])


def record_bulk_change(session: Session) -> None:
    """Record a change of many listings. They become searchable with the next snapshot, which is due immediately."""
    session.flush()
    version = search_state.c.version + 1
    session.execute(sa.update(search_state).values(version=version, token=new_token(), bulk_version=version))


def changes_since(session: Session, version: int) -> dict[int, tuple[int, int]]:
    """Return the listings that changed after a version, each with the version and the token of its last change."""
    change = search_changes.c
    rows = session.execute(sa.select(change.listing_id, change.version, change.token).where(change.version > version))
    return {listing_id: (at, token) for listing_id, at, token in rows}
