"""Add revisions of published listings, a move that takes a submitted listing back, and fields that change at once."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

MOVES_BEFORE = (
    "draft submit submitted",
    "published retire retired",
    "published suspend suspended",
    "submitted publish published",
    "submitted reject rejected",
    "submitted return draft",
    "suspended reinstate published",
)
MOVES = (*MOVES_BEFORE, "submitted withdraw draft")
REVISION_MOVES = (
    "draft submit submitted",
    "submitted accept accepted",
    "submitted reject rejected",
    "submitted return returned",
    "submitted withdraw withdrawn",
)
REVISION_STATES = ("draft", "submitted", "accepted", "returned", "rejected", "withdrawn", "live")
FIELDS = {
    "listings": {"appointment_url": 300, "insurance": 300, "price_note": 300},
    "locations": {"second_phone": 30, "fax": 30, "accessibility": 300},
}
WAITING = sa.text("state IN ('draft', 'submitted')")


def upgrade() -> None:
    _create_revisions()
    _create_moves()
    _protect_history("listing_revision_moves")
    _allow_listing_moves(MOVES)
    # Not a batch, which would copy the whole table in SQLite. What is stored states nothing of these.
    for table, columns in FIELDS.items():
        for name, length in columns.items():
            op.add_column(
                table, sa.Column(name, sa.String(length=length), server_default=sa.text("''"), nullable=False)
            )
    for name in ("price_noted_on", "reminded_on"):
        op.add_column("listings", sa.Column(name, sa.Date(), nullable=True))


def downgrade() -> None:
    for name in ("price_noted_on", "reminded_on"):
        op.drop_column("listings", name)
    for table, columns in FIELDS.items():
        for name in columns:
            op.drop_column(table, name)
    _forget_withdrawals()
    _allow_listing_moves(MOVES_BEFORE)
    op.drop_table("listing_revision_moves")
    op.drop_table("listing_revisions")


def _create_revisions() -> None:
    states = sa.Enum(*REVISION_STATES, name="state", native_enum=False, create_constraint=True, length=20)
    op.create_table(
        "listing_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("state", states, nullable=False),
        sa.Column("changes", JSON, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _reference("listing_revisions", "by_id", "accounts"),
        _reference("listing_revisions", "listing_id", "listings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_revisions")),
    )
    for column in ("listing_id", "state"):
        op.create_index(op.f(f"ix_listing_revisions_{column}"), "listing_revisions", [column], unique=False)
    op.create_index(
        "uq_listing_revisions_waiting",
        "listing_revisions",
        ["listing_id", "state"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def _create_moves() -> None:
    op.create_table(
        "listing_revision_moves",
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("move", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comments", JSON, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(_legal(REVISION_MOVES), name=op.f("ck_listing_revision_moves_legal")),
        _reference("listing_revision_moves", "by_id", "accounts"),
        _reference("listing_revision_moves", "revision_id", "listing_revisions"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_revision_moves")),
    )
    name = op.f("ix_listing_revision_moves_revision_id")
    op.create_index(name, "listing_revision_moves", ["revision_id"], unique=False)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete="RESTRICT")


def _legal(moves: tuple[str, ...]) -> str:
    return "from_state || ' ' || move || ' ' || to_state IN ({})".format(", ".join(f"'{move}'" for move in moves))


def _allow_listing_moves(moves: tuple[str, ...]) -> None:
    """Replace the constraint on the moves of listings."""
    name = op.f("ck_listing_moves_legal")
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(name, "listing_moves", type_="check")
        op.create_check_constraint(name, "listing_moves", _legal(moves))
        return
    # SQLite changes a constraint only with the whole table, whose triggers go with it.
    with op.batch_alter_table("listing_moves", recreate="always") as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, _legal(moves))
    _protect_history("listing_moves")


def _forget_withdrawals() -> None:
    """The previous release knows no move "withdraw"; the nearest one that it knows is "return"."""
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        op.execute("ALTER TABLE listing_moves DISABLE TRIGGER listing_moves_append_only")
    else:
        op.execute("DROP TRIGGER listing_moves_no_update")
    op.execute("UPDATE listing_moves SET move = 'return' WHERE move = 'withdraw'")
    if on_postgresql:
        op.execute("ALTER TABLE listing_moves ENABLE TRIGGER listing_moves_append_only")


def _protect_history(table: str) -> None:
    """A stored move is never changed; `refuse_change` is revision 0001's."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
        )
