"""A decision can be undone for ten minutes: as a new decision, before anybody is told."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.decision_cases import (
    CASES,
    LATER,
    MOVES_WITH_TIME,
    RULES,
    SOON,
    TABLES,
    accepted_answers,
    on_answers,
    on_listing,
    on_removal,
    on_revision,
    waiting_answers,
    waiting_change,
    waiting_removal,
    waiting_renewal,
)
from support.factories import get_reviewer, make_attestation, make_listing
from support.mail import deliver_next

from directory.accounts.tables import Account
from directory.attestations.commands import get_or_create_draft
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationTransition
from directory.attestations.tables import Attestation
from directory.badges.queries import credential_data, revoked_indexes
from directory.claims.lifecycle import RemovalMove
from directory.claims.tables import AcceptedContact
from directory.errors import Conflict, NotAllowed
from directory.listings.lifecycle import ListingState, Move
from directory.listings.revision_lifecycle import Move as RevisionTransition
from directory.listings.tables import ListingMove, ListingRevision, SuppressedNpi
from directory.outbox.tables import Email
from directory.review.decisions import UNDO_WITHIN, emails_of, forget_kept, group_decision, undoable_decision
from directory.review.tables import Decision
from directory.review.undo import UNDONE, undo_decision


def contents(session: Session) -> dict[str, list[dict[str, Any]]]:
    """All that decisions change, without the counts and times of changes."""
    session.flush()
    session.expire_all()
    return {
        table.__tablename__: sorted(
            (
                {name: value for name, value in row._mapping.items() if name not in MOVES_WITH_TIME}
                for row in session.execute(sa.select(table.__table__))
            ),
            key=repr,
        )
        for table in (*TABLES, SuppressedNpi, AcceptedContact)
    }


def last_decision(session: Session) -> Decision:
    return session.scalars(sa.select(Decision).order_by(Decision.id.desc()).limit(1)).one()


def undo(session: Session, decision: Decision, at: Any = SOON) -> Decision:
    return undo_decision(session, decision, by=get_reviewer(session).actor, rulesets=RULES, now=at)


@pytest.mark.parametrize("name", CASES)
def test_an_undo_restores_everything_and_cancels_the_mail(session: Session, provider: Account, name: str) -> None:
    make, decide = CASES[name]
    thing = make(session, provider)
    before = contents(session)
    decide(session, thing)
    decided = last_decision(session)
    held = emails_of(session, decided)
    assert contents(session) != before
    assert held or name == "dismiss a report"
    assert all(mail.next_attempt_at == LATER + UNDO_WITHIN for mail in held)
    made = undo(session, decided)
    assert contents(session) == before
    assert all(mail.cancelled_at == SOON for mail in held)
    assert made.undoes_id == decided.id
    assert len(made.moves) >= len(decided.moves)
    decide(session, thing)  # the same decision is possible again


def test_an_undo_is_in_the_history_with_its_reason(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    on_listing(Move.REJECT)(session, listing)
    undo(session, last_decision(session))
    rows = session.scalars(sa.select(ListingMove).order_by(ListingMove.id)).all()
    assert [(row.move, row.reason) for row in rows[-2:]] == [("reject", "For a test."), ("undo_reject", UNDONE)]


def test_a_revoked_bit_is_never_cleared_by_an_undo(session: Session, provider: Account) -> None:
    attestation = accepted_answers(session, provider)
    first = credential_data(session, attestation.public_id, rulesets=RULES)
    on_answers(AttestationTransition.REVOKE)(session, attestation)
    undo(session, last_decision(session))
    again = credential_data(session, attestation.public_id, rulesets=RULES)
    revoked = revoked_indexes(session, first.status_list, rulesets=RULES, now=SOON)
    assert (first.status_index in revoked, again.status_index in revoked) == (True, False)


def test_an_undone_acceptance_gives_the_earlier_answers_a_new_credential(session: Session, provider: Account) -> None:
    renewal = waiting_renewal(session, provider)
    earlier = session.scalars(sa.select(Attestation).where(Attestation.id != renewal.id)).one()
    first = credential_data(session, earlier.public_id, rulesets=RULES)
    on_answers(AttestationTransition.ACCEPT)(session, renewal)
    undo(session, last_decision(session))
    again = credential_data(session, earlier.public_id, rulesets=RULES)
    assert again.status_index != first.status_index
    assert revoked_indexes(session, 1, rulesets=RULES, now=SOON) != []


def test_several_moves_are_one_decision_with_one_email_for_each_recipient(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED, npi="1234567893")
    answers = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    before = contents(session)
    with group_decision(session, listing, by=get_reviewer(session).actor, now=LATER):
        on_listing(Move.PUBLISH)(session, listing)
        on_answers(AttestationTransition.RETURN)(session, answers)
    decided = last_decision(session)
    [mail] = emails_of(session, decided)
    assert [(move.kind, move.move) for move in decided.moves] == [("listing", "publish"), ("attestation", "return")]
    assert mail.to == provider.email
    assert mail.body.count("Hello") == 1
    assert "is published" in mail.body or "public" in mail.body
    undo(session, decided)
    assert contents(session) == before


def test_nothing_is_sent_before_the_undo_ends_and_everything_after_it(session: Session, provider: Account) -> None:
    sent: list[Any] = []
    session.execute(sa.delete(Email))
    on_listing(Move.PUBLISH)(session, make_listing(session, provider, state=ListingState.SUBMITTED))
    session.execute(sa.delete(Email).where(Email.letter == "listing_received"))
    assert deliver_next(session, sent.append, now=SOON) is None
    assert deliver_next(session, sent.append, now=LATER + UNDO_WITHIN) is not None
    assert len(sent) == 1


def test_an_undo_is_refused_once_it_is_too_late(session: Session, provider: Account) -> None:
    on_listing(Move.PUBLISH)(session, make_listing(session, provider, state=ListingState.SUBMITTED))
    decided = last_decision(session)
    with pytest.raises(Conflict, match="cannot be undone any more"):
        undo(session, decided, at=LATER + UNDO_WITHIN)
    made = undo(session, decided)
    for done in (decided, made):
        with pytest.raises(Conflict):
            undo(session, done)


def test_an_undo_is_refused_once_the_mail_was_tried(session: Session, provider: Account) -> None:
    on_listing(Move.PUBLISH)(session, make_listing(session, provider, state=ListingState.SUBMITTED))
    decided = last_decision(session)
    [mail] = emails_of(session, decided)
    mail.attempts = 1
    session.flush()
    with pytest.raises(Conflict, match="sent in the meantime"):
        undo(session, decided)


def test_an_undo_is_refused_once_something_moved_on(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    on_listing(Move.PUBLISH)(session, listing)
    decided = last_decision(session)
    on_listing(Move.SUSPEND)(session, listing)
    with pytest.raises(Conflict, match="changed since"):
        undo(session, decided)


def test_an_undo_is_refused_once_new_answers_were_begun(session: Session, provider: Account) -> None:
    attestation = waiting_answers(session, provider)
    on_answers(AttestationTransition.RETURN)(session, attestation)
    get_or_create_draft(session, attestation.listing, RULES.current, by=provider.actor, now=SOON)
    with pytest.raises(Conflict, match="begun new answers"):
        undo(session, last_decision(session))


def test_an_undo_is_refused_once_the_change_was_edited_again(session: Session, provider: Account) -> None:
    revision = waiting_change(session, provider)
    on_revision(RevisionTransition.RETURN)(session, revision)
    [kept] = session.scalars(sa.select(ListingRevision).where(ListingRevision.id != revision.id)).all()
    kept.updated_at = SOON
    session.flush()
    with pytest.raises(Conflict, match="edited the change"):
        undo(session, last_decision(session))


def test_an_undo_is_refused_once_the_npi_is_taken(session: Session, provider: Account, other_provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED, npi="1234567893")
    on_listing(Move.REJECT)(session, listing)
    make_listing(session, other_provider, npi="1234567893", now=LATER)
    decided = session.scalars(sa.select(Decision).where(Decision.listing_id == listing.id)).one()
    with pytest.raises(Conflict, match="listed already"):
        undo(session, decided)


def test_nobody_undoes_a_decision_on_their_own_listing(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    on_listing(Move.PUBLISH)(session, listing)
    with pytest.raises(NotAllowed):
        undo_decision(session, last_decision(session), by=provider.actor, rulesets=RULES, now=SOON)


def test_only_the_last_decision_is_offered_and_only_while_it_can_be_undone(session: Session, provider: Account) -> None:
    reviewer = get_reviewer(session).actor
    assert undoable_decision(session, reviewer, now=LATER) is None
    on_listing(Move.PUBLISH)(session, make_listing(session, provider, state=ListingState.SUBMITTED))
    decided = last_decision(session)
    assert undoable_decision(session, reviewer, now=SOON) is decided
    assert undoable_decision(session, reviewer, now=LATER + UNDO_WITHIN) is None
    undo(session, decided)
    assert undoable_decision(session, reviewer, now=SOON) is None


def test_answers_of_a_rejected_listing_cannot_be_accepted(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    answers = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    on_listing(Move.REJECT)(session, listing)
    with pytest.raises(Conflict, match="rejected"):
        on_answers(AttestationTransition.ACCEPT)(session, answers)


def test_what_an_undo_needs_is_erased_when_it_is_no_longer_possible(session: Session, provider: Account) -> None:
    removal = waiting_removal(session, provider)
    on_removal(RemovalMove.DECLINE)(session, removal)
    decided = last_decision(session)
    assert forget_kept(session, now=SOON) == 0
    assert "me@example.com" in str(decided.kept)
    assert forget_kept(session, now=LATER + UNDO_WITHIN) == 1
    assert decided.kept == {}
    assert forget_kept(session, now=LATER + UNDO_WITHIN) == 0
