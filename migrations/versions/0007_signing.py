"""A hash of all that was signed, who it was signed for, and room for what is typed and is no answer yet."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
AT_ONCE = 1000
"""Rows that are in memory; arbitrary."""

SIGNED_BEFORE = (
    "public_id, listing_id, ruleset_id, answers, details, explanations, statement, "
    "signer_name, signer_role, signed_by_id, signed_at, valid_until"
)
SIGNED = f"{SIGNED_BEFORE}, typed, subject_name, subject_npi, digest"
HASHED = "state = 'draft' OR (digest IS NOT NULL AND length(digest) = 64 AND subject_name IS NOT NULL AND subject_name <> '')"
CHECK = "ck_attestations_hashed_when_signed"

listings = sa.table("listings", sa.column("id"), sa.column("name"), sa.column("npi"))
attestations = sa.table(
    "attestations",
    *(sa.column(name) for name in ("id", "public_id", "listing_id", "ruleset_id", "state", "statement")),
    *(sa.column(name, JSON) for name in ("answers", "details", "explanations")),
    *(sa.column(name) for name in ("signer_name", "signer_role", "signed_by_id")),
    *(sa.column(name, MOMENT) for name in ("signed_at", "valid_until")),
    *(sa.column(name) for name in ("subject_name", "subject_npi", "digest")),
)


def upgrade() -> None:
    _drop_triggers("attestations_signed")
    op.add_column("attestations", sa.Column("digest", sa.String(length=64), nullable=True))
    op.add_column("attestations", sa.Column("subject_name", sa.String(length=200), nullable=True))
    op.add_column("attestations", sa.Column("subject_npi", sa.String(length=10), nullable=True))
    _hash_what_was_signed()
    if op.get_bind().dialect.name == "postgresql":
        op.add_column("attestations", sa.Column("typed", JSON, server_default=sa.text("'{}'"), nullable=False))
        op.create_check_constraint(op.f(CHECK), "attestations", HASHED)
    else:
        # SQLite takes a constraint on many columns only with a new column, and holds it against every row.
        op.execute(
            f"ALTER TABLE attestations ADD COLUMN typed JSON DEFAULT '{{}}' NOT NULL CONSTRAINT {CHECK} CHECK ({HASHED})"
        )
    _keep_signed(SIGNED)
    _stay_signed()


def _hash_what_was_signed() -> None:
    """What was signed before is hashed as it stands, for the entry as it stands."""
    bind, last = op.get_bind(), 0
    while True:
        rows = bind.execute(
            sa.select(attestations, listings.c.name, listings.c.npi)
            .join(listings, listings.c.id == attestations.c.listing_id)
            .where(attestations.c.state != "draft", attestations.c.id > last)
            .order_by(attestations.c.id)
            .limit(AT_ONCE)
        ).all()
        if not rows:
            return
        bind.execute(
            sa.update(attestations)
            .where(attestations.c.id == sa.bindparam("row"))
            .values(subject_name=sa.bindparam("name"), subject_npi=sa.bindparam("npi"), digest=sa.bindparam("hash")),
            [{"row": row.id, "name": row.name, "npi": row.npi, "hash": _digest(_document(row))} for row in rows],
        )
        last = rows[-1].id


def _document(row: Any) -> dict[str, Any]:
    return {
        "answers": _exact(row.answers),
        "attestation": row.public_id,
        "details": _exact(row.details),
        "explanations": _digest(_exact(row.explanations)),
        "format": "bma-attestation-1",
        "listing": {"id": row.listing_id, "name": row.name, "npi": row.npi},
        "ruleset": row.ruleset_id,
        "signed_at": _moment(row.signed_at),
        "signed_by": row.signed_by_id,
        "signer_name": row.signer_name,
        "signer_role": row.signer_role,
        "statement": row.statement,
        "valid_until": _moment(row.valid_until),
    }


def _digest(value: Any) -> str:
    # Every key is ASCII here, so that the order of Python is the order of RFC 8785.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    if isinstance(value, float):
        return int(value) if value.is_integer() else repr(value)
    return value


def _moment(value: datetime) -> str:
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return f"{aware.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _keep_signed(columns: str) -> None:
    """No column of what was signed is ever edited."""
    refusal = (
        "FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION refuse_change()"
        if op.get_bind().dialect.name == "postgresql"
        else "WHEN OLD.state <> 'draft' BEGIN SELECT RAISE(ABORT, 'attestations is never changed'); END"
    )
    op.execute(f"CREATE TRIGGER attestations_signed BEFORE UPDATE OF {columns} ON attestations {refusal}")


def _stay_signed() -> None:
    """What was signed is neither removed nor made a draft again, which could then be edited."""
    again = "OLD.state <> 'draft' AND NEW.state = 'draft'"
    gone = "OLD.state <> 'draft'"
    if op.get_bind().dialect.name == "postgresql":
        for name, event, when in (("again", "UPDATE OF state", again), ("kept", "DELETE", gone)):
            op.execute(
                f"CREATE TRIGGER attestations_{name} BEFORE {event} ON attestations "
                f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_change()"
            )
        return
    for name, event, when in (("again", "UPDATE OF state", again), ("kept", "DELETE", gone)):
        op.execute(
            f"CREATE TRIGGER attestations_{name} BEFORE {event} ON attestations WHEN {when} "
            "BEGIN SELECT RAISE(ABORT, 'attestations is never changed'); END"
        )


def _drop_triggers(*names: str) -> None:
    on = " ON attestations" if op.get_bind().dialect.name == "postgresql" else ""
    for name in names:
        op.execute(f"DROP TRIGGER {name}{on}")


def downgrade() -> None:
    _drop_triggers("attestations_signed", "attestations_again", "attestations_kept")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(CHECK), "attestations", type_="check")
    # In SQLite the constraint goes with the column that brought it, so that one is first.
    for column in ("typed", "subject_npi", "subject_name", "digest"):
        op.execute(f"ALTER TABLE attestations DROP COLUMN {column}")
    _keep_signed(SIGNED_BEFORE)
