"""What can be done to a dispute, by whom and from where, what it does to the answers, and what the database refuses."""

import itertools
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session
from support.dispute_factories import (
    DISPUTE_MOVES,
    OUTCOME_LINE,
    REPORT_TEXT,
    logged_actions,
    make_dispute,
    move_dispute,
    queued_emails,
)
from support.factories import MATCHING_ANSWERS, NOW, make_attestation

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.disputes import commands, queries
from directory.disputes.lifecycle import ANSWER_WITHIN, MOVES, UNDOES, DisputeState, Move, Remedy
from directory.disputes.tables import Dispute
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings.tables import Listing
from directory.review.disputes import decide_dispute

SECOND = timedelta(seconds=1)


def attempt(session: Session, dispute: Dispute, move: Move, account: Account) -> None:
    """Make a move as somebody who may not."""
    if move is Move.ANSWER:
        commands.answer(session, dispute, "No.", version=dispute.version, by=account.actor, now=NOW)
    else:
        move_dispute(session, dispute, move, reviewer=account, remedy=Remedy.REVOKED)


@pytest.mark.parametrize(("state", "move"), list(itertools.product(DisputeState, Move)))
def test_every_move_from_every_state_is_made_and_written_down_or_refused(
    session: Session, listing: Listing, reviewer: Account, state: DisputeState, move: Move
) -> None:
    dispute = make_dispute(session, listing, state=state)
    if state is DisputeState.REPORTED and move in {Move.UPHOLD, Move.DECLINE}:
        listing.managers.clear()  # so that nobody can be asked first
    before = len(queries.history(session, dispute.id))
    starts, target = MOVES[move]
    if state in starts:
        if move in UNDOES.values():
            commands.undo_dispute(
                session, dispute, target, reply_to="", by=reviewer.actor, now=NOW, reason="For a test."
            )
        else:
            later = NOW + ANSWER_WITHIN + SECOND
            move_dispute(session, dispute, move, reviewer=reviewer, remedy=Remedy.REVOKED, now=later)
        session.expire_all()
        step = queries.history(session, dispute.id)[0]
        assert (dispute.state, step.move, step.to_state) == (target, move.value, target.value)
        assert logged_actions(session)[-1] == f"dispute.{move.value}"
        assert len(logged_actions(session)) == before + 2
    else:
        with pytest.raises(Conflict):
            commands.move(session, dispute, move, by=reviewer.actor, now=NOW, reason="No.")
        session.rollback()
        assert not session.new


@pytest.mark.parametrize("move", sorted(Move))
def test_nobody_but_a_reviewer_decides_and_nobody_but_the_owner_answers(
    session: Session, listing: Listing, provider: Account, other_provider: Account, reviewer: Account, move: Move
) -> None:
    start = next(state for state in DisputeState if state in MOVES[move][0])
    dispute = make_dispute(session, listing, state=start)
    strangers = [other_provider, reviewer] if move is Move.ANSWER else [other_provider, provider]
    for account in strangers:
        with pytest.raises(NotAllowed):
            attempt(session, dispute, move, account)
    assert dispute.state is start


def test_a_reviewer_neither_decides_on_their_own_listing_nor_answers_for_others_by_deciding(
    session: Session, listing: Listing, provider: Account, admin: Account
) -> None:
    provider.roles = [*provider.roles, *admin.roles]
    dispute = make_dispute(session, listing)
    with pytest.raises(NotAllowed):
        move_dispute(session, dispute, Move.OPEN, reviewer=provider)
    with pytest.raises(NotAllowed):
        decide_dispute(session, dispute, Move.ANSWER, text="Yes.", by=admin.actor, now=NOW, rulesets=bundled_rulesets())


def test_the_provider_has_fourteen_days_and_is_told_so(session: Session, listing: Listing, provider: Account) -> None:
    dispute = make_dispute(session, listing)
    assert not [mail for mail in queued_emails(session) if "answer a report" in mail.subject]
    move_dispute(session, dispute, Move.OPEN, text="Is it still 8 mL?")
    (mail,) = [mail for mail in queued_emails(session) if "answer a report" in mail.subject]
    assert dispute.answer_by == NOW + timedelta(days=14)
    assert mail.to == provider.email
    for words in ("Is it still 8 mL?", "Amount from one place", "December 06, 2026"):
        assert words in mail.body
    assert REPORT_TEXT not in mail.body, "only what a reviewer made of it"


