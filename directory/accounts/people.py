"""The list of all accounts for admins: groups, search, and one page of it."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from directory.accounts.policy import Role
from directory.accounts.tables import CLOSED_DOMAIN, Account, AccountRole, Invitation, UserSession


class Group(enum.StrEnum):
    """The groups of accounts, none of which overlap. Registrations that nobody confirmed yet are in none."""

    ADMINS = "admins"
    REVIEWERS = "reviewers"
    PROVIDERS = "providers"
    INVITED = "invited"
    DISABLED = "disabled"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class ListedPerson:
    """One account of the list; `sessions` is the number of browsers that are signed in."""

    account: Account
    sessions: int


def count_people(session: Session, text: str = "") -> dict[Group | None, int]:
    """Return how many accounts match in each group, and under None how many in all."""
    counts = [sa.func.count(sa.case((condition, 1))) for condition in _GROUPS.values()]
    row = session.execute(sa.select(sa.func.count(), *counts).where(_matches(text))).one()
    return dict(zip([None, *_GROUPS], row, strict=True))


def list_people(
    session: Session, group: Group | None, text: str, *, now: datetime, limit: int, offset: int
) -> Sequence[ListedPerson]:
    """Return a part of a group by name, admins and reviewers first, always with the same number of statements."""
    sessions = (
        sa.select(sa.func.count())
        .where(UserSession.account_id == Account.id, UserSession.expires_at > now)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Account, sessions)
        .where(_matches(text), sa.true() if group is None else _GROUPS[group])
        .order_by(sa.case((_REVIEWS, 0), else_=1), sa.func.lower(Account.name), Account.id)
        .limit(limit)
        .offset(offset)
        .options(selectinload(Account.roles), selectinload(Account.webauthn))
    )
    return [ListedPerson(account, count) for account, count in rows]


def _has(role: Role) -> sa.ColumnElement[bool]:
    return Account.roles.any(AccountRole.name == role.value)


def _matches(text: str) -> sa.ColumnElement[bool]:
    """SQL condition: name or address contain all words."""
    words = text.replace("\0", " ").lower().split()
    return sa.and_(
        sa.true(),
        *(
            sa.or_(*(sa.func.lower(column).contains(word, autoescape=True) for column in (Account.name, Account.email)))
            for word in words
        ),
    )


_CLOSED = Account.email.endswith(CLOSED_DOMAIN, autoescape=True)
_IN_USE = sa.and_(Account.active, Account.confirmed_at.is_not(None))
_REVIEWS = sa.or_(_has(Role.REVIEWER), _has(Role.ADMIN))
_INVITED = sa.exists().where(Invitation.account_id == Account.id)

_GROUPS: Mapping[Group, sa.ColumnElement[bool]] = {
    Group.ADMINS: sa.and_(_IN_USE, _has(Role.ADMIN)),
    Group.REVIEWERS: sa.and_(_IN_USE, _has(Role.REVIEWER), ~_has(Role.ADMIN)),
    Group.PROVIDERS: sa.and_(_IN_USE, ~_REVIEWS),
    Group.INVITED: sa.and_(Account.active, _INVITED),
    Group.DISABLED: sa.and_(~Account.active, ~_CLOSED),
    Group.CLOSED: _CLOSED,
}
