"""Finds what waits: one function for each kind, with one statement each."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.claims.lifecycle import WAITING as WAITING_CLAIMS
from directory.claims.lifecycle import ClaimState, RemovalState
from directory.claims.tables import Claim, Removal, UnmanagedListing
from directory.disputes.lifecycle import WAITING as WAITING_DISPUTES
from directory.disputes.lifecycle import DisputeState
from directory.disputes.tables import Dispute
from directory.duplicates.tables import DuplicatePair
from directory.imports.tables import ImportDifference
from directory.listings.changes import from_json
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import OPEN, ListingState, Move
from directory.listings.npi import is_valid_npi
from directory.listings.revision_lifecycle import RevisionState
from directory.listings.tables import Listing, ListingMove, ListingRevision, Location
from directory.messages.tables import Message, Sender
from directory.outbox.tables import Email
from directory.review.case_flags import answer_flags, change_flags
from directory.review.case_kinds import Flag, ItemKind, WaitingItem, for_provider, for_reviewer
from directory.review.random_audit import DUE_DAYS
from directory.review.revisions import names_another_provider
from directory.review.tables import AuditDraw, DrawnAttestation

Within = Callable[[Any], sa.ColumnElement[bool]]
"""Restricts a column of listing ids to the listings that are wanted."""

Source = Callable[[Session, Within], Iterator[WaitingItem]]

_MAY_BE_PUBLIC = frozenset({ListingState.SUBMITTED, ListingState.PUBLISHED})


def new_listings(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the listings that were submitted, and those that were returned to their provider."""
    last = _last_move()
    for row in session.execute(
        sa.select(
            *(Listing.id, Listing.state, Listing.kind, Listing.npi),
            *(ListingMove.move, ListingMove.at, _is_unplaced().label("is_unplaced"), _is_paired().label("is_paired")),
        )
        .join(ListingMove, ListingMove.id == last)
        .where(within(Listing.id), Listing.state.in_({ListingState.SUBMITTED, ListingState.DRAFT}))
        .where(sa.or_(Listing.state == ListingState.SUBMITTED, ListingMove.move == Move.RETURN.value))
    ):
        subject = f"listing:{row.id}"
        if row.state is ListingState.DRAFT:
            yield for_provider(row.id, ItemKind.LISTING, subject, row.at)
        else:
            yield for_reviewer(row.id, ItemKind.LISTING, subject, row.at, _listing_flags(row))