def test_upheld_revokes_the_answers_in_the_same_step(
    session: Session, attestation: Attestation, listing: Listing, provider: Account
) -> None:
    dispute = make_dispute(session, listing, state=DisputeState.UPHELD)
    assert (dispute.remedy, attestation.state) == (Remedy.REVOKED, AttestationState.REVOKED)
    told = [mail.subject for mail in queued_emails(session) if mail.to == provider.email][-1]
    assert told.endswith("were revoked"), "one mail says it"
    assert OUTCOME_LINE in " ".join(queued_emails(session)[-1].body.split())


def test_nothing_is_revoked_before_the_provider_was_heard(session: Session, listing: Listing) -> None:
    dispute = make_dispute(session, listing, state=DisputeState.OPEN)
    last_moment = NOW + ANSWER_WITHIN
    with pytest.raises(Conflict, match="can answer until December 6, 2026"):
        move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.REVOKED, now=last_moment)
    move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.REVOKED, now=last_moment + SECOND)
    assert dispute.state is DisputeState.UPHELD


def test_what_still_counts_was_not_corrected(session: Session, listing: Listing) -> None:
    dispute = make_dispute(session, listing, state=DisputeState.ANSWERED)
    with pytest.raises(Conflict, match="still count"):
        move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.CORRECTED)
    make_attestation(session, listing, answers=MATCHING_ANSWERS | {"volume_per_site_ml": 60})
    with pytest.raises(Conflict, match="nothing to revoke"):
        move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.REVOKED)
    move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.CORRECTED)
    assert dispute.remedy is Remedy.CORRECTED
    assert "is upheld, and put right" in [mail.subject for mail in queued_emails(session)][-1]


@pytest.mark.parametrize("remedy", [None, Remedy.REVOKED])
def test_an_entry_has_no_answers_to_revoke(session: Session, listing: Listing, remedy: Remedy | None) -> None:
    dispute = make_dispute(session, listing, state=DisputeState.ANSWERED, about="entry")
    with pytest.raises(Invalid, match="became of it: put right by the provider, or corrected by us"):
        move_dispute(session, dispute, Move.UPHOLD, remedy=remedy)
    move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.CORRECTED)


@pytest.mark.parametrize(
    ("move", "text", "field"),
    [
        (Move.OPEN, "", "asked"),
        (Move.OPEN, "x" * 2001, "asked"),
        (Move.DISMISS, " \n", "reason"),
        (Move.DECLINE, "", "line"),
        (Move.DECLINE, "x" * 201, "line"),
        (Move.DECLINE, "two\nlines", "line"),
        (Move.WITHDRAW, "\0", "line"),
        (Move.UPHOLD, "", "line"),
    ],
)
def test_a_decision_says_why_within_its_limits(
    session: Session, listing: Listing, move: Move, text: str, field: str
) -> None:
    start = DisputeState.REPORTED if move in {Move.OPEN, Move.DISMISS} else DisputeState.ANSWERED
    dispute = make_dispute(session, listing, state=start)
    with pytest.raises(Invalid) as refused:
        move_dispute(session, dispute, move, text=text, remedy=Remedy.REVOKED)
    assert {fault.field for fault in refused.value.faults} == {field}
    assert dispute.state is start


@pytest.mark.parametrize("text", ["", " \n ", "x" * 2001, "a\0b"])
def test_an_answer_says_something_within_its_limit(
    session: Session, listing: Listing, provider: Account, text: str
) -> None:
    dispute = make_dispute(session, listing, state=DisputeState.OPEN)
    with pytest.raises(Invalid, match="our answer"):
        commands.answer(session, dispute, text, version=dispute.version, by=provider.actor, now=NOW)


def test_what_somebody_else_moved_meanwhile_is_not_moved_again_unseen(
    session: Session, listing: Listing, provider: Account, reviewer: Account
) -> None:
    dispute = make_dispute(session, listing, state=DisputeState.OPEN)
    seen = dispute.version
    commands.answer(session, dispute, "It is 8 mL.", version=seen, by=provider.actor, now=NOW)
    with pytest.raises(Conflict, match="changed in the meantime"):
        decide_dispute(
            session,
            dispute,
            Move.DECLINE,
            text=OUTCOME_LINE,
            by=reviewer.actor,
            now=NOW,
            rulesets=bundled_rulesets(),
            version=seen,
        )


def test_each_state_was_reached_by_its_path() -> None:
    assert DISPUTE_MOVES.keys() == set(DisputeState)
