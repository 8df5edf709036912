"""The tables of accounts, roles, sessions and rate limits, in the shape that Flask-Security requires."""

from datetime import datetime

import sqlalchemy as sa
from flask_security.core import RoleMixin, UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.accounts.policy import Actor, Role
from directory.database import Base, UtcDateTime

account_roles = sa.Table(
    "account_roles",
    Base.metadata,
    sa.Column("account_id", sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("role_id", sa.ForeignKey("roles.id", ondelete="RESTRICT"), primary_key=True),
)


class AccountRole(Base, RoleMixin):
    """A role as a row; its name is one of `policy.Role`."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(20), unique=True)
    description: Mapped[str] = mapped_column(sa.String(200), default="")


class Account(Base, UserMixin):
    """A person who can sign in. Patients have no accounts."""

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(255), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool]
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # The mixin declares list[RoleMixin], and lists are invariant.
    roles: Mapped[list[AccountRole]] = relationship(secondary=account_roles)  # type: ignore[assignment]

    @property
    def actor(self) -> Actor:
        """The actor of this account, for the policy."""
        return Actor(self.id, frozenset(Role(role.name) for role in self.roles))


class UserSession(Base):
    """A browser session; it has no account until the user signs in."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    data: Mapped[str] = mapped_column(sa.Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class RateLimitCounter(Base):
    """How often something was tried since the first attempt of its period. The key contains no name and no address."""

    __tablename__ = "rate_limit_counters"

    key: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    attempts: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
