"""What waits is in the queue as long as it waits, whoever begins or ends it."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.claims import DOCUMENT
from support.factories import MATCHING_ANSWERS, NOW, get_reviewer, make_account, make_attestation, make_listing

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.certification.ruleset import bundled_rulesets
from directory.claims import commands as claims
from directory.claims.managers import Fate, leave
from directory.claims.removals import request_removal
from directory.claims.request import ClaimRequest
from directory.claims.tables import Proof
from directory.disputes.lifecycle import ANSWER_WITHIN
from directory.disputes.lifecycle import Move as DisputeMove
from directory.disputes.tables import Dispute
from directory.duplicates.commands import dismiss_pair, find_duplicates
from directory.duplicates.tables import DuplicatePair
from directory.listings import commands as listings
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState, Move
from directory.listings.tables import Listing
from directory.review.audit_findings import record_outcome
from directory.review.audit_outcome import AuditOutcome
from directory.review.case_items import count_differences, rebuild_items
from directory.review.case_kinds import Flag, ItemKind, WaitingOn
from directory.review.case_tables import ReviewCase, ReviewItem
from directory.review.commands import delete_draft
from directory.review.disputes import decide_dispute
from directory.review.random_audit import drawn_attestations, run_draw
from directory.review.sample import Quarter

RULESETS = bundled_rulesets()


@pytest.fixture
def owner(session: Session) -> Account:
    return make_account(session, Role.PROVIDER, name="Ada Owner")


@pytest.fixture
def listing(session: Session, owner: Account) -> Listing:
    return make_listing(session, owner)


def waiting(session: Session) -> list[ReviewItem]:
    """What waits after the commit, and nothing is stored that does not wait."""
    session.commit()
    assert count_differences(session) == 0
    return list(session.scalars(sa.select(ReviewItem).order_by(ReviewItem.id)))


def only(session: Session) -> ReviewItem:
    (item,) = waiting(session)
    return item


def test_a_new_listing_waits_from_its_submission_until_it_is_decided(session: Session, owner: Account) -> None:
    made = make_listing(session, owner, state=ListingState.DRAFT)
    assert waiting(session) == []
    listings.submit(session, made, by=owner.actor, now=NOW)
    item = only(session)
    assert (item.listing_id, item.kind, item.since) == (made.id, ItemKind.LISTING, NOW)
    listings.withdraw(session, made, by=owner.actor, now=NOW)
    assert waiting(session) == []


def test_a_returned_listing_waits_for_its_provider_without_a_deadline(session: Session, owner: Account) -> None:
    made = make_listing(session, owner, state=ListingState.SUBMITTED)
    listings.move(session, made, Move.RETURN, by=get_reviewer(session).actor, now=NOW, reason="The ZIP.")
    item = only(session)
    assert (item.waiting_on, item.due_at) == (WaitingOn.PROVIDER, None)
    listings.submit(session, made, by=owner.actor, now=NOW)
    assert only(session).waiting_on is WaitingOn.REVIEWER


def test_answers_wait_until_they_are_decided(session: Session, listing: Listing) -> None:
    made = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    assert only(session).subject == f"attestation:{made.id}"


def test_returned_answers_wait_for_the_provider_until_new_ones_are_signed(session: Session, listing: Listing) -> None:
    make_attestation(session, listing, state=AttestationState.RETURNED)
    assert only(session).waiting_on is WaitingOn.PROVIDER
    again = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    item = only(session)
    assert (item.subject, item.waiting_on) == (f"attestation:{again.id}", WaitingOn.REVIEWER)


def test_a_report_waits_for_who_has_to_act(session: Session, listing: Listing) -> None:
    attestation = make_attestation(session, listing)
    made = Dispute(
        listing=listing, attestation=attestation, about="entry", what_happened="No.", reported_at=NOW, updated_at=NOW
    )
    session.add(made)
    item = only(session)
    assert (item.waiting_on, item.flags) == (WaitingOn.REVIEWER, {"reported": "patient disagrees"})
    how = {"by": get_reviewer(session).actor, "now": NOW, "rulesets": RULESETS}
    decide_dispute(session, made, DisputeMove.OPEN, text="Is it so?", **how)
    item = only(session)
    assert (item.waiting_on, item.due_at) == (WaitingOn.PROVIDER, NOW + ANSWER_WITHIN)
    decide_dispute(session, made, DisputeMove.DECLINE, text="It is not so.", **how)
    assert waiting(session) == []


def test_claims_of_one_listing_are_one_case(session: Session, listing: Listing) -> None:
    request = ClaimRequest("Owner", "303-555-0199", Proof.DOCUMENT, document=DOCUMENT)
    for _ in range(2):
        by = make_account(session, Role.PROVIDER).actor
        claims.make_claim(session, listing, request, by=by, now=NOW, checks_domains=True)
    items = waiting(session)
    assert [item.kind for item in items] == [ItemKind.CLAIM] * 2
    assert all(Flag.CONTESTED in item.flags for item in items)
    assert session.scalars(sa.select(ReviewCase.listing_id)).all() == [listing.id]


def test_a_removal_request_waits(session: Session, listing: Listing) -> None:
    request_removal(session, listing, "I moved.", by=None, now=NOW)
    assert only(session).kind is ItemKind.REMOVAL


def test_a_listing_that_its_last_owner_left_waits_until_somebody_manages_it(
    session: Session, owner: Account, listing: Listing
) -> None:
    leave(session, listing, Fate.UNMANAGED, by=owner.actor, now=NOW)
    assert only(session).kind is ItemKind.UNMANAGED


def test_an_import_that_suspends_a_listing_makes_a_case(session: Session, listing: Listing) -> None:
    listings.move(session, listing, Move.SUSPEND, by=None, now=NOW, reason="The NPI was deactivated in NPPES.")
    assert only(session).kind is ItemKind.DEACTIVATED
    listings.move(session, listing, Move.REINSTATE, by=get_reviewer(session).actor, now=NOW)
    assert waiting(session) == []


def make_pair(session: Session, owner: Account, state: ListingState = ListingState.PUBLISHED) -> DuplicatePair:
    for name in ("Hazelwick Orthopedic Center, Inc.", "HAZELWICK ORTHOPAEDIC CTR LLC"):
        make_listing(session, owner, kind=ListingKind.CLINIC, npi=None, name=name, state=state)
    find_duplicates(session, now=NOW)
    return session.scalars(sa.select(DuplicatePair)).one()


def test_a_pair_is_a_case_of_its_older_listing_until_it_is_dismissed(session: Session, owner: Account) -> None:
    pair = make_pair(session, owner)
    item = only(session)
    assert (item.listing_id, item.kind) == (pair.one_id, ItemKind.DUPLICATE)
    dismiss_pair(session, pair, by=get_reviewer(session).actor, now=NOW)
    assert waiting(session) == []


def test_a_pair_whose_newer_listing_is_deleted_is_no_case(session: Session, owner: Account) -> None:
    pair = make_pair(session, owner, ListingState.DRAFT)
    assert only(session).kind is ItemKind.DUPLICATE
    delete_draft(session, pair.other, by=owner.actor)
    assert waiting(session) == []


def test_a_drawn_attestation_waits_until_somebody_looked(session: Session, listing: Listing) -> None:
    make_attestation(session, listing)
    held = run_draw(session, Quarter.read("2026-4"), seed="a seed", rulesets=RULESETS, now=NOW)
    item = only(session)
    assert (item.kind, item.since) == (ItemKind.AUDIT, NOW)
    [row] = drawn_attestations(session, held)
    by = get_reviewer(session).actor
    record_outcome(session, row, AuditOutcome.CONFIRMED, "All was so.", by=by, now=NOW)
    assert waiting(session) == []


@pytest.mark.parametrize(
    ("answers", "flags"),
    [
        ({}, {}),
        ({"harvest_bone": "tibia"}, {"worse_grade"}),
        ({"volume_per_site_ml": 2}, {"large_change"}),
    ],
)
def test_answers_are_compared_with_those_that_count(
    session: Session, listing: Listing, answers: Mapping[str, object], flags: set[str]
) -> None:
    make_attestation(session, listing, now=NOW - timedelta(days=30))
    make_attestation(session, listing, state=AttestationState.SUBMITTED, answers={**MATCHING_ANSWERS, **answers})
    assert set(only(session).flags) == set(flags)


def test_a_case_sums_up_what_waits(session: Session, owner: Account) -> None:
    made = make_listing(session, owner, state=ListingState.SUBMITTED, npi="0000000001", now=NOW - timedelta(days=9))
    make_attestation(session, made, state=AttestationState.SUBMITTED)
    first, _ = waiting(session)
    case = session.scalars(sa.select(ReviewCase)).one()
    assert (case.since, case.due_at, case.flagged) == (NOW - timedelta(days=9), first.due_at, True)


def test_what_a_savepoint_undid_does_not_wait(session: Session, owner: Account) -> None:
    made = make_listing(session, owner, state=ListingState.DRAFT)
    session.commit()
    savepoint = session.begin_nested()
    listings.submit(session, made, by=owner.actor, now=NOW)
    savepoint.rollback()
    assert waiting(session) == []


def test_a_lost_queue_is_rebuilt(session: Session, owner: Account, listing: Listing) -> None:
    make_listing(session, owner, state=ListingState.SUBMITTED)
    make_attestation(session, listing, state=AttestationState.SUBMITTED)
    assert len(waiting(session)) == 2
    session.execute(sa.delete(ReviewItem))
    session.execute(sa.delete(ReviewCase))
    assert count_differences(session) == 4
    assert rebuild_items(session) == 4
    assert len(waiting(session)) == 2
