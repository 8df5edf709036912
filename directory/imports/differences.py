"""Differences between an import and what a provider keeps: stored as cases, listed, and decided by a reviewer."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.attributes import flag_modified

from directory.accounts.policy import Action, Actor, require
from directory.audit.commands import record
from directory.errors import Conflict, FieldError, Invalid, NotFound
from directory.geocoding.place import Place
from directory.imports.comparison import address_of
from directory.imports.plan import PlannedRow
from directory.imports.tables import Decision, ImportDifference
from directory.listings.digest import listing_digest
from directory.listings.fields import LISTING_FIELDS
from directory.listings.kinds import ListingKind
from directory.listings.tables import Listing
from directory.listings.text_limits import check_text
from directory.search.changes import record_changes

ADDRESS = "address"
"""The name under which the parts of the first address differ as one value."""

MAX_REASON = 2000
"""Maximum length of a reason in characters; arbitrary, about a page."""

_FIELDS = {each.name: each for each in LISTING_FIELDS}
_OPEN = ImportDifference.decision.is_(None)


def record_differences(session: Session, rows: Iterable[tuple[PlannedRow, int]], *, now: datetime) -> int:
    """Store what rows say otherwise than listings that their provider keeps; returns how many wait anew.

    A difference that was decided, or that waits already, is not stored twice.

    Args:
        session: the transaction of the batch.
        rows: the planned rows, each with the id of its `ImportRow`.
        now: the current time.
    """
    held = [(planned, row_id) for planned, row_id in rows if planned.held_listing_id is not None and planned.changes]
    ids = {planned.held_listing_id for planned, _ in held}
    known: dict[tuple[int, str], list[ImportDifference]] = {}
    for each in session.scalars(sa.select(ImportDifference).where(ImportDifference.listing_id.in_(ids))) if ids else ():
        known.setdefault((each.listing_id, each.field), []).append(each)
    new = 0
    for planned, row_id in held:
        for field, ours, theirs in _differences(planned):
            earlier = known.setdefault((planned.held_listing_id or 0, field), [])
            if any(each.theirs == theirs for each in earlier):
                continue
            waiting = next((each for each in earlier if each.decision is None), None)
            if waiting is not None:
                waiting.ours, waiting.theirs, waiting.row_id = ours, theirs, row_id
                continue
            made = ImportDifference(
                listing_id=planned.held_listing_id, row_id=row_id, field=field, ours=ours, theirs=theirs, found_at=now
            )
            session.add(made)
            earlier.append(made)
            new += 1
    session.flush()
    return new


def _differences(planned: PlannedRow) -> Iterator[tuple[str, Any, Any]]:
    """Yield the field, the value of the listing and the value of the row."""
    for change in planned.changes:
        if change.address is None:
            yield change.field, change.old, change.new
    parts = [change for change in planned.changes if change.address == 0]
    if parts:
        yield ADDRESS, {each.field: each.old for each in parts}, {each.field: each.new for each in parts}


def count_open_differences(session: Session) -> int:
    """Return how many differences wait for a decision."""
    return session.scalar(sa.select(sa.func.count()).select_from(ImportDifference).where(_OPEN)) or 0


def waiting_differences(session: Session, *, offset: int, limit: int) -> Sequence[ImportDifference]:
    """Return a page of all differences that wait for a decision, the oldest first."""
    listing = joinedload(ImportDifference.listing).options(
        selectinload(Listing.managers), selectinload(Listing.locations)
    )
    return session.scalars(
        sa.select(ImportDifference)
        .where(_OPEN)
        .order_by(ImportDifference.found_at, ImportDifference.id)
        .offset(offset)
        .limit(limit)
        .options(listing, joinedload(ImportDifference.row))
    ).all()


def import_difference(session: Session, difference_id: int) -> ImportDifference:
    """Return a difference.

    Raises:
        NotFound: there is none with this id.
    """
    found = session.get(ImportDifference, difference_id)
    if found is None:
        raise NotFound("There is no such difference.")
    return found


def decide_difference(
    session: Session,
    difference: ImportDifference,
    decision: Decision,
    *,
    reason: str,
    place: Callable[[str, str, str], Place | None],
    by: Actor,
    now: datetime,
) -> None:
    """Keep the listing's value, or take that of the import; `place` finds a city, a state and a ZIP code.

    Raises:
        NotAllowed: `by` is no reviewer, or manages the listing.
        Invalid: the reason is missing or too long, or the value cannot be stored.
        Conflict: it was decided already.
    """
    listing = difference.listing
    require(by, Action.DECIDE, right=listing.right_of(by.id))
    if difference.decision is not None:
        raise Conflict("This difference was decided already.")
    reason = require_reason(reason)
    before = listing_digest(listing)
    if decision is Decision.THEIRS:
        _take(listing, difference.field, difference.theirs, place)
        listing.updated_at = now
        flag_modified(listing, "updated_at")
        session.flush()
        record_changes(session, [listing.id])
    difference.decision, difference.reason = decision, reason
    difference.decided_at, difference.decided_by_id = now, by.id
    session.flush()
    _log(session, listing, decision, before, by=by, now=now)


def _log(session: Session, listing: Listing, decision: Decision, before: str, *, by: Actor, now: datetime) -> None:
    verb = "take_import" if decision is Decision.THEIRS else "keep_own"
    after, target = listing_digest(listing), f"listing:{listing.id}"
    record(session, action=f"listing.{verb}", target=target, before=before, after=after, by=by.id, now=now)


def require_reason(text: str) -> str:
    """Return the stripped text of a reason.

    Raises:
        Invalid: it is missing or too long.
    """
    text = text.strip()
    if not text:
        raise Invalid([FieldError("reason", "Give the reason: it stays on the record.")])
    if faults := list(check_text("reason", "A reason", text, most=MAX_REASON, lines=True)):
        raise Invalid(faults)
    return text


def _take(listing: Listing, field: str, theirs: Any, place: Callable[[str, str, str], Place | None]) -> None:
    if field == ADDRESS:
        _take_address(listing, theirs, place)
        return
    if faults := list(_FIELDS[field].check(theirs)):
        raise Invalid(faults)
    setattr(listing, field, ListingKind(theirs) if field == "kind" else theirs)


def _take_address(listing: Listing, theirs: Mapping[str, Any], place: Callable[[str, str, str], Place | None]) -> None:
    if not listing.locations:
        raise Conflict("This listing has no address any more.")
    row = listing.locations[0]
    address = replace(address_of(row), **theirs)
    zip_code = address.postal_code[:5]
    replace(address, place=place(address.city, address.state, zip_code)).write(row, 0)
