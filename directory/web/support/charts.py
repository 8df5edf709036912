"""Charts that the server draws as SVG: across in percent, so that text keeps its size on a phone, down in pixels."""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEIGHT = 180
"""The height of the plot in pixels, without the labels below it."""

LABELED_COLUMNS = 12
"""The most columns of which each has its number and label in the chart; the table has the others."""

FEW_LABELS = 8
"""About how many labels a chart with more columns has, so that they stay apart on a phone."""

BAND = 7
"""The height of the band in pixels."""

GAP = 0.16
"""The share of a column's space that stays empty."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a column: a number, and the CSS class of its color."""

    count: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """The data of a column: what stands below it, the segments above the axis, those below, and the class of a band.

    The band stands right below the axis: the zone of a rule.
    """

    label: str
    up: tuple[Segment, ...]
    down: tuple[Segment, ...] = ()
    band: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle; `x` and `width` are in percent, `y` and `height` in pixels."""

    x: float
    width: float
    y: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text at a position; `x` is in percent, `y` in pixels."""

    x: float
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line between two positions; `x1` and `x2` are in percent, `y1` and `y2` in pixels."""

    x1: float
    y1: float
    x2: float
    y2: float
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with its title, and a description that says what it shows; `height` is in pixels."""

    id: str
    title: str
    description: str
    height: int
    boxes: tuple[Box, ...] = ()
    lines: tuple[Line, ...] = ()
    grid: tuple[Line, ...] = ()
    numbers: tuple[Text, ...] = ()
    labels: tuple[Text, ...] = ()
    ticks: tuple[Text, ...] = ()


def column_chart(chart_id: str, title: str, description: str, columns: Sequence[Column]) -> Chart:
    """Return a chart of columns, with segments above the axis and, if there are any, below it."""
    up = nice_maximum(max((_sum(each.up) for each in columns), default=0))
    down = max((_sum(each.down) for each in columns), default=0)
    unit = HEIGHT / (up + down)
    top, axis = 22.0, 22 + up * unit
    bottom = axis + down * unit + (BAND if any(each.band for each in columns) else 0)
    space = 100 / max(len(columns), 1)
    every = _label_step(len(columns))
    boxes, numbers, labels = [], [], []
    for place, column in enumerate(columns):
        x, middle = space * (place + GAP / 2), space * (place + 0.5)
        stack = _stack(column.up, unit, axis, upward=True) + _stack(column.down, unit, axis, upward=False)
        boxes += [Box(_round(x), _round(space * (1 - GAP)), y, height, kind) for y, height, kind in stack]
        if column.band:
            boxes.append(Box(_round(space * place), _round(space), axis + 3, BAND, column.band))
        total = _sum(column.up)
        if every == 1 and total:
            numbers.append(Text(_round(middle), _round(axis - total * unit - 5), f"{total:,}"))
        if place % every == 0:
            labels.append(Text(_round(middle), _round(bottom + 18), column.label))
    return Chart(
        chart_id, title, description, height=round(bottom + 26), boxes=tuple(boxes), numbers=tuple(numbers),
        labels=tuple(labels), grid=_grid(up, unit, axis), ticks=_ticks(up, top, axis),
    )  # fmt: skip  # two lines read better than ten


def line_chart(
    chart_id: str, title: str, description: str, labels: Sequence[str], series: Sequence[tuple[str, Sequence[int]]]
) -> Chart:
    """Return a chart of one or more series, each with its CSS class, over common labels."""
    up = nice_maximum(max((number for _, numbers in series for number in numbers), default=0))
    unit, axis, space = HEIGHT / up, 22.0 + HEIGHT, 100 / max(len(labels), 1)
    every = _label_step(len(labels))
    xs = [_round(space * (place + 0.5)) for place in range(len(labels))]
    lines = tuple(
        Line(xs[place], _round(axis - before * unit), xs[place + 1], _round(axis - after * unit), kind)
        for kind, numbers in series
        for place, (before, after) in enumerate(itertools.pairwise(numbers))
    )
    return Chart(
        chart_id, title, description, height=round(axis + 26), lines=lines,
        labels=tuple(Text(x, axis + 18, text) for x, text in list(zip(xs, labels, strict=True))[::every]),
        numbers=_last_numbers(series, xs, unit, axis), grid=_grid(up, unit, axis), ticks=_ticks(up, 22, axis),
    )  # fmt: skip  # two lines read better than ten