def revisions(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the changes that were submitted, and the last one of a listing if it was returned."""
    later = aliased(ListingRevision)
    is_last = ~sa.exists().where(
        later.listing_id == ListingRevision.listing_id,
        later.id > ListingRevision.id,
        later.state.not_in({RevisionState.DRAFT, RevisionState.LIVE}),
    )
    is_kept = sa.exists().where(later.listing_id == ListingRevision.listing_id, later.state == RevisionState.DRAFT)
    is_returned = sa.and_(ListingRevision.state == RevisionState.RETURNED, is_last, is_kept)
    for row, listing in session.execute(
        sa.select(ListingRevision, Listing)
        .join(Listing, Listing.id == ListingRevision.listing_id)
        .where(within(ListingRevision.listing_id))
        .where(sa.or_(ListingRevision.state == RevisionState.SUBMITTED, is_returned))
    ):
        subject = f"revision:{row.id}"
        if row.state is RevisionState.RETURNED:
            yield for_provider(listing.id, ItemKind.REVISION, subject, row.updated_at)
        else:
            changes = from_json(row.changes)
            flags = change_flags(changes, ends_answers=names_another_provider(listing, changes))
            yield for_reviewer(listing.id, ItemKind.REVISION, subject, row.updated_at, flags)


def attestations(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the answers that were signed, and the last ones of a listing if they were returned."""
    later, counting = aliased(Attestation), aliased(Attestation)
    is_last = ~sa.exists().where(
        later.listing_id == Attestation.listing_id,
        later.id > Attestation.id,
        later.state != AttestationState.DRAFT,
    )
    is_returned = sa.and_(Attestation.state == AttestationState.RETURNED, is_last, Listing.state.in_(OPEN))
    for row, earlier, state in session.execute(
        sa.select(Attestation, counting, Listing.state)
        .join(Listing, Listing.id == Attestation.listing_id)
        .outerjoin(
            counting,
            sa.and_(
                counting.listing_id == Attestation.listing_id,
                counting.state == AttestationState.ACCEPTED,
                Attestation.state == AttestationState.SUBMITTED,
            ),
        )
        .where(within(Attestation.listing_id))
        .where(sa.or_(Attestation.state == AttestationState.SUBMITTED, is_returned))
    ):
        subject = f"attestation:{row.id}"
        if row.state is AttestationState.RETURNED:
            yield for_provider(row.listing_id, ItemKind.ATTESTATION, subject, row.updated_at)
        else:
            flags = answer_flags(row, earlier, is_open=state in _MAY_BE_PUBLIC)
            yield for_reviewer(row.listing_id, ItemKind.ATTESTATION, subject, row.signed_at or row.updated_at, flags)


def claims(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the claims that are not decided."""
    for row in session.execute(
        sa.select(Claim.id, Claim.listing_id, Claim.state, Claim.proved_at, Claim.updated_at)
        .where(within(Claim.listing_id), Claim.state.in_(WAITING_CLAIMS))
    ):  # fmt: skip  # as the others
        flags = {Flag.CONTESTED: "claimed or managed by others"} if row.state is ClaimState.DISPUTED else {}
        if row.proved_at is None:
            flags[Flag.NOT_PROVED] = "proof to check"
        yield for_reviewer(row.listing_id, ItemKind.CLAIM, f"claim:{row.id}", row.updated_at, flags)


def reports(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the reports that are not closed; while the provider is asked, they wait for the provider."""
    for row in session.execute(
        sa.select(Dispute.id, Dispute.listing_id, Dispute.state, Dispute.updated_at, Dispute.answer_by)
        .where(within(Dispute.listing_id), Dispute.state.in_(WAITING_DISPUTES))
    ):  # fmt: skip  # as the others
        subject = f"dispute:{row.id}"
        if row.state is DisputeState.OPEN:
            yield for_provider(row.listing_id, ItemKind.REPORT, subject, row.updated_at, due_at=row.answer_by)
        else:
            flags = {Flag.REPORTED: "patient disagrees"}
            yield for_reviewer(row.listing_id, ItemKind.REPORT, subject, row.updated_at, flags)


def removals(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the requests to take a listing down that are not decided."""
    for row in session.execute(
        sa.select(Removal.id, Removal.listing_id, Removal.by_id, Removal.created_at)
        .where(within(Removal.listing_id), Removal.state == RemovalState.REQUESTED)
    ):  # fmt: skip  # as the others
        flags = {Flag.NO_ACCOUNT: "asked without an account"} if row.by_id is None else {}
        yield for_reviewer(row.listing_id, ItemKind.REMOVAL, f"removal:{row.id}", row.created_at, flags)


def duplicates(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the pairs that may be one provider; the case is that of the older listing."""
    for row in session.execute(
        sa.select(DuplicatePair.id, DuplicatePair.one_id, DuplicatePair.reasons, DuplicatePair.found_at)
        .where(within(DuplicatePair.one_id), DuplicatePair.dismissed_at.is_(None))
    ):  # fmt: skip  # as the others
        flags = {Flag.DUPLICATE: (row.reasons or ["may be listed twice"])[0].lower()}
        yield for_reviewer(row.one_id, ItemKind.DUPLICATE, f"duplicate:{row.id}", row.found_at, flags)


def audits(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the attestations that were drawn for a random audit and not looked at."""
    for row in session.execute(
        sa.select(DrawnAttestation.id, Attestation.listing_id, AuditDraw.at)
        .join(Attestation, Attestation.id == DrawnAttestation.attestation_id)
        .join(AuditDraw, AuditDraw.id == DrawnAttestation.draw_id)
        .where(within(Attestation.listing_id), DrawnAttestation.looked_at.is_(None))
    ):
        item = for_reviewer(row.listing_id, ItemKind.AUDIT, f"drawn:{row.id}", row.at)
        yield replace(item, due_at=row.at + timedelta(days=DUE_DAYS))


def unmanaged(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the listings that have nobody left who manages them."""
    for row in session.execute(
        sa.select(UnmanagedListing.id, UnmanagedListing.listing_id, UnmanagedListing.since)
        .join(Listing, Listing.id == UnmanagedListing.listing_id)
        .where(within(UnmanagedListing.listing_id), UnmanagedListing.ended_at.is_(None), Listing.state.in_(OPEN))
    ):
        flags = {Flag.UNMANAGED: "nobody manages it"}
        yield for_reviewer(row.listing_id, ItemKind.UNMANAGED, f"unmanaged:{row.id}", row.since, flags)


def deactivated(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the listings that an import suspended because their NPI was deactivated."""
    last = _last_move(Move.SUSPEND)
    for row in session.execute(
        sa.select(Listing.id, ListingMove.at)
        .join(ListingMove, ListingMove.id == last)
        .where(within(Listing.id), Listing.state == ListingState.SUSPENDED, ListingMove.by_id.is_(None))
    ):
        flags = {Flag.DEACTIVATED: "suspended by import"}
        yield for_reviewer(row.id, ItemKind.DEACTIVATED, f"listing:{row.id}", row.at, flags)


def messages(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the questions to a provider without an answer, and the answers that no reviewer has settled."""
    for row in session.execute(
        sa.select(Message.id, Message.listing_id, Message.sender, Message.at)
        .where(within(Message.listing_id), Message.settled_at.is_(None))
    ):  # fmt: skip  # as the others
        waits = for_provider if row.sender is Sender.STAFF else for_reviewer
        yield waits(row.listing_id, ItemKind.MESSAGE, f"message:{row.id}", row.at)


def failed_mail(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the emails about a listing that were given up."""
    for row in session.execute(
        sa.select(Email.id, Email.listing_id, Email.given_up_at)
        .where(within(Email.listing_id), Email.listing_id.is_not(None), Email.given_up_at.is_not(None), Email.to != "")
    ):  # fmt: skip  # as the others
        yield for_reviewer(row.listing_id, ItemKind.FAILED_MAIL, f"mail:{row.id}", row.given_up_at)


def import_differences(session: Session, within: Within) -> Iterator[WaitingItem]:
    """Find the fields that an import would have changed and a provider keeps."""
    for row in session.execute(
        sa.select(ImportDifference.id, ImportDifference.listing_id, ImportDifference.found_at)
        .where(within(ImportDifference.listing_id), ImportDifference.decision.is_(None))
    ):  # fmt: skip  # as the others
        subject = f"import_difference:{row.id}"
        yield for_reviewer(row.listing_id, ItemKind.IMPORT_DIFFERENCE, subject, row.found_at)


SOURCES: tuple[Source, ...] = (
    new_listings,
    revisions,
    attestations,
    claims,
    reports,
    removals,
    duplicates,
    audits,
    unmanaged,
    deactivated,
    messages,
    failed_mail,
    import_differences,
)
"""All functions that find something that waits.

To let something else wait, add its kind to `case_kinds`, its function here, and its table to `case_events`.
"""


def _last_move(move: Move | None = None) -> sa.ScalarSelect[int]:
    """SQL: the id of the last move of a listing, or of its last move of that name."""
    earlier = aliased(ListingMove)
    last = sa.select(sa.func.max(earlier.id)).where(earlier.listing_id == Listing.id)
    return (last if move is None else last.where(earlier.move == move.value)).scalar_subquery()


def _is_unplaced() -> sa.ColumnElement[bool]:
    return sa.exists().where(Location.listing_id == Listing.id, Location.lat.is_(None))


def _is_paired() -> sa.ColumnElement[bool]:
    is_one = sa.or_(DuplicatePair.one_id == Listing.id, DuplicatePair.other_id == Listing.id)
    return sa.exists().where(is_one, DuplicatePair.dismissed_at.is_(None))


def _listing_flags(row: Any) -> dict[Flag, str]:
    flags: dict[Flag, str] = {}
    if row.npi and not is_valid_npi(row.npi):
        flags[Flag.NPI_DIGIT] = "NPI check digit"
    if not row.npi and row.kind is ListingKind.PERSON:
        flags[Flag.NO_NPI] = "no NPI"
    if row.is_unplaced:
        flags[Flag.NOT_PLACED] = "address not found"
    if row.is_paired:
        flags[Flag.DUPLICATE] = "may be listed twice"
    return flags
