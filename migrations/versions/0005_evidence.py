"""Evidence for answers, and what reviewers saw of it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)
LATE = "evidence is never changed once the answers are signed"
EARLY = "evidence_looks is for answers that are signed"
STATE = "(SELECT state FROM attestations WHERE id = {row}.attestation_id)"


def upgrade() -> None:
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attestation_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("note", "link", "document", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("media_type", sa.String(length=40), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint(
            "(kind = 'document') = (sha256 IS NOT NULL AND media_type IS NOT NULL AND size IS NOT NULL)",
            name=op.f("ck_evidence_a_document_has_a_file"),
        ),
        sa.CheckConstraint("text <> ''", name=op.f("ck_evidence_says_something")),
        sa.ForeignKeyConstraint(
            ["attestation_id"],
            ["attestations.id"],
            name=op.f("fk_evidence_attestation_id_attestations"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["accounts.id"], name=op.f("fk_evidence_by_id_accounts"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_attestation_id"), "evidence", ["attestation_id"], unique=False)
    op.create_index(op.f("ix_evidence_sha256"), "evidence", ["sha256"], unique=False)
    op.create_table(
        "evidence_looks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attestation_id", sa.Integer(), nullable=False),
        sa.Column("criterion", sa.String(length=60), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.CheckConstraint("what <> ''", name=op.f("ck_evidence_looks_says_what")),
        sa.ForeignKeyConstraint(
            ["attestation_id"],
            ["attestations.id"],
            name=op.f("fk_evidence_looks_attestation_id_attestations"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["accounts.id"], name=op.f("fk_evidence_looks_by_id_accounts"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_looks")),
        sa.UniqueConstraint("attestation_id", "criterion", name=op.f("uq_evidence_looks_attestation_id_criterion")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _keep_in_postgresql()
    else:
        _keep_in_sqlite()


def _keep_in_postgresql() -> None:
    """Evidence belongs to a draft and stays as it was signed; a look is never changed. 0001 made `refuse_change`."""
    op.execute("CREATE TRIGGER evidence_kept BEFORE UPDATE ON evidence FOR EACH ROW EXECUTE FUNCTION refuse_change()")
    op.execute(
        "CREATE FUNCTION refuse_late_evidence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'INSERT' THEN IF {STATE.format(row='NEW')} = 'draft' THEN RETURN NEW; END IF; "
        f"ELSIF {STATE.format(row='OLD')} = 'draft' THEN RETURN OLD; END IF; "
        f"RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = '{LATE}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER evidence_signed BEFORE INSERT OR DELETE ON evidence "
        "FOR EACH ROW EXECUTE FUNCTION refuse_late_evidence()"
    )
    op.execute(
        "CREATE TRIGGER evidence_looks_append_only BEFORE UPDATE OR DELETE ON evidence_looks "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    op.execute(
        "CREATE FUNCTION refuse_early_look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {STATE.format(row='NEW')} <> 'draft' THEN RETURN NEW; END IF; "
        f"RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = '{EARLY}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER evidence_looks_signed BEFORE INSERT ON evidence_looks "
        "FOR EACH ROW EXECUTE FUNCTION refuse_early_look()"
    )


def _keep_in_sqlite() -> None:
    """The same."""
    changed = "BEGIN SELECT RAISE(ABORT, '{} is never changed'); END"
    op.execute(f"CREATE TRIGGER evidence_kept BEFORE UPDATE ON evidence {changed.format('evidence')}")
    for verb, row in (("INSERT", "NEW"), ("DELETE", "OLD")):
        op.execute(
            f"CREATE TRIGGER evidence_signed_{verb.lower()} BEFORE {verb} ON evidence "
            f"WHEN {STATE.format(row=row)} <> 'draft' BEGIN SELECT RAISE(ABORT, '{LATE}'); END"
        )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER evidence_looks_no_{verb.lower()} BEFORE {verb} ON evidence_looks "
            f"{changed.format('evidence_looks')}"
        )
    op.execute(
        f"CREATE TRIGGER evidence_looks_signed BEFORE INSERT ON evidence_looks "
        f"WHEN {STATE.format(row='NEW')} = 'draft' BEGIN SELECT RAISE(ABORT, '{EARLY}'); END"
    )


def downgrade() -> None:
    op.drop_table("evidence_looks")
    op.drop_table("evidence")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_late_evidence()")
        op.execute("DROP FUNCTION refuse_early_look()")
