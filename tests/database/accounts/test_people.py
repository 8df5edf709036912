"""What admins do with other people's accounts, on both databases, also at the same moment."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import NOW, make_account
from support.mailbox import emails_to

from directory import transaction
from directory.accounts.commands import disable_account
from directory.accounts.people import Group, count_people, list_people
from directory.accounts.policy import Role
from directory.accounts.queries import account_history, count_active_admins
from directory.accounts.sessions import create_session, list_sessions
from directory.accounts.tables import Account, AccountEvent
from directory.audit.tables import AuditEntry
from directory.errors import Conflict, Invalid, NotAllowed, Refusal
from directory.review.people import (
    change_role,
    disable_person,
    enable_person,
    invite_person,
    reset_factor_of_person,
    sign_out_person,
    withdraw_invitation,
)

HOME = "https://directory.example"
WHY = "Left the team"
ACTS = [disable_person, enable_person, sign_out_person, reset_factor_of_person]


@pytest.fixture(autouse=True)
def hashing(app: Flask) -> Iterator[None]:
    """Hashing needs the application's salt."""
    with app.app_context():
        yield


def signed_in(session: Session, account: Account) -> None:
    create_session(session, data="{}", user_id=account.fs_uniquifier, now=NOW)


def demote(session: Session, account: Account, by: Account) -> None:
    change_role(session, account, Role.PROVIDER, before=Role.ADMIN, reason=WHY, by=by.actor, now=NOW)


def disable(session: Session, account: Account, by: Account) -> None:
    disable_person(session, account, reason=WHY, by=by.actor, now=NOW)


def actions(session: Session, account: Account) -> list[str]:
    return list(session.scalars(sa.select(AuditEntry.action).filter_by(object=f"account:{account.id}")))


def test_a_role_is_given_and_taken_and_the_person_is_told(session: Session, admin: Account, provider: Account) -> None:
    signed_in(session, provider)
    change_role(session, provider, Role.REVIEWER, before=Role.PROVIDER, reason=" Joined ", by=admin.actor, now=NOW)
    session.commit()
    assert provider.actor.roles == {Role.PROVIDER, Role.REVIEWER}, "their listings stay theirs"
    assert not list_sessions(session, provider.id, now=NOW)
    change_role(session, provider, Role.PROVIDER, before=Role.REVIEWER, reason=WHY, by=admin.actor, now=NOW)
    session.commit()
    assert provider.actor.roles == {Role.PROVIDER}
    assert [mail.subject for mail in emails_to(session, provider.email)] == [
        "You are now a reviewer in this directory",
        "You are now a provider in this directory",
    ]
    told = [(event.event, event.reason, who) for event, who in account_history(session, provider.id, limit=9)]
    assert told == [("make_provider", WHY, admin.name), ("make_reviewer", "Joined", admin.name)]
    assert actions(session, provider) == ["account.make_reviewer", "account.make_provider"]


def test_a_role_that_changed_meanwhile_is_not_changed_again(
    session: Session, admin: Account, provider: Account
) -> None:
    with pytest.raises(Conflict, match="in the meantime"):
        change_role(session, provider, Role.ADMIN, before=Role.REVIEWER, reason=WHY, by=admin.actor, now=NOW)
    with pytest.raises(Conflict, match="already"):
        change_role(session, provider, Role.PROVIDER, before=Role.PROVIDER, reason=WHY, by=admin.actor, now=NOW)


def test_a_disabled_account_is_out_at_once_and_comes_back_as_it_was(
    session: Session, admin: Account, reviewer: Account
) -> None:
    signed_in(session, reviewer)
    cookie = reviewer.fs_uniquifier
    disable(session, reviewer, admin)
    session.commit()
    assert (reviewer.active, list(list_sessions(session, reviewer.id, now=NOW))) == (False, [])
    assert reviewer.fs_uniquifier != cookie
    with pytest.raises(Conflict, match="not in use"):
        change_role(session, reviewer, Role.ADMIN, before=Role.REVIEWER, reason=WHY, by=admin.actor, now=NOW)
    enable_person(session, reviewer, reason="Came back", by=admin.actor, now=NOW)
    session.commit()
    assert (reviewer.active, reviewer.actor.roles) == (True, {Role.REVIEWER})
    with pytest.raises(Conflict, match="active already"):
        enable_person(session, reviewer, reason=WHY, by=admin.actor, now=NOW)
    assert [mail.subject for mail in emails_to(session, reviewer.email)] == [
        "Your account is disabled",
        "Your account works again",
    ]


def test_an_account_that_its_owner_closed_stays_closed(session: Session, admin: Account, provider: Account) -> None:
    provider.active, provider.email = False, f"closed-{provider.id}@account.invalid"
    session.commit()
    with pytest.raises(Conflict, match="Its owner closed"):
        enable_person(session, provider, reason=WHY, by=admin.actor, now=NOW)


