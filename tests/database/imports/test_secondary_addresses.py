"""Further addresses of those who are listed."""

from support.import_results import (
    CREATED,
    PUBLISHED,
    READ,
    UNCHANGED,
    UPDATED,
    get_listing,
    parse_report,
    read_rejected_rows,
)
from support.nppes_files import npi, person_row, secondary_address_row, write_secondary_file


def test_second_addresses_are_added_once_and_follow_the_first(import_rows, session, index):
    output = import_rows(
        person_row(),
        second=[secondary_address_row(), secondary_address_row(line1="2 OTHER ST"), secondary_address_row(2)],
    )
    assert parse_report(output) == {
        READ: 4, CREATED: 1, UPDATED: 2, PUBLISHED: 1,
        "rows skipped: the NPI of this second address is not listed": 1,
    }  # fmt: skip
    assert [row.line1 for row in get_listing(session).locations] == ["403 Summit Blvd", "1 Other St", "2 Other St"]
    assert index.rebuild(session) == 3


def test_a_second_address_whose_phone_changed_is_updated_in_place(import_rows, session):
    import_rows(person_row(), second=[secondary_address_row()])
    assert parse_report(import_rows(person_row(), second=[secondary_address_row(phone="3035550199")])) == {
        READ: 2,
        UNCHANGED: 1,
        UPDATED: 1,
    }
    assert [row.phone for row in get_listing(session).locations] == ["3035550100", "3035550199"]


def test_a_first_address_that_moves_to_the_second_leaves_no_twin(import_rows, session):
    import_rows(person_row(), second=[secondary_address_row(), secondary_address_row(line1="2 OTHER ST")])
    import_rows(person_row(line1="1 OTHER ST", line2="", city="BOULDER", zip="80301"))
    assert [row.line1 for row in get_listing(session).locations] == ["1 Other St", "2 Other St"]


def test_a_listing_has_fifty_addresses_at_most(import_rows, session, settings):
    second = [secondary_address_row(line1=f"{number} OTHER ST") for number in range(60)]
    import_rows(person_row(), second=second)
    assert len(get_listing(session).locations) == 50
    assert len(read_rejected_rows(settings)) == 11
    assert read_rejected_rows(settings)[0] == ["pl.csv", "51", npi(1), "the listing has 50 addresses already"]


def test_locations_alone_add_to_what_is_listed(run_command, import_rows, session, tmp_path):
    import_rows(person_row())
    run_command("import", "nppes", str(write_secondary_file(tmp_path / "pl.csv", [secondary_address_row()])))
    assert len(get_listing(session).locations) == 2
