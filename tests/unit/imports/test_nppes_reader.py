"""What is read from the registry's files, as they come."""

import csv
import io
from datetime import date

import pytest
from support import nppes_files
from support.nppes_files import (
    HEADER,
    SPORTS_MEDICINE,
    clinic_row,
    npi,
    person_row,
    secondary_address_row,
    write_nppes_file,
    write_secondary_file,
)
from support.nppes_parser import parse_file, parse_line, parse_single_line

from directory.errors import Invalid
from directory.imports import nppes_reader
from directory.imports.nppes_reader import read_batches, validate_file
from directory.imports.nppes_rows import NO_SPECIALTY
from directory.imports.practice_address import MILITARY
from directory.imports.records import Deactivation, PostalAddress, Provider, SecondaryAddress
from directory.listings.kinds import ListingKind


@pytest.fixture
def file(tmp_path):
    return tmp_path / "npidata.csv"


def as_csv(rows, header=HEADER, **dialect):
    out = io.StringIO()
    writer = csv.DictWriter(out, header, restval="", quoting=csv.QUOTE_ALL, **dialect)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def test_a_person_is_read_with_the_address_of_the_practice(file):
    row = person_row(7, suffix="JR.") | {"Provider First Line Business Mailing Address": "PO BOX 1"}
    [batch] = read_batches(write_nppes_file(file, [row]))
    [line] = batch.lines
    assert (line.number, line.npi, batch.read, batch.beside) == (2, npi(7), 1, 0)
    assert line.parse().record == Provider(
        kind=ListingKind.PERSON,
        name="Ann Example Jr.",
        credential="MD",
        specialty_code=SPORTS_MEDICINE,
        address=PostalAddress("403 Summit Blvd", "Ste 201", "Broomfield", "CO", "80021-1234", "3035550100"),
        updated=date(2025, 3, 4),
    )


def test_an_organization_is_read_by_its_legal_name(file):
    found = parse_single_line(
        write_nppes_file(file, [clinic_row(organization="SUMMIT ORTHOPEDICS LLC", credential="MD")])
    )
    assert (found.kind, found.name, found.credential) == (ListingKind.CLINIC, "Summit Orthopedics LLC", "")


def test_a_second_address_is_read(tmp_path):
    found = parse_single_line(write_secondary_file(tmp_path / "pl.csv", [secondary_address_row(line2="FL 2")]))
    assert found == SecondaryAddress(PostalAddress("1 Other St", "Fl 2", "Boulder", "CO", "80301", "3035550111"))


