"""Accounts: made whole or not at all, with passwords that cannot be guessed."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from support.factories import NOW, PASSWORD

from directory.accounts.commands import create_account
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.errors import Conflict, Invalid


@pytest.fixture(autouse=True)
def hashing(app: Flask) -> Iterator[None]:
    """Hashing needs the application's salt."""
    with app.app_context():
        yield


def open_with(session: Session, *, email: str = "a@example.com", password: str = PASSWORD) -> Account:
    return create_account(session, email=email, password=password, name="Ann", roles=[Role.PROVIDER], now=NOW)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "password",
        "12345678",
        "correct horse",
        "fourteen chars",
        "aaaaaaaaaaaaaaaaaaaa",
        "passwordpassword",
        "qwertyuiopasdfgh",
        "123456789012345678",
        "ann.example@example.com",
        "x7#" * 30,
        "k4 Vw?" * 100,
    ],
)
def test_a_password_that_can_be_guessed_is_refused(session: Session, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_with(session, email="ann.example@example.com", password=password)
    assert {fault.field for fault in refused.value.faults} == {"password"}


@pytest.mark.parametrize(
    "password", [PASSWORD, "grüne Wälder rauschen im Wind", "山の上に古い寺があり鐘が鳴る夕暮れ", PASSWORD * 10]
)
def test_long_passwords_of_any_script_are_taken(session: Session, password: str) -> None:
    assert open_with(session, password=password).password


@pytest.mark.parametrize(
    "email", ["", "a", "a@", "@example.com", "a b@example.com", "a@example.com\0", "a" * 300 + "@b.co"]
)
def test_what_is_no_mail_address_is_refused(session: Session, email: str) -> None:
    with pytest.raises(Invalid) as refused:
        open_with(session, email=email)
    assert {fault.field for fault in refused.value.faults} == {"email"}


def test_one_address_has_one_account_however_it_is_written(session: Session) -> None:
    open_with(session, email="Ann@Example.com")
    with pytest.raises(Conflict):
        open_with(session, email=" ann@example.COM ")


def test_an_account_is_an_actor_with_its_roles(session: Session) -> None:
    account = open_with(session)
    assert account.actor.id == account.id
    assert account.actor.roles == {Role.PROVIDER}
