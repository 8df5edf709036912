"""Invitations, disabled accounts, accounts that nobody confirms, and limits of mail."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import NOW, PASSWORD, make_account
from support.mailbox import emails_to, link_in

from directory.accounts.commands import (
    close_account,
    create_account,
    delete_unconfirmed_accounts,
    disable_account,
    set_password,
)
from directory.accounts.invitations import accept_invitation, find_invitation, invite
from directory.accounts.mail_limits import claim_email, delete_old_limits
from directory.accounts.policy import Role
from directory.accounts.sessions import create_session, list_sessions
from directory.accounts.tables import Account, AccountEvent, Invitation, MailLimit
from directory.errors import Conflict, Invalid, NotFound

EMAIL = "ines@example.com"
HOME = "https://directory.example"
DAY = timedelta(days=1)
SECRET = "secret"


@pytest.fixture(autouse=True)
def hashing(app: Flask) -> Iterator[None]:
    """Hashing needs the application's salt."""
    with app.app_context():
        yield


def invited(session: Session, role: Role = Role.REVIEWER) -> str:
    """Invite somebody, and return the token of the newest mail."""
    invite(session, email=EMAIL, role=role, home=HOME, by=None, now=NOW)
    session.commit()
    mail = emails_to(session, EMAIL)[-1]
    assert mail.action_path.startswith(f"{HOME}/signin/invitation/")
    assert mail.forget
    return link_in(mail, "invitation").rpartition("/")[2]


def account(session: Session, email: str = EMAIL, role: Role = Role.PROVIDER) -> Account:
    return create_account(session, email=email, password=PASSWORD, name="Ines", roles=[role], now=NOW)


def test_an_invitation_opens_an_account_in_its_role_once(session: Session) -> None:
    token = invited(session)
    assert find_invitation(session, token, now=NOW + timedelta(days=6)).email == EMAIL
    made = accept_invitation(session, token, name=" Ines Invited ", password=PASSWORD, now=NOW)
    assert (made.name, made.confirmed_at, made.actor.roles) == ("Ines Invited", NOW, {Role.REVIEWER})
    with pytest.raises(NotFound):
        accept_invitation(session, token, name="Else", password=PASSWORD, now=NOW)
    events = session.scalars(sa.select(AccountEvent.event).order_by(AccountEvent.id)).all()
    assert events == ["invite", "join"]


def test_only_a_hash_of_the_invitation_is_stored(session: Session) -> None:
    token = invited(session)
    assert token not in str(session.execute(sa.select(Invitation.__table__)).one())


def test_an_invitation_runs_out_after_a_week(session: Session) -> None:
    token = invited(session)
    with pytest.raises(NotFound):
        accept_invitation(session, token, name="Ines", password=PASSWORD, now=NOW + timedelta(days=7))


def test_inviting_again_makes_the_first_link_worthless(session: Session) -> None:
    first, second = invited(session), invited(session)
    with pytest.raises(NotFound):
        find_invitation(session, first, now=NOW)
    assert find_invitation(session, second, now=NOW)


def test_an_invitation_never_reaches_into_an_account_in_use(session: Session) -> None:
    account(session)
    with pytest.raises(Conflict):
        invite(session, email=EMAIL.upper(), role=Role.ADMIN, home=HOME, by=None, now=NOW)


def test_an_invitation_to_another_role_must_wait(session: Session) -> None:
    invited(session, Role.PROVIDER)
    with pytest.raises(Conflict):
        invite(session, email=EMAIL, role=Role.ADMIN, home=HOME, by=None, now=NOW)


def test_a_link_is_worthless_once_the_account_is_confirmed_in_another_way(session: Session) -> None:
    token = invited(session)
    session.execute(sa.update(Account).values(confirmed_at=NOW))
    with pytest.raises(NotFound):
        find_invitation(session, token, now=NOW)


