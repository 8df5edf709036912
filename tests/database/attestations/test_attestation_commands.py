"""What can be done to an attestation, by whom, from which state, and what the database itself refuses."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, NOW, make_attestation, make_listing

from directory.accounts.tables import Account
from directory.attestations import commands, queries
from directory.attestations.commands import MAX_EXPLANATION, Signature
from directory.attestations.lifecycle import DECISIONS, MOVES, NEEDS_REASON, AttestationState, Move
from directory.attestations.tables import Attestation
from directory.certification.answers import answers_from_json, answers_to_json, details_from_json
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings.lifecycle import OPEN, ListingState
from directory.listings.tables import Listing
from directory.review.commands import decide_attestation

RULES = bundled_rulesets().current
SIGNATURE = Signature("Ann Example", "Medical director", agreed=True)
IMPOSSIBLE = {"total_volume_ml": 2000}  # more than all places together

FORGED_MOVE = """
INSERT INTO attestation_moves (move, from_state, to_state, reason, comments, at, attestation_id)
SELECT 'accept', 'draft', 'accepted', '', '{}', at, attestation_id FROM attestation_moves LIMIT 1
"""


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return make_listing(session, provider)


def decide(session: Session, attestation: Attestation, move: Move, by: Account, **more: Any) -> None:
    facts = {"reason": "Because."} | more
    decide_attestation(session, attestation, move, by=by.actor, now=NOW, rulesets=bundled_rulesets(), **facts)


def sign(session: Session, draft: Attestation, by: Account, *, explanations: dict[str, str] | None = None) -> None:
    commands.submit(session, draft, RULES, SIGNATURE, explanations or {}, version=draft.version, by=by.actor, now=NOW)


def save(session: Session, draft: Attestation, by: Account, answers: Any = MATCHING_ANSWERS, details: Any = None):
    typed, more = answers_from_json(RULES, answers), details_from_json(RULES, details or {})
    commands.save(session, draft, RULES, typed, more, version=draft.version, by=by.actor, now=NOW)


@pytest.mark.parametrize(("state", "move"), list(itertools.product(AttestationState, Move)))
def test_every_move_from_every_state_is_made_and_written_down_or_refused(
    session: Session, listing: Listing, provider: Account, reviewer: Account, state: AttestationState, move: Move
) -> None:
    attestation = make_attestation(session, listing, state=state)
    before = len(queries.history(session, attestation.id))
    starts, target = MOVES[move]
    if state not in starts:
        with pytest.raises(Conflict):
            commands.move(session, attestation, move, by=reviewer.actor, now=NOW)
        assert (attestation.state, len(queries.history(session, attestation.id))) == (state, before)
        return
    if move in DECISIONS:
        decide(session, attestation, move, reviewer)
    elif move is Move.SUBMIT:
        sign(session, attestation, provider)
    elif move is Move.WITHDRAW:
        commands.withdraw(session, attestation, by=provider.actor, now=NOW)
    elif move is Move.SUPERSEDE:
        make_attestation(session, listing, reviewer=reviewer)
    else:
        with pytest.raises(NotAllowed):
            decide(session, attestation, move, reviewer)
        if move is Move.UNDO_SUPERSEDE:  # only one attestation of a listing is accepted at a time
            accepted = sa.select(Attestation).where(Attestation.state == AttestationState.ACCEPTED)
            commands.move(session, session.scalars(accepted).one(), Move.UNDO_ACCEPT, by=reviewer.actor, now=NOW)
        commands.move(session, attestation, move, by=reviewer.actor, now=NOW)
    session.expire_all()
    step = queries.history(session, attestation.id)[0]
    assert (attestation.state, step.move, step.to_state) == (target, move.value, target.value)


@pytest.mark.parametrize("state", sorted(set(AttestationState) - {AttestationState.DRAFT}))
def test_what_was_signed_is_never_changed(
    session: Session, listing: Listing, provider: Account, state: AttestationState
) -> None:
    attestation = make_attestation(session, listing, state=state)
    with pytest.raises(Conflict):
        save(session, attestation, provider, {**MATCHING_ANSWERS, "distinct_sites": 15})
    with pytest.raises(Conflict):
        sign(session, attestation, provider)
    assert attestation.answers == answers_to_json(RULES, answers_from_json(RULES, MATCHING_ANSWERS))


def test_somebody_else_can_neither_answer_nor_sign_nor_withdraw(
    session: Session, listing: Listing, other_provider: Account, admin: Account
) -> None:
    draft = make_attestation(session, listing, state=AttestationState.DRAFT)
    for stranger in (other_provider, admin):
        with pytest.raises(NotAllowed):
            commands.get_or_create_draft(session, listing, RULES, by=stranger.actor, now=NOW)
        with pytest.raises(NotAllowed):
            save(session, draft, stranger)
        with pytest.raises(NotAllowed):
            sign(session, draft, stranger)
        with pytest.raises(NotAllowed):
            commands.withdraw(session, draft, by=stranger.actor, now=NOW)


@pytest.mark.parametrize("move", sorted(DECISIONS))
def test_nobody_but_a_reviewer_decides(
    session: Session, listing: Listing, provider: Account, other_provider: Account, move: Move
) -> None:
    start = next(iter(MOVES[move][0]))
    attestation = make_attestation(session, listing, state=start)
    for account in (provider, other_provider):
        with pytest.raises(NotAllowed):
            decide(session, attestation, move, account)
    assert attestation.state is start


@pytest.mark.parametrize("move", sorted(set(Move) - DECISIONS))
def test_a_reviewer_makes_no_move_of_the_owner(
    session: Session, listing: Listing, reviewer: Account, move: Move
) -> None:
    attestation = make_attestation(session, listing, state=next(iter(MOVES[move][0])))
    with pytest.raises(NotAllowed):
        decide(session, attestation, move, reviewer)


@pytest.mark.parametrize("move", sorted(NEEDS_REASON))
def test_what_hurts_needs_a_reason(session: Session, listing: Listing, reviewer: Account, move: Move) -> None:
    attestation = make_attestation(session, listing, state=next(iter(MOVES[move][0])))
    with pytest.raises(Invalid):
        decide(session, attestation, move, reviewer, reason=" ")


def test_a_decision_on_an_older_version_is_refused(session: Session, listing: Listing, reviewer: Account) -> None:
    attestation = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    with pytest.raises(Conflict):
        decide(session, attestation, Move.ACCEPT, reviewer, version=attestation.version - 1)
    assert attestation.state is AttestationState.SUBMITTED


def test_answers_kept_on_an_older_version_are_refused(session: Session, listing: Listing, provider: Account) -> None:
    draft = make_attestation(session, listing, state=AttestationState.DRAFT)
    typed = answers_from_json(RULES, {**MATCHING_ANSWERS, "distinct_sites": 15})
    for call in (
        lambda: commands.save(session, draft, RULES, typed, {}, version=draft.version - 1, by=provider.actor, now=NOW),
        lambda: commands.submit(
            session, draft, RULES, SIGNATURE, {}, version=draft.version - 1, by=provider.actor, now=NOW
        ),
    ):
        with pytest.raises(Conflict):
            call()
    assert draft.answers["distinct_sites"] == [5, 6]


def test_a_listing_has_one_draft_however_often_it_is_asked_for(
    session: Session, listing: Listing, provider: Account
) -> None:
    first = commands.get_or_create_draft(session, listing, RULES, by=provider.actor, now=NOW)
    assert commands.get_or_create_draft(session, listing, RULES, by=provider.actor, now=NOW) is first


def test_a_new_draft_starts_from_the_answers_signed_last(session: Session, listing: Listing, provider: Account) -> None:
    given = {**MATCHING_ANSWERS, "distinct_sites": 4}
    make_attestation(session, listing, state=AttestationState.RETURNED, answers=given, details=None)
    draft = commands.get_or_create_draft(session, listing, RULES, by=provider.actor, now=NOW)
    assert (draft.answers["distinct_sites"], draft.state) == (4, AttestationState.DRAFT)
    assert (draft.statement, draft.signer_name, draft.explanations) == ("", "", {})


@pytest.mark.parametrize("state", sorted(set(ListingState) - OPEN))
def test_nothing_is_signed_for_a_closed_listing(session: Session, provider: Account, state: ListingState) -> None:
    closed = make_listing(session, provider, state=state)
    with pytest.raises(Conflict):
        commands.get_or_create_draft(session, closed, RULES, by=provider.actor, now=NOW)


def test_signing_keeps_the_exact_words_and_who_and_when(session: Session, listing: Listing, provider: Account) -> None:
    draft = make_attestation(session, listing, state=AttestationState.DRAFT)
    sign(session, draft, provider)
    session.expire_all()
    assert draft.statement == RULES.statement
    assert (draft.signer_name, draft.signer_role) == ("Ann Example", "Medical director")
    assert (draft.signed_by_id, draft.signed_at) == (provider.id, NOW)
    assert draft.valid_until == NOW.replace(year=NOW.year + 1)


def test_one_attestation_waits_at_a_time(session: Session, listing: Listing, provider: Account) -> None:
    make_attestation(session, listing, state=AttestationState.SUBMITTED)
    second = make_attestation(session, listing, state=AttestationState.DRAFT)
    with pytest.raises(Conflict):
        sign(session, second, provider)
    assert second.state is AttestationState.DRAFT


def test_answers_that_contradict_each_other_are_explained_or_not_signed(
    session: Session, listing: Listing, provider: Account
) -> None:
    draft = make_attestation(session, listing, state=AttestationState.DRAFT)
    save(session, draft, provider, details=IMPOSSIBLE)
    for useless in ({}, {"total_volume": " "}, {"another": "It is so."}, {"total_volume": "x" * (MAX_EXPLANATION + 1)}):
        with pytest.raises(Invalid) as refused:
            sign(session, draft, provider, explanations=useless)
        assert {fault.field for fault in refused.value.faults} == {"explain_total_volume"}
        assert draft.state is AttestationState.DRAFT
    sign(session, draft, provider, explanations={"total_volume": "Two visits are counted.", "another": "dropped"})
    assert draft.explanations == {"total_volume": "Two visits are counted."}


@pytest.mark.parametrize(
    ("name", "role", "agreed", "fields"),
    [
        ("", "", False, {"signer_name", "signer_role", "agreed"}),
        (" ", "Director", True, {"signer_name"}),
        ("Ann", "x" * 201, True, {"signer_role"}),
        ("Ann\0", "Director", True, {"signer_name"}),
        ("Ann", "Director", False, {"agreed"}),
    ],
)
def test_a_signature_is_whole_or_none(name: str, role: str, agreed: bool, fields: set[str]) -> None:
    with pytest.raises(Invalid) as refused:
        Signature(name, role, agreed=agreed)
    assert {fault.field for fault in refused.value.faults} == fields


def test_accepting_supersedes_what_was_accepted_before(session: Session, listing: Listing) -> None:
    first = make_attestation(session, listing)
    second = make_attestation(session, listing, now=NOW + timedelta(days=1))
    assert (first.state, second.state) == (AttestationState.SUPERSEDED, AttestationState.ACCEPTED)
    assert queries.accepted_attestations(session, [listing.id]) == {listing.id: second}
    assert listing.last_confirmed == (NOW + timedelta(days=1)).date()


def test_what_expired_while_it_waited_is_not_accepted(session: Session, listing: Listing, reviewer: Account) -> None:
    attestation = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    assert attestation.valid_until is not None
    late = attestation.valid_until + timedelta(seconds=1)
    with pytest.raises(Conflict):
        decide_attestation(session, attestation, Move.ACCEPT, by=reviewer.actor, now=late, rulesets=bundled_rulesets())
    assert attestation.state is AttestationState.SUBMITTED


def test_remarks_are_kept_with_the_decision(session: Session, listing: Listing, reviewer: Account) -> None:
    attestation = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    remarks = {"harvest_bone": " Which side? ", "distinct_sites": ""}
    decide(session, attestation, Move.RETURN, reviewer, comments=remarks)
    assert queries.history(session, attestation.id)[0].comments == {"harvest_bone": "Which side?"}


@pytest.mark.parametrize("remarks", [{"no_such_answer": "x"}, {"harvest_bone": "x" * 2001}, {"harvest_bone": "a\0b"}])
def test_a_remark_that_cannot_be_kept_is_refused(
    session: Session, listing: Listing, reviewer: Account, remarks: dict[str, str]
) -> None:
    attestation = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    with pytest.raises(Invalid):
        decide(session, attestation, Move.RETURN, reviewer, comments=remarks)
    assert attestation.state is AttestationState.SUBMITTED


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE attestations SET state = 'verified'",
        "UPDATE attestations SET signer_name = ''",
        "UPDATE attestations SET signed_at = NULL",
        "UPDATE attestations SET statement = ''",
        "UPDATE attestation_moves SET reason = 'another'",
        "DELETE FROM attestation_moves",
        "DELETE FROM attestations",
        FORGED_MOVE,
    ],
)
def test_the_database_refuses_what_no_command_does(session: Session, listing: Listing, change: str) -> None:
    make_attestation(session, listing)
    session.commit()
    with pytest.raises(DBAPIError):
        session.execute(sa.text(change))


@pytest.mark.parametrize("state", [AttestationState.DRAFT, AttestationState.SUBMITTED, AttestationState.ACCEPTED])
def test_the_database_itself_refuses_a_second_of_a_kind(
    session: Session, listing: Listing, state: AttestationState
) -> None:
    make_attestation(session, listing, state=state)
    other = make_attestation(
        session,
        listing,
        state=AttestationState.WITHDRAWN if state is not AttestationState.SUBMITTED else AttestationState.DRAFT,
    )
    session.commit()
    signed = "signer_name = 'a', signer_role = 'b', statement = 'c', signed_at = created_at, valid_until = created_at"
    statement = sa.text(f"UPDATE attestations SET state = :state, {signed} WHERE id = :id")  # noqa: S608  no input
    with pytest.raises(DBAPIError):
        session.execute(statement, {"state": state.value, "id": other.id})
