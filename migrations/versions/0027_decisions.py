"""Add decisions of reviewers, and the moves that undo them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

KNOWN = {
    "listing_moves": (
        "draft merge_draft rejected",
        "draft submit submitted",
        "published merge retired",
        "published retire retired",
        "published suspend suspended",
        "rejected split_draft draft",
        "retired split published",
        "submitted publish published",
        "submitted reject rejected",
        "submitted return draft",
        "submitted withdraw draft",
        "suspended reinstate published",
    ),
    "attestation_moves": (
        "accepted revoke revoked",
        "accepted supersede superseded",
        "draft submit submitted",
        "submitted accept accepted",
        "submitted return returned",
        "submitted withdraw withdrawn",
    ),
    "listing_revision_moves": (
        "draft submit submitted",
        "submitted accept accepted",
        "submitted reject rejected",
        "submitted return returned",
        "submitted withdraw withdrawn",
    ),
    "removal_moves": ("requested accept accepted", "requested decline declined"),
    "dispute_moves": (
        "answered decline not_upheld",
        "answered uphold upheld",
        "answered withdraw withdrawn",
        "open answer answered",
        "open decline not_upheld",
        "open uphold upheld",
        "open withdraw withdrawn",
        "reported dismiss dismissed",
        "reported open open",
        "reported withdraw withdrawn",
    ),
}
"""The moves that the release before knows."""

ADDED = {
    "listing_moves": (
        "draft undo_return submitted",
        "published undo_publish submitted",
        "rejected undo_reject submitted",
        "retired undo_retire published",
    ),
    "attestation_moves": (
        "accepted undo_accept submitted",
        "returned undo_return submitted",
        "revoked undo_revoke accepted",
        "superseded undo_supersede accepted",
    ),
    "listing_revision_moves": (
        "accepted undo_accept submitted",
        "rejected undo_reject submitted",
        "returned undo_return submitted",
    ),
    "removal_moves": ("accepted undo_accept requested", "declined undo_decline requested"),
    "dispute_moves": (
        "dismissed undo_to_reported reported",
        "not_upheld undo_to_answered answered",
        "not_upheld undo_to_open open",
        "open undo_to_reported reported",
        "upheld undo_to_answered answered",
        "upheld undo_to_open open",
        "withdrawn undo_to_answered answered",
        "withdrawn undo_to_open open",
        "withdrawn undo_to_reported reported",
    ),
}

NEAREST = {
    "listing_moves": "submitted withdraw draft",
    "attestation_moves": "submitted withdraw withdrawn",
    "listing_revision_moves": "submitted withdraw withdrawn",
    "removal_moves": "requested decline declined",
    "dispute_moves": "open answer answered",
}
"""The move that the release before reads instead of an undo."""


def upgrade() -> None:
    for table, moves in KNOWN.items():
        _allow_moves(table, (*moves, *ADDED[table]))
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undo_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undoes_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("kept", JSON, nullable=False),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_decisions_undone_by_somebody")
        ),
        _reference("decisions", "listing_id", "listings"),
        _reference("decisions", "by_id", "accounts"),
        _reference("decisions", "undoes_id", "decisions"),
        _reference("decisions", "undone_by_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index(op.f("ix_decisions_listing_id"), "decisions", ["listing_id"])
    op.create_index("ix_decisions_by_id_at", "decisions", ["by_id", "at"])
    op.create_table(
        "decision_moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("move", sa.String(20), nullable=False),
        sa.Column("from_state", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _reference("decision_moves", "decision_id", "decisions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_moves")),
    )
    op.create_index(op.f("ix_decision_moves_decision_id"), "decision_moves", ["decision_id"])
    op.create_table(
        "decision_emails",
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("email_id", sa.Integer(), nullable=False),
        _reference("decision_emails", "decision_id", "decisions"),
        _reference("decision_emails", "email_id", "outbox", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("decision_id", "email_id", name=op.f("pk_decision_emails")),
    )


def downgrade() -> None:
    for table in ("decision_emails", "decision_moves", "decisions"):
        op.drop_table(table)
    for table, moves in KNOWN.items():
        _replace_moves(table)
        _allow_moves(table, moves)


def _reference(table: str, column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def _allow_moves(table: str, moves: tuple[str, ...]) -> None:
    """Replace the constraint on the moves of a history table."""
    name = op.f(f"ck_{table}_legal")
    legal = "from_state || ' ' || move || ' ' || to_state IN ({})".format(
        ", ".join(f"'{move}'" for move in sorted(moves))
    )
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(name, table, type_="check")
        op.create_check_constraint(name, table, legal)
        return
    # SQLite changes a constraint only with the whole table, whose triggers go with it.
    with op.batch_alter_table(table, recreate="always") as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, legal)
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
        )


def _replace_moves(table: str) -> None:
    """Replace the moves that the release before does not know."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        op.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")
    else:
        op.execute(f"DROP TRIGGER {table}_no_update")
    moves = sa.table(table, sa.column("move"), sa.column("from_state"), sa.column("to_state"))
    before, move, after = NEAREST[table].split()
    undone = moves.c.move.in_(sorted({added.split()[1] for added in ADDED[table]}))
    op.execute(sa.update(moves).where(undone).values(move=move, from_state=before, to_state=after))
    if on_postgresql:
        op.execute(f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only")
