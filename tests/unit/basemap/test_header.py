"""A file that browsers cannot draw is told by its head, in a sentence."""

from pathlib import Path

import pytest
from support.street_map import write_street_map

from directory.basemap.header import HEADER_BYTES, header_error
from directory.geography.point import Point
from directory.resources import folder

VERSION, INTERNAL, TILES, KIND = 7, 97, 98, 99
BROTLI, ZSTD, PNG, MVT = 3, 4, 2, 1


@pytest.fixture
def streets(tmp_path: Path) -> Path:
    path = tmp_path / "basemap.pmtiles"
    write_street_map(path, Point(39.88, -105.1))
    return path


def test_the_map_that_ships_and_one_with_streets_can_be_drawn(streets: Path) -> None:
    assert header_error(folder("data") / "basemap.pmtiles") is None
    assert header_error(streets) is None


@pytest.mark.parametrize(
    ("position", "value", "words"),
    [
        (0, ord("X"), "no PMTiles"),
        (VERSION, 2, "version 2"),
        (KIND, PNG, "pictures for tiles"),
        (INTERNAL, BROTLI, "Only gzip"),
        (TILES, ZSTD, "Only gzip"),
    ],
)
def test_what_cannot_be_drawn_is_refused(streets: Path, position: int, value: int, words: str) -> None:
    content = bytearray(streets.read_bytes())
    content[position] = value
    streets.write_bytes(content)
    told = header_error(streets)
    assert told is not None
    assert words in told
    assert str(streets) in told


@pytest.mark.parametrize("length", [0, 6, 7, HEADER_BYTES - 1])
def test_half_a_head_is_no_map(streets: Path, length: int) -> None:
    streets.write_bytes(streets.read_bytes()[:length])
    assert "no PMTiles" in str(header_error(streets))
