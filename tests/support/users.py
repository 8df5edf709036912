"""The cast: two providers, a reviewer and an admin, in the database and before the browser."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from support.factories import make_account, sign_in
from support.http_client import Browser


def _create_user(session: Session, role: Role, name: str) -> Account:
    account = make_account(session, role, name=name, email=f"{name.replace(' ', '.').lower()}@example.com")
    session.commit()
    return account


@pytest.fixture
def provider(session: Session) -> Account:
    """Who owns the listing that a test is about."""
    return _create_user(session, Role.PROVIDER, "Pat Provider")


@pytest.fixture
def other_provider(session: Session) -> Account:
    """Who owns another listing and has no business with this one."""
    return _create_user(session, Role.PROVIDER, "Olga Other")


@pytest.fixture
def reviewer(session: Session) -> Account:
    return _create_user(session, Role.REVIEWER, "Ruth Reviewer")


@pytest.fixture
def admin(session: Session) -> Account:
    return _create_user(session, Role.ADMIN, "Ada Admin")


@pytest.fixture
def visitor(app: Flask) -> Browser:
    """Somebody who has not signed in."""
    return Browser(app.test_client())


@pytest.fixture
def as_provider(app: Flask, provider: Account) -> Browser:
    return Browser(sign_in(app.test_client(), provider))


@pytest.fixture
def as_other_provider(app: Flask, other_provider: Account) -> Browser:
    return Browser(sign_in(app.test_client(), other_provider))


@pytest.fixture
def as_reviewer(app: Flask, reviewer: Account) -> Browser:
    return Browser(sign_in(app.test_client(), reviewer))


@pytest.fixture
def as_admin(app: Flask, admin: Account) -> Browser:
    return Browser(sign_in(app.test_client(), admin))
