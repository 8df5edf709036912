"""An import's memory does not grow with the file."""

import tracemalloc

import pytest
from support.nppes_files import DENTIST, SPORTS_MEDICINE, npi, person_row, write_nppes_file

from directory.imports.npi_filter import NpiSet
from directory.imports.nppes_reader import read_batches


def peak(path):
    """Bytes at most while the file is read, batch by batch."""
    tracemalloc.start()
    try:
        for batch in read_batches(path):
            for line in batch.lines:
                line.parse()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("code", [DENTIST, SPORTS_MEDICINE], ids=["nobody is listed", "everybody is"])
def test_five_times_the_rows_take_no_more_memory(tmp_path, code):
    def file(rows):
        return write_nppes_file(tmp_path / f"{rows}.csv", (person_row(number, code1=code) for number in range(rows)))

    peak(file(600))
    small, large = peak(file(2_000)), peak(file(10_000))
    assert large < small * 1.2


def test_the_npis_met_are_kept_in_memory_of_one_size():
    tracemalloc.start()
    seen = NpiSet()
    before = tracemalloc.get_traced_memory()[0]
    numbers = range(0, 20_000, 7)
    for number in numbers:
        seen.add(npi(number))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 10_000
    assert all((npi(number) in seen) == (number in numbers) for number in range(20_000))


@pytest.mark.parametrize("extreme", ["1000000004", "2999999996"])
def test_the_first_and_the_last_npi_that_can_be_are_kept(extreme):
    seen = NpiSet()
    assert extreme not in seen
    seen.add(extreme)
    assert extreme in seen
