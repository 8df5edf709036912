"""Add the provider's replies to a reviewer's comments; they are kept with what was signed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
SIGNED = (
    "public_id, listing_id, ruleset_id, answers, details, explanations, statement, signer_name, signer_role, "
    "signed_by_id, signed_at, valid_until, typed, subject_name, subject_npi, digest, prepared_by_id"
)


def upgrade() -> None:
    op.add_column("attestations", sa.Column("replies", JSON, server_default=sa.text("'{}'"), nullable=False))
    _drop_trigger()
    _protect_signed(f"{SIGNED}, replies")


def downgrade() -> None:
    _drop_trigger()
    # Not op.drop_column: in SQLite it would copy the table, without its triggers.
    op.execute("ALTER TABLE attestations DROP COLUMN replies")
    _protect_signed(SIGNED)


def _drop_trigger() -> None:
    postgresql_used = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER attestations_signed" + (" ON attestations" if postgresql_used else ""))


def _protect_signed(columns: str) -> None:
    """Refuse every edit of these columns of what was signed."""
    refusal = (
        "FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION refuse_change()"
        if op.get_bind().dialect.name == "postgresql"
        else "WHEN OLD.state <> 'draft' BEGIN SELECT RAISE(ABORT, 'attestations is never changed'); END"
    )
    op.execute(f"CREATE TRIGGER attestations_signed BEFORE UPDATE OF {columns} ON attestations {refusal}")
