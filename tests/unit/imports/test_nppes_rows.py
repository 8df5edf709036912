"""What one row of the registry says, as dirty as it comes."""

from datetime import date

import pytest
from support.nppes_files import DENTIST, SPORTS_MEDICINE, deactivated_row, npi, person_row, write_nppes_file
from support.nppes_parser import parse_line, parse_single_line

from directory.imports.cells import UNREADABLE_DATE
from directory.imports.nppes_reader import read_batches
from directory.imports.practice_address import MILITARY
from directory.imports.records import Deactivation, NoteKind, Provider


@pytest.fixture
def file(tmp_path):
    return tmp_path / "npidata.csv"


def test_numbers_that_became_floats_are_read_as_they_were(file):
    row = person_row(entity="1.0", zip="21162733.0", state="MA", phone="3035550100.0")
    row["NPI"] += ".0"
    [batch] = read_batches(write_nppes_file(file, [row]))
    assert batch.lines[0].npi == npi(1)
    found = batch.lines[0].parse().record
    assert (found.address.postal_code, found.address.phone) == ("02116-2733", "3035550100")


def test_whoever_has_no_specialty_of_ours_is_counted_and_not_parsed(file):
    [batch] = read_batches(
        write_nppes_file(file, [person_row(1, code1=DENTIST), person_row(2), person_row(3, code1="")])
    )
    assert (batch.read, batch.beside, [line.npi for line in batch.lines]) == (3, 2, [npi(2)])


def test_all_takes_every_specialty(file):
    [batch] = read_batches(
        write_nppes_file(file, [person_row(1, code1=DENTIST), person_row(2, code1="")]), every_specialty=True
    )
    assert [parse_line(line).specialty_code for line in batch.lines] == [DENTIST, ""]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code1": DENTIST, "switch1": "N", "code7": SPORTS_MEDICINE, "switch7": "Y"}, SPORTS_MEDICINE),
        ({"code1": DENTIST, "switch1": "Y", "code15": SPORTS_MEDICINE, "switch15": "N"}, SPORTS_MEDICINE),
        ({"code1": SPORTS_MEDICINE, "switch1": "N", "code2": "208VP0014X", "switch2": "Y"}, "208VP0014X"),
        ({"code1": SPORTS_MEDICINE, "switch1": "X"}, SPORTS_MEDICINE),
        ({"code1": "", "code2": SPORTS_MEDICINE, "switch1": ""}, SPORTS_MEDICINE),
    ],
    ids=["primary in slot 7", "ours is not the primary", "both are ours", "no primary", "slot 1 empty"],
)
def test_the_specialty_is_the_primary_one_or_else_the_first_of_ours(file, changes, code):
    assert parse_single_line(write_nppes_file(file, [person_row(**changes)])).specialty_code == code


def test_a_primary_code_that_is_none_is_left_out(file):
    assert (
        parse_single_line(write_nppes_file(file, [person_row(code1="=cmd|x")]), every_specialty=True).specialty_code
        == ""
    )


@pytest.mark.parametrize(
    "row",
    [deactivated_row(), person_row(off="06/13/2025"), person_row(off="06/13/2025", on="06/12/2025")],
    ids=["empty", "only the date", "given up again"],
)
def test_an_npi_that_is_deactivated(file, row):
    assert parse_single_line(write_nppes_file(file, [row])) == Deactivation(date(2025, 6, 13))


def test_an_npi_that_was_taken_up_again(file):
    assert isinstance(
        parse_single_line(write_nppes_file(file, [person_row(off="06/13/2025", on="06/14/2025")])), Provider
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"line1": "PO BOX 12", "line2": ""}, "the practice address is a PO box"),
        ({"line1": "P.O. Box 12", "line2": ""}, "the practice address is a PO box"),
        ({"line1": "P O BOX 12", "line2": "PO DRAWER 1"}, "the practice address is a PO box"),
        ({"line1": "post office box 12", "line2": ""}, "the practice address is a PO box"),
        ({"line1": "POBOX 12", "line2": ""}, "the practice address is a PO box"),
        ({"line1": "BOX 12", "line2": ""}, "the practice address is a PO box"),
        ({"line1": "", "line2": ""}, "the practice address is incomplete"),
        ({"city": " "}, "the practice address is incomplete"),
        ({"country": "DE"}, "the practice is outside the United States"),
        ({"city": "APO", "state": "AE", "zip": "09180"}, MILITARY),
        ({"state": "AP"}, MILITARY),
        ({"city": "FPO", "state": "CA"}, MILITARY),
        ({"city": "D.P.O.", "state": "AA", "line1": "UNIT 12 BOX 3"}, MILITARY),
        ({"city": "APO AE", "state": ""}, MILITARY),
        ({"state": "ARMED FORCES EUROPE"}, MILITARY),
        ({"city": "TORONTO", "state": "ON", "country": "CA"}, "the practice is outside the United States"),
        ({"city": "LONDON", "state": "", "country": "GB"}, "the practice is outside the United States"),
        ({"city": "KOROR", "state": "PW", "country": "PW"}, "the practice is outside the United States"),
        ({"state": "COLORADO"}, "the state is not a code of the postal service"),
        ({"npi": "1234567890"}, "the NPI is not valid"),
        ({"npi": ""}, "the NPI is not valid"),
        ({"npi": "１２３４５６７８９３"}, "the NPI is not valid"),
        ({"entity": "3"}, "the row is neither a person's nor an organization's"),
        ({"first": "", "last": "<UNAVAIL>"}, "there is no name"),
    ],
)
def test_each_reason_to_pass_over_a_row(file, changes, reason):
    assert parse_single_line(write_nppes_file(file, [person_row(**changes)])) == reason


