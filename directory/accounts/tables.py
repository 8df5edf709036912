"""The tables of accounts, roles, sessions, invitations and mail limits; accounts as Flask-Security requires them."""

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
    device: Mapped[str] = mapped_column(sa.String(60), server_default=sa.text("''"), default="")


class AccountEvent(Base):
    """A change of an account: who made it, when and why. `by_id` is None for an operator on the server."""

    __tablename__ = "account_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    event: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.String(500), default="")
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Invitation(Base):
    """The open invitation of an account that has no password yet; the row is deleted when it is accepted."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="CASCADE"), unique=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MailLimit(Base):
    """When an email of one kind was last queued for one recipient; `key` is a keyed hash of both."""

    __tablename__ = "mail_limits"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    queued_at: Mapped[datetime] = mapped_column(UtcDateTime)
