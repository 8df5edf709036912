"""The layout of the badge art, a tag with a hole that is sized to its text; SVG and PNG share it."""

import enum
from dataclasses import dataclass

from directory.badges.badge_text import BadgeText

_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip  # a table of widths
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778, 722, 278,
    556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584,
    556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556,
    333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip  # the same
"""Character widths of Helvetica and metric-compatible fonts, from space to tilde, in thousandths of an em."""

EDGE_WIDTH = 1.5
"""The width of the line around the tag and its hole, in pixels."""

_MIDDLE_DOT_WIDTH = 278
_UNKNOWN_WIDTH = 600
"""The width of a character that is not in the tables; arbitrary. No ruleset id has one."""


MIN_WIDE_WIDTH = 400
"""The minimum width of wide art, in pixels; common texts fit, so that badges align in a column."""


class Size(enum.StrEnum):
    """The size of the art: small has one line of text, wide has three."""

    SMALL = "small"
    WIDE = "wide"


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


def text_width(text: str, size: float, *, bold: bool) -> float:
    """The length of a text in Helvetica, in pixels."""
    widths = _BOLD if bold else _REGULAR
    return size / 1000 * sum(_width(ord(letter), widths) for letter in text)


def _width(code: int, widths: tuple[int, ...]) -> int:
    if 32 <= code < 32 + len(widths):
        return widths[code - 32]
    return _MIDDLE_DOT_WIDTH if code == ord("·") else _UNKNOWN_WIDTH


def _line(text: str, x: float, y: float, size: float, *, bold: bool = False) -> TextLine:
    return TextLine(text, x, y, size, round(text_width(text, size, bold=bold), 1), bold)


def _wide(face: BadgeText, ink: Colors) -> Art:
    lines = (
        _line(face.title, 52, 38, 24, bold=True),
        _line(face.line, 52, 65, 16),
        _line(face.note, 52, 88, 14),
    )
    width = max(MIN_WIDE_WIDTH, _right_edge(lines) + 22)
    return Art(width, 108, 24, (27, 54, 7), lines, ink, not face.solid)


def _small(face: BadgeText, ink: Colors) -> Art:
    title = _line(face.brief_title or face.title, 25, 17, 14, bold=True)
    lines = (title, _line(face.brief, 25 + title.length + 7, 17, 13.5))
    return Art(_right_edge(lines) + 9, 24, 6.5, (13, 12, 3.25), lines, ink, not face.solid)


def _right_edge(lines: tuple[TextLine, ...]) -> int:
    return int(max(line.x + line.length for line in lines)) + 1
