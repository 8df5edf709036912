"""The layout of the badge art, a tag with a hole that is sized to its text; SVG and PNG share it."""

import enum
import unicodedata
from dataclasses import dataclass

from directory.badges.badge_text import BadgeText
from directory.badges.font_metrics import shorten, text_width

EDGE_WIDTH = 1.5
"""The width of the line around the tag and its hole, in pixels."""

MIN_WIDE_WIDTH = 400
"""The minimum width of wide art, in pixels; common texts fit, so that badges align in a column."""


class Size(enum.StrEnum):
    """The size of the art: small has one line of text, wide has three."""

    SMALL = "small"
    WIDE = "wide"


MAX_NAME_WIDTH = {Size.WIDE: 440, Size.SMALL: 190}
"""The maximum length of a name in the art, in pixels; arbitrary, chosen by eye."""


class Theme(enum.StrEnum):
    """The theme of the page on which the badge is shown."""

    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True)
class Colors:
    """Colors as #rrggbb. `edge` is the outline, which separates the tag from a background of the same color."""

    fill: str
    text: str
    edge: str


_SOLID = {Theme.LIGHT: Colors("#0d5560", "#ffffff", "#ffffff"), Theme.DARK: Colors("#bfe6e6", "#06272c", "#06272c")}
_OUTLINE = {Theme.LIGHT: Colors("#ffffff", "#16282b", "#4b5d5f"), Theme.DARK: Colors("#172325", "#e5ebe8", "#a7b6b5")}


@dataclass(frozen=True, slots=True)
class TextLine:
    """A line of text: the start of its baseline, its font size, and the length that it must have, in pixels."""

    text: str
    x: float
    y: float
    size: float
    length: float
    bold: bool

    @property
    def is_right_to_left(self) -> bool:
        """Whether the first letter belongs to a script that is written from right to left."""
        directions = (unicodedata.bidirectional(letter) for letter in self.text)
        return next((one for one in directions if one in {"L", "R", "AL"}), "L") != "L"


@dataclass(frozen=True, slots=True)
class Art:
    """The art of a badge, in pixels at its intended size. The hole is transparent."""

    width: int
    height: int
    corner: float
    hole: tuple[float, float, float]
    lines: tuple[TextLine, ...]
    ink: Colors
    dashed: bool

    @property
    def outline(self) -> tuple[tuple[float, float], ...]:
        """The corners of the tag, inset by half the line width so that the line is not clipped."""
        left = top = EDGE_WIDTH / 2
        right, bottom, cut = self.width - left, self.height - top, self.corner
        return (
            (left, top + cut),
            (left + cut, top),
            (right, top),
            (right, bottom),
            (left + cut, bottom),
            (left, bottom - cut),
        )


def lay_out(face: BadgeText, size: Size, theme: Theme) -> Art:
    """Lay out a badge text as art."""
    ink = (_SOLID if face.solid else _OUTLINE)[theme]
    return (_small if size is Size.SMALL else _wide)(face, ink)


def _line(text: str, x: float, y: float, size: float, *, bold: bool = False) -> TextLine:
    return TextLine(text, x, y, size, round(text_width(text, size, bold=bold), 1), bold)


def _name(name: str, x: float, y: float, *, size: float, smallest: float, most: float, bold: bool) -> TextLine:
    """A name in smaller letters, or shortened too, if it is longer than `most` pixels."""
    natural = text_width(name, size, bold=bold)
    size = size if natural <= most else max(smallest, int(10 * size * most / natural) / 10)
    return _line(shorten(name, size, most, bold=bold), x, y, size, bold=bold)


def _wide(face: BadgeText, ink: Colors) -> Art:
    lines: tuple[TextLine, ...]
    if face.name:
        lines = (
            _line(face.title, 52, 30, 22, bold=True),
            _name(face.name, 52, 53, size=17, smallest=13, most=MAX_NAME_WIDTH[Size.WIDE], bold=True),
            _line(face.line, 52, 75, 15),
            _line(face.note, 52, 95, 13),
        )
    else:
        lines = (_line(face.title, 52, 38, 24, bold=True), _line(face.line, 52, 65, 16), _line(face.note, 52, 88, 14))
    width = max(MIN_WIDE_WIDTH, _right_edge(lines) + 22)
    return Art(width, 108, 24, (27, 54, 7), lines, ink, not face.solid)


def _small(face: BadgeText, ink: Colors) -> Art:
    lines: tuple[TextLine, ...] = (_line(face.brief_title or face.title, 25, 17, 14, bold=True),)
    if face.name:
        most = MAX_NAME_WIDTH[Size.SMALL]
        lines += (_name(face.name, _next_x(lines), 17, size=13.5, smallest=12, most=most, bold=False),)
    lines += (_line(face.brief, _next_x(lines), 17, 13.5),)
    return Art(_right_edge(lines) + 9, 24, 6.5, (13, 12, 3.25), lines, ink, not face.solid)


def _next_x(lines: tuple[TextLine, ...]) -> float:
    return round(lines[-1].x + lines[-1].length + 7, 1)


def _right_edge(lines: tuple[TextLine, ...]) -> int:
    return int(max(line.x + line.length for line in lines)) + 1
