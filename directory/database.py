"""The declarative base, its naming convention, and column types that work in SQLite and PostgreSQL."""

import enum
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from directory.states import M, S

NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Json = sa.JSON().with_variant(JSONB(), "postgresql")
"""A JSON document: text in SQLite, JSONB in PostgreSQL."""


class Base(DeclarativeBase):
    """The base class of all tables. Every constraint gets a name, so that migrations can change it."""

    metadata = sa.MetaData(naming_convention=NAMING_CONVENTION)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC; rejects naive ones. SQLite stores no time zone, so UTC is set on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Convert the value to UTC for the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Return the value from the database as an aware datetime."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def checked_enum(kind: type[enum.StrEnum], name: str) -> sa.Enum:
    """Return a text column restricted to the members of `kind` by a CHECK constraint called `name`."""
    return sa.Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


def legal_moves_check(moves: Mapping[M, tuple[frozenset[S], S]]) -> sa.CheckConstraint:
    """Return a CHECK constraint: each history row must be a move of the lifecycle's table `moves`."""
    legal = sorted(
        f"'{start.value} {move.value} {target.value}'" for move, (starts, target) in moves.items() for start in starts
    )
    return sa.CheckConstraint(f"from_state || ' ' || move || ' ' || to_state IN ({', '.join(legal)})", name="legal")


class MoveRecord:
    """The columns of every history table: the states before and after, and who moved it, when and why. Append-only.

    Triggers created by the migrations refuse UPDATE and DELETE, and the account cannot be deleted.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    move: Mapped[str] = mapped_column(sa.String(20))
    from_state: Mapped[str] = mapped_column(sa.String(20))
    to_state: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    comments: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
