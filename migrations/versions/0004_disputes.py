"""Disputes and draws, and mail that is forgotten once it is sent."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

HISTORIES = ("dispute_moves", "draws")
WRITTEN = "draw_id, attestation_id, ordinal"
"""What a draw said of an attestation, which a closer look does not change."""


def upgrade() -> None:
    op.add_column("outbox", sa.Column("forget", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_table(
        "disputes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("attestation_id", sa.Integer(), nullable=True),
        sa.Column("about", sa.String(length=60), nullable=False),
        sa.Column("what_happened", sa.Text(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=True),
        sa.Column("reply_to", sa.String(length=254), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "reported",
                "open",
                "answered",
                "upheld",
                "not_upheld",
                "withdrawn",
                "dismissed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "remedy",
            sa.Enum("revoked", "corrected", name="remedy", native_enum=False, create_constraint=True, length=20),
            nullable=True,
        ),
        sa.Column("answer_by", MOMENT, nullable=True),
        sa.Column("reported_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "state NOT IN ('dismissed', 'not_upheld', 'upheld', 'withdrawn') OR reply_to = ''",
            name=op.f("ck_disputes_closed_forgets_address"),
        ),
        sa.CheckConstraint("(state = 'upheld') = (remedy IS NOT NULL)", name=op.f("ck_disputes_upheld_has_remedy")),
        sa.CheckConstraint(
            "about = 'entry' OR attestation_id IS NOT NULL", name=op.f("ck_disputes_answers_were_signed")
        ),
        sa.ForeignKeyConstraint(
            ["attestation_id"],
            ["attestations.id"],
            name=op.f("fk_disputes_attestation_id_attestations"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_disputes_listing_id_listings"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_disputes_public_id")),
    )
    op.create_index(op.f("ix_disputes_attestation_id"), "disputes", ["attestation_id"], unique=False)
    op.create_index(op.f("ix_disputes_listing_id"), "disputes", ["listing_id"], unique=False)
    op.create_index(op.f("ix_disputes_state"), "disputes", ["state"], unique=False)
    op.create_table(
        "dispute_moves",
        sa.Column("dispute_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("move", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comments", JSON, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "from_state || ' ' || move || ' ' || to_state IN ('answered decline not_upheld', 'answered uphold upheld', 'answered withdraw withdrawn', 'open answer answered', 'open decline not_upheld', 'open uphold upheld', 'open withdraw withdrawn', 'reported dismiss dismissed', 'reported open open', 'reported withdraw withdrawn')",
            name=op.f("ck_dispute_moves_legal"),
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["accounts.id"], name=op.f("fk_dispute_moves_by_id_accounts"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["disputes.id"], name=op.f("fk_dispute_moves_dispute_id_disputes"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_moves")),
    )
    op.create_index(op.f("ix_dispute_moves_dispute_id"), "dispute_moves", ["dispute_id"], unique=False)
    op.create_table(
        "draws",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=False),
        sa.Column("seed", sa.String(length=200), nullable=False),
        sa.Column("seed_source", sa.String(length=20), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("candidate_count", sa.Integer(), nullable=False),
        sa.Column("candidates_digest", sa.String(length=64), nullable=False),
        sa.Column("candidates", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draws")),
        sa.UniqueConstraint("quarter", name=op.f("uq_draws_quarter")),
    )
    op.create_table(
        "drawn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.Integer(), nullable=False),
        sa.Column("attestation_id", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("finding", sa.Text(), nullable=False),
        sa.Column("looked_at", MOMENT, nullable=True),
        sa.Column("looked_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(looked_at IS NULL) = (finding = '')", name=op.f("ck_drawn_looked_says_what")),
        sa.ForeignKeyConstraint(
            ["attestation_id"],
            ["attestations.id"],
            name=op.f("fk_drawn_attestation_id_attestations"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(["draw_id"], ["draws.id"], name=op.f("fk_drawn_draw_id_draws"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["looked_by_id"], ["accounts.id"], name=op.f("fk_drawn_looked_by_id_accounts"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawn")),
        sa.UniqueConstraint("draw_id", "attestation_id", name=op.f("uq_drawn_draw_id_attestation_id")),
    )
    op.create_index(op.f("ix_drawn_attestation_id"), "drawn", ["attestation_id"], unique=False)
    op.create_index(op.f("ix_drawn_draw_id"), "drawn", ["draw_id"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        _keep_in_postgresql()
    else:
        _keep_in_sqlite()


def _keep_in_postgresql() -> None:
    """What happened, and what was drawn, is never changed or deleted; `refuse_change` is revision 0001's."""
    for table in HISTORIES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
    op.execute("CREATE TRIGGER drawn_no_delete BEFORE DELETE ON drawn FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute(
        f"CREATE TRIGGER drawn_kept BEFORE UPDATE OF {WRITTEN} ON drawn FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE TRIGGER drawn_looked_once BEFORE UPDATE ON drawn "
        "FOR EACH ROW WHEN (OLD.looked_at IS NOT NULL) EXECUTE FUNCTION refuse_change()"
    )


def _keep_in_sqlite() -> None:
    """The same."""
    for table in HISTORIES:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
            )
    refuse = "BEGIN SELECT RAISE(ABORT, 'drawn is never changed'); END"
    op.execute(f"CREATE TRIGGER drawn_no_delete BEFORE DELETE ON drawn {refuse}")
    op.execute(f"CREATE TRIGGER drawn_kept BEFORE UPDATE OF {WRITTEN} ON drawn {refuse}")
    op.execute(f"CREATE TRIGGER drawn_looked_once BEFORE UPDATE ON drawn WHEN OLD.looked_at IS NOT NULL {refuse}")


def downgrade() -> None:
    op.drop_table("drawn")
    op.drop_table("draws")
    op.drop_table("dispute_moves")
    op.drop_table("disputes")
    op.drop_column("outbox", "forget")