@pytest.mark.parametrize(("name", "password", "field"), [("", PASSWORD, "name"), ("Ines", "short", "password")])
def test_what_is_wrong_with_an_invitation_is_named(session: Session, name: str, password: str, field: str) -> None:
    token = invited(session)
    with pytest.raises(Invalid) as refused:
        accept_invitation(session, token, name=name, password=password, now=NOW)
    assert [fault.field for fault in refused.value.faults] == [field]
    session.rollback()
    assert find_invitation(session, token, now=NOW)


def test_a_disabled_account_loses_its_sessions_and_the_reason_is_kept(session: Session) -> None:
    made = account(session)
    before = made.fs_uniquifier
    create_session(session, data="{}", user_id=before, now=NOW)
    disable_account(session, made, now=NOW, reason="Left the team")
    session.flush()
    assert not list_sessions(session, made.id, now=NOW)
    assert made.fs_uniquifier != before
    event = session.scalars(sa.select(AccountEvent)).one()
    assert (event.event, event.reason, event.by_id) == ("disable", "Left the team", None)
    with pytest.raises(Conflict):
        disable_account(session, made, now=NOW)


def test_a_password_that_an_operator_sets_ends_all_sessions(session: Session) -> None:
    made = account(session)
    before = made.password
    create_session(session, data="{}", user_id=made.fs_uniquifier, now=NOW)
    set_password(session, made, "seven loud geese cross the old road", now=NOW)
    assert made.password != before
    assert not list_sessions(session, made.id, now=NOW)
    with pytest.raises(Invalid):
        set_password(session, made, "short", now=NOW)


def test_two_admins_cannot_both_leave(session: Session) -> None:
    first, second = account(session, role=Role.ADMIN), account(session, "second@example.com", Role.ADMIN)
    close_account(session, first, password=PASSWORD, now=NOW)
    with pytest.raises(Conflict):
        close_account(session, second, password=PASSWORD, now=NOW)


def test_an_account_that_nobody_confirms_is_deleted_after_a_week_and_no_other(session: Session) -> None:
    invited(session)
    kept = account(session, "kept@example.com")
    assert delete_unconfirmed_accounts(session, now=NOW + timedelta(days=6)) == 0
    assert delete_unconfirmed_accounts(session, now=NOW + timedelta(days=7)) == 1
    assert session.scalars(sa.select(Account.id)).all() == [kept.id]
    assert not session.scalars(sa.select(Invitation.id)).all()
    assert delete_unconfirmed_accounts(session, now=NOW + timedelta(days=700)) == 0


def test_mail_of_a_kind_waits_for_its_interval_and_no_other_kind_does(session: Session) -> None:
    def claim(kind: str = "a", to: str = EMAIL, after: timedelta = timedelta()) -> bool:
        return claim_email(session, kind, to, every=DAY, secret=SECRET, now=NOW + after)

    assert claim()
    assert not claim()
    assert not claim(to=EMAIL.upper(), after=DAY - timedelta(seconds=1))
    assert claim(kind="b")
    assert claim(to="other@example.com")
    assert claim(after=DAY)
    assert not claim(after=DAY + timedelta(hours=1))


def test_limits_hold_no_address_and_go_after_a_day(session: Session) -> None:
    claim_email(session, "a", EMAIL, every=DAY, secret=SECRET, now=NOW)
    assert "ines" not in str(session.scalars(sa.select(MailLimit.key)).one())
    delete_old_limits(session, now=NOW + DAY - timedelta(seconds=1))
    assert session.scalar(sa.select(sa.func.count()).select_from(MailLimit)) == 1
    delete_old_limits(session, now=NOW + DAY)
    assert session.scalar(sa.select(sa.func.count()).select_from(MailLimit)) == 0


def test_a_deleted_account_takes_nothing_along_but_its_own(session: Session) -> None:
    invited(session)
    reviewer = make_account(session, Role.REVIEWER)
    delete_unconfirmed_accounts(session, now=NOW + timedelta(days=8))
    assert session.get(Account, reviewer.id) is not None
