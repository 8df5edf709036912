"""Credentials, one for each attestation that counts."""

import random
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ENTRIES, FULL_AT = 131_072, 98_304
"""Of a status list, as this revision found them."""


def upgrade() -> None:
    made = op.create_table(
        "credentials",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attestation_id", sa.Integer(), nullable=False),
        sa.Column("status_list", sa.Integer(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attestation_id"],
            ["attestations.id"],
            name=op.f("fk_credentials_attestation_id_attestations"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("status_list", "status_index", name=op.f("uq_credentials_status_list_status_index")),
    )
    op.create_index(op.f("ix_credentials_attestation_id"), "credentials", ["attestation_id"], unique=False)
    _issue_for_what_counts(made)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER credentials_append_only BEFORE UPDATE OR DELETE ON credentials "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER credentials_no_{verb.lower()} BEFORE {verb} ON credentials "
            "BEGIN SELECT RAISE(ABORT, 'credentials is never changed'); END"
        )


def _issue_for_what_counts(made: sa.Table) -> None:
    """What was accepted before there were credentials gets one, as if it were accepted now."""
    accepted = op.get_bind().execute(sa.text("SELECT id FROM attestations WHERE state = 'accepted' ORDER BY id"))
    ids = [row.id for row in accepted]
    moment = datetime.now(UTC)
    for number, start in enumerate(range(0, len(ids), FULL_AT), 1):
        part = ids[start : start + FULL_AT]
        indices = random.SystemRandom().sample(range(ENTRIES), len(part))
        op.bulk_insert(
            made,
            [
                {"attestation_id": id_, "status_list": number, "status_index": index, "issued_at": moment}
                for id_, index in zip(part, indices, strict=True)
            ],
        )


def downgrade() -> None:
    op.drop_table("credentials")
