"""What is told and not done: rows and files that cannot be used, each counted once, and dry runs."""

import pytest
from support.import_results import (
    CREATED,
    READ,
    SUSPENDED,
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


def test_a_dry_run_changes_no_row_and_reports_what_a_real_run_does(import_rows, session, settings):
    import_rows(person_row(1), person_row(2))
    rows = [
        person_row(1, phone="3035550199"),
        deactivated_row(2),
        person_row(3),
        person_row(3),
        person_row(4, zip="x"),
        person_row(5),
    ]
    second = [secondary_address_row(5), secondary_address_row(6)]
    before, listed = dump_tables(session), read_rejected_rows(settings)
    promised = import_rows(*rows, second=second, options=("--publish", "--dry-run"))
    assert dump_tables(session) == before
    assert read_rejected_rows(settings) == listed
    assert promised.startswith("Nothing was changed.")
    assert parse_report(import_rows(*rows, second=second)) == parse_report(promised)
    assert dump_tables(session) != before


def test_a_dry_run_lists_the_rejected_rows_where_it_is_told_to(import_rows, settings, tmp_path):
    target = tmp_path / "out.csv"
    import_rows(person_row(), options=())
    import_rows(person_row(1, zip="x"), options=("--dry-run", "--rejected", str(target)))
    assert "the ZIP code has neither" in target.read_text()
    assert read_rejected_rows(settings) == []


def test_a_dry_run_refuses_a_database_that_is_not_up_to_date(import_rows, environment, tmp_path):
    if not environment["BMA_DATABASE_URL"].startswith("sqlite"):
        pytest.skip("one empty database says enough")
    environment["BMA_DATABASE_URL"] = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    output = import_rows(person_row(), options=("--dry-run",), code=1)
    assert "Run: bma-directory db upgrade." in output


@pytest.mark.parametrize(
    "changes",
    [
        {"last": "X" * 10_000},
        {"last": "EXAM\u202ePLE"},
        {"last": "A\x07B"},
        {"line1": "9" * 300},
        {"city": "X" * 101},
        {"phone": "call me"},
        {"phone": "1" * 31},
        {"credential": "X" * 61},
        {"line2": "\u2028"},
    ],
)
def test_a_text_that_cannot_be_listed_is_rejected_and_the_next_row_is_read(import_rows, session, settings, changes):
    if changes == {"line2": "\u2028"}:
        changes = {"line2": "A\u200bB"}
    import_rows(person_row(1, **changes), person_row(2))
    assert get_listing(session, 1) is None
    assert get_listing(session, 2) is not None
    [row] = read_rejected_rows(settings)
    assert row[:3] == ["npidata.csv", "2", npi(1)]
    assert row[3].startswith("a text is too long, or cannot be shown: The ")


def test_a_change_that_cannot_be_listed_leaves_the_listing_as_it_was(import_rows, session):
    import_rows(person_row(), second=[secondary_address_row()])
    before = dump_tables(session)
    import_rows(
        person_row(last="X" * 300),
        second=[secondary_address_row(line1="X" * 300), secondary_address_row(phone="call me")],
    )
    assert dump_tables(session) == before


def test_a_rejected_row_is_harmless_in_a_spreadsheet(run_command, settings, tmp_path):
    file = write_nppes_file(tmp_path / "=cmd.csv", [person_row(npi="=1+1"), person_row(npi="@SUM(A1)")])
    run_command("import", "nppes", str(file))
    rows = list(read_rejected_rows(settings))
    assert len(rows) >= 2
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_each_row_is_counted_once(import_rows):
    rows = [person_row(1), person_row(1), person_row(1, last="OTHER"), clinic_row(2), deactivated_row(3),
            person_row(4, code1=DENTIST),
            person_row(5, zip=""), person_row(6, line1="PO BOX 1", line2="")]  # fmt: skip
    for options in ((), ("--publish",), ("--all",), ("--all", "--dry-run")):
        found = parse_report(
            import_rows(*rows, second=[secondary_address_row(1), secondary_address_row(9)], options=options)
        )
        done = sum(found.get(what, 0) for what in (CREATED, UPDATED, UNCHANGED, SUSPENDED))
        skipped = sum(count for what, count in found.items() if what.startswith(("rows skipped: ", "rows rejected: ")))
        assert found[READ] == 10 == done + skipped


def test_a_file_that_is_none_stops_the_import_before_the_first_row(run_command, session, tmp_path):
    good = write_nppes_file(tmp_path / "good.csv", [person_row()])
    bad = tmp_path / "bad.csv"
    bad.write_text("name\nAnn\n")
    output = run_command("import", "nppes", str(good), str(bad), code=1)
    assert output == (
        "Error: bad.csv is no NPPES file: its first lines name neither an entity type, nor a secondary location, "
        "nor a deactivation date.\n"
    )
    assert get_listing(session) is None
