"""Practice addresses as the registry's files write them: ZIP codes, boxes and territories."""

import pytest
from support.nppes_files import person_row, write_nppes_file
from support.nppes_parser import parse_single_line

from directory.imports.cells import LOST_ZEROS, ZIP_IN_ANOTHER_STATE
from directory.imports.nppes_reader import read_batches
from directory.imports.records import NoteKind


@pytest.fixture
def file(tmp_path):
    return tmp_path / "npidata.csv"


@pytest.mark.parametrize(
    ("printed", "state", "written"),
    [
        ("80021", "CO", "80021"),
        ("800211234", "CO", "80021-1234"),
        ("80021-1234", "CO", "80021-1234"),
        ("80021 1234", "CO", "80021-1234"),
        ("80021-", "CO", "80021"),
        (" 02116 ", "MA", "02116"),
        ("80021.0", "CO", "80021"),
    ],
)
def test_zip_codes_of_five_and_nine_digits(file, printed, state, written):
    found = parse_single_line(write_nppes_file(file, [person_row(zip=printed, state=state)]))
    assert found.address.postal_code == written


@pytest.mark.parametrize(
    ("printed", "state", "written"),
    [
        ("2116", "MA", "02116"),
        ("2116.0", "MA", "02116"),
        ("7102", "NJ", "07102"),
        ("601", "PR", "00601"),
        ("802", "VI", "00802"),
        ("501", "NY", "00501"),
        ("71022345", "NJ", "07102-2345"),
        ("7102-2345", "NJ", "07102-2345"),
        ("71022345.0", "NJ", "07102-2345"),
        ("9762345", "PR", "00976-2345"),
    ],
)
def test_a_zip_code_that_lost_its_zeros_is_repaired_in_its_own_state(file, printed, state, written):
    [batch] = read_batches(write_nppes_file(file, [person_row(zip=printed, state=state)]))
    parsed = batch.lines[0].parse()
    assert parsed.record.address.postal_code == written
    [note] = parsed.notes
    assert (note.what, note.field, note.read, note.stored) == (LOST_ZEROS, "postal_code", printed, written)


@pytest.mark.parametrize(
    ("printed", "state"),
    [
        ("", "CO"), ("8002", "CO"), ("8020", "CO"), ("8020.0", "CO"), ("80201234", "CO"), ("2116", "NJ"),
        ("100016", "NY"), ("1", "PR"), ("8002A", "CO"), ("８００２１", "CO"), ("1e5", "CO"), ("8002112345", "CO"),
    ],
)  # fmt: skip
def test_other_zip_codes_are_passed_over(file, printed, state):
    found = parse_single_line(write_nppes_file(file, [person_row(zip=printed, state=state)]))
    assert found == "the ZIP code has neither five nor nine digits"


def test_a_zip_code_of_another_state_is_kept_and_doubted(file):
    [batch] = read_batches(write_nppes_file(file, [person_row(zip="10003")]))
    parsed = batch.lines[0].parse()
    assert parsed.record.address.postal_code == "10003"
    assert [(note.kind, note.what) for note in parsed.notes] == [(NoteKind.DOUBT, ZIP_IN_ANOTHER_STATE)]


@pytest.mark.parametrize(
    "line",
    ["PO BOX 12", "P.O. Box 12", "P O BX 12", "POB 12", "P.O.B. 12", "PO BX #12", "P.O.BOX 12", "PO BOX #12",
     "POBOX12", "P 0 BOX 12", "PO B 12", "P. O. DRAWER A", "DRAWER 12", "BX 12", "GPO BOX 12", "POST OFFICE BX 12",
     "POSTAL BOX 12",      "LOCKBOX 12", "CALL BOX 12", "APARTADO 12", "APARTADO POSTAL 12", "Apdo. 12", "APTDO 12",
     "BUZON 12", "PO 12", "GENERAL DELIVERY", "PMB 12"],
)  # fmt: skip
def test_a_box_in_any_spelling_is_no_place_to_go_to(file, line):
    for line1, line2 in ((line, ""), ("", line)):
        row = person_row(line1=line1, line2=line2)
        assert parse_single_line(write_nppes_file(file, [row])) == "the practice address is a PO box"


@pytest.mark.parametrize(
    ("line1", "line2", "kept"),
    [
        ("PO BOX 12", "100 MAIN ST", ("100 Main St", "")),
        ("100 MAIN ST", "PO BOX 12", ("100 Main St", "")),
        ("APARTADO 12", "100 CALLE SOL", ("100 Calle Sol", "")),
        ("PO BOX 12, 100 MAIN ST", "", ("100 Main St", "")),
        ("P.O. BOX 12 100 N. MAIN ST., STE 4", "", ("100 N. Main St., Ste 4", "")),
        ("RR 8 BOX 3311", "", ("RR 8 Box 3311", "")),
        ("HC 1 BOX 33", "", ("HC 1 Box 33", "")),
        ("1 BOX CANYON RD", "", ("1 Box Canyon Rd", "")),
        ("BOX CANYON PLAZA", "", ("Box Canyon Plaza", "")),
        ("", "100 MAIN ST", ("100 Main St", "")),
        ("POBLANO PLAZA", "", ("Poblano Plaza", "")),
        ("PORTER HALL", "", ("Porter Hall", "")),
        ("100 MAIN ST PMB 12", "", ("100 Main St PMB 12", "")),
        ("PMB 12", "100 MAIN ST", ("100 Main St", "PMB 12")),
        ("100 MAIN ST", "PMB 12", ("100 Main St", "PMB 12")),
        ("PMB 12 100 MAIN ST", "", ("PMB 12 100 Main St", "")),
        ("APT 12", "100 MAIN ST", ("Apt 12", "100 Main St")),
        ("APARTMENT 12", "", ("Apartment 12", "")),
    ],
)
def test_an_address_that_patients_can_go_to_is_kept(file, line1, line2, kept):
    address = parse_single_line(write_nppes_file(file, [person_row(line1=line1, line2=line2)])).address
    assert (address.line1, address.line2) == kept


@pytest.mark.parametrize(
    ("country", "state", "taken"),
    [
        ("PR", "PR", "PR"), ("PR", "", "PR"), ("PR", "PUERTO RICO", "PR"), ("PUERTO RICO", "", "PR"), ("PRI", "", "PR"),
        ("GU", "", "GU"), ("VI", "ST CROIX", "VI"), ("AS", "AS", "AS"), ("MP", "", "MP"), ("US", "PR", "PR"),
        ("UNITED STATES", "CO", "CO"), ("U.S.A.", "CO", "CO"), ("GU", "CO", "CO"),
    ],
)  # fmt: skip
def test_a_territory_is_inside_the_united_states(file, country, state, taken):
    found = parse_single_line(write_nppes_file(file, [person_row(country=country, state=state)]))
    assert found.address.state == taken
