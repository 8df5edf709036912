"""Add claims by domain, answers prepared for a claim, and the words of the names of unpublished imports."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

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
    op.create_table(
        "claim_answers",
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("texts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["claim_id"], ["claims.id"], name=op.f("fk_claim_answers_claim_id_claims"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("claim_id", name=op.f("pk_claim_answers")),
    )
    op.create_table(
        "import_name_words",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(40).with_variant(sa.String(40, collation="C"), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_import_name_words_listing_id_listings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listing_id", "word", name=op.f("pk_import_name_words")),
        sqlite_with_rowid=False,
    )
    _store_words()
    op.create_index(op.f("ix_import_name_words_word_listing_id"), "import_name_words", ["word", "listing_id"])


def _store_words() -> None:
    """Store the words of what was imported before, as the next import does."""
    connection, last = op.get_bind(), 0
    words = sa.table("import_name_words", sa.column("listing_id"), sa.column("word"))
    batch = sa.text(
        "SELECT id, name FROM listings WHERE id > :last AND source = 'nppes' AND state = 'draft' ORDER BY id LIMIT 5000"
    )
    while listings := connection.execute(batch, {"last": last}).all():
        last = listings[-1].id
        rows = [{"listing_id": row.id, "word": word} for row in listings for word in _words(row.name)]
        if rows:
            connection.execute(sa.insert(words), rows)


def _words(name: str) -> set[str]:
    bare = re.sub("['’ʼ`]", "", name)
    plain = unicodedata.normalize("NFKD", bare).encode("ascii", "ignore").decode().lower()
    return {word[:40] for word in re.findall(r"[a-z0-9]+", plain)}


def downgrade() -> None:
    """The previous release knows no proof by a domain; the nearest one that it knows is a document."""
    op.drop_table("import_name_words")
    op.drop_table("claim_answers")
    with op.batch_alter_table("claims") as batch:
        for name in ("token_of_domain", "proved_when_submitted", "proof"):
            batch.drop_constraint(op.f(f"ck_claims_{name}"), type_="check")
    op.execute("UPDATE claims SET proof = 'document', target = '' WHERE proof = 'domain'")
    with op.batch_alter_table("claims") as batch:
        batch.create_check_constraint(op.f("ck_claims_proof"), PROOFS_BEFORE)
        batch.create_check_constraint(op.f("ck_claims_mail_is_proved"), PROVED_BEFORE)
        batch.drop_column("token_expires_at")
        batch.drop_column("token")
