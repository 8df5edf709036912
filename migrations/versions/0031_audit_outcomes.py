"""Add outcomes of random audits from a fixed list, attempts to contact providers, stored statistics, and two indexes.

Reviews from before keep their finding and have no outcome.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0031"
down_revision = "0030"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
OUTCOMES = "'confirmed', 'not_confirmed', 'not_reached', 'unclear'"
HISTORIES = ("listing_moves", "attestation_moves")
"""Tables of which the numbers of the console read the last weeks."""
CHANNELS = "'phone', 'email', 'letter'"
STATES = """
UPDATE drawn SET state = COALESCE((
    SELECT locations.state FROM locations JOIN attestations ON attestations.listing_id = locations.listing_id
    WHERE attestations.id = drawn.attestation_id AND locations.ordinal = 0
), '')
"""


def upgrade() -> None:
    op.add_column("drawn", sa.Column("state", sa.String(2), server_default=sa.text("''"), nullable=False))
    # Written as SQL, because SQLite adds a column with its constraints in one statement, or copies the table.
    op.execute(
        f"ALTER TABLE drawn ADD COLUMN outcome VARCHAR(20) CONSTRAINT ck_drawn_outcome CHECK (outcome IN ({OUTCOMES})) "
        "CONSTRAINT ck_drawn_outcome_when_looked CHECK (outcome IS NULL OR looked_at IS NOT NULL)"
    )
    _fill_states()
    op.create_table(
        "draw_contacts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("drawn_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(f"channel IN ({CHANNELS})", name=op.f("ck_draw_contacts_channel")),
        sa.ForeignKeyConstraint(
            ["drawn_id"], ["drawn.id"], name=op.f("fk_draw_contacts_drawn_id_drawn"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["accounts.id"], name=op.f("fk_draw_contacts_by_id_accounts"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draw_contacts")),
    )
    op.create_index(op.f("ix_draw_contacts_drawn_id"), "draw_contacts", ["drawn_id"])
    op.create_table(
        "statistics",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statistics")),
    )
    for table in HISTORIES:
        op.create_index(op.f(f"ix_{table}_at"), table, ["at"])
    _keep_history()


def _keep_history() -> None:
    """Refuse changes of attempts, and of the states of what was drawn; `refuse_change` is revision 0001's."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER draw_contacts_append_only BEFORE UPDATE OR DELETE ON draw_contacts "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            "CREATE TRIGGER drawn_state_kept BEFORE UPDATE OF state ON drawn "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER draw_contacts_no_{verb.lower()} BEFORE {verb} ON draw_contacts "
            "BEGIN SELECT RAISE(ABORT, 'draw_contacts is never changed'); END"
        )
    op.execute(
        "CREATE TRIGGER drawn_state_kept BEFORE UPDATE OF state ON drawn "
        "BEGIN SELECT RAISE(ABORT, 'drawn is never changed'); END"
    )


def _fill_states() -> None:
    """Fill the states of what was drawn before; the trigger that keeps reviews is off meanwhile."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE drawn DISABLE TRIGGER drawn_looked_once")
        op.execute(STATES)
        op.execute("ALTER TABLE drawn ENABLE TRIGGER drawn_looked_once")
        return
    op.execute("DROP TRIGGER drawn_looked_once")
    op.execute(STATES)
    op.execute(
        "CREATE TRIGGER drawn_looked_once BEFORE UPDATE ON drawn WHEN OLD.looked_at IS NOT NULL "
        "BEGIN SELECT RAISE(ABORT, 'drawn is never changed'); END"
    )


def downgrade() -> None:
    for table in HISTORIES:
        op.drop_index(op.f(f"ix_{table}_at"), table)
    op.drop_table("statistics")
    on_table = " ON drawn" if op.get_bind().dialect.name == "postgresql" else ""
    op.execute(f"DROP TRIGGER drawn_state_kept{on_table}")
    op.drop_index(op.f("ix_draw_contacts_drawn_id"), "draw_contacts")
    op.drop_table("draw_contacts")
    op.execute("ALTER TABLE drawn DROP COLUMN outcome")
    op.execute("ALTER TABLE drawn DROP COLUMN state")
