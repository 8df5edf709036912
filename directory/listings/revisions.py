"""Changes to a published listing: live fields change at once, the others by a revision that a reviewer accepts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.audit.commands import record
from directory.errors import Conflict, Invalid
from directory.listings import address_changes
from directory.listings.changes import (
    ADDRESSES,
    FieldChange,
    check_values,
    current_value,
    diff_values,
    from_json,
    values_of,
    write_changes,
)
from directory.listings.commands import require_unlisted_npi, require_version
from directory.listings.field_sets import LIVE_FIELDS, LIVE_LOCATION_FIELDS, REVIEWED_FIELDS
from directory.listings.lifecycle import CHANGEABLE
from directory.listings.revision_lifecycle import Move, RevisionState, next_state
from directory.listings.revision_store import (
    find_revision,
    new_revision,
    revision_digest,
    store_draft,
    write_public_changes,
)
from directory.listings.tables import Listing, ListingRevision, ListingRevisionMove
from directory.settings.queries import forbidden_words


def change_live(
    session: Session,
    listing: Listing,
    values: Mapping[str, Any],
    locations: Mapping[int, Mapping[str, Any]],
    *,
    version: int,
    by: Actor,
    now: datetime,
) -> tuple[FieldChange, ...]:
    """Change the live fields of a published listing at once and return what changed.

    This does not update the search index; `review.revisions.change_live` does both.

    `values` are those of `LIVE_FIELDS` by name, `locations` those of `LIVE_LOCATION_FIELDS` by location id and name,
    and `version` is the version that the owner edited.

    Raises:
        Invalid: a new value breaks a limit; errors of the first location's fields are named like `locations-0-phone`.
        Conflict: the listing is not published, or was changed in the meantime.
    """
    require_changeable(listing, by)
    require_version(listing, version)
    own = values_of(LIVE_FIELDS, listing)
    words = forbidden_words(session)
    faults = list(check_values(LIVE_FIELDS, own, values, words=words))
    changes = list(diff_values(LIVE_FIELDS, own, values))
    for ordinal, row in enumerate(listing.locations):
        if row.id in locations:
            own, given = values_of(LIVE_LOCATION_FIELDS, row), locations[row.id]
            faults += check_values(LIVE_LOCATION_FIELDS, own, given, f"locations-{ordinal}-", words=words)
            changes += diff_values(LIVE_LOCATION_FIELDS, own, given, row)
    if faults:
        raise Invalid(faults)
    if changes:
        session.add(new_revision(listing, changes, RevisionState.LIVE, by=by.id, now=now))
        write_public_changes(session, listing, changes, by=by, now=now)
    return tuple(changes)


def save_draft(
    session: Session,
    listing: Listing,
    values: Mapping[str, Any],
    *,
    token: str,
    by: Actor,
    now: datetime,
) -> ListingRevision | None:
    """Save proposed values in the draft revision of a listing and return the draft; None if it holds no change.

    Args:
        session: the session.
        listing: a published or suspended listing.
        values: values of `REVIEWED_FIELDS` by name, and under `ADDRESSES` the documents of all addresses. Fields that
            are left out keep what the draft says of them.
        token: the `edit_token` of what the owner edited.
        by: the owner.
        now: the current time.

    Raises:
        Invalid: a new value breaks a limit.
        Conflict: the listing is not published, its draft was changed in the meantime, or its new NPI is already listed.
    """
    require_changeable(listing, by)
    if token != edit_token(session, listing):
        raise Conflict("This listing was changed in the meantime. Look at it as it is now, then save again.")
    base = proposed_values(listing, find_revision(session, listing, RevisionState.SUBMITTED))
    fields = [each for each in REVIEWED_FIELDS if each.name in values]
    if faults := list(check_values(fields, base, values, words=forbidden_words(session))):
        raise Invalid(faults)
    changes = list(diff_values(fields, base, values))
    if ADDRESSES in values and base[ADDRESSES] != values[ADDRESSES]:
        changes.append(FieldChange(ADDRESSES, base[ADDRESSES], values[ADDRESSES]))
    npi = next((change.new for change in changes if change.field == "npi"), None)
    if npi != listing.npi:
        require_unlisted_npi(session, npi)
    return store_draft(session, listing, changes, values, by=by.id, now=now)


def submit(session: Session, draft: ListingRevision, *, by: Actor, now: datetime, version: int | None = None) -> None:
    """Submit a draft for review; `version` is the version that the owner saw.

    Raises:
        Conflict: it is no draft, was changed in the meantime, another revision waits for review, or a value that it
            replaces has changed.
    """
    require_changeable(draft.listing, by)
    _require_version(draft, version)
    if find_revision(session, draft.listing, RevisionState.SUBMITTED) is not None:
        raise Conflict("Another change of this listing waits for a reviewer. Take it back to send both together.")
    require_current(draft)
    move(session, draft, Move.SUBMIT, by=by, now=now)


def withdraw(session: Session, revision: ListingRevision, *, by: Actor, now: datetime) -> None:
    """Take a revision back that waits for review; its changes return to the draft, so nothing typed is lost.

    Raises:
        Conflict: it no longer waits for review.
    """
    require(by, Action.EDIT_LISTING, right=revision.listing.right_of(by.id))
    move(session, revision, Move.WITHDRAW, by=by, now=now)
    settle_draft(session, revision, keep=True, now=now)


def discard(
    session: Session, draft: ListingRevision, *, by: Actor, now: datetime, field: str = "", version: int | None = None
) -> None:
    """Discard one change of a draft, or the whole draft if `field` is empty.

    Raises:
        Conflict: it is no draft any more, or was changed in the meantime.
    """
    require(by, Action.EDIT_LISTING, right=draft.listing.right_of(by.id))
    _require_version(draft, version)
    if draft.state is not RevisionState.DRAFT:
        raise Conflict("These changes were sent for review. Take them back first.")
    store_draft(session, draft.listing, (), {field: None} if field else None, by=by.id, now=now)


def accept(session: Session, revision: ListingRevision, *, by: Actor, now: datetime, reason: str = "") -> None:
    """Accept a revision and write its changes to the listing; the caller has checked that `by` may do so.

    Raises:
        Conflict: the listing is not published, the revision does not wait for review, a value that it replaces has
            changed, or its new NPI is already listed.
    """
    if revision.listing.state not in CHANGEABLE:
        raise Conflict(f"This listing is {revision.listing.state.value}, so there is nothing to change.")
    require_current(revision)
    for change in from_json(revision.changes):
        if change.field == "npi":
            require_unlisted_npi(session, change.new)
    move(session, revision, Move.ACCEPT, by=by, now=now, reason=reason)
    write_public_changes(session, revision.listing, from_json(revision.changes), by=by, now=now)


def move(
    session: Session, revision: ListingRevision, name: Move, *, by: Actor, now: datetime, reason: str = ""
) -> None:
    """Make one lifecycle move and record it; the caller has checked that `by` may do so.

    Raises:
        Conflict: the lifecycle has no such move from here.
    """
    before, hashed = revision.state, revision_digest(revision)
    revision.state, revision.updated_at = next_state(before, name), now
    states = {"from_state": before.value, "to_state": revision.state.value}
    session.add(
        ListingRevisionMove(revision_id=revision.id, move=name.value, **states, reason=reason, by_id=by.id, at=now)
    )
    session.flush()
    record(
        session,
        action=f"revision.{name.value}",
        target=f"revision:{revision.id}",
        # A draft was never audited, so it has no earlier digest.
        before=None if name is Move.SUBMIT else hashed,
        after=revision_digest(revision),
        by=by.id,
        now=now,
    )


def settle_draft(session: Session, revision: ListingRevision, *, keep: bool, now: datetime) -> None:
    """Bring the draft up to date after a revision left the review without being accepted.

    What the draft proposes instead of a value of that revision now replaces the public value. With `keep`, the other
    changes of the revision are added to the draft, so that the owner can correct them.
    """
    draft = find_revision(session, revision.listing, RevisionState.DRAFT)
    left = {change.key: change for change in from_json(revision.changes)}
    merged = dict(left) if keep else {}
    for change in from_json(draft.changes if draft else ()):
        old = left[change.key].old if change.key in left else change.old
        merged[change.key] = FieldChange(change.field, old, change.new)
    changes = [change for change in merged.values() if change.old != change.new]
    store_draft(session, revision.listing, changes, None, by=(draft or revision).by_id, now=now)


def require_current(revision: ListingRevision) -> None:
    """Check that each value that a revision replaces is still the public one.

    Raises:
        Conflict: one has changed; the message has both values.
    """
    for change in from_json(revision.changes):
        today = FieldChange(change.field, current_value(revision.listing, change), change.new)
        if today.old != change.old:
            raise Conflict(
                f"{change.short} changed in the meantime, from “{change.before}” to “{today.before}”. "
                f"This change would make it “{change.after}”. Edit the change again to replace what is public now."
            )


def proposed_values(listing: Listing, *revisions: ListingRevision | None) -> dict[str, Any]:
    """The reviewed values of a listing by name, with the changes of these revisions applied in order."""
    values = {each.name: each.stored(getattr(listing, each.name)) for each in REVIEWED_FIELDS}
    values[ADDRESSES] = address_changes.documents(listing)
    for revision in revisions:
        values |= {change.field: change.new for change in from_json(revision.changes if revision else ())}
    return values


def detached_proposal(session: Session, listing: Listing, *revisions: ListingRevision | None) -> Listing:
    """The listing with the changes of these revisions, detached from the session so that nothing of it is stored."""
    changes = [change for one in revisions if one is not None for change in from_json(one.changes)]
    session.expunge(listing)
    write_changes(listing, [change for change in changes if change.field != ADDRESSES])
    for change in changes:
        if change.field == ADDRESSES:
            address_changes.arrange(listing, change.new)
    return listing


def edit_token(session: Session, listing: Listing) -> str:
    """A token of the listing's version and its draft, which an edit form holds to detect concurrent changes."""
    draft = find_revision(session, listing, RevisionState.DRAFT)
    return f"{listing.version}:{draft.version}:{draft.updated_at.isoformat()}" if draft else f"{listing.version}"


def require_changeable(listing: Listing, by: Actor) -> None:
    """Check that `by` may change the listing, and that it is changed by revisions.

    Raises:
        NotAllowed: the account may not edit the listing.
        Conflict: the listing is not published.
    """
    require(by, Action.EDIT_LISTING, right=listing.right_of(by.id))
    if listing.state not in CHANGEABLE:
        raise Conflict(f"This listing is {listing.state.value}; only a published listing is changed this way.")


def _require_version(revision: ListingRevision, version: int | None) -> None:
    if version is not None and revision.version != version:
        raise Conflict("These changes were edited in the meantime. Look at them as they are now, then decide again.")
