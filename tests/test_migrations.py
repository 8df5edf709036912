"""The migrations: up, down and up again, with data; the tables as the models say; histories that stay as they are."""

from datetime import timedelta

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from support.factories import NOW, make_account, make_attestation, make_listing

from directory import resources, transaction
from directory.accounts.policy import Right, Role
from directory.attestations.tables import Attestation, AttestationMove
from directory.database import Base
from directory.duplicates.tables import DuplicatePair
from directory.listings.commands import withdraw
from directory.listings.lifecycle import ListingState
from directory.listings.name_words import listing_words
from directory.listings.tables import ImportNameWord, Listing, ListingManager, ListingMove, ListingSource, Location
from directory.outbox.unsubscribe import Subscription, is_unsubscribed, unsubscribe
from directory.review.merges import merge_pair, undo_merge
from directory.search.tables import search_changes

pytestmark = pytest.mark.usefixtures("installation")

FACTS = {"accepts_new_patients", "languages"}
"""Columns that revision 0008 brings."""

LATER = (
    {"form_key", "other_name"}
    | {"appointment_url", "insurance", "price_note", "price_noted_on", "reminded_on"}
    | {
        "second_phone",
        "fax",
        "accessibility",
    }
)
"""Columns that revisions 0013 and 0017 bring."""


def revisions() -> list[str]:
    script = ScriptDirectory(str(resources.folder("migrations")))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


def revision_of(session: Session) -> str | None:
    return MigrationContext.configure(session.connection()).get_current_revision()


def a_published_attestation(session: Session) -> Attestation:
    listing = make_listing(session, make_account(session, Role.PROVIDER))
    return make_attestation(session, listing)


def test_there_is_one_line_of_revisions() -> None:
    assert len(ScriptDirectory(str(resources.folder("migrations"))).get_heads()) == 1


def test_the_tables_are_as_the_models_say() -> None:
    flask_migrate.check()


def test_every_revision_goes_up_down_and_up_again() -> None:
    session = transaction.session()
    for revision in reversed([None, *revisions()[:-1]]):
        session.close()
        flask_migrate.downgrade(revision=revision or "base")
        assert revision_of(session) == revision
    left = set(sa.inspect(session.connection()).get_table_names()) - {"alembic_version"}
    assert left == set()
    for revision in revisions():
        session.close()
        flask_migrate.upgrade(revision=revision)
        assert revision_of(session) == revision
    session.close()
    flask_migrate.check()


def test_what_is_stored_survives_an_upgrade_that_is_repeated() -> None:
    with transaction.atomic() as session:
        a_published_attestation(session)
    before = _everything(session)
    session.close()
    flask_migrate.upgrade()
    assert _everything(session) == before
    assert before["attestation_moves"]


def test_all_the_way_down_and_up_with_data_leaves_a_directory_that_works() -> None:
    with transaction.atomic() as session:
        a_published_attestation(session)
    session.close()
    flask_migrate.downgrade(revision="base")
    flask_migrate.upgrade()
    with transaction.atomic() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 0
        a_published_attestation(session)
    assert session.scalar(sa.select(sa.func.count()).select_from(search_changes)) == 1


def test_what_was_listed_before_facts_were_asked_for_states_none_and_loses_nothing_else() -> None:
    with transaction.atomic() as session:
        listing = a_published_attestation(session).listing
        listing.accepts_new_patients, listing.languages = True, ["en", "ase"]
    before = _listed(session)
    session.close()
    flask_migrate.downgrade(revision="0007")
    columns = {column["name"] for column in sa.inspect(session.connection()).get_columns("listings")}
    assert columns == set(before) - FACTS - LATER | {"owner_id"}
    session.close()
    flask_migrate.upgrade()
    assert _listed(session) == before | {"accepts_new_patients": None, "languages": []}
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(sa.delete(ListingMove))
    session.rollback()


def test_a_location_from_before_opening_hours_states_none_and_loses_nothing_else() -> None:
    with transaction.atomic() as session:
        a_published_attestation(session).listing.locations[0].opening_hours = {"monday": []}
    before = _located(session)
    session.close()
    flask_migrate.downgrade(revision="0010")
    columns = {column["name"] for column in sa.inspect(session.connection()).get_columns("locations")}
    assert columns == set(before) - {"opening_hours"} - LATER
    session.close()
    flask_migrate.upgrade()
    assert _located(session) == before | {"opening_hours": {}}


def test_the_owner_of_a_listing_becomes_its_manager_and_the_first_owner_becomes_the_owner_again() -> None:
    with transaction.atomic() as session:
        owner, second, editor = (make_account(session, Role.PROVIDER) for _ in range(3))
        owned = make_listing(session, owner)
        managers = [(second, Right.OWNER), (editor, Right.EDITOR)]
        owned.managers += [
            ListingManager(account_id=account.id, right=right, since=NOW + timedelta(days=1), by_id=owner.id)
            for account, right in managers
        ]
        unmanaged = make_listing(session, owner)
        unmanaged.managers.clear()
        owned_id, unmanaged_id, owner_id = owned.id, unmanaged.id, owner.id
    checks = _checks(session)
    session.close()
    flask_migrate.downgrade(revision="0012")
    rows = session.execute(sa.text("SELECT id, owner_id FROM listings ORDER BY id")).all()
    assert rows == [(owned_id, owner_id), (unmanaged_id, None)]
    assert _checks(session) == checks
    session.close()
    flask_migrate.upgrade()
    row = session.execute(sa.select(ListingManager.__table__)).one()
    assert (row.listing_id, row.account_id, row.right, row.by_id) == (owned_id, owner_id, Right.OWNER, owner_id)
    assert _checks(session) == checks


