"""The plan of a batch: values that can be shown, stored and read again, made without writing anything."""

import csv
import json

import sqlalchemy as sa
from support.factories import NOW
from support.import_results import CREATED, READ, UNCHANGED, UPDATED, dump_tables, get_listing, parse_report
from support.nppes_files import clinic_row, deactivated_row, npi, person_row, secondary_address_row, write_nppes_file

from directory.imports.apply import apply_plan
from directory.imports.effect import Effect
from directory.imports.nppes_reader import read_batches
from directory.imports.plan import PlannedRow
from directory.imports.planner import Planner
from directory.listings.tables import Listing


def plan_rows(session, gazetteer, path, *rows):
    session.rollback()
    [batch] = read_batches(write_nppes_file(path, rows))
    return Planner(gazetteer, publish=True, now=NOW).plan(session, batch)


def test_a_plan_says_what_becomes_of_each_row_and_writes_nothing(import_rows, session, gazetteer, tmp_path):
    import_rows(person_row(1), person_row(2))
    before = dump_tables(session)
    plan = plan_rows(
        session, gazetteer, tmp_path / "plan.csv",
        person_row(1), person_row(2, phone="3035550199", zip="80022"), person_row(3, line1="PO BOX 1", line2=""),
        clinic_row(4, zip="2116", state="MA", city="BOSTON"), person_row(2, updated="01/01/2020"),
    )  # fmt: skip
    assert [row.effect for row in plan.rows] == [
        Effect.CHANGED, Effect.REJECTED, Effect.CREATED, Effect.SKIPPED,
    ]  # fmt: skip
    assert plan.unchanged == 1
    assert not session.dirty
    assert dump_tables(session) == before
    changes = {(change.field, change.address): (change.old, change.new) for change in plan.rows[0].changes}
    assert changes["phone", None] == ("3035550100", "3035550199")
    assert changes["postal_code", 0] == ("80021-1234", "80022")
    assert ("lat", 0) in changes
    assert [note.stored for note in plan.rows[2].notes] == ["02116"]


def test_a_row_of_a_plan_can_be_stored_and_read_again(import_rows, session, gazetteer, tmp_path):
    import_rows(person_row(1))
    plan = plan_rows(
        session, gazetteer, tmp_path / "plan.csv",
        person_row(1, last="OTHER", credential="<UNAVAIL>"), person_row(2), person_row(3, zip="x"), deactivated_row(4),
    )  # fmt: skip
    apply_plan(session, plan, now=NOW)
    ids = [row.listing_id for row in plan.rows]
    assert ids == [get_id(session, 1), get_id(session, 2), None, None]
    for row in plan.rows:
        again = PlannedRow.from_json(json.loads(json.dumps(row.to_json())))
        assert (again.effect, again.listing_id, again.reason, again.notes) == (
            row.effect, row.listing_id, row.reason, list(row.notes),
        )  # fmt: skip
        assert [(change.field, str(change.new)) for change in again.changes] == [
            (change.field, str(change.new)) for change in row.changes
        ]


def get_id(session, number):
    return session.scalar(sa.select(Listing.id).where(Listing.npi == npi(number)))


def test_an_address_in_another_spelling_changes_nothing(import_rows, session):
    import_rows(person_row(), second=[secondary_address_row(line1="1 OTHER STREET", line2="SUITE 4")])
    before = dump_tables(session)
    again = import_rows(
        person_row(line1="403 Summit Boulevard, Suite 201", line2="", phone="(303) 555-0100"),
        second=[secondary_address_row(line1="1 Other St.", line2="Ste. 4")],
    )
    assert parse_report(again) == {READ: 2, UNCHANGED: 2}
    assert dump_tables(session) == before


def test_what_the_import_does_not_know_of_an_address_stays(import_rows, session):
    import_rows(person_row())
    listing = get_listing(session)
    listing.website, listing.locations[0].fax = "https://summit.example", "303-555-0177"
    session.commit()
    assert parse_report(import_rows(person_row(phone="3035550199"))) == {READ: 1, UPDATED: 1}
    listing = get_listing(session)
    assert (listing.website, listing.locations[0].fax) == ("https://summit.example", "303-555-0177")


def test_dates_in_either_notation_say_which_row_is_newer(import_rows, session):
    import_rows(person_row(last="NEWER", updated="2024-05-06"))
    for older in ("2019-05-06", "05/06/2019", "20190506"):
        found = parse_report(import_rows(person_row(last="OLDER", updated=older)))
        assert found == {READ: 1, "rows skipped: an older row than what is known already": 1}
    assert get_listing(session).name == "Ann Newer"


def test_an_npi_deactivated_on_an_iso_date_is_not_published(import_rows, session):
    import_rows(person_row(off="2023-01-05"))
    assert get_listing(session) is None


def test_a_date_in_the_future_does_not_outlast_the_rows_to_come(import_rows, session):
    assert "values in doubt: a date in the future" in import_rows(person_row(updated="01/01/2099"))
    assert get_listing(session).source_updated is None
    import_rows(person_row(last="NEWER"))
    assert get_listing(session).name == "Ann Newer"


def test_every_repair_doubt_and_reason_is_counted_and_listed_by_file_and_line(import_rows, tmp_path):
    target = tmp_path / "details.csv"
    output = import_rows(
        person_row(1, zip="2116", state="MA", city="BOSTON"),
        person_row(2, updated="02/30/2025", credential="<UNAVAIL>"),
        person_row(3, line1="POB 12", line2=""),
        options=("--publish", "--details", str(target)),
    )
    counts = parse_report(output)
    assert counts[CREATED] == 2
    assert counts["rows rejected: the practice address is a PO box"] == 1
    assert counts["values repaired: a ZIP code that lost its leading zeros"] == 1
    assert counts["values repaired: a mark for “not available” left out"] == 1
    assert counts["values in doubt: a date that cannot be read"] == 1
    with target.open(newline="", encoding="utf-8") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    repair = "repaired: a ZIP code that lost its leading zeros"
    assert ("npidata.csv", "2", npi(1), repair, "postal_code", "2116", "02116", "") in rows
    assert ("npidata.csv", "3", npi(2), "in doubt: a date that cannot be read", "updated", "02/30/2025", "", "") in rows
    assert ("npidata.csv", "4", npi(3), "rejected: the practice address is a PO box", "", "", "", "") in rows


def test_a_change_is_listed_with_what_stood_there_before(import_rows, tmp_path):
    target = tmp_path / "details.csv"
    import_rows(person_row())
    import_rows(person_row(last="OTHER"), options=("--publish", "--details", str(target)))
    assert f"npidata.csv,2,{npi(1)},changed,name,Ann Other,Ann Other,Ann Example" in target.read_text()
