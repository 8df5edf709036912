"""The commands of accounts."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import PASSWORD
from support.mailbox import emails_to, link_in

from directory.accounts.policy import Role
from directory.accounts.tables import Account

EMAIL = "ada@example.org"
Run = Callable[..., str]


def the_account(session: Session) -> Account:
    session.rollback()
    return session.scalars(sa.select(Account)).one()


def create(run_command: Run, role: str = "provider") -> None:
    run_command("account", "create", EMAIL, "--role", role, "--name", "Ada", "--password", PASSWORD)


def test_create_opens_an_account_in_any_role(run_command: Run, session: Session) -> None:
    create(run_command)
    made = the_account(session)
    assert (made.email, made.name, made.actor.roles) == (EMAIL, "Ada", {Role.PROVIDER})
    said = run_command("account", "create", EMAIL, "--role", "admin", "--password", PASSWORD, code=1)
    assert "already an account" in said
    assert "--role" in run_command("account", "create", "b@example.org", "--password", PASSWORD, code=2)


def test_invite_queues_a_mail_with_a_link(run_command: Run, session: Session) -> None:
    said = run_command("account", "invite", EMAIL, "--role", "reviewer")
    assert "is in the outbox" in said
    (mail,) = emails_to(session, EMAIL)
    assert link_in(mail, "invitation")
    assert the_account(session).confirmed_at is None
    assert "not an email address" in run_command("account", "invite", "ada", "--role", "reviewer", code=1)


def test_disable_closes_the_door(run_command: Run, session: Session) -> None:
    create(run_command)
    run_command("account", "disable", "ADA@example.org", "--reason", "Left the team")
    assert not the_account(session).active
    assert "is not active" in run_command("account", "disable", EMAIL, code=1)
    assert "no account for" in run_command("account", "disable", "nobody@example.org", code=1)


def test_a_forgotten_admin_password_has_a_way_back(run_command: Run, session: Session) -> None:
    create(run_command, "admin")
    before = the_account(session).password
    new = "seven loud geese cross the old road"
    assert "has a new password" in run_command("account", "reset-password", EMAIL, stdin=f"{new}\n{new}\n")
    assert the_account(session).password != before
    assert "at least 15 characters" in run_command("account", "reset-password", EMAIL, stdin="short\nshort\n", code=1)


def test_a_reset_by_mail_queues_a_link_that_works_on_the_site(run_command: Run, session: Session) -> None:
    create(run_command, "admin")
    assert "is in the outbox" in run_command("account", "reset-password", EMAIL, "--mail")
    (mail,) = emails_to(session, EMAIL)
    assert mail.forget
    assert link_in(mail, "reset")


def test_sweep_counts_what_it_removed(run_command: Run, session: Session) -> None:
    run_command("account", "invite", EMAIL, "--role", "reviewer")
    assert "Removed 0 accounts." in run_command("account", "sweep")
    session.execute(sa.update(Account).values(created_at=sa.text("'2020-01-01 00:00:00'")))
    session.commit()
    assert "Removed 1 account." in run_command("account", "sweep")
