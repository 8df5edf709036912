"""Replace the search index tables by a change feed."""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.drop_index(op.f("ix_search_documents_generation_ends_at"), table_name="search_documents")
    for table in ("rules", "pending", "documents", "words", "keys", "nodes", "tiles", "state"):
        op.drop_table(f"search_{table}")
    state = op.create_table(
        "search_state",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("bulk_version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_state")),
    )
    op.bulk_insert(state, [{"id": 1, "version": 0, "token": secrets.randbits(62), "bulk_version": 0}])
    op.create_table(
        "search_changes",
        sa.Column("listing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_search_changes")),
    )
    op.create_index(op.f("ix_search_changes_version"), "search_changes", ["version"], unique=False)
    op.create_table(
        "search_snapshots",
        sa.Column("token", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_search_snapshots")),
    )


def downgrade() -> None:
    """Restore the index tables empty. The program of that revision notices it and fills them when it starts."""
    op.drop_table("search_snapshots")
    op.drop_index(op.f("ix_search_changes_version"), table_name="search_changes")
    op.drop_table("search_changes")
    op.drop_table("search_state")
    _create_state()
    _create_postings()
    _create_documents()
    op.create_table(
        "search_rules",
        sa.Column("ruleset_id", sa.String(length=40), nullable=False),
        sa.Column("superseded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("ruleset_id", name=op.f("pk_search_rules")),
    )


def _create_state() -> None:
    state = op.create_table(
        "search_state",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("building", sa.Integer(), nullable=True),
        sa.Column("numbering", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_state")),
    )
    op.bulk_insert(state, [{"id": 1, "generation": 0, "building": None, "numbering": None}])


def _create_postings() -> None:
    op.create_table(
        "search_tiles",
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("code", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("generation", "key", "code", name=op.f("pk_search_tiles")),
    )
    op.create_table(
        "search_nodes",
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("node", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("locations", sa.Integer(), nullable=False),
        sa.Column("lat_sum", sa.BigInteger(), nullable=False),
        sa.Column("lon_sum", sa.BigInteger(), nullable=False),
        sa.Column("counts_until", sa.BigInteger(), nullable=False),
        sa.Column("facets_until", sa.BigInteger(), nullable=False),
        sa.Column("facets", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("generation", "node", name=op.f("pk_search_nodes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_keys",
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("locations", sa.Integer(), nullable=False),
        sa.Column("listings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("generation", "key", name=op.f("pk_search_keys")),
    )
    word = sa.String(length=40).with_variant(sa.String(length=40, collation="C"), "postgresql")
    op.create_table(
        "search_words",
        sa.Column("word", word, nullable=False),
        sa.Column("key", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_words")),
        sa.UniqueConstraint("key", name=op.f("uq_search_words_key")),
    )


def _create_documents() -> None:
    op.create_table(
        "search_documents",
        sa.Column("generation", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("listing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("location_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("generation", "listing_id", "location_id", name=op.f("pk_search_documents")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_search_documents_generation_ends_at"), "search_documents", ["generation", "ends_at"], unique=False
    )
    op.create_table(
        "search_pending",
        sa.Column("listing_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("listing_id", name=op.f("pk_search_pending")),
    )
