"""Two processes sign, keep or decide on one attestation at once: one of them wins, and the other is told."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.crash_runner import DONE, REFUSED
from support.factories import get_reviewer, make_attestation, make_listing

from directory.accounts.tables import Account
from directory.attestations.digest import verify
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation, AttestationMove
from directory.audit import queries
from directory.audit.chain import verify_chain

# What two people do at once, from where, and the state that each would leave.
PAIRS = [
    ("sign", "sign", AttestationState.DRAFT, {AttestationState.SUBMITTED}),
    ("sign", "save", AttestationState.DRAFT, {AttestationState.SUBMITTED, AttestationState.DRAFT}),
    ("save", "sign", AttestationState.DRAFT, {AttestationState.SUBMITTED, AttestationState.DRAFT}),
    ("accept", "withdraw", AttestationState.SUBMITTED, {AttestationState.ACCEPTED, AttestationState.WITHDRAWN}),
]


@pytest.mark.parametrize(("one", "other", "start", "ends"), PAIRS)
def test_of_two_at_once_exactly_one_wins_wherever_the_first_is_held_up(
    session: Session,
    provider: Account,
    crash_runner: Callable[..., Any],
    one: str,
    other: str,
    start: AttestationState,
    ends: set[AttestationState],
) -> None:
    get_reviewer(session)
    winners, at, held_up = [], 0, "free"
    while held_up:
        # Once the first has written, the other waits for it, at this statement or the next: not each is needed.
        at += 1 if held_up == "free" else 3
        made = make_attestation(session, make_listing(session, provider), state=start)
        session.commit()
        _, (first, second, held_up) = crash_runner(do=one, against=other, id=made.id, version=made.version, at=at)
        assert sorted([first, second]) == [DONE, REFUSED], f"held up at {at}"
        winners.append(one if first == DONE else other)
        session.expire_all()
        assert made.state in ends
        assert verify(made) is (made.state is not AttestationState.DRAFT)
        session.rollback()
    moves = session.scalar(sa.select(sa.func.count()).select_from(AttestationMove))
    entries = [
        row.entry for row in verify_chain(queries.entries(session)) if row.entry.object.startswith("attestation:")
    ]
    assert len(entries) == moves
    assert session.scalar(sa.select(sa.func.count()).select_from(Attestation)) == len(winners)
    assert {one, other} == set(winners), "whoever is first wins, so being held up must make a difference"
