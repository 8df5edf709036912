"""Add the log of access to personal data, indexes to search both logs, and the listing that an email is about."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

KEPT_DAYS = 364
"""Younger rows cannot be deleted; a day less than the application keeps them, because clocks differ."""

REFERENCE = "fk_outbox_listing_id_listings"

SEARCHED = {
    "audit_entries": (["at", "seq"], ["actor", "at", "seq"], ["object", "at", "seq"], ["action", "at", "seq"]),
    "access_log": (["at", "id"], ["account_id", "at", "id"], ["subject", "at", "id"], ["page", "at", "id"]),
    "outbox": (["listing_id"], ["recipient"]),
}
"""The columns of the indexes that this revision adds."""


def upgrade() -> None:
    op.create_table(
        "access_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=60), nullable=False),
        sa.Column("method", sa.String(length=7), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("query", sa.String(length=300), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_log")),
    )
    with op.batch_alter_table("outbox") as batch:
        batch.add_column(sa.Column("listing_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(REFERENCE, "listings", ["listing_id"], ["id"], ondelete="SET NULL")
    for table, indexes in SEARCHED.items():
        for columns in indexes:
            op.create_index(_index(table, columns), table, columns)
    _protect_access_log()


def downgrade() -> None:
    op.drop_table("access_log")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_early_delete()")
    for table in ("audit_entries", "outbox"):
        for columns in SEARCHED[table]:
            op.drop_index(_index(table, columns), table)
    with op.batch_alter_table("outbox") as batch:
        batch.drop_constraint(REFERENCE, type_="foreignkey")
        batch.drop_column("listing_id")


def _index(table: str, columns: list[str]) -> str:
    return op.f("_".join(("ix", table, *columns)))


def _protect_access_log() -> None:
    """Refuse every change of a row, and its removal before its time; revision 0001 made `refuse_change`."""
    if op.get_bind().dialect.name != "postgresql":
        op.execute(
            "CREATE TRIGGER access_log_no_update BEFORE UPDATE ON access_log "
            "BEGIN SELECT RAISE(ABORT, 'access_log is never changed'); END"
        )
        op.execute(
            "CREATE TRIGGER access_log_no_early_delete BEFORE DELETE ON access_log "
            f"WHEN OLD.at > datetime('now', '-{KEPT_DAYS} days') "
            "BEGIN SELECT RAISE(ABORT, 'access_log is kept for a year'); END"
        )
        return
    op.execute(
        "CREATE TRIGGER access_log_no_update BEFORE UPDATE ON access_log FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER access_log_kept BEFORE TRUNCATE ON access_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE FUNCTION refuse_early_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF OLD.at <= now() - interval '{KEPT_DAYS} days' THEN RETURN OLD; END IF; "
        "RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = 'access_log is kept for a year'; "
        "END $$"
    )
    op.execute(
        "CREATE TRIGGER access_log_no_early_delete BEFORE DELETE ON access_log "
        "FOR EACH ROW EXECUTE FUNCTION refuse_early_delete()"
    )
