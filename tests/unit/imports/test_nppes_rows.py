"""What one row of the registry says, as dirty as it comes."""

from datetime import date

import pytest
from support.nppes_files import DENTIST, SPORTS_MEDICINE, deactivated_row, npi, person_row, write_nppes_file
from support.nppes_parser import parse_line, parse_single_line

from directory.imports.nppes_reader import read_batches
from directory.imports.nppes_rows import Deactivation, Provider


@pytest.fixture
def file(tmp_path):
    return tmp_path / "npidata.csv"


def test_numbers_that_became_floats_are_read_as_they_were(file):
    row = person_row(entity="1.0", zip="21162733.0", phone="3035550100.0")
    row["NPI"] += ".0"
    [batch] = read_batches(write_nppes_file(file, [row]))
    assert batch.lines[0].npi == npi(1)
    found = batch.lines[0].record()
    assert (found.address.postal_code, found.address.phone) == ("02116-2733", "3035550100")


@pytest.mark.parametrize(
    ("printed", "written"),
    [
        ("80021", "80021"),
        ("800211234", "80021-1234"),
        ("80021-1234", "80021-1234"),
        (" 02116 ", "02116"),
        ("2116.0", "02116"),
        ("80021.0", "80021"),
    ],
)
def test_zip_codes_of_five_and_nine_digits(file, printed, written):
    assert parse_single_line(write_nppes_file(file, [person_row(zip=printed)])).address.postal_code == written


@pytest.mark.parametrize("printed", ["", "8002", "100016", "8002A", "８００２１", "1e5", "8002112345"])
def test_other_zip_codes_are_passed_over(file, printed):
    assert (
        parse_single_line(write_nppes_file(file, [person_row(zip=printed)]))
        == "the ZIP code has neither five nor nine digits"
    )


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
        ({"state": "AE"}, "the state is not a code of the postal service"),
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


@pytest.mark.parametrize(
    ("line1", "line2", "kept"),
    [
        ("PO BOX 12", "100 MAIN ST", ("100 Main St", "")),
        ("100 MAIN ST", "PO BOX 12", ("100 Main St", "")),
        ("RR 8 BOX 3311", "", ("RR 8 Box 3311", "")),
        ("1 BOX CANYON RD", "", ("1 Box Canyon Rd", "")),
        ("", "100 MAIN ST", ("100 Main St", "")),
        ("POBLANO PLAZA", "", ("Poblano Plaza", "")),
    ],
)
def test_an_address_that_patients_can_go_to_is_kept(file, line1, line2, kept):
    address = parse_single_line(write_nppes_file(file, [person_row(line1=line1, line2=line2)])).address
    assert (address.line1, address.line2) == kept


@pytest.mark.parametrize("text", ["", "never", "13/01/2025", "02/30/2025", "2025-03-04", "٠٣/٠٤/٢٠٢٥"])
def test_a_date_that_is_none_is_left_out(file, text):
    assert parse_single_line(write_nppes_file(file, [person_row(updated=text)])).updated is None
