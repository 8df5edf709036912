"""Other names of the registry: the ones that patients may know are read, and former ones are not."""

import pytest
from support.nppes_files import HEADER, clinic_row, person_row, write_nppes_file
from support.nppes_parser import parse_single_line

from directory.imports.nppes_reader import read_batches


@pytest.fixture
def file(tmp_path):
    return tmp_path / "npidata.csv"


@pytest.mark.parametrize(
    ("other", "kind", "read"),
    [
        ("FRONT RANGE MARROW CLINIC", "3", "Front Range Marrow Clinic"),
        ("UPMC SPORTS", "5", "UPMC Sports"),
        ("OLD LEGAL NAME INC", "4", ""),
        ("FRONT RANGE", "3.0", "Front Range"),
        ("<UNAVAIL>", "3", ""),
        ("Summit Orthopedics LLC", "3", ""),
        ("", "3", ""),
    ],
)
def test_the_other_name_of_an_organization(file, other, kind, read):
    row = clinic_row(organization="SUMMIT ORTHOPEDICS LLC", other=other, other_kind=kind)
    assert parse_single_line(write_nppes_file(file, [row])).other_name == read


@pytest.mark.parametrize(("kind", "read"), [("2", "Nan MacLeod"), ("1", ""), ("5", "")])
def test_the_professional_name_of_a_person(file, kind, read):
    row = person_row(other_last="MACLEOD MD", other_first="NAN", other_last_kind=kind)
    assert parse_single_line(write_nppes_file(file, [row])).other_name == read


def test_a_name_of_unknown_kind_is_left_out_and_doubted(file):
    [batch] = read_batches(write_nppes_file(file, [clinic_row(other="ANOTHER NAME", other_kind="")]))
    parsed = batch.lines[0].parse()
    assert parsed.record.other_name == ""
    assert [(note.what, note.read) for note in parsed.notes] == [
        ("another name of unknown kind left out", "Another Name")
    ]


def test_a_file_without_the_columns_is_read(file):
    header = [name for name in HEADER if "Provider Other" not in name]
    write_nppes_file(file, [person_row()], header)
    assert parse_single_line(file).other_name == ""
