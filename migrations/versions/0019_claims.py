"""Add claims that are proved by a domain: their tokens."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

PROOFS_BEFORE = "proof IN ('mail', 'phone', 'document')"
PROOFS = "proof IN ('mail', 'phone', 'domain', 'document')"
PROVED_BEFORE = "proof <> 'mail' OR state IN ('draft', 'withdrawn') OR proved_at IS NOT NULL"
PROVED = "proof NOT IN ('mail', 'domain') OR state IN ('draft', 'withdrawn') OR proved_at IS NOT NULL"
HAS_ONE = "(token = '') = (proof <> 'domain') AND (token = '') = (token_expires_at IS NULL)"


def upgrade() -> None:
    with op.batch_alter_table("claims") as batch:
        batch.add_column(sa.Column("token", sa.String(60), server_default=sa.text("''"), nullable=False))
        batch.add_column(sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True))
        batch.drop_constraint(op.f("ck_claims_proof"), type_="check")
        batch.drop_constraint(op.f("ck_claims_mail_is_proved"), type_="check")
        batch.create_check_constraint(op.f("ck_claims_proof"), PROOFS)
        batch.create_check_constraint(op.f("ck_claims_proved_when_submitted"), PROVED)
        batch.create_check_constraint(op.f("ck_claims_token_of_domain"), HAS_ONE)


def downgrade() -> None:
    """The previous release knows no proof by a domain; the nearest one that it knows is a document."""
    with op.batch_alter_table("claims") as batch:
        for name in ("token_of_domain", "proved_when_submitted", "proof"):
            batch.drop_constraint(op.f(f"ck_claims_{name}"), type_="check")
    op.execute("UPDATE claims SET proof = 'document', target = '' WHERE proof = 'domain'")
    with op.batch_alter_table("claims") as batch:
        batch.create_check_constraint(op.f("ck_claims_proof"), PROOFS_BEFORE)
        batch.create_check_constraint(op.f("ck_claims_mail_is_proved"), PROVED_BEFORE)
        batch.drop_column("token_expires_at")
        batch.drop_column("token")
