"""Whatever people do in whatever order, no listing, right or claim is left without somebody to answer for it."""

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy.orm import Session
from support.claim_machine import ClaimMachine
from support.factories import NOW

from directory.accounts.policy import Right
from directory.claims.lifecycle import Move
from directory.claims.tables import Claim, Proof
from directory.listings.managers import grant_right
from directory.review import claims as claim_review


def test_nothing_is_orphaned(session: Session) -> None:
    machine = type("BoundMachine", (ClaimMachine,), {"session": session})
    run_state_machine_as_test(machine, settings=settings(max_examples=40, stateful_step_count=20, deadline=None))


def test_the_machine_finds_a_listing_without_an_owner(session: Session) -> None:
    """A planted fault: the right of the only owner ends, and nobody says what becomes of the listing."""
    machine = type("BoundMachine", (ClaimMachine,), {"session": session})()
    machine.listings[0].managers[0].right = Right.EDITOR
    session.flush()
    with pytest.raises(AssertionError):
        machine.a_managed_listing_has_an_owner()
    machine.teardown()


def test_the_machine_finds_answers_that_an_undone_claim_left(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: nothing becomes of the answers of a claimant whose approval is undone."""
    machine = type("BoundMachine", (ClaimMachine,), {"session": session})()
    machine.claim(1, 1, Proof.DOCUMENT)
    machine.decide(1, 1, Move.APPROVE, replace=False)
    machine.answer(0, 1, signs=False)
    monkeypatch.setattr(claim_review, "settle_claim_answers", lambda *_, **__: None)
    with pytest.raises(AssertionError, match="no right any more"):
        machine.undo_approvals(1)
    machine.teardown()


def test_the_machine_finds_a_case_that_is_not_kept(session: Session) -> None:
    """A planted fault: something ends without the queue noticing."""
    machine = type("BoundMachine", (ClaimMachine,), {"session": session})()
    machine.claim(1, 1, Proof.DOCUMENT)
    session.execute(sa.update(Claim).values(state="withdrawn"))
    with pytest.raises(AssertionError):
        machine.the_review_queue_says_what_waits()
    machine.teardown()


def test_the_machine_merges_and_finds_a_right_that_stays_behind(session: Session) -> None:
    """A planted fault: somebody still manages a listing that was merged into another one."""
    machine = type("BoundMachine", (ClaimMachine,), {"session": session})()
    machine.merge(1)
    kept, merged = machine.listings[1], machine.listings[0]
    assert (kept.right_of(machine.people[0].id), list(merged.managers)) == (Right.OWNER, [])
    machine.a_listing_that_lost_its_managers_is_a_case_and_no_other_is()
    grant_right(session, merged, machine.people[1].id, Right.OWNER, by=None, now=NOW)
    with pytest.raises(AssertionError):
        machine.a_listing_that_lost_its_managers_is_a_case_and_no_other_is()
    machine.teardown()
