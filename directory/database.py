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
    """What every table inherits: names for all constraints, so that migrations can change them."""

    metadata = sa.MetaData(naming_convention=NAMING_CONVENTION)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; refuses a naive one. SQLite keeps no zone, so it is put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """To the database: UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """From the database: aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def checked_enum(kind: type[enum.StrEnum], name: str) -> sa.Enum:
    """A text column that may hold only the members of `kind`, held by a CHECK constraint called `name`."""
    return sa.Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


def legal_moves_check(moves: Mapping[M, tuple[frozenset[S], S]]) -> sa.CheckConstraint:
    """A CHECK that a row of a history is one of the moves in the lifecycle's table."""
    legal = sorted(
        f"'{start.value} {move.value} {target.value}'" for move, (starts, target) in moves.items() for start in starts
    )
    return sa.CheckConstraint(f"from_state || ' ' || move || ' ' || to_state IN ({', '.join(legal)})", name="legal")


class MoveRecord:
    """What every row of a history says: from where to where, who, when and why. Never changed.

    Triggers made by the migrations refuse UPDATE and DELETE, and the account cannot be deleted.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    move: Mapped[str] = mapped_column(sa.String(20))
    from_state: Mapped[str] = mapped_column(sa.String(20))
    to_state: Mapped[str] = mapped_column(sa.String(20))
    reason: Mapped[str] = mapped_column(sa.Text, default="")
    comments: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
