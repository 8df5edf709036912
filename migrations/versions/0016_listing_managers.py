"""Let several accounts manage a listing: listing_managers replaces listings.owner_id. Add claims and removals."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
RIGHTS = ("owner", "editor", "signer")
CLAIM_MOVES = "'approved reopen submitted', 'disputed approve approved', 'disputed refuse refused', 'disputed withdraw withdrawn', 'draft submit submitted', 'draft withdraw withdrawn', 'refused reopen submitted', 'submitted approve approved', 'submitted dispute disputed', 'submitted refuse refused', 'submitted withdraw withdrawn'"
REMOVAL_MOVES = "'requested accept accepted', 'requested decline declined'"
HISTORIES = ("claim_moves", "removal_moves")
SIGNED = (
    "public_id, listing_id, ruleset_id, answers, details, explanations, statement, "
    "signer_name, signer_role, signed_by_id, signed_at, valid_until, typed, subject_name, subject_npi, digest"
)
TABLES = (
    "removal_moves", "removals", "claim_codes", "claim_moves", "claims", "claim_notices", "accepted_contacts",
    "manager_invitations", "unmanaged_listings", "suppressed_npis", "listing_managers",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "listing_managers",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "right",
            sa.Enum(*RIGHTS, name="right", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_listing_managers_account_id_accounts"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["accounts.id"], name=op.f("fk_listing_managers_by_id_accounts"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_listing_managers_listing_id_listings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("listing_id", "account_id", name=op.f("pk_listing_managers")),
    )
    op.create_index(op.f("ix_listing_managers_account_id"), "listing_managers", ["account_id"], unique=False)
    op.execute(
        'INSERT INTO listing_managers (listing_id, account_id, "right", since, by_id) '
        "SELECT id, owner_id, 'owner', created_at, owner_id FROM listings WHERE owner_id IS NOT NULL"
    )
    _create_claims()
    _create_removals()
    _create_others()
    _protect_histories()
    _add_preparation()
    # The website and the phone of what was published were looked at by a reviewer; the register's are known as such.
    listed = "FROM listings WHERE state = 'published' AND source <> 'nppes' AND"
    contacts = "INSERT INTO accepted_contacts (listing_id, kind, value, by_id, at) SELECT id,"
    op.execute(f"{contacts} 'phone', phone, NULL, updated_at {listed} phone <> ''")
    op.execute(f"{contacts} 'url', website, NULL, updated_at {listed} website <> ''")
    # SQLite cannot drop a column with a foreign key, so the batch copies the table there.
    with op.batch_alter_table("listings") as batch:
        batch.drop_index(op.f("ix_listings_owner_id"))
        batch.drop_constraint(op.f("fk_listings_owner_id_accounts"), type_="foreignkey")
        batch.drop_column("owner_id")


def downgrade() -> None:
    """Restore the one owner of each listing: of several owners, the one who has been an owner the longest."""
    with op.batch_alter_table("listings") as batch:
        batch.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_listings_owner_id_accounts"), "accounts", ["owner_id"], ["id"], ondelete="RESTRICT"
        )
        batch.create_index(op.f("ix_listings_owner_id"), ["owner_id"], unique=False)
    op.execute(
        "UPDATE listings SET owner_id = (SELECT account_id FROM listing_managers "
        "WHERE listing_id = listings.id AND \"right\" = 'owner' ORDER BY since, account_id LIMIT 1)"
    )
    for table in TABLES:
        op.drop_table(table)
    _protect_signed(SIGNED, drop="prepared_by_id")


def _add_preparation() -> None:
    """Add who prepared the answers, which is kept with what was signed."""
    op.add_column("attestations", sa.Column("prepared_by_id", sa.Integer(), nullable=True))
    _protect_signed(f"{SIGNED}, prepared_by_id")


def _protect_signed(columns: str, *, drop: str = "") -> None:
    """Refuse every edit of these columns of what was signed, instead of those that were protected before."""
    postgresql_used = op.get_bind().dialect.name == "postgresql"
    op.execute("DROP TRIGGER attestations_signed" + (" ON attestations" if postgresql_used else ""))
    if drop:
        op.execute(f"ALTER TABLE attestations DROP COLUMN {drop}")
    refusal = (
        "FOR EACH ROW WHEN (OLD.state <> 'draft') EXECUTE FUNCTION refuse_change()"
        if postgresql_used
        else "WHEN OLD.state <> 'draft' BEGIN SELECT RAISE(ABORT, 'attestations is never changed'); END"
    )
    op.execute(f"CREATE TRIGGER attestations_signed BEFORE UPDATE OF {columns} ON attestations {refusal}")


def _protect_histories() -> None:
    """Make the histories append-only."""
    for table in HISTORIES:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            continue
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END"
            )


def _reference(table: str, column: str, target: str, ondelete: str = "RESTRICT") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}_{target}"), ondelete=ondelete
    )


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _move_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("move", sa.String(length=20), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=False),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comments", JSON, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
    )


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=False)


def _unique_where(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def _create_claims() -> None:
    op.create_table(
        "claims",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            _choice("state", "draft", "submitted", "disputed", "approved", "refused", "withdrawn"),
            nullable=False,
        ),
        sa.Column("role", sa.String(length=200), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("proof", _choice("proof", "mail", "phone", "document"), nullable=False),
        sa.Column("target", sa.String(length=320), nullable=False),
        sa.Column("proved_at", MOMENT, nullable=True),
        sa.Column("document_name", sa.String(length=200), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("media_type", sa.String(length=40), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "proof <> 'mail' OR state IN ('draft', 'withdrawn') OR proved_at IS NOT NULL",
            name=op.f("ck_claims_mail_is_proved"),
        ),
        sa.CheckConstraint("state <> 'approved' OR proved_at IS NOT NULL", name=op.f("ck_claims_approved_is_proved")),
        sa.CheckConstraint("(proof = 'document') = (target = '')", name=op.f("ck_claims_target_of_proof")),
        sa.CheckConstraint(
            "(sha256 IS NULL) = (document_name IS NULL) AND (sha256 IS NULL) = (media_type IS NULL)"
            " AND (proof = 'document' OR sha256 IS NULL)",
            name=op.f("ck_claims_whole_document"),
        ),
        _reference("claims", "account_id", "accounts"),
        _reference("claims", "listing_id", "listings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
    )
    for column in ("account_id", "listing_id", "sha256", "state"):
        _index("claims", column)
    _unique_where(
        "uq_claims_open", "claims", ["listing_id", "account_id"], "state IN ('disputed', 'draft', 'submitted')"
    )
    op.create_table(
        "claim_moves",
        *_move_columns(),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            f"from_state || ' ' || move || ' ' || to_state IN ({CLAIM_MOVES})", name=op.f("ck_claim_moves_legal")
        ),
        _reference("claim_moves", "by_id", "accounts"),
        _reference("claim_moves", "claim_id", "claims"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_moves")),
    )
    _index("claim_moves", "claim_id")
    op.create_table(
        "claim_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("claim_id", sa.Integer(), nullable=False),
        sa.Column("hashed", sa.String(length=200), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name=op.f("ck_claim_codes_few_tries")),
        _reference("claim_codes", "claim_id", "claims"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_codes")),
    )
    _index("claim_codes", "claim_id")
    op.create_table(
        "claim_notices",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        _reference("claim_notices", "listing_id", "listings", "CASCADE"),
        sa.PrimaryKeyConstraint("listing_id", "day", name=op.f("pk_claim_notices")),
    )


def _create_removals() -> None:
    op.create_table(
        "removals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reply_to", sa.String(length=254), nullable=False),
        sa.Column("state", _choice("state", "requested", "accepted", "declined"), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state = 'requested' OR reply_to = ''", name=op.f("ck_removals_closed_forgets_address")),
        _reference("removals", "by_id", "accounts"),
        _reference("removals", "listing_id", "listings"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removals")),
        sa.UniqueConstraint("public_id", name=op.f("uq_removals_public_id")),
    )
    for column in ("listing_id", "state"):
        _index("removals", column)
    op.create_table(
        "removal_moves",
        *_move_columns(),
        sa.Column("removal_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            f"from_state || ' ' || move || ' ' || to_state IN ({REMOVAL_MOVES})", name=op.f("ck_removal_moves_legal")
        ),
        _reference("removal_moves", "by_id", "accounts"),
        _reference("removal_moves", "removal_id", "removals"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removal_moves")),
    )
    _index("removal_moves", "removal_id")
    op.create_table(
        "suppressed_npis",
        sa.Column("npi", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        _reference("suppressed_npis", "by_id", "accounts"),
        sa.PrimaryKeyConstraint("npi", name=op.f("pk_suppressed_npis")),
    )


def _create_others() -> None:
    op.create_table(
        "accepted_contacts",
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("kind", _choice("kind", "phone", "url"), nullable=False),
        sa.Column("value", sa.String(length=300), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        _reference("accepted_contacts", "by_id", "accounts"),
        _reference("accepted_contacts", "listing_id", "listings", "CASCADE"),
        sa.PrimaryKeyConstraint("listing_id", "kind", "value", name=op.f("pk_accepted_contacts")),
    )
    op.create_table(
        "manager_invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("right", _choice("right", *RIGHTS), nullable=False),
        sa.Column("hands_over", sa.Boolean(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("accepted_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "hands_over = false OR \"right\" = 'owner'", name=op.f("ck_manager_invitations_hands_over_to_owner")
        ),
        _reference("manager_invitations", "accepted_by_id", "accounts"),
        _reference("manager_invitations", "by_id", "accounts"),
        _reference("manager_invitations", "listing_id", "listings", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manager_invitations")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_manager_invitations_token_hash")),
    )
    _index("manager_invitations", "email")
    _unique_where("uq_manager_invitations_pending", "manager_invitations", ["listing_id", "email"], "ended_at IS NULL")
    op.create_table(
        "unmanaged_listings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("listing_id", sa.Integer(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        _reference("unmanaged_listings", "listing_id", "listings", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmanaged_listings")),
    )
    _unique_where("uq_unmanaged_listings_current", "unmanaged_listings", ["listing_id"], "ended_at IS NULL")
