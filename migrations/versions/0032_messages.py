"""Add messages with the managers of a listing, notes between reviewers, evidence after signing, and reports that nobody can answer."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"

MOMENT = sa.DateTime(timezone=True)
WRITTEN = "listing_id, number, sender, by_id, text, at, reply_to_id, attestation_id, question, asks_for_evidence"
"""The columns of a message that never change."""
ONCE = ("settled_at", "read_at")
"""The columns of a message that are set once."""
REMEDIES_BEFORE = ("revoked", "corrected")
REMEDIES = (*REMEDIES_BEFORE, "corrected_by_us", "could_not_reach")
DISPUTE_MOVES_BEFORE = (
    "answered decline not_upheld",
    "answered uphold upheld",
    "answered withdraw withdrawn",
    "dismissed undo_to_reported reported",
    "not_upheld undo_to_answered answered",
    "not_upheld undo_to_open open",
    "open answer answered",
    "open decline not_upheld",
    "open undo_to_reported reported",
    "open uphold upheld",
    "open withdraw withdrawn",
    "reported dismiss dismissed",
    "reported open open",
    "reported withdraw withdrawn",
    "upheld undo_to_answered answered",
    "upheld undo_to_open open",
    "withdrawn undo_to_answered answered",
    "withdrawn undo_to_open open",
    "withdrawn undo_to_reported reported",
)
UNHEARD_MOVES = (
    "not_upheld undo_to_reported reported",
    "reported decline not_upheld",
    "reported uphold upheld",
    "upheld undo_to_reported reported",
)
DISPUTE_MOVES = tuple(sorted((*DISPUTE_MOVES_BEFORE, *UNHEARD_MOVES)))
LATE = "evidence is never changed once the answers are signed"
STATE = "(SELECT state FROM attestations WHERE id = {row}.attestation_id)"
NEW_STATE, OLD_STATE = STATE.format(row="NEW"), STATE.format(row="OLD")
ALLOWED_BEFORE = f"{NEW_STATE} = 'draft'"
ALLOWED = f"(({NEW_STATE} = 'draft' AND NOT NEW.after_signing) OR ({NEW_STATE} IN ('submitted', 'accepted') AND NEW.after_signing))"
"""When evidence can be added; it is removed only from a draft, as before."""


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
    _allow_remedies(REMEDIES)
    _allow_dispute_moves(DISPUTE_MOVES)
    after_signing = sa.Column("after_signing", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("evidence", after_signing)
    _allow_evidence(ALLOWED)


def downgrade() -> None:
    _forget_later_evidence()
    _forget_unheard()
    _allow_dispute_moves(DISPUTE_MOVES_BEFORE)
    _allow_remedies(REMEDIES_BEFORE)
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


def _allow_remedies(remedies: tuple[str, ...]) -> None:
    """Replace the constraint on the remedies of disputes."""
    names = ", ".join(f"'{remedy}'" for remedy in remedies)
    _replace_check("disputes", "ck_disputes_remedy", f"remedy IN ({names})")


def _allow_dispute_moves(moves: tuple[str, ...]) -> None:
    """Replace the constraint on the moves of disputes; the triggers go with the table that SQLite copies."""
    legal = "from_state || ' ' || move || ' ' || to_state IN ({})".format(", ".join(f"'{move}'" for move in moves))
    _replace_check("dispute_moves", "ck_dispute_moves_legal", legal)
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER dispute_moves_no_{verb.lower()} BEFORE {verb} ON dispute_moves "
                "BEGIN SELECT RAISE(ABORT, 'dispute_moves is never changed'); END"
            )


def _replace_check(table: str, name: str, condition: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, condition)
        return
    with op.batch_alter_table(table, recreate="always") as batch:
        batch.drop_constraint(op.f(name), type_="check")
        batch.create_check_constraint(op.f(name), condition)


def _forget_unheard() -> None:
    """Replace the remedies and moves that the previous release does not know by the nearest that it knows."""
    op.execute("UPDATE disputes SET remedy = 'corrected' WHERE remedy IN ('corrected_by_us', 'could_not_reach')")
    on_postgresql = op.get_bind().dialect.name == "postgresql"
    if on_postgresql:
        op.execute("ALTER TABLE dispute_moves DISABLE TRIGGER dispute_moves_append_only")
    else:
        op.execute("DROP TRIGGER dispute_moves_no_update")
    moves = sa.table("dispute_moves", sa.column("move"), sa.column("from_state"), sa.column("to_state"))
    decided = ["upheld", "not_upheld"]
    unheard = (moves.c.from_state == "reported") & moves.c.to_state.in_(decided)
    op.execute(sa.update(moves).where(unheard).values(from_state="open"))
    undone = (moves.c.to_state == "reported") & moves.c.from_state.in_(decided)
    op.execute(sa.update(moves).where(undone).values(move="undo_to_open", to_state="open"))
    if on_postgresql:
        op.execute("ALTER TABLE dispute_moves ENABLE TRIGGER dispute_moves_append_only")


def _allow_evidence(condition: str) -> None:
    """Replace the trigger on new evidence; 0005 made it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE OR REPLACE FUNCTION refuse_late_evidence() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'INSERT' THEN IF {condition} THEN RETURN NEW; END IF; "
            f"ELSIF {OLD_STATE} = 'draft' THEN RETURN OLD; END IF; "
            f"RAISE EXCEPTION USING ERRCODE = 'restrict_violation', MESSAGE = '{LATE}'; END $$"
        )
        return
    op.execute("DROP TRIGGER evidence_signed_insert")
    op.execute(
        "CREATE TRIGGER evidence_signed_insert BEFORE INSERT ON evidence "
        f"WHEN NOT {condition} BEGIN SELECT RAISE(ABORT, '{LATE}'); END"
    )


def _forget_later_evidence() -> None:
    """Delete what was added after signing, which the previous release would show as signed."""
    later = "DELETE FROM evidence WHERE after_signing"
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE evidence DISABLE TRIGGER evidence_signed")
        op.execute(later)
        op.execute("ALTER TABLE evidence ENABLE TRIGGER evidence_signed")
    else:
        op.execute("DROP TRIGGER evidence_signed_delete")
        op.execute(later)
        op.execute(
            "CREATE TRIGGER evidence_signed_delete BEFORE DELETE ON evidence "
            f"WHEN {OLD_STATE} <> 'draft' "
            f"BEGIN SELECT RAISE(ABORT, '{LATE}'); END"
        )
    _allow_evidence(ALLOWED_BEFORE)
    # Not op.drop_column: in SQLite it would copy the table, without its triggers.
    op.execute("ALTER TABLE evidence DROP COLUMN after_signing")
