"""What an import makes of the registry's rows, on both databases, through the command itself."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.import_results import (
    CREATED,
    NOT_GEOCODED,
    PUBLISHED,
    READ,
    RETIRED,
    UNCHANGED,
    UPDATED,
    dump_tables,
    get_listing,
    parse_report,
    read_rejected_rows,
)
from support.nppes_files import (
    DENTIST,
    clinic_row,
    deactivated_row,
    npi,
    person_row,
    secondary_address_row,
    write_nppes_file,
)

from directory.claims.queries import unclaimed_imports
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.listings.name_words import zip_word
from directory.listings.tables import HOLDS_NPI, ImportNameWord, Listing, ListingMove, ListingSource, Location


def found_latitudes(session: Session, found) -> list[float]:
    """Where the search finds somebody."""
    return [session.get_one(Location, hit.location_id).lat for hit in found()]


def test_a_row_becomes_an_unclaimed_draft_that_no_search_finds(import_rows, session, find_all):
    assert parse_report(import_rows(person_row(), options=())) == {READ: 1, CREATED: 1}
    made = get_listing(session)
    assert (made.state, made.source, made.managers, made.last_confirmed) == (
        ListingState.DRAFT,
        ListingSource.NPPES,
        [],
        None,
    )
    assert (made.name, made.kind, made.source_updated) == ("Ann Example", ListingKind.PERSON, date(2025, 3, 4))
    assert made.slug == f"ann-example-{npi(1)}"
    assert find_all() == []


def test_a_draft_is_found_by_its_name_until_it_is_published_or_gets_another_name(import_rows, session):
    import_rows(person_row(), clinic_row(2), options=())
    [found] = unclaimed_imports(session, "example, ann", place=zip_word("80021"), state="CO", limit=10)
    assert session.get_one(Listing, found).npi == npi(1)
    import_rows(person_row(last="Juniper", updated="01/01/2026"), options=())
    assert unclaimed_imports(session, "ann example", limit=10) == []
    assert unclaimed_imports(session, "ann juniper", limit=10) == [found]
    import_rows(person_row(last="Juniper", updated="01/01/2026"))
    assert session.scalars(sa.select(ImportNameWord.word).where(ImportNameWord.listing_id == found)).all() == []


def test_publish_publishes_it_as_not_stated_and_writes_down_both_moves(import_rows, session, find_all):
    assert parse_report(import_rows(person_row())) == {READ: 1, CREATED: 1, PUBLISHED: 1}
    assert get_listing(session).state is ListingState.PUBLISHED
    moves = session.execute(sa.select(ListingMove.move, ListingMove.by_id, ListingMove.reason)).all()
    assert [move.move for move in moves] == ["submit", "publish"]
    assert {(move.by_id, move.reason) for move in moves} == {(None, "Published as not stated, from public NPPES data.")}
    assert len(find_all()) == 1


def test_a_draft_of_an_earlier_import_is_published_by_a_later_one(import_rows, session):
    import_rows(person_row(), options=())
    assert parse_report(import_rows(person_row())) == {READ: 1, UNCHANGED: 1, PUBLISHED: 1}
    assert get_listing(session).state is ListingState.PUBLISHED


@pytest.mark.parametrize("options", [(), ("--publish",), ("--all", "--publish")])
def test_a_second_import_changes_no_row_of_any_table(import_rows, session, options):
    rows = [
        person_row(1), clinic_row(2), deactivated_row(3), person_row(4, line1="PO BOX 1", line2=""),
        person_row(5, code1=DENTIST),
        person_row(6), person_row(6, phone="3035550199"), person_row(7, updated=""),
        person_row(8, zip="99999", city="NOWHERE"),
        person_row(9, updated="01/01/2025"), person_row(9, phone="3035550199", updated="02/01/2025"),
        person_row(10, updated="02/01/2025"), person_row(10, phone="3035550199", updated="01/01/2025"),
    ]  # fmt: skip
    second = [
        secondary_address_row(1), secondary_address_row(1),
        secondary_address_row(1, line1="1 Other ST", phone="3035550122"),
        secondary_address_row(1, line1="403 Summit Blvd", line2="Ste 201", city="BROOMFIELD", zip="80021"),
        secondary_address_row(2, line1="PO BOX 1"), secondary_address_row(2, zip="99999", city="NOWHERE"),
        secondary_address_row(99),
    ]  # fmt: skip
    import_rows(*rows, second=second, options=options)
    before = dump_tables(session)
    again = parse_report(import_rows(*rows, second=second, options=options))
    assert dump_tables(session) == before
    assert not {CREATED, UPDATED, PUBLISHED, RETIRED} & again.keys()


@pytest.mark.parametrize(
    ("changes", "attribute", "value"),
    [
        ({"phone": "3035550199"}, "phone", "3035550199"),
        ({"last": "OTHER"}, "name", "Ann Other"),
        ({"credential": "D.O."}, "credential", "DO"),
        ({"code1": "208VP0014X"}, "specialty_code", "208VP0014X"),
        ({"updated": "03/05/2025"}, "source_updated", date(2025, 3, 5)),
    ],
)
def test_a_changed_row_is_a_visible_update(import_rows, session, changes, attribute, value):
    import_rows(person_row())
    was = get_listing(session)
    version, updated_at, slug = was.version, was.updated_at, was.slug
    assert parse_report(import_rows(person_row(**changes))) == {READ: 1, UPDATED: 1}
    now = get_listing(session)
    assert getattr(now, attribute) == value
    assert now.version == version + 1
    assert now.updated_at > updated_at
    assert now.slug == slug
    assert now.state is ListingState.PUBLISHED


def test_an_address_that_moved_is_placed_anew_and_found_there(import_rows, session, find_all):
    import_rows(person_row())
    [latitude] = found_latitudes(session, find_all)
    assert 39 < latitude < 41
    assert parse_report(import_rows(person_row(line1="1 FIFTH AVE", city="NEW YORK", state="NY", zip="10003"))) == {
        READ: 1,
        UPDATED: 1,
    }
    [location] = get_listing(session).locations
    assert (location.city, location.state) == ("New York", "NY")
    assert 40.6 < location.lat < 40.9
    assert found_latitudes(session, find_all) == [location.lat]


def test_an_address_that_only_changed_its_suite_letters_or_last_four_digits_stays_where_it_was(import_rows, session):
    import_rows(person_row())
    session.execute(sa.update(Location).values(lat=39.0, lon=-105.0))
    session.commit()
    import_rows(person_row(line1="403 Summit Blvd", zip="800219999"))
    [location] = get_listing(session).locations
    assert (location.postal_code, location.lat) == ("80021-9999", 39.0)


def test_an_address_that_could_not_be_placed_is_tried_again(import_rows, session):
    import_rows(person_row())
    session.execute(sa.update(Location).values(lat=None, lon=None, precision="", uncertainty_miles=None))
    session.commit()
    assert parse_report(import_rows(person_row())) == {READ: 1, UPDATED: 1}
    assert get_listing(session).locations[0].lat is not None


def test_an_address_in_no_gazetteer_is_listed_and_reported(import_rows, session):
    found = parse_report(import_rows(person_row(zip="00000", city="NOWHERE AT ALL")))
    assert found == {
        READ: 1,
        CREATED: 1,
        PUBLISHED: 1,
        NOT_GEOCODED: 1,
    }
    assert get_listing(session).locations[0].lat is None


def test_the_same_npi_twice_in_a_batch_is_one_listing(import_rows, session, settings):
    assert parse_report(import_rows(person_row(), person_row(), person_row(last="OTHER"))) == {
        READ: 3, CREATED: 1, UNCHANGED: 1, PUBLISHED: 1,
        "rows skipped: an earlier row of this import says something else of this NPI on the same day": 1,
    }  # fmt: skip
    assert get_listing(session).name == "Ann Example"
    assert read_rejected_rows(settings)[0][:3] == ["npidata.csv", "4", npi(1)]


def test_the_newer_of_two_files_counts_in_whatever_order_they_come(run_command, session, tmp_path):
    full = str(write_nppes_file(tmp_path / "full.csv", [person_row(updated="01/01/2025", last="BEFORE")]))
    weekly = str(write_nppes_file(tmp_path / "weekly.csv", [person_row(updated="02/01/2025", last="AFTER")]))
    for order in ((full, weekly), (weekly, full)):
        run_command("import", "nppes", *order)
        assert get_listing(session).name == "Ann After"


def test_two_files_that_contradict_each_other_change_nothing_the_second_time(run_command, session, tmp_path):
    files = [str(write_nppes_file(tmp_path / f"{name}.csv", [person_row(last=name)])) for name in ("FIRST", "SECOND")]
    run_command("import", "nppes", *files)
    before = dump_tables(session)
    run_command("import", "nppes", *files)
    assert dump_tables(session) == before
    assert get_listing(session).name == "Ann First"


def test_npis_are_looked_up_by_the_index(session):
    """Without the index's own words in the question, each batch would read every listing."""
    statement = sa.select(Listing.id).where(Listing.npi.in_([npi(1), npi(2)]), HOLDS_NPI)
    text = str(statement.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
    if session.get_bind().dialect.name == "sqlite":
        plan = session.execute(sa.text(f"EXPLAIN QUERY PLAN {text}")).all()
    else:
        session.execute(sa.text("SET enable_seqscan = off"))
        plan = session.execute(sa.text(f"EXPLAIN {text}")).all()
    assert "uq_listings_npi" in " ".join(map(str, plan))
