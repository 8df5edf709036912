"""Add unfinished listings, the places of unpublished imports, and a topic for each kind of reminder."""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
BATCH = 5000


def upgrade() -> None:
    op.create_table(
        "unfinished_listings",
        sa.Column("form_key", sa.String(32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("texts", JSON, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["accounts.id"],
            name=op.f("fk_unfinished_listings_account_id_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("form_key", name=op.f("pk_unfinished_listings")),
    )
    op.create_index(op.f("ix_unfinished_listings_account_id"), "unfinished_listings", ["account_id"])
    _store_places()
    # Whoever stopped the reminders stopped both kinds.
    op.execute(
        "INSERT INTO unsubscribes (address, topic, at)"
        " SELECT address, 'confirmations', at FROM unsubscribes WHERE topic = 'reminders'"
    )
    op.execute("UPDATE unsubscribes SET topic = 'renewals' WHERE topic = 'reminders'")
    op.execute("UPDATE outbox SET topic = 'confirmations' WHERE topic = 'reminders' AND letter = 'confirm_listing'")
    op.execute("UPDATE outbox SET topic = 'renewals' WHERE topic = 'reminders'")


def downgrade() -> None:
    """The previous release has one topic for both kinds: it stays stopped for whoever stopped either."""
    op.execute(
        "DELETE FROM unsubscribes WHERE topic = 'confirmations'"
        " AND address IN (SELECT address FROM unsubscribes WHERE topic = 'renewals')"
    )
    op.execute("UPDATE unsubscribes SET topic = 'reminders' WHERE topic IN ('renewals', 'confirmations')")
    op.execute("UPDATE outbox SET topic = 'reminders' WHERE topic IN ('renewals', 'confirmations')")
    op.execute("DELETE FROM import_name_words WHERE word LIKE ':%'")
    op.drop_table("unfinished_listings")


def _store_places() -> None:
    """Store the ZIP codes and towns of what was imported before, as the next import does."""
    connection, last = op.get_bind(), 0
    words = sa.table("import_name_words", sa.column("listing_id"), sa.column("word"))
    listings = sa.text(
        "SELECT id FROM listings WHERE id > :last AND source = 'nppes' AND state = 'draft' ORDER BY id LIMIT :most"
    )
    places = sa.text(
        "SELECT listing_id, city, state, postal_code FROM locations WHERE listing_id > :first AND listing_id <= :last"
        " AND listing_id IN (SELECT id FROM listings WHERE source = 'nppes' AND state = 'draft')"
    )
    while found := connection.scalars(listings, {"last": last, "most": BATCH}).all():
        first, last = last, found[-1]
        stored = connection.execute(places, {"first": first, "last": last}).all()
        rows = {(row.listing_id, word) for row in stored for word in _words(row.city, row.state, row.postal_code)}
        if rows:
            connection.execute(sa.insert(words), [{"listing_id": each, "word": word} for each, word in sorted(rows)])


def _words(city: str, state: str, postal_code: str) -> tuple[str, str]:
    bare = re.sub("['’ʼ`]", "", city)
    plain = unicodedata.normalize("NFKD", bare).encode("ascii", "ignore").decode().lower()
    town = "".join(dict.fromkeys(word[:40] for word in re.findall(r"[a-z0-9]+", plain)))
    return f":{postal_code[:5]}", f":{state}:{town}".lower()[:40]
