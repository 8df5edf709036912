"""Letters written once, answers to be confirmed, and the rules that the search index follows."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "attestation_letters",
        sa.Column("attestation_id", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=60), nullable=False),
        sa.Column("promised_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attestation_id"],
            ["attestations.id"],
            name=op.f("fk_attestation_letters_attestation_id_attestations"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("attestation_id", "occasion", name=op.f("pk_attestation_letters")),
    )
    op.create_table(
        "search_rules",
        sa.Column("ruleset_id", sa.String(length=40), nullable=False),
        sa.Column("superseded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ruleset_id", name=op.f("pk_search_rules")),
    )
    # Added as it is: a batch would make the table anew in SQLite, without the triggers that keep what was signed.
    json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
    op.add_column("attestations", sa.Column("unconfirmed", json, server_default=sa.text("'[]'"), nullable=False))


def downgrade() -> None:
    op.drop_column("attestations", "unconfirmed")
    op.drop_table("search_rules")
    op.drop_table("attestation_letters")
