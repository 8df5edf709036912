"""Server-side sessions: found by their token only, valid for a fixed time, listed and ended by account."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW

from directory import clock
from directory.accounts.sessions import (
    ANONYMOUS_LIFETIME,
    LIFETIME,
    create_session,
    delete_expired_sessions,
    end_session,
    end_sessions,
    find_session,
    list_sessions,
    update_session,
)
from directory.accounts.tables import Account, RateLimitCounter, UserSession
from directory.cli.installation import installation
from directory.cli.scheduler import run_job, scheduled_jobs

MOMENT = timedelta(microseconds=1)


def create(session: Session, account: Account | None = None, *, after: timedelta = timedelta(0)) -> str:
    user_id = account.fs_uniquifier if account else None
    return create_session(session, data="{}", user_id=user_id, now=NOW + after)


def test_the_token_is_random_and_not_stored(session: Session, provider: Account) -> None:
    tokens = {create(session, provider) for _ in range(50)}
    assert len(tokens) == 50
    assert {len(token) for token in tokens} == {43}
    stored = repr(session.execute(sa.select(*UserSession.__table__.columns)).all())
    assert not [token for token in tokens if token in stored]


@pytest.mark.parametrize("token", ["", "other", "\0", "é", "a" * 10_000])
def test_another_token_finds_nothing(session: Session, provider: Account, token: str) -> None:
    create(session, provider)
    assert find_session(session, token, now=NOW) is None


def test_the_hash_in_the_table_is_no_token(session: Session, provider: Account) -> None:
    create(session, provider)
    token_hash = session.scalars(sa.select(UserSession.token_hash)).one()
    assert find_session(session, token_hash, now=NOW) is None


def test_a_session_ends_after_its_lifetime_however_often_it_is_used(session: Session, provider: Account) -> None:
    token = create(session, provider)
    found = find_session(session, token, now=NOW + LIFETIME - MOMENT)
    assert found is not None
    update_session(session, found.id, data="{}", now=NOW + LIFETIME - MOMENT)
    assert find_session(session, token, now=NOW + LIFETIME) is None


def test_a_session_without_an_account_ends_sooner(session: Session) -> None:
    token = create(session)
    assert find_session(session, token, now=NOW + ANONYMOUS_LIFETIME - MOMENT) is not None
    assert find_session(session, token, now=NOW + ANONYMOUS_LIFETIME) is None


def test_a_session_that_was_ended_is_not_brought_back_by_a_late_update(session: Session, provider: Account) -> None:
    token = create(session, provider)
    found = find_session(session, token, now=NOW)
    assert found is not None
    end_session(session, found.id)
    update_session(session, found.id, data="{}", now=NOW)
    assert find_session(session, token, now=NOW) is None


def test_an_account_lists_its_own_valid_sessions_the_last_used_first(
    session: Session, provider: Account, other_provider: Account
) -> None:
    early, late = create(session, provider), create(session, provider, after=timedelta(hours=1))
    create(session, provider, after=-LIFETIME)
    create(session, other_provider)
    create(session)
    ids = [found.id for token in (late, early) if (found := find_session(session, token, now=NOW))]
    assert [row.id for row in list_sessions(session, provider.id, now=NOW)] == ids
    update_session(session, ids[1], data="{}", now=NOW + timedelta(hours=2))
    assert [row.id for row in list_sessions(session, provider.id, now=NOW)] == ids[::-1]


def test_an_account_ends_one_of_its_sessions_and_none_of_anybody_else(
    session: Session, provider: Account, other_provider: Account
) -> None:
    mine, kept, foreign = create(session, provider), create(session, provider), create(session, other_provider)
    for token in (mine, foreign):
        found = find_session(session, token, now=NOW)
        assert found is not None
        end_session(session, found.id, account_id=provider.id)
    valid = [token for token in (mine, kept, foreign) if find_session(session, token, now=NOW)]
    assert valid == [kept, foreign]


@pytest.mark.parametrize("keeps", [True, False])
def test_an_account_ends_all_its_sessions_or_all_but_one(
    session: Session, provider: Account, other_provider: Account, *, keeps: bool
) -> None:
    this, that, foreign = create(session, provider), create(session, provider), create(session, other_provider)
    found = find_session(session, this, now=NOW)
    assert found is not None
    end_sessions(session, provider.id, keep=found.id if keeps else None)
    valid = [token for token in (this, that, foreign) if find_session(session, token, now=NOW)]
    assert valid == ([this, foreign] if keeps else [foreign])


def test_the_sessions_of_a_deleted_account_are_gone(session: Session, provider: Account) -> None:
    token = create(session, provider)
    session.delete(provider)
    session.flush()
    assert find_session(session, token, now=NOW) is None
    assert session.scalar(sa.select(sa.func.count()).select_from(UserSession)) == 0


def test_expired_sessions_are_deleted_and_no_others(session: Session, provider: Account) -> None:
    create(session, provider, after=-LIFETIME)
    create(session, after=-ANONYMOUS_LIFETIME)
    valid = create(session, provider, after=MOMENT - LIFETIME)
    assert delete_expired_sessions(session, now=NOW) == 2
    assert find_session(session, valid, now=NOW) is not None
    assert delete_expired_sessions(session, now=NOW) == 0


def test_the_command_removes_expired_sessions(
    run_command: Callable[..., str], session: Session, provider: Account
) -> None:
    create_session(session, data="{}", user_id=provider.fs_uniquifier, now=clock.now() - LIFETIME)
    create_session(session, data="{}", user_id=provider.fs_uniquifier, now=clock.now())
    session.add(RateLimitCounter(key="over", attempts=3, expires_at=clock.now()))
    session.add(RateLimitCounter(key="counts", attempts=3, expires_at=clock.now() + LIFETIME))
    session.commit()
    assert run_command("sessions", "sweep") == "Removed 1 session.\n"
    assert session.scalars(sa.select(RateLimitCounter.key)).all() == ["counts"]
    assert run_command("sessions", "sweep") == "Removed 0 sessions.\n"


def test_the_scheduler_removes_expired_sessions(
    environment: dict[str, str],
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    create_session(session, data="{}", user_id=None, now=clock.now() - LIFETIME)
    session.add(RateLimitCounter(key="over", attempts=3, expires_at=clock.now()))
    session.commit()
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with installation() as settings:
        sweep = next(job for job in scheduled_jobs(settings) if job.name == "sessions sweep")
        run_job(sweep, settings)
        assert capsys.readouterr().err.endswith("sessions sweep: removed 1\n")
        assert session.scalars(sa.select(RateLimitCounter.key)).all() == []
        session.rollback()
        run_job(sweep, settings)
        assert capsys.readouterr().err == ""
