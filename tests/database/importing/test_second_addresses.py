"""Further addresses of those who are listed."""

from import_results import (
    CREATED,
    PUBLISHED,
    READ,
    UNCHANGED,
    UPDATED,
    counts,
    listing,
    rejected,
)
from nppes_files import npi, person, second_address, write_secondary


def test_second_addresses_are_added_once_and_follow_the_first(import_rows, session, index):
    output = import_rows(person(), second=[second_address(), second_address(line1="2 OTHER ST"), second_address(2)])
    assert counts(output) == {
        READ: 4, CREATED: 1, UPDATED: 2, PUBLISHED: 1,
        "rows skipped: the NPI of this second address is not listed": 1,
    }  # fmt: skip
    assert [row.line1 for row in listing(session).locations] == ["403 Summit Blvd", "1 Other St", "2 Other St"]
    assert index.rebuild(session) == 3


def test_a_second_address_whose_phone_changed_is_updated_in_place(import_rows, session):
    import_rows(person(), second=[second_address()])
    assert counts(import_rows(person(), second=[second_address(phone="3035550199")])) == {READ: 2, UNCHANGED: 1, UPDATED: 1}
    assert [row.phone for row in listing(session).locations] == ["3035550100", "3035550199"]


def test_a_first_address_that_moves_to_the_second_leaves_no_twin(import_rows, session):
    import_rows(person(), second=[second_address(), second_address(line1="2 OTHER ST")])
    import_rows(person(line1="1 OTHER ST", line2="", city="BOULDER", zip="80301"))
    assert [row.line1 for row in listing(session).locations] == ["1 Other St", "2 Other St"]


def test_a_listing_has_fifty_addresses_at_most(import_rows, session, settings):
    second = [second_address(line1=f"{number} OTHER ST") for number in range(60)]
    import_rows(person(), second=second)
    assert len(listing(session).locations) == 50
    assert len(rejected(settings)) == 11
    assert rejected(settings)[0] == ["pl.csv", "51", npi(1), "the listing has 50 addresses already"]


def test_locations_alone_add_to_what_is_listed(run_command, import_rows, session, tmp_path):
    import_rows(person())
    run_command("import", "nppes", str(write_secondary(tmp_path / "pl.csv", [second_address()])))
    assert len(listing(session).locations) == 2
