"""The content of listings as JSON: before a batch of an import, so that it can be undone, and to see later changes."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.audit.chain import digest
from directory.database import Base
from directory.listings.kinds import ListingKind
from directory.listings.tables import Listing, ListingManager, Location

Snapshot = dict[str, Any]

_listings, _locations, _managers = (
    Base.metadata.tables[table.__tablename__] for table in (Listing, Location, ListingManager)
)
_NO_CONTENT = frozenset({"id", "form_key", "reminded_on", "created_at", "updated_at", "version"})
"""Columns of a listing that change without its content."""
_FIXED = frozenset({"slug", "source", "state"})
"""Columns that a restored listing keeps; its state only changes by moves."""
_CONTENT = [column for column in _listings.c if column.name not in _NO_CONTENT]
_ADDRESS = [column for column in _locations.c if column.name not in {"id", "listing_id"}]
_DATES = frozenset(column.name for column in _CONTENT if isinstance(column.type, sa.Date))


def take_snapshots(session: Session, listing_ids: Iterable[int]) -> dict[int, Snapshot]:
    """Return the content of listings by id, with their addresses and managers, in three statements."""
    wanted = sorted(set(listing_ids))
    if not wanted:
        return {}
    rows = session.execute(sa.select(_listings.c.id, *_CONTENT).where(_listings.c.id.in_(wanted))).mappings()
    found: dict[int, Snapshot] = {
        row["id"]: {**{column.name: _plain(row[column.name]) for column in _CONTENT}, "addresses": [], "managers": []}
        for row in rows
    }
    addresses = sa.select(_locations.c.listing_id, *_ADDRESS).where(_locations.c.listing_id.in_(wanted))
    for row in session.execute(addresses.order_by(_locations.c.listing_id, _locations.c.ordinal)).mappings():
        found[row["listing_id"]]["addresses"].append({each.name: _plain(row[each.name]) for each in _ADDRESS})
    managers = sa.select(_managers.c.listing_id, _managers.c.account_id).where(_managers.c.listing_id.in_(wanted))
    for listing_id, account_id in session.execute(managers.order_by(_managers.c.account_id)):
        found[listing_id]["managers"].append(account_id)
    return found


def snapshot_digest(snapshot: Snapshot) -> str:
    """Return the digest of the content of a listing."""
    return digest(without_floats(snapshot))


def restore(listing: Listing, snapshot: Mapping[str, Any]) -> None:
    """Write earlier content to a listing, but for its state and managers."""
    for column in _CONTENT:
        if column.name not in _FIXED:
            setattr(listing, column.name, _value(column.name, snapshot[column.name]))
    addresses = snapshot["addresses"]
    rows = list(listing.locations)[: len(addresses)]
    rows += [Location() for _ in range(len(addresses) - len(rows))]
    for address, row in zip(addresses, rows, strict=True):
        for name, value in address.items():
            setattr(row, name, value)
    listing.locations = rows


def without_floats(value: Any) -> Any:
    """Return a JSON value with text for each float, because canonical JSON has none."""
    match value:
        case float():
            return repr(value)
        case dict():
            return {name: without_floats(each) for name, each in value.items()}
        case list() | tuple():
            return [without_floats(each) for each in value]
    return value


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _value(name: str, value: Any) -> Any:
    if name == "kind":
        return ListingKind(value)
    return date.fromisoformat(value) if name in _DATES and value is not None else value