def test_the_table_that_was_copied_still_refuses_what_it_refused() -> None:
    with transaction.atomic() as session:
        listing = make_listing(session, make_account(session, Role.PROVIDER), npi="1234567893")
        other = make_listing(session, make_account(session, Role.PROVIDER))
        listing_id, other_id = listing.id, other.id
    for values, at in ({"state": "gone"}, listing_id), ({"npi": "1234567893"}, other_id), ({"kind": "robot"}, other_id):
        with pytest.raises(DatabaseError):
            session.execute(
                sa.update(sa.table("listings", sa.column("id"), *map(sa.column, values)))
                .where(sa.column("id") == at)
                .values(values)
            )
        session.rollback()


def test_a_listing_that_was_taken_back_keeps_its_history_on_the_way_down_and_up() -> None:
    with transaction.atomic() as session:
        owner = make_account(session, Role.PROVIDER)
        listing = make_listing(session, owner, state=ListingState.SUBMITTED)
        withdraw(session, listing, by=owner.actor, now=NOW)
    moves = sa.select(ListingMove.move).order_by(ListingMove.id)
    session.close()
    flask_migrate.downgrade(revision="0012")
    assert list(session.scalars(moves)) == ["submit", "return"]
    session.close()
    flask_migrate.upgrade()
    assert list(session.scalars(moves)) == ["submit", "return"]
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(sa.delete(ListingMove))
    session.rollback()


def test_merged_listings_keep_their_history_on_the_way_down_and_up() -> None:
    with transaction.atomic() as session:
        owner, reviewer = make_account(session, Role.PROVIDER), make_account(session, Role.REVIEWER)
        one, other = (make_listing(session, owner) for _ in range(2))
        pair = DuplicatePair(one=one, other=other, score=1.0, reasons=[], found_at=NOW)
        session.add(pair)
        session.flush()
        merge = merge_pair(session, pair, keep=one.id, taken=(), by=reviewer.actor, now=NOW)
        undo_merge(session, merge, by=reviewer.actor, now=NOW)
        other_id = other.id
    moves = sa.select(ListingMove.move).where(ListingMove.listing_id == other_id).order_by(ListingMove.id)
    session.close()
    flask_migrate.downgrade(revision="0024")
    assert list(session.scalars(moves)) == ["submit", "publish", "retire", "reinstate"]
    session.close()
    flask_migrate.upgrade()
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(sa.delete(ListingMove))
    session.rollback()


@pytest.mark.parametrize("history", [ListingMove, AttestationMove])
@pytest.mark.parametrize("change", ["update", "delete"])
def test_nobody_rewrites_a_history(history: type[ListingMove | AttestationMove], change: str) -> None:
    with transaction.atomic() as session:
        a_published_attestation(session)
    statement = sa.update(history).values(reason="It never was so.") if change == "update" else sa.delete(history)
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(statement)
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(history)) >= 2


@pytest.mark.parametrize(
    "values",
    [{"answers": {}}, {"statement": "Something else."}, {"signer_name": "Bo Other"}, {"ruleset_id": "other"}],
    ids=lambda values: next(iter(values)),
)
def test_nobody_edits_what_was_signed(values: dict[str, object]) -> None:
    with transaction.atomic() as session:
        a_published_attestation(session)
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(sa.update(Attestation).values(values))
    session.rollback()


def test_a_history_holds_only_moves_of_the_lifecycle() -> None:
    with transaction.atomic() as session:
        attestation = a_published_attestation(session)
        listing_id = attestation.listing_id
    illegal = {"move": "publish", "from_state": "draft", "to_state": "published"}
    row = {"listing_id": listing_id, "reason": "", "comments": {}, "at": attestation.created_at, **illegal}
    with pytest.raises(DatabaseError, match="ck_listing_moves_legal"):
        session.execute(sa.insert(ListingMove).values(row))
    session.rollback()


def test_what_was_imported_before_is_found_by_its_place_and_a_stopped_reminder_stays_stopped() -> None:
    with transaction.atomic() as session:
        listing = make_listing(session, make_account(session, Role.PROVIDER), state=ListingState.DRAFT)
        listing.source = ListingSource.NPPES
        unsubscribe(session, Subscription("pat@example.com", "confirmations", stopped=False), now=NOW)
        unsubscribe(session, Subscription("pat@example.com", "renewals", stopped=False), now=NOW)
        unsubscribe(session, Subscription("rae@example.com", "renewals", stopped=False), now=NOW)
    expected = {word for word in listing_words("", listing.locations) if word.startswith(":")}
    session.close()
    flask_migrate.downgrade(revision="0021")
    before = session.execute(sa.text("SELECT address, topic FROM unsubscribes ORDER BY address")).all()
    assert before == [("pat@example.com", "reminders"), ("rae@example.com", "reminders")]
    session.close()
    flask_migrate.upgrade()
    assert set(session.scalars(sa.select(ImportNameWord.word))) == expected
    for address in ("pat@example.com", "rae@example.com"):
        assert all(is_unsubscribed(session, address, topic) for topic in ("renewals", "confirmations"))


def _checks(session: Session) -> set[str | None]:
    return {check["name"] for check in sa.inspect(session.connection()).get_check_constraints("listings")}


def _listed(session: Session) -> dict[str, object]:
    return dict(session.execute(sa.select(*Listing.__table__.columns)).one()._mapping)


def _located(session: Session) -> dict[str, object]:
    return dict(session.execute(sa.select(*Location.__table__.columns)).one()._mapping)


def _everything(session: Session) -> dict[str, list[tuple[object, ...]]]:
    tables = {table.name: session.execute(sa.select(table)).all() for table in Base.metadata.sorted_tables}
    return {name: sorted((tuple(row) for row in rows), key=repr) for name, rows in tables.items()}
