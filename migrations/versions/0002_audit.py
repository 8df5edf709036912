"""The audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = ("audit_entries", "audit_heads")
NEXT_SEQ = "(SELECT coalesce(max(seq), 0) + 1 FROM audit_entries)"
LAST_HASH = "coalesce((SELECT hash FROM audit_entries ORDER BY seq DESC LIMIT 1), '" + "0" * 64 + "')"
FOLLOWS = f"NEW.seq = {NEXT_SEQ} AND NEW.prev_hash = {LAST_HASH}"


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("actor", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object", sa.String(length=120), nullable=False),
        sa.Column("before", sa.String(length=64), nullable=True),
        sa.Column("after", sa.String(length=64), nullable=True),
        sa.Column("prev_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_audit_entries_counted_from_one")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("hash", name=op.f("uq_audit_entries_hash")),
        sa.UniqueConstraint("prev_hash", name=op.f("uq_audit_entries_prev_hash")),
    )
    op.create_table(
        "audit_heads",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("jws", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_audit_heads")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _keep_in_postgresql()
    else:
        _keep_in_sqlite()


def _keep_in_postgresql() -> None:
    """No change, no removal, not of single rows and not of all at once, and nothing that does not follow."""
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(
        "CREATE FUNCTION refuse_gap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {FOLLOWS} THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = 'audit_entries only grows at its end'; "
        "END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_entries_follow BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse_gap()"
    )


def _keep_in_sqlite() -> None:
    """The same; INSERT OR REPLACE removes rows without a DELETE, so what is there already is refused on its way in."""
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
            )
    op.execute(
        f"CREATE TRIGGER audit_entries_follow BEFORE INSERT ON audit_entries WHEN NOT ({FOLLOWS}) "
        "BEGIN SELECT RAISE(ABORT, 'audit_entries only grows at its end'); END"
    )
    op.execute(
        "CREATE TRIGGER audit_heads_once BEFORE INSERT ON audit_heads "
        "WHEN EXISTS (SELECT 1 FROM audit_heads WHERE day = NEW.day) "
        "BEGIN SELECT RAISE(ABORT, 'audit_heads is never changed'); END"
    )


def downgrade() -> None:
    op.drop_table("audit_heads")
    op.drop_table("audit_entries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_gap()")
