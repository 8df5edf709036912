"""The admin's pages about people: the list, one person, and what an admin does with an account."""

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import NOW, PASSWORD, make_account, make_listing, sign_in
from support.http_client import Browser
from support.mailbox import emails_to, link_in

from directory.accounts.commands import create_account
from directory.accounts.policy import Role
from directory.accounts.tables import Account, UserSession

WHY = {"reason": "Left the team"}


def test_the_list_shows_who_may_do_what(as_admin: Browser, session: Session, reviewer: Account) -> None:
    reviewer.roles.append(make_account(session, Role.PROVIDER, name="Percy").roles[0])
    for name in ("Ash Clinic", "Elm Clinic", "Oak Clinic"):
        make_listing(session, reviewer, name=name)
    bare = make_account(session, Role.REVIEWER, name="Thorn Weir")
    bare.tf_primary_method = None
    session.commit()
    page = as_admin.open("/console/people")
    assert "1 admin · 3 reviewers · 1 provider" in page.text
    assert "Ash Clinic , Elm Clinic and 1 more" in page.text
    assert "None: the console stays closed" in page.text
    assert "Ada Admin (you)" in page.text
    assert "Ruth Reviewer" not in as_admin.open("/console/people?group=admins").text
    assert "Ruth Reviewer" in as_admin.open("/console/people?q=ruth+example").text
    assert "Nobody found" in as_admin.open("/console/people?q=nobody").text


def test_the_list_has_25_a_page_and_the_same_statements_however_long_it_is(
    as_admin: Browser, session: Session, database_engine: sa.Engine
) -> None:
    def statements(path: str) -> int:
        asked: list[str] = []

        def note(*facts: object) -> None:
            asked.append(str(facts[2]))

        sa.event.listen(database_engine, "before_cursor_execute", note)
        assert as_admin.open(path).status == 200
        sa.event.remove(database_engine, "before_cursor_execute", note)
        return len(asked)

    as_admin.open("/console/people")
    few = statements("/console/people")
    for number in range(60):
        make_listing(session, make_account(session, Role.PROVIDER, name=f"Percy {number:02}"))
    session.commit()
    assert statements("/console/people") == few
    page = as_admin.open("/console/people?group=providers&page=3")
    assert "Page 3 of 3" in page.text
    assert page.text.count("Percy") == 10


def test_an_invitation_is_sent_accepted_and_taken_back(app: Flask, as_admin: Browser, session: Session) -> None:
    wanted = {"email": "ines@example.com", "role": "reviewer", "reason": "Joins the team"}
    page = as_admin.press(as_admin.open("/console/people"), "Invite", wanted)
    assert "The invitation for ines@example.com is in the outbox." in page.text
    again = as_admin.press(page, "Invite", wanted | {"reason": "", "email": "x"})
    assert again.status == 422
    assert "Enter why" in again.text
    clash = as_admin.press(page, "Invite", wanted | {"email": "ada.admin@example.com"})
    assert clash.status == 409
    assert "There is already an account" in clash.text
    ines = session.scalars(sa.select(Account).where(Account.email == "ines@example.com")).one()
    session.commit()
    page = as_admin.press(as_admin.open(f"/console/people/{ines.id}"), "Send again", {"reason": "Lost"})
    first, second = (link_in(mail, "invitation") for mail in emails_to(session, "ines@example.com"))
    visitor = Browser(app.test_client())
    assert visitor.open(first).status == 404
    opened = visitor.open(second)
    page = as_admin.press(page, "Take back")
    assert "Its link does not work any more" in page.text
    assert visitor.press(opened, "Open the account", {"name": "Ines", "password": PASSWORD}).status == 404


def test_a_reviewer_is_disabled_and_is_out_with_the_next_click(
    app: Flask, as_admin: Browser, as_reviewer: Browser, reviewer: Account, session: Session
) -> None:
    assert as_reviewer.open("/console/").status == 200
    page = as_admin.open(f"/console/people/{reviewer.id}")
    empty = as_admin.press(page, "Disable", {"reason": ""})
    assert (empty.status, "Enter why" in empty.text) == (422, True)
    page = as_admin.press(page, "Disable", WHY)
    assert "Left the team" in page.text
    assert as_reviewer.open("/console/", follow=False).location.startswith("/signin/login")
    assert as_admin.press(page, "Enable", {"reason": "Came back"}).status == 200
    clash = as_admin.press(page, "Enable", {"reason": "Came back"})
    assert clash.status == 409
    session.rollback()
    assert Browser(sign_in(app.test_client(), reviewer)).open("/console/").status == 200


def test_a_disabled_account_cannot_sign_in(app: Flask, as_admin: Browser, session: Session) -> None:
    with app.app_context():
        account = create_account(
            session, email="percy@example.com", password=PASSWORD, name="Percy", roles=[Role.PROVIDER], now=NOW
        )
    session.commit()

    def try_to_sign_in() -> bool:
        visitor = Browser(app.test_client())
        form = visitor.open("/signin/login")
        visitor.press(form, "Sign in", {"email": account.email, "password": PASSWORD})
        return visitor.open("/account/", follow=False).status == 200

    assert try_to_sign_in()
    session.rollback()
    assert account.signed_in_at is not None
    as_admin.press(as_admin.open(f"/console/people/{account.id}"), "Disable", WHY)
    assert not try_to_sign_in()


def test_roles_sessions_and_second_factor_are_changed(
    app: Flask, as_admin: Browser, reviewer: Account, session: Session
) -> None:
    as_reviewer = Browser(sign_in(app.test_client(), reviewer))
    page = as_admin.open(f"/console/people/{reviewer.id}")
    page = as_admin.press(page, "Sign out everywhere", WHY)
    assert as_reviewer.open("/console/", follow=False).status == 302
    sessions = sa.select(sa.func.count()).where(UserSession.account_id == reviewer.id)
    session.rollback()
    assert session.scalar(sessions) == 0
    page = as_admin.press(page, "Remove the second factor", WHY)
    assert "No second factor yet" in page.text
    page = as_admin.press(page, "Save role", {"role": "admin", **WHY})
    assert "Became an admin" in page.text
    session.rollback()
    assert reviewer.role is Role.ADMIN
    wrong = as_admin.press(page, "Save role", {"role": "owner", **WHY})
    assert (wrong.status, "Choose one of the roles." in wrong.text) == (422, True)


def test_the_last_admin_is_told_why_they_stay(as_admin: Browser, admin: Account) -> None:
    page = as_admin.open(f"/console/people/{admin.id}")
    clash = as_admin.press(page, "Save role", {"role": "reviewer", "reason": "Tired of it"})
    assert clash.status == 409
    assert "This is the only admin. Make somebody else an admin first." in clash.text
    assert clash.form("Save role").fields["reason"] == "Tired of it"


def test_people_are_for_admins_only(as_reviewer: Browser, reviewer: Account) -> None:
    for path in ("/console/people", f"/console/people/{reviewer.id}"):
        assert as_reviewer.open(path).status == 403
    assert "People" not in as_reviewer.open("/console/").text


def test_an_unknown_person_is_not_found(as_admin: Browser) -> None:
    assert as_admin.open("/console/people/99").status == 404
