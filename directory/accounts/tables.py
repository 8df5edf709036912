"""The tables of accounts, passkeys, sessions, invitations and limits, in the shape that Flask-Security requires."""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from flask_security.core import RoleMixin, UserMixin, WebAuthnMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.accounts.policy import Actor, Role
from directory.database import Base, Json, UtcDateTime

CLOSED_DOMAIN = "@account.invalid"
"""The end of the address of an account that its owner closed."""

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
    signed_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(20))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(255))
    tf_last_counter: Mapped[int | None]
    # The library removes a code from the list in place. A copy of the type, or every JSON column would be such a list.
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(Json.copy()))
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(sa.String(64), unique=True, index=True)  # type: ignore[assignment]  # NULL until a passkey is added

    # The mixin declares list[RoleMixin] and list[WebAuthnMixin], and lists are invariant: hence both `ignore`.
    roles: Mapped[list[AccountRole]] = relationship(secondary=account_roles)  # type: ignore[assignment]
    webauthn: Mapped[list["Passkey"]] = relationship(cascade="all, delete-orphan", order_by="Passkey.id")  # type: ignore[assignment]

    tf_phone_number: ClassVar[None] = None  # type: ignore[misc]  # the library reads it, although codes are never texted

    @property
    def actor(self) -> Actor:
        """The actor of this account, for the policy."""
        return Actor(self.id, frozenset(Role(role.name) for role in self.roles))

    @property
    def role(self) -> Role:
        """The role that allows the most."""
        return Role.ADMIN if self.actor.administers else Role.REVIEWER if self.actor.reviews else Role.PROVIDER

    @property
    def is_closed(self) -> bool:
        """Whether its owner closed it, which nobody can undo."""
        return self.email.endswith(CLOSED_DOMAIN)

    @property
    def has_second_factor(self) -> bool:
        """Whether signing in with the password requires a code, and the account has recovery codes left.

        A passkey is not enough: the password alone would still sign in beside it.
        """
        return bool(self.tf_primary_method and self.tf_totp_secret and self.mf_recovery_codes)

    def check_tf_required_setup(self) -> bool:
        """Return whether the account must keep its second factor; Flask-Security then does not turn it off."""
        return self.actor.reviews


class Passkey(Base, WebAuthnMixin):
    """A passkey (WebAuthn credential), which signs in to its account without a password."""

    __tablename__ = "passkeys"
    __table_args__ = (sa.UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(sa.BigInteger)
    transports: Mapped[list[str] | None] = mapped_column(Json)
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(sa.String(64))
    extensions: Mapped[str | None] = mapped_column(sa.Text)
    usage: Mapped[str] = mapped_column(sa.String(20))
    lastuse_datetime: Mapped[datetime] = mapped_column(UtcDateTime)

    def get_user_mapping(self) -> dict[str, Any]:
        """Return the condition with which Flask-Security finds the account."""
        return {"id": self.account_id}


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


class RateLimitCounter(Base):
    """How often something was tried since the first attempt of its period. The key contains no name and no address."""

    __tablename__ = "rate_limit_counters"

    key: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    attempts: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
