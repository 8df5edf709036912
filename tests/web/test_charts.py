"""Charts are drawn to scale, inside their frame, and from nothing too."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory import resources
from directory.geocoding.us_states import STATES
from directory.web.support.charts import (
    HEIGHT,
    Column,
    Segment,
    column_chart,
    line_chart,
    nice_maximum,
    share_chart,
    tile_map,
)

COUNTS = st.integers(0, 10**6)
SEGMENTS = st.lists(COUNTS.map(Segment), max_size=4).map(tuple)
COLUMNS = st.lists(st.builds(Column, label=st.just("x"), up=SEGMENTS, down=SEGMENTS), max_size=30)


@given(columns=COLUMNS)
def test_columns_stay_in_the_frame_and_keep_their_proportion(columns: list[Column]) -> None:
    chart = column_chart("c", "Title", "Text", columns)
    for box in chart.boxes:
        assert 0 <= box.x <= box.x + box.width <= 100.01
        assert 0 <= box.y <= box.y + box.height <= chart.height
    drawn = sum(box.height for box in chart.boxes)
    counted = [segment.count for column in columns for segment in (*column.up, *column.down)]
    ends = nice_maximum(max((sum(s.count for s in column.up) for column in columns), default=0))
    below = max((sum(s.count for s in column.down) for column in columns), default=0)
    assert drawn == pytest.approx(sum(counted) * HEIGHT / (ends + below), abs=0.01 * (len(chart.boxes) + 1))


@given(numbers=st.lists(COUNTS, min_size=1, max_size=30))
def test_a_line_leads_from_number_to_number(numbers: list[int]) -> None:
    chart = line_chart("c", "Title", "Text", ["x"] * len(numbers), [("", numbers)])
    assert len(chart.lines) == len(numbers) - 1
    for before, after in zip(chart.lines, chart.lines[1:], strict=False):
        assert (before.x2, before.y2) == (after.x1, after.y1)
    assert all(0 <= y <= chart.height for line in chart.lines for y in (line.y1, line.y2))


@given(rows=COLUMNS)
def test_shares_fill_the_whole_width(rows: list[Column]) -> None:
    chart = share_chart("c", "Title", "Text", rows)
    for place, row in enumerate(rows):
        boxes = [box for box in chart.boxes if place * 58 <= box.y < (place + 1) * 58]
        assert sum(box.width for box in boxes) == pytest.approx(100 if any(s.count for s in row.up) else 0, abs=0.05)


@pytest.mark.parametrize(("number", "end"), [(0, 2), (1, 2), (2, 2), (3, 5), (5, 5), (6, 10), (51, 100), (455, 500)])
def test_an_axis_ends_at_a_round_number(number: int, end: int) -> None:
    assert nice_maximum(number) == end


def test_each_state_has_one_tile_and_no_two_share_a_place() -> None:
    tiles = tile_map({"CO": 8, "TX": 2})
    codes = [tile.code for tile in tiles]
    assert len(codes) == len(set(codes)) == 52
    assert set(codes) <= STATES.keys()
    assert len({(tile.x, tile.y) for tile in tiles}) == 52
    assert {tile.code: (tile.count, tile.level) for tile in tiles if tile.count} == {"CO": (8, 4), "TX": (2, 1)}


def test_the_colors_of_charts_are_those_of_the_design() -> None:
    css = (resources.folder("static") / "css" / "charts.css").read_text(encoding="utf-8")
    assert not re.search(r"#[0-9a-f]{3,6}\b", css), "tokens.css has the colors of both themes"