@pytest.mark.parametrize("text", ["never", "13/01/2025", "02/30/2025", "2025-13-04", "20250230", "45720", "٠٣/٠٤/٢٠٢٥"])
def test_a_date_that_is_none_is_left_out_and_doubted(file, text):
    [batch] = read_batches(write_nppes_file(file, [person_row(updated=text)]))
    parsed = batch.lines[0].parse()
    assert parsed.record.updated is None
    [note] = parsed.notes
    assert (note.kind, note.what, note.field, note.read) == (NoteKind.DOUBT, UNREADABLE_DATE, "updated", text)


@pytest.mark.parametrize(
    "text",
    ["03/04/2025", "3/4/2025", "3/4/25", "03-04-2025", "2025-03-04", "2025/3/4", "20250304", "2025-03-04T00:00:00Z",
     "2025-03-04 00:00:00", "3/4/2025 12:00 AM", " 03/04/2025 "],
)  # fmt: skip
def test_a_date_is_read_as_the_united_states_and_as_iso_write_it(file, text):
    assert parse_single_line(write_nppes_file(file, [person_row(updated=text)])).updated == date(2025, 3, 4)


@pytest.mark.parametrize(
    "mark", ["<UNAVAIL>", "<unavail>", " < UNAVAIL > ", "<UN AVAIL>", "&lt;UNAVAIL&gt;", "UNAVAIL"]
)
@pytest.mark.parametrize(
    ("column", "attribute", "value"),
    [
        ("credential", "credential", ""), ("phone", "phone", ""), ("line2", "line2", ""),
        ("suffix", "name", "Ann Example"),        ("first", "name", "Example"), ("updated", "updated", None),
    ],
)  # fmt: skip
def test_a_mark_for_not_available_is_no_value(file, mark, column, attribute, value):
    found = parse_single_line(write_nppes_file(file, [person_row(**{column: mark})]))
    assert getattr(found.address if attribute == "line2" else found, attribute) == value


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"line1": "<UNAVAIL>", "line2": ""}, "the practice address is incomplete"),
        ({"city": "<Unavail>"}, "the practice address is incomplete"),
        ({"zip": "<UNAVAIL>"}, "the ZIP code has neither five nor nine digits"),
        ({"entity": "2", "organization": "<UNAVAIL>"}, "there is no name"),
        ({"entity": "<UNAVAIL>"}, "the row is neither a person's nor an organization's"),
    ],
)
def test_a_row_without_what_it_needs_is_passed_over_for_that(file, changes, reason):
    assert parse_single_line(write_nppes_file(file, [person_row(**changes)])) == reason


@pytest.mark.parametrize("off", ["01/05/2023", "2023-01-05", "2023-01-05 00:00:00"])
@pytest.mark.parametrize(
    ("on", "active"), [("", False), ("2022-12-31", False), ("01/05/2023", True), ("2023-02-01", True)]
)
def test_a_deactivation_counts_in_either_notation(file, off, on, active):
    found = parse_single_line(write_nppes_file(file, [person_row(off=off, on=on)]))
    assert isinstance(found, Provider) if active else found == Deactivation(date(2023, 1, 5))


@pytest.mark.parametrize(
    ("off", "on", "found"),
    [
        ("31.12.2022", "", Deactivation(None)),
        ("02/30/2023", "soon", Deactivation(None)),
        ("01/05/2023", "02/30/2023", Deactivation(date(2023, 1, 5))),
        ("02/30/2023", "01/05/2024", "the deactivation date cannot be read, so the NPI may be active or not"),
        ("", "01/05/2024", None),
    ],
)
def test_a_deactivation_that_cannot_be_dated_is_never_taken_for_active(file, off, on, found):
    said = parse_single_line(write_nppes_file(file, [person_row(off=off, on=on)]))
    assert isinstance(said, Provider) if found is None else said == found


def test_a_deactivation_counts_though_the_specialty_is_gone(file):
    [batch] = read_batches(write_nppes_file(file, [person_row(off="2023-01-05", code1="")]))
    assert (batch.beside, parse_line(batch.lines[0])) == (0, Deactivation(date(2023, 1, 5)))


@pytest.mark.parametrize(
    ("changes", "name", "credential"),
    [
        ({"last": "SMITH MD", "credential": ""}, "Ann Smith", "MD"),
        ({"last": "SMITH MD", "credential": "D.O."}, "Ann Smith", "DO"),
        ({"last": "SMITH", "suffix": "JR MD", "credential": "<UNAVAIL>"}, "Ann Smith Jr", "MD"),
    ],
)
def test_a_credential_in_the_name_is_taken_out_and_used_if_there_is_no_other(file, changes, name, credential):
    [batch] = read_batches(write_nppes_file(file, [person_row(**changes)]))
    parsed = batch.lines[0].parse()
    assert (parsed.record.name, parsed.record.credential) == (name, credential)
    assert "a credential taken out of the name" in [note.what for note in parsed.notes]
