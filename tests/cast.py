"""The cast: two providers, a reviewer and an admin, in the database and before the browser."""

import pytest
from factories import make_account
from sqlalchemy.orm import Session

from directory.accounts.policy import Role
from directory.accounts.tables import Account


def _committed(session: Session, role: Role, name: str) -> Account:
    account = make_account(session, role, name=name, email=f"{name.replace(' ', '.').lower()}@example.com")
    session.commit()
    return account


@pytest.fixture
def provider(session: Session) -> Account:
    """Who owns the listing that a test is about."""
    return _committed(session, Role.PROVIDER, "Pat Provider")


@pytest.fixture
def other_provider(session: Session) -> Account:
    """Who owns another listing and has no business with this one."""
    return _committed(session, Role.PROVIDER, "Olga Other")


@pytest.fixture
def reviewer(session: Session) -> Account:
    return _committed(session, Role.REVIEWER, "Ruth Reviewer")


@pytest.fixture
def admin(session: Session) -> Account:
    return _committed(session, Role.ADMIN, "Ada Admin")
