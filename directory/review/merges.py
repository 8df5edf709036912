"""Merges two listings of one provider, and splits them again; nothing signed is moved, since digests name a listing."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, Right, require
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.claims.lifecycle import OPEN as OPEN_CLAIMS
from directory.claims.managers import (
    end_unmanaged,
    lost_its_managers,
    release_from_all,
    release_listing,
    withdraw_invitations,
)
from directory.claims.notices import active_accounts
from directory.claims.tables import Claim
from directory.disputes.lifecycle import WAITING as WAITING_DISPUTES
from directory.disputes.tables import Dispute
from directory.duplicates.tables import DuplicatePair, ListingMerge
from directory.errors import Conflict
from directory.imports.usps_address import same_place
from directory.listings import commands as listings
from directory.listings import revisions
from directory.listings.address_changes import documents
from directory.listings.changes import (
    ADDRESSES,
    FieldChange,
    address_document,
    current_value,
    diff_values,
    from_json,
    to_json,
    values_of,
)
from directory.listings.field_sets import editable_fields
from directory.listings.fields import LISTING_FIELDS
from directory.listings.lifecycle import ListingState, Move
from directory.listings.listing_data import MAX_LOCATIONS
from directory.listings.managers import end_right, grant_right, owner_ids
from directory.listings.notices import tell_decision
from directory.listings.revision_lifecycle import RevisionState
from directory.listings.revision_store import find_revision, new_revision, unfinished_revisions
from directory.listings.tables import Listing
from directory.review.revisions import end_answers, names_another_provider
from directory.search.changes import record_changes

MERGED_FIELDS = tuple(each for each in editable_fields(LISTING_FIELDS) if each.name != "kind")
"""The fields of which a merge keeps either value; two kinds are never one provider."""

SPLIT_REASON = "Two merged listings were split again."

_SIGNED = (AttestationState.SUBMITTED, AttestationState.ACCEPTED)


def merge_pair(
    session: Session,
    pair: DuplicatePair,
    *,
    keep: int,
    taken: Collection[str],
    by: Actor,
    now: datetime,
    versions: Mapping[int, int] | None = None,
) -> ListingMerge:
    """Merge a pair: the listing with the id `keep` stays, and the other one is retired; its URL leads to the first.

    `taken` are the names of fields whose value comes from the other listing; `ADDRESSES` adds its addresses. Who
    manages the other listing manages the kept one from now on. All owners are told. `versions` are those that the
    reviewer saw, by listing id; None skips the check.

    Raises:
        NotAllowed: `by` is no reviewer, or manages one of the listings.
        Conflict: the listings cannot be merged as they are, or one was changed since.
    """
    kept, other = (pair.one, pair.other) if pair.one_id == keep else (pair.other, pair.one)
    _require_impartial(kept, other, by)
    _require_mergeable(session, kept, other, versions or {})
    changes, was_published = _changes(kept, other, taken), other.state is ListingState.PUBLISHED
    _tell_owners(session, kept, other, now=now)
    _retire(session, other, by=by, now=now, reason=_reason(kept))
    _change(session, kept, changes, by=by, now=now, reason=_reason(other))
    ended, granted = _move_managers(session, kept, other, by=by, now=now)
    merge = ListingMerge(
        kept=kept,
        merged=other,
        was_published=was_published,
        changes=to_json(replace(change, new=current_value(kept, change)) for change in changes),
        granted=granted,
        ended=ended,
        by_id=by.id,
        at=now,
    )
    _store(session, merge)
    return merge


def undo_merge(session: Session, merge: ListingMerge, *, by: Actor, now: datetime) -> None:
    """Split two listings again: values and rights are as before the merge.

    Raises:
        NotAllowed: `by` is no reviewer, or manages one of the listings.
        Conflict: it is undone already, a value that it changed has changed since, or the NPI is listed elsewhere.
    """
    kept, other = merge.kept, merge.merged
    _require_impartial(kept, other, by)
    if merge.undone_at is not None:
        raise Conflict("This merge was undone already.")
    back = [replace(change, old=change.new, new=change.old) for change in from_json(merge.changes)]
    _change(session, kept, back, by=by, now=now, reason=f"Split from {other.name}.")
    listings.require_unlisted_npi(session, other.npi)
    move = Move.SPLIT if merge.was_published else Move.SPLIT_DRAFT
    listings.move(session, other, move, by=by, now=now, reason=f"Split from {kept.name}.")
    ended = active_accounts(session, {int(account_id): right for account_id, right in merge.ended.items()})
    for account_id, right in ended.items():
        grant_right(session, other, account_id, Right(right), by=by, now=now)
    if not owner_ids(other) and (merge.ended or lost_its_managers(session, other)):
        release_from_all(session, other, by=by, now=now, reason=SPLIT_REASON)
    for account_id in map(int, merge.granted):
        if kept.right_of(account_id) is not None:
            release_listing(session, kept, account_id, by=by, now=now, reason=SPLIT_REASON)
    merge.undone_at, merge.undone_by_id = now, by.id
    session.flush()
    record_changes(session, [kept.id, other.id])
    tell_decision(session, other, Move.SPLIT.value, f"It was merged with {kept.name}.", now=now)


def _require_impartial(kept: Listing, other: Listing, by: Actor) -> None:
    for listing in (kept, other):
        require(by, Action.DECIDE, right=listing.right_of(by.id))


def _require_mergeable(session: Session, kept: Listing, other: Listing, versions: Mapping[int, int]) -> None:
    for listing in (kept, other):
        listings.require_version(listing, versions.get(listing.id))
    if kept.kind is not other.kind:
        raise Conflict("A person and a clinic are never one provider.")
    if kept.state is not ListingState.PUBLISHED:
        raise Conflict("Keep the listing that is published: the other one can be merged into it.")
    if other.state not in {ListingState.PUBLISHED, ListingState.DRAFT}:
        raise Conflict(f"The other listing is {other.state.value}. Decide on that first.")
    if any(unfinished_revisions(session, [kept.id, other.id]).values()):
        raise Conflict("A change of one of these listings is not decided yet. Decide on it first.")
    signed = sa.exists().where(Attestation.listing_id == other.id, Attestation.state.in_(_SIGNED))
    if session.scalar(sa.select(signed)):
        raise Conflict("The other listing has signed answers, which stay with it. Keep that one, or revoke them first.")
    claimed = sa.exists().where(Claim.listing_id == other.id, Claim.state.in_(OPEN_CLAIMS))
    reported = sa.exists().where(Dispute.listing_id == other.id, Dispute.state.in_(WAITING_DISPUTES))
    if session.scalar(sa.select(sa.or_(claimed, reported))):
        raise Conflict("A claim or a report about the other listing is not decided yet. Decide on it first.")


def _changes(kept: Listing, other: Listing, taken: Collection[str]) -> list[FieldChange]:
    """Return what changes in the kept listing."""
    fields = [each for each in MERGED_FIELDS if each.name in taken]
    changes = [*diff_values(fields, values_of(fields, kept), values_of(fields, other))]
    added = [row for row in other.locations if not any(same_place(row, held) for held in kept.locations)]
    if ADDRESSES in taken and added:
        old = documents(kept)
        new = [*old, *({**address_document(row), "id": None} for row in added)]
        if len(new) > MAX_LOCATIONS:
            raise Conflict(f"Together they have {len(new)} addresses, of which a listing may have {MAX_LOCATIONS}.")
        changes.append(FieldChange(ADDRESSES, old, new))
    return changes


def _change(
    session: Session, listing: Listing, changes: list[FieldChange], *, by: Actor, now: datetime, reason: str
) -> None:
    """Make changes public as a revision that is accepted at once."""
    if not changes:
        return
    if find_revision(session, listing, RevisionState.SUBMITTED) is not None:
        raise Conflict(f"A change of {listing.name} waits for review. Decide on it first.")
    ends = names_another_provider(listing, tuple(changes))
    revision = new_revision(listing, changes, RevisionState.SUBMITTED, by=by.id, now=now)
    session.add(revision)
    session.flush()
    revisions.accept(session, revision, by=by, now=now, reason=reason)
    if ends:
        end_answers(session, listing, by=by, now=now)


def _move_managers(
    session: Session, kept: Listing, other: Listing, *, by: Actor, now: datetime
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the rights to the other listing that ended, and those to the kept one that were granted, by account id."""
    ended = {row.account_id: row.right for row in other.managers}
    granted = {account_id: right for account_id, right in ended.items() if kept.right_of(account_id) is None}
    for account_id, right in granted.items():
        grant_right(session, kept, account_id, right, by=by, now=now)
    for account_id in ended:
        end_right(session, other, account_id, by=by, now=now)
    withdraw_invitations(session, sa.true(), listing_id=other.id, now=now)
    end_unmanaged(session, other, now=now)
    if granted:
        end_unmanaged(session, kept, now=now)
    return _as_text(ended), _as_text(granted)


def _as_text(rights: Mapping[int, Right]) -> dict[str, str]:
    return {str(account_id): right.value for account_id, right in rights.items()}


def _retire(session: Session, listing: Listing, *, by: Actor, now: datetime, reason: str) -> None:
    move = Move.MERGE if listing.state is ListingState.PUBLISHED else Move.MERGE_DRAFT
    listings.move(session, listing, move, by=by, now=now, reason=reason)


def _tell_owners(session: Session, kept: Listing, other: Listing, *, now: datetime) -> None:
    tell_decision(session, other, Move.MERGE.value, _reason(kept), now=now)
    tell_decision(session, kept, Move.MERGE.value, _reason(other), now=now)


def _reason(same: Listing) -> str:
    return f"It is the same provider as {same.name}."


def _store(session: Session, merge: ListingMerge) -> None:
    """Store a merge, delete the duplicate pairs of the merged listing, and update the search index."""
    session.add(merge)
    merged_id = merge.merged.id
    for pair in session.scalars(
        sa.select(DuplicatePair).where(sa.or_(DuplicatePair.one_id == merged_id, DuplicatePair.other_id == merged_id))
    ):
        session.delete(pair)
    session.flush()
    record_changes(session, [merge.kept_id, merge.merged_id])