@pytest.mark.parametrize(
    "header",
    [
        [name.upper() for name in HEADER],
        [f" {name}" for name in HEADER],
        [name.replace(" ", "_") for name in HEADER],
        [name.replace(" ", "-").lower() for name in HEADER],
        [name.replace("Sex Code", "Gender Code") for name in HEADER],
        list(reversed(HEADER)),
        [*HEADER, "A column of next year"],
    ],
    ids=["capitals", "space before", "underscores", "dashes", "renamed", "another order", "one more"],
)
def test_headers_that_differ_are_the_same(file, header):
    by_name = dict(zip(header, HEADER if len(header) == len(HEADER) else [*HEADER, ""], strict=True))
    if header[0] == HEADER[-1]:
        by_name = {name: name for name in header}
    row = person_row()
    write_nppes_file(file, [{name: row.get(old, "") for name, old in by_name.items()}], header)
    assert parse_single_line(file).name == "Ann Example"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_encodings_and_line_ends_that_differ_are_the_same(file, encoding, ending, quoting):
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, restval="", quoting=quoting, lineterminator=ending)
    writer.writeheader()
    writer.writerows([person_row(1, last="NUÑEZ"), person_row(2)])
    file.write_bytes(out.getvalue().encode(encoding))
    assert [found.name for found in parse_file(file)] == ["Ann Nuñez", "Ann Example"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
def test_any_usual_separator_is_read(file, separator, quoting):
    write_nppes_file(file, [person_row(line1="1 MAIN ST; BLDG | 2, A")], delimiter=separator, quoting=quoting)
    found = parse_single_line(file)
    assert (found.name, found.address.line1) == ("Ann Example", "1 Main St; Bldg | 2, A")


@pytest.mark.parametrize("separator", [",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "latin-1"])
def test_an_encoding_with_letters_beyond_ascii_is_read(file, encoding, separator):
    file.write_bytes(as_csv([person_row(last="MUÑOZ")], delimiter=separator).encode(encoding))
    assert parse_single_line(file).name == "Ann Muñoz"


@pytest.mark.parametrize(
    "title", ["sep=;", "NPPES Deactivated NPI Report as of Nov 10 2026", '"A title; with a comma, too"', ""]
)
def test_lines_above_the_header_are_passed_over_and_counted(file, title):
    file.write_text(f"{title}\r\n" + as_csv([person_row(1), person_row(2, zip="x")], delimiter=";"))
    [batch] = read_batches(file)
    assert [line.number for line in batch.lines] == [3, 4]
    assert parse_line(batch.lines[0]).name == "Ann Example"


@pytest.mark.parametrize(
    ("header", "cell", "since"),
    [
        ("NPI,NPPES Deactivation Date", "06/13/2025", date(2025, 6, 13)),
        ("NPI;NPPES Deactivation Date", "2025-06-13", date(2025, 6, 13)),
        ("npi\tNPI_DEACTIVATION_DATE", "6/13/25", date(2025, 6, 13)),
        ("Deactivation Date,NPI", "2025-06-13", date(2025, 6, 13)),
        ("NPI,NPPES Deactivation Date", "", None),
        ("NPI,NPPES Deactivation Date", "02/30/2025", None),
    ],
)
def test_a_list_of_deactivated_npis_is_read(file, header, cell, since):
    separator = next(each for each in ",;\t" if each in header)
    cells = [cell, npi(1)] if header.startswith("Deact") else [npi(1), cell]
    file.write_text(f"{header}\n{separator.join(cells)}\n")
    assert parse_single_line(file) == Deactivation(since)


def test_one_odd_byte_leaves_the_utf_8_around_it_as_it_is(file):
    text = as_csv([person_row(first="JOSÉ", last="NU*EZ")])
    file.write_bytes(text.encode().replace(b"*", b"\xd1"))
    assert parse_single_line(file).name == "José Nuñez"


def test_nul_bytes_are_dropped(file):
    file.write_text(as_csv([person_row(last="EXA\0MPLE")]).replace(SPORTS_MEDICINE, f"{SPORTS_MEDICINE}\0"))
    found = parse_single_line(file)
    assert (found.name, found.specialty_code) == ("Ann Example", SPORTS_MEDICINE)


def test_a_line_end_inside_quotation_marks_counts_as_a_line(file):
    write_nppes_file(file, [person_row(1, line2="STE 1\nFLOOR 2"), person_row(2)])
    [batch] = read_batches(file)
    assert [line.number for line in batch.lines] == [2, 4]
    assert batch.lines[0].parse().record.address.line2 == "Ste 1 Floor 2"


def test_empty_lines_are_no_rows(file):
    file.write_text(as_csv([person_row()]).replace("\r\n", "\r\n\r\n") + "\n\n")
    [batch] = read_batches(file)
    assert (batch.read, len(batch.lines)) == (1, 1)


@pytest.mark.parametrize("cut", [1, 50, -1], ids=["after the NPI", "in the middle", "the last column"])
def test_a_row_cut_short_is_passed_over_and_the_next_is_read(file, cut):
    lines = as_csv([person_row(1), person_row(2)]).splitlines()
    lines[1] = ",".join(lines[1].split(",")[:cut])
    file.write_text("\n".join(lines))
    reason, found = parse_file(file)
    assert reason == "the row has too few or too many columns"
    assert isinstance(found, Provider)


def test_a_row_with_a_column_too_many_is_passed_over_because_all_may_have_moved(file):
    lines = as_csv([person_row(1)]).splitlines()
    lines[1] += ',"x"'
    file.write_text("\n".join(lines))
    [batch] = read_batches(file)
    assert batch.lines[0].parse().record.details == "331 instead of 330"


def test_a_stray_quotation_mark_costs_its_row_and_no_other(file):
    text = as_csv([person_row(1), person_row(2, organization="THE *BEST* ONE"), person_row(3)]).replace("*", '"')
    file.write_text(text)
    [batch] = read_batches(file)
    assert [line.number for line in batch.lines] == [2, 3, 4]
    assert [parse_line(line) == "the row cannot be read as CSV" for line in batch.lines] == [False, True, False]


@pytest.mark.parametrize("more", [0, 2_000], ids=["to the end", "for too long"])
def test_a_quotation_mark_that_is_never_closed_is_told_by_file_and_line(file, more):
    lines = as_csv([person_row(number) for number in range(3 + more)]).replace('"', "").splitlines()
    lines[2] = lines[2].replace("ANN", '"ANN')
    file.write_text("\n".join(lines))
    with pytest.raises(Invalid) as refusal:
        parse_file(file)
    assert refusal.value.sentence == ("npidata.csv, line 3: a quotation mark that opens here or below is never closed.")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is no NPPES file"),
        (b"\n", "is no NPPES file"),
        (b"name,address\nAnn,1 Main St\n", "is no NPPES file"),
        (b"PK\x03\x04\x14\x00", "is a ZIP archive. Unpack it"),
        (b"PK\x03\x04\x14\x00[Content_Types].xml", "is an Excel workbook. Save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1", "is an Excel workbook. Save it as CSV"),
        (b'NPI,"Entity" Type Code\n', "a quotation mark stands inside a value"),
        (b"NPI;Entity Type Code\n", "has no column “NPI Deactivation Date”"),
        (b"\x00\x01\x02\xff", "is no NPPES file"),
        (b'"NPI,Entity Type Code', "cannot be read as CSV"),
        (b"NPI,Entity Type Code\n", "has no column “NPI Deactivation Date”"),
        (b"Entity Type Code\n", "has no column “NPI”"),
        (f"NPI,{nppes_files.SECONDARY} - Address Line 1\n".encode(), "Address Line 2”"),
    ],
)
def test_what_is_no_nppes_file_is_refused_before_a_row_is_read(file, content, sentence):
    file.write_bytes(content)
    for attempt in (validate_file, parse_file):
        with pytest.raises(Invalid, match=sentence) as refusal:
            attempt(file)
        assert refusal.value.sentence.startswith("npidata.csv ")


def test_the_cms_file_whose_header_names_begin_with_a_space_is_told_apart(real_data):
    with pytest.raises(Invalid, match="is no NPPES file"):
        validate_file(real_data / "cms_clinicians_386.csv")


def test_rows_of_one_npi_are_never_parted(tmp_path):
    rows = [secondary_address_row(1 + number // 3, line1=f"{number} OTHER ST") for number in range(3000)]
    batches = list(read_batches(write_secondary_file(tmp_path / "pl.csv", rows)))
    assert len(batches) > 3
    parts = [{line.npi for line in batch.lines} for batch in batches]
    assert sum(map(len, parts)) == len(set.union(*parts)) == 1000


def test_a_batch_stays_small_though_all_rows_be_of_one_npi(tmp_path):
    rows = [secondary_address_row(1, line1=f"{number} OTHER ST") for number in range(3000)]
    assert (
        max(len(batch.lines) for batch in read_batches(write_secondary_file(tmp_path / "pl.csv", rows)))
        <= 2 * nppes_reader.BATCH_SIZE
    )


def test_every_row_is_in_one_batch_and_the_position_ends_at_the_end_of_the_file(file):
    write_nppes_file(file, nppes_files.random_rows(2500, listed=0.9))
    batches = list(read_batches(file))
    assert sum(batch.read for batch in batches) == 2500
    assert sum(batch.beside + len(batch.lines) for batch in batches) == 2500
    positions = [batch.position for batch in batches]
    assert positions == sorted(positions)
    assert positions[-1] == file.stat().st_size


@pytest.mark.parametrize(
    ("name", "every_specialty", "counts"),
    [
        ("nppes_national_1000.csv", True, {"Provider": 921, "Deactivation": 79}),
        ("nppes_national_1000.csv", False, {"Provider": 72, "Deactivation": 79, "beside": 823, NO_SPECIALTY: 26}),
        ("nppes_with_deactivated_999.csv", True, {"Provider": 444, "Deactivation": 555}),
        ("nppes_organizations_40.csv", True, {"Provider": 40}),
        (
            "nppes_secondary_locations_9528.csv",
            False,
            {
                "SecondaryAddress": 9512,
                "the practice address is a PO box": 9,
                "the practice is outside the United States": 3,
                MILITARY: 4,
            },
        ),
    ],
)
def test_every_row_of_the_real_files_is_accounted_for(real_data, name, every_specialty, counts):
    found = {}
    for batch in read_batches(real_data / name, every_specialty=every_specialty):
        for line in batch.lines:
            what = parse_line(line)
            kind = what if isinstance(what, str) else type(what).__name__
            found[kind] = found.get(kind, 0) + 1
        if batch.beside:
            found["beside"] = found.get("beside", 0) + batch.beside
    assert found == counts