def test_sessions_and_second_factor_of_another_end(session: Session, admin: Account, reviewer: Account) -> None:
    signed_in(session, reviewer)
    sign_out_person(session, reviewer, reason=WHY, by=admin.actor, now=NOW)
    assert not list_sessions(session, reviewer.id, now=NOW)
    assert reviewer.has_second_factor
    signed_in(session, reviewer)
    reset_factor_of_person(session, reviewer, reason="Phone lost", by=admin.actor, now=NOW)
    session.commit()
    assert not list_sessions(session, reviewer.id, now=NOW)
    assert not reviewer.has_second_factor
    assert actions(session, reviewer) == ["account.sign_out", "account.second_factor_reset"]
    assert session.scalars(sa.select(AccountEvent.reason).order_by(AccountEvent.id)).all() == [WHY, "Phone lost"]
    assert [mail.letter for mail in emails_to(session, reviewer.email)] == ["account_changed", "sign_in_changed"]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    ("reason", "sentence"), [(" ", "Enter why"), ("x" * 501, "at most 500 characters"), ("a\0", "cannot be seen")]
)
def test_each_act_needs_a_reason_that_can_be_stored(
    session: Session, admin: Account, reviewer: Account, act: Callable[..., None], reason: str, sentence: str
) -> None:
    if act is enable_person:
        disable_account(session, reviewer, now=NOW)
    with pytest.raises(Invalid, match=sentence):
        act(session, reviewer, reason=reason, by=admin.actor, now=NOW)


@pytest.mark.parametrize("act", ACTS)
def test_only_admins_act_on_people(
    session: Session, provider: Account, reviewer: Account, act: Callable[..., None]
) -> None:
    for who in (provider, reviewer):
        with pytest.raises(NotAllowed):
            act(session, provider, reason=WHY, by=who.actor, now=NOW)


@pytest.mark.parametrize("act", [disable_person, sign_out_person, reset_factor_of_person])
def test_nobody_does_it_to_their_own_account(session: Session, admin: Account, act: Callable[..., None]) -> None:
    make_account(session, Role.ADMIN)
    with pytest.raises(Conflict, match="your own account"):
        act(session, admin, reason=WHY, by=admin.actor, now=NOW)


def test_the_last_admin_stays(session: Session, admin: Account) -> None:
    for other in (make_account(session, Role.ADMIN), make_account(session, Role.ADMIN)):
        # Neither can sign in, so neither counts.
        other.active, other.confirmed_at = (False, NOW) if other.id % 2 else (True, None)
    session.commit()
    with pytest.raises(Conflict, match="only admin"):
        demote(session, admin, admin)
    with pytest.raises(Conflict, match="only admin"):
        disable_person(session, admin, reason="", by=None, now=NOW)


@pytest.mark.parametrize("one", [demote, disable])
@pytest.mark.parametrize("other", [demote, disable])
def test_of_two_admins_who_remove_each_other_at_once_one_stays(
    app: Flask, session: Session, one: Callable[..., None], other: Callable[..., None]
) -> None:
    for _round in range(5):
        ids = [make_account(session, Role.ADMIN).id for _ in range(2)]
        session.commit()
        start = Barrier(2)

        def act(act: Callable[..., None], by_id: int, on_id: int, start: Barrier = start) -> str:
            with app.app_context():
                reading = transaction.session()
                by, on = reading.get_one(Account, by_id), reading.get_one(Account, on_id)
                assert by.actor.administers
                assert on.actor.administers
                start.wait(timeout=20)
                try:
                    with transaction.atomic() as writing:
                        act(writing, on, by)
                except Refusal as refused:
                    return refused.sentence
                return ""

        with ThreadPoolExecutor(2) as pool:
            first, second = pool.submit(act, one, *ids), pool.submit(act, other, *reversed(ids))
            sentences = sorted([first.result(), second.result()])
        assert sentences[0] == ""
        assert sentences[1] == "Your account may not manage people any more."
        session.expire_all()
        assert count_active_admins(session) == 1
        session.execute(sa.update(Account).values(active=False))
        session.commit()


def test_an_invitation_is_taken_back(session: Session, admin: Account) -> None:
    def invite(email: str, reason: str) -> Account:
        return invite_person(
            session, email=email, role=Role.REVIEWER, home=HOME, reason=reason, by=admin.actor, now=NOW
        )

    account = invite("ines@example.com", "Joins in May")
    session.commit()
    assert session.scalars(sa.select(AccountEvent.reason)).all() == ["Joins in May"]
    with pytest.raises(Invalid):
        invite("ida@example.com", "")
    withdraw_invitation(session, account, by=admin.actor, now=NOW)
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).where(Account.email == "ines@example.com")) == 0
    with pytest.raises(Conflict, match="no open invitation"):
        withdraw_invitation(session, admin, by=admin.actor, now=NOW)


def test_the_list_has_groups_search_and_sessions(session: Session, admin: Account, reviewer: Account) -> None:
    for number in range(30):
        make_account(session, Role.PROVIDER, name=f"Percy {number:02}", email=f"percy_{number}@example.com")
    gone = make_account(session, Role.PROVIDER, name="Gone")
    gone.active = False
    invite_person(session, email="ines@example.com", role=Role.ADMIN, home=HOME, reason=WHY, by=admin.actor, now=NOW)
    signed_in(session, reviewer)
    session.commit()
    assert count_people(session) == {
        None: 34, Group.ADMINS: 1, Group.REVIEWERS: 1, Group.PROVIDERS: 30, Group.INVITED: 1, Group.DISABLED: 1,
        Group.CLOSED: 0,
    }  # fmt: skip
    assert count_people(session, "PERCY _1@")[None] == 1, "an underscore stands for itself"
    second = list_people(session, Group.PROVIDERS, "percy", now=NOW, limit=25, offset=25)
    assert [row.account.name for row in second] == [f"Percy {number}" for number in range(25, 30)]
    [row] = list_people(session, Group.REVIEWERS, "", now=NOW, limit=25, offset=0)
    assert (row.account, row.sessions) == (reviewer, 1)
    [row] = list_people(session, Group.REVIEWERS, "", now=NOW + timedelta(days=1), limit=25, offset=0)
    assert row.sessions == 0
