"""A process that is killed between any two statements of signing or deciding leaves everything, or nothing."""

import signal
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support import crash_runner as program
from support.factories import get_reviewer, make_attestation, make_listing
from support.synthetic_listings import make_search_index

from directory.accounts.tables import Account
from directory.attestations.digest import verify
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation, AttestationMove
from directory.audit import queries
from directory.audit.chain import verify_chain
from directory.database import Base
from directory.listings.tables import ListingMove
from directory.review.case_items import count_differences
from directory.search.tables import search_snapshots

Everything = dict[str, list[str]]

BY_CHANCE = {"id", "decision_id", "email_id", "status_index", "token"}
"""Numbers that a database does not give twice, a bit that is drawn, and a random number."""

MOST_POINTS = 200
"""More than any of these has; a loop must end."""


def everything(session: Session) -> Everything:
    """All that is stored, row by row, but for numbers that come by chance."""
    session.expire_all()
    found = {
        table.name: sorted(
            repr({name: value for name, value in row.items() if name not in BY_CHANCE})
            for row in session.execute(sa.select(table)).mappings()
        )
        for table in Base.metadata.sorted_tables
        if table is not search_snapshots  # a search may build one at any time
        and table.name not in {"review_items", "review_cases"}  # kept on commit, see `assert_sound`
    }
    session.rollback()
    return found


def if_done(session: Session, way: str, attestation_id: int) -> Everything:
    """What would be stored if it were done; it is not."""
    made = session.get_one(Attestation, attestation_id)
    program.ACTIONS[way](session, made, made.version)
    session.flush()
    return everything(session)


def assert_sound(session: Session) -> None:
    """The log follows from its beginning, index and queue say what the tables say, what was signed is as signed."""
    assert count_differences(session) == 0
    entries = [row.entry.action for row in verify_chain(queries.entries(session))]
    of_answers = sa.select(sa.literal("attestation.") + AttestationMove.move)
    told = of_answers.union_all(sa.select(sa.literal("listing.") + ListingMove.move))
    assert sorted(entries) == sorted(session.scalars(told))
    with TemporaryDirectory() as folder:
        assert list(make_search_index(Path(folder)).verify(session)) == []
    for attestation in session.scalars(sa.select(Attestation)):
        assert verify(attestation) is (attestation.state is not AttestationState.DRAFT)
    session.rollback()


def prepared(session: Session, provider: Account, state: AttestationState) -> Attestation:
    """An attestation in that state, beside one that was accepted before where there can be one."""
    listing = make_listing(session, provider)
    if state is not AttestationState.ACCEPTED:
        make_attestation(session, listing)
    made = make_attestation(session, listing, state=state)
    get_reviewer(session)
    session.commit()
    return made


FROM = {
    "sign": AttestationState.DRAFT,
    "withdraw": AttestationState.SUBMITTED,
    "accept": AttestationState.SUBMITTED,
    "return": AttestationState.SUBMITTED,
    "revoke": AttestationState.ACCEPTED,
}


@pytest.mark.parametrize("way", FROM)
def test_a_killed_process_leaves_everything_or_nothing(
    session: Session, provider: Account, crash_runner: Callable[..., Any], way: str
) -> None:
    made = prepared(session, provider, FROM[way])
    before, after = everything(session), if_done(session, way, made.id)
    order = {"do": way, "id": made.id, "version": made.version}
    assert before != after
    died: list[str] = []
    left = before
    while left == before and len(died) < MOST_POINTS:
        where, became = crash_runner(**order, at=len(died) + 1)
        assert became == -signal.SIGKILL, where
        died.append(where)
        left = everything(session)
        assert left in (before, after), f"killed before {where!r}"
        assert_sound(session)
    assert died[-2:] == ["COMMIT", "the end"]
    assert left == after
    assert len(died) >= 10
    assert any(where.startswith("INSERT INTO audit_entries") for where in died)


def test_a_commit_in_the_middle_would_be_seen(
    session: Session, provider: Account, crash_runner: Callable[..., Any]
) -> None:
    """A planted fault: what is checked above can fail."""
    made = prepared(session, provider, AttestationState.SUBMITTED)
    before, order = everything(session), {"do": "careless", "id": made.id, "version": made.version}
    for at in range(1, MOST_POINTS):
        where, _ = crash_runner(**order, at=at)
        if everything(session) != before:
            assert where not in {"COMMIT", "the end"}
            return
    pytest.fail("nobody would see a commit in the middle")
