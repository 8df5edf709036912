"""Add messages with the managers of a listing, and notes between reviewers."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0025"

MOMENT = sa.DateTime(timezone=True)
WRITTEN = "listing_id, number, sender, by_id, text, at, reply_to_id, attestation_id, question, asks_for_evidence"
"""The columns of a message that never change."""
ONCE = ("settled_at", "read_at")
"""The columns of a message that are set once."""


def upgrade() -> None:
    _create_messages()
    op.create_table(
        "review_notes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_review_notes_says_something")),
        _reference("review_notes", "listing_id", "listings"),
        _reference("review_notes", "by_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_notes")),
    )
    op.create_index(op.f("ix_review_notes_listing_id"), "review_notes", ["listing_id"])
    _protect("messages", "kept", f"UPDATE OF {WRITTEN}")
    _protect("messages", "no_delete", "DELETE")
    for column in ONCE:
        _protect("messages", f"{column}_once", f"UPDATE OF {column}", when=f"OLD.{column} IS NOT NULL")
    _protect("review_notes", "kept", "UPDATE")
    _protect("review_notes", "no_delete", "DELETE")


def downgrade() -> None:
    op.drop_table("review_notes")
    op.drop_table("messages")


def _create_messages() -> None:
    op.create_table(
        "messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "sender",
            sa.Enum("staff", "provider", name="sender", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("reply_to_id", sa.Integer(), nullable=True),
        sa.Column("attestation_id", sa.Integer(), nullable=True),
        sa.Column("question", sa.String(length=60), nullable=False),
        sa.Column("asks_for_evidence", sa.Boolean(), nullable=False),
        sa.Column("settled_at", MOMENT, nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("read_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("text <> '' OR reply_to_id IS NOT NULL", name=op.f("ck_messages_says_something")),
        sa.CheckConstraint(
            "(attestation_id IS NULL) = (question = '')", name=op.f("ck_messages_question_of_attestation")
        ),
        sa.CheckConstraint(
            "NOT asks_for_evidence OR (sender = 'staff' AND attestation_id IS NOT NULL)",
            name=op.f("ck_messages_evidence_for_an_answer"),
        ),
        sa.CheckConstraint(
            "(settled_at IS NULL) = (settled_by_id IS NULL)", name=op.f("ck_messages_settled_by_somebody")
        ),
        sa.CheckConstraint("(read_at IS NULL) = (read_by_id IS NULL)", name=op.f("ck_messages_read_by_somebody")),
        _reference("messages", "listing_id", "listings"),
        _reference("messages", "by_id", "accounts"),
        _reference("messages", "reply_to_id", "messages"),
        _reference("messages", "attestation_id", "attestations"),
        _reference("messages", "settled_by_id", "accounts"),
        _reference("messages", "read_by_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("listing_id", "number", name=op.f("uq_messages_listing_id_number")),
    )
    is_open = sa.text("settled_at IS NULL")
    op.create_index("ix_messages_open", "messages", ["listing_id"], sqlite_where=is_open, postgresql_where=is_open)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="RESTRICT")


def _protect(table: str, name: str, change: str, *, when: str = "TRUE") -> None:
    """Refuse a change of the rows of a table; 0001 made `refuse_change`."""
    if op.get_bind().dialect.name == "postgresql":
        refusal = f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_change()"
    else:
        refusal = f"WHEN {when} BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
    op.execute(f"CREATE TRIGGER {table}_{name} BEFORE {change} ON {table} {refusal}")