def share_chart(chart_id: str, title: str, description: str, rows: Sequence[Column]) -> Chart:
    """Return a chart of rows, each a bar of the whole width that is divided by the shares of its segments."""
    boxes, labels, numbers = [], [], []
    for place, row in enumerate(rows):
        y, x, total = place * 58.0, 0.0, _sum(row.up)
        labels.append(Text(0, y + 14, row.label))
        for segment in row.up:
            width = 100 * segment.count / total if total else 0
            if width:
                boxes.append(Box(_round(x), _round(width), y + 22, 24, segment.kind))
            if width >= LEGIBLE_SHARE:
                numbers.append(Text(_round(x + width / 2), y + 39, f"{width:.0f}%"))
            x += width
    return Chart(
        chart_id, title, description, height=58 * len(rows), boxes=tuple(boxes), labels=tuple(labels),
        numbers=tuple(numbers),
    )  # fmt: skip  # two lines read better than ten


LEGIBLE_SHARE = 12
"""The share in percent that is wide enough for its number on a phone."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart with the table behind it. The first cell of each row is its heading.

    `legend` has the CSS class and the text of each color; `href` and `link` lead to what is behind the numbers.
    """

    chart: Chart
    headers: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]
    note: str = ""
    legend: tuple[tuple[str, str], ...] = ()
    href: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """One state in the map of tiles: `level` is from 0 (none) to 4 (most)."""

    code: str
    x: float
    y: int
    count: int
    level: int


TILE_HEIGHT = 46

_TILE_ROWS = (
    "AK .. .. .. .. .. .. .. .. .. ME",
    ".. .. .. .. .. .. .. .. .. VT NH",
    "WA ID MT ND MN IL WI MI NY RI MA",
    "OR NV WY SD IA IN OH PA NJ CT ..",
    "CA UT CO NE MO KY WV VA MD DE ..",
    ".. AZ NM KS AR TN NC SC DC .. ..",
    ".. .. .. OK LA MS AL GA .. .. ..",
    "HI .. .. TX .. .. .. .. FL .. PR",
)
"""Where each state stands, about as on a map; the territories that are not here stand in the table."""

TILE_COLUMNS = 11
TILE_WIDTH = round(100 / TILE_COLUMNS - 0.6, 2)
"""The width of a tile in percent."""


def tile_map(counts: dict[str, int]) -> tuple[Tile, ...]:
    """Return a tile for each state, with its number."""
    most = max(counts.values(), default=0)
    return tuple(
        Tile(code, _round(column * 100 / TILE_COLUMNS), row * (TILE_HEIGHT + 4), counts.get(code, 0),
             _level(counts.get(code, 0), most))
        for row, line in enumerate(_TILE_ROWS)
        for column, code in enumerate(line.split())
        if code != ".."
    )  # fmt: skip  # a tile reads better in two lines


def _level(count: int, most: int) -> int:
    return math.ceil(4 * count / most) if count else 0


def nice_maximum(number: int) -> int:
    """Return the end of an axis: the next number of 1, 2 or 5 times a power of ten, and at least 2."""
    power: int = 10 ** max(len(str(number)) - 1, 0)
    return max(2, next(factor * power for factor in (1, 2, 5, 10) if factor * power >= number))


def _label_step(count: int) -> int:
    return 1 if count <= LABELED_COLUMNS else math.ceil(count / FEW_LABELS)


def _sum(segments: Iterable[Segment]) -> int:
    return sum(segment.count for segment in segments)


def _stack(segments: Iterable[Segment], unit: float, axis: float, *, upward: bool) -> list[tuple[float, float, str]]:
    """Return position, height and class of each segment, from the axis outwards."""
    found, reached = [], 0.0
    for segment in segments:
        height = segment.count * unit
        if height:
            y = axis - reached - height if upward else axis + reached
            found.append((_round(y), _round(height), segment.kind))
        reached += height
    return found


def _grid(up: int, unit: float, axis: float) -> tuple[Line, ...]:
    return tuple(Line(0, _round(axis - part * unit), 100, _round(axis - part * unit)) for part in (0, up / 2, up))


def _ticks(up: int, top: float, axis: float) -> tuple[Text, ...]:
    return (Text(0, _round(top - 4), f"{up:,}"), Text(0, _round((top + axis) / 2 - 4), f"{up / 2:,g}"))


def _last_numbers(
    series: Sequence[tuple[str, Sequence[int]]], xs: Sequence[float], unit: float, axis: float
) -> tuple[Text, ...]:
    return tuple(
        Text(xs[-1], _round(axis - numbers[-1] * unit - 8), f"{numbers[-1]:,}") for _, numbers in series if numbers
    )


def _round(number: float) -> float:
    return round(number, 2)
