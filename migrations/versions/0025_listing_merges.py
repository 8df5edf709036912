"""Add merges of listings, and the moves of a listing that is merged into another one or split from it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOVES_BEFORE = (
    "draft submit submitted",
    "published retire retired",
    "published suspend suspended",
    "submitted publish published",
    "submitted reject rejected",
    "submitted return draft",
    "submitted withdraw draft",
    "suspended reinstate published",
)
MOVES = tuple(
    sorted(
        (
            *MOVES_BEFORE,
            "draft merge_draft rejected",
            "published merge retired",
            "rejected split_draft draft",
            "retired split published",
        )
    )
)
NEAREST = {
    "merge": ("retire", "published"),
    "merge_draft": ("reject", "submitted"),
    "split": ("reinstate", "suspended"),
    "split_draft": ("return", "submitted"),
}
"""The nearest moves, with the state before, that the previous release knows."""


def upgrade() -> None:
    _allow_listing_moves(MOVES)
    op.create_table(
        "listing_merges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_id", sa.Integer(), nullable=False),
        sa.Column("was_published", sa.Boolean(), nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("granted", JSON, nullable=False),
        sa.Column("ended", JSON, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("kept_id <> merged_id", name=op.f("ck_listing_merges_two_listings")),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_listing_merges_undone_by_somebody")
        ),
        _reference("kept_id", "listings"),
        _reference("merged_id", "listings"),
        _reference("by_id", "accounts"),
        _reference("undone_by_id", "accounts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_merges")),
    )
    op.create_index(op.f("ix_listing_merges_kept_id"), "listing_merges", ["kept_id"])
    current = sa.text("undone_at IS NULL")
    op.create_index(
        "uq_listing_merges_current",
        "listing_merges",
        ["merged_id"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )


def downgrade() -> None:
    op.drop_index("uq_listing_merges_current", "listing_merges")
    op.drop_index(op.f("ix_listing_merges_kept_id"), "listing_merges")
    op.drop_table("listing_merges")
    _replace_moves()
    _allow_listing_moves(MOVES_BEFORE)


def _reference(column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_listing_merges_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="RESTRICT")


def _allow_listing_moves(moves: tuple[str, ...]) -> None:
    """Replace the constraint on the moves of listings."""
    name = op.f("ck_listing_moves_legal")
    legal = "from_state || ' ' || move || ' ' || to_state IN ({})".format(", ".join(f"'{move}'" for move in moves))
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(name, "listing_moves", type_="check")
        op.create_check_constraint(name, "listing_moves", legal)
        return
    # SQLite changes a constraint only with the whole table, whose triggers go with it.
    with op.batch_alter_table("listing_moves", recreate="always") as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, legal)
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER listing_moves_no_{verb.lower()} BEFORE {verb} ON listing_moves "
            "BEGIN SELECT RAISE(ABORT, 'listing_moves is never changed'); END"
        )


def _replace_moves() -> None:
    """Replace the moves that the previous release does not know by the nearest that it knows."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        op.execute("ALTER TABLE listing_moves DISABLE TRIGGER listing_moves_append_only")
    else:
        op.execute("DROP TRIGGER listing_moves_no_update")
    moves = sa.table("listing_moves", sa.column("move"), sa.column("from_state"))
    for move, (nearest, before) in NEAREST.items():
        op.execute(sa.update(moves).where(moves.c.move == move).values(move=nearest, from_state=before))
    if on_postgresql:
        op.execute("ALTER TABLE listing_moves ENABLE TRIGGER listing_moves_append_only")
