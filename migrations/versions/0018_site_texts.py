"""Add the operator's texts."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    names = ("about", "privacy", "terms", "accessibility")
    op.create_table(
        "site_texts",
        sa.Column("name", sa.Enum(*names, name="name", native_enum=False, create_constraint=True, length=20)),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["accounts.id"], "fk_site_texts_updated_by_id_accounts", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("name", name="pk_site_texts"),
    )


def downgrade() -> None:
    op.drop_table("site_texts")
