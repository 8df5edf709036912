"""Holds do what a dictionary does, on 10,000 random walks of three reviewers through two cases."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW

from directory.accounts.policy import Actor, Role
from directory.accounts.tables import Account
from directory.database import Base
from directory.listings.kinds import ListingKind
from directory.listings.tables import Listing, ListingSource
from directory.review import case_holds
from directory.review.case_filter import QueueFilter
from directory.review.case_items import end_holds
from directory.review.case_kinds import WaitingOn
from directory.review.case_queue import next_case
from directory.review.case_tables import ReviewCase, ReviewHold

WALKS, STEPS = 10_000, 5
CASES, REVIEWERS = (1, 2), (1, 2, 3)
HALF_AN_HOUR = timedelta(minutes=30)
ACTORS = {number: Actor(number, frozenset({Role.REVIEWER})) for number in REVIEWERS}


class Model:
    """What holds are, in a dictionary: who has a case, and until when."""

    def __init__(self) -> None:
        self.holds: dict[int, tuple[int, datetime]] = {}

    def holder(self, case: int, now: datetime) -> int | None:
        by, until = self.holds.get(case, (None, now))
        return by if until > now else None

    def take(self, case: int, by: int, now: datetime) -> int | None:
        if self.holder(case, now) in {None, by}:
            self.holds[case] = (by, now + HALF_AN_HOUR)
        return self.holder(case, now)

    def release(self, case: int, by: int, _now: datetime) -> None:
        if self.holds.get(case, (None,))[0] == by:
            del self.holds[case]

    def sign_out(self, _case: int, by: int, _now: datetime) -> None:
        self.holds = {case: hold for case, hold in self.holds.items() if hold[0] != by}

    decide = release

    def next(self, _case: int, by: int, now: datetime) -> int | None:
        return next((case for case in CASES if self.holder(case, now) in {None, by}), None)


class Holds:
    """The same with the real functions."""

    def __init__(self, session: Session) -> None:
        self.session = session
        session.execute(sa.delete(ReviewHold))

    def take(self, case: int, by: int, now: datetime) -> int | None:
        hold = case_holds.take_case(self.session, case, by=ACTORS[by], now=now)
        return hold.by_id if hold else None

    def release(self, case: int, by: int, _now: datetime) -> None:
        case_holds.release_case(self.session, case, by=ACTORS[by])

    def sign_out(self, _case: int, by: int, _now: datetime) -> None:
        case_holds.release_cases_of(self.session, by)

    def decide(self, case: int, by: int, _now: datetime) -> None:
        end_holds(self.session, [case], [by])

    def next(self, _case: int, by: int, now: datetime) -> int | None:
        return next_case(self.session, QueueFilter(), by=ACTORS[by], now=now)


MOVES = ("take", "take", "release", "sign_out", "decide", "next")


@pytest.fixture(scope="module")
def engine() -> Iterator[sa.Engine]:
    """A database in memory with two cases."""
    engine = sa.create_engine("sqlite://", poolclass=sa.StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for number in REVIEWERS:
            account = {"email": f"{number}@example.com", "fs_uniquifier": str(number), "created_at": NOW}
            session.add(Account(id=number, name=str(number), active=True, **account))
        for number in CASES:
            session.add(_listing(number))
            session.flush()
            case = {"since": NOW, "due_at": NOW, "flagged": False, "waiting_on": WaitingOn.REVIEWER}
            session.add(ReviewCase(listing_id=number, **case))
            # Not a commit, which would find that nothing waits.
            session.flush()
        session.connection().commit()
    yield engine
    engine.dispose()


def _listing(number: int) -> Listing:
    facts = {"slug": str(number), "kind": ListingKind.CLINIC, "name": str(number), "source": ListingSource.DEMO}
    return Listing(id=number, created_at=NOW, updated_at=NOW, **facts)


def first_difference(session: Session, walks: int, seed: str) -> tuple[int, str] | None:
    """Walk, and return the first walk and move after which the model and the database differ."""
    chance = random.Random(seed)
    for walk in range(walks):
        model, holds, now = Model(), Holds(session), NOW
        for _ in range(STEPS):
            now += timedelta(minutes=chance.choice((0, 1, 15, 29, 30, 31)))
            move, case, by = chance.choice(MOVES), chance.choice(CASES), chance.choice(REVIEWERS)
            if getattr(model, move)(case, by, now) != getattr(holds, move)(case, by, now):
                return walk, move
    return None


def test_holds_are_those_of_the_model(engine: sa.Engine) -> None:
    with Session(engine) as session:
        assert first_difference(session, WALKS, "holds") is None


def test_a_hold_that_never_ends_is_found(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault."""
    monkeypatch.setattr(case_holds, "HOLD_TIME", timedelta(days=1))
    with Session(engine) as session:
        assert first_difference(session, 2_000, "holds") is not None


def test_a_case_that_is_not_released_is_found(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault."""
    monkeypatch.setattr(case_holds, "release_cases_of", lambda *_, **__: None)
    with Session(engine) as session:
        assert first_difference(session, 2_000, "holds") is not None
