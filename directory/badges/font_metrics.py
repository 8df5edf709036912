"""The widths of characters in Helvetica and metric-compatible fonts, and texts shortened to a width."""

import unicodedata
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate

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

_PUNCTUATION = {
    "·": (278, 278),
    "‘": (222, 278),
    "’": (222, 278),
    "“": (333, 500),
    "”": (333, 500),
    "–": (556, 556),
    "—": (1000, 1000),
    "…": (1000, 1000),
}
"""The widths of further characters, regular and bold."""

_WIDE_WIDTH = 1000
"""The width of a Chinese, Japanese or Korean character."""

_UNKNOWN_WIDTH = 600
"""The width of a character that is in no table, such as a Cyrillic or Arabic letter; about their average."""

_ELLIPSIS = "…"


def text_width(text: str, size: float, *, bold: bool) -> float:
    """The length of a text in pixels; `size` is the font size in pixels."""
    return size / 1000 * sum(_width(letter, bold=bold) for letter in text)


def shorten(text: str, size: float, most: float, *, bold: bool) -> str:
    """Shorten a text to at most `most` pixels, with an ellipsis; letters keep their accents."""
    if text_width(text, size, bold=bold) <= most:
        return text
    ends = list(accumulate(_width(letter, bold=bold) for letter in text))
    end = bisect_right(ends, most / size * 1000 - _width(_ELLIPSIS, bold=bold))
    while end > 0 and _is_mark(text[end]):
        end -= 1
    return text[:end].rstrip() + _ELLIPSIS


@lru_cache(maxsize=4_096)
def _width(letter: str, *, bold: bool) -> int:
    widths = _BOLD if bold else _REGULAR
    base = unicodedata.normalize("NFD", letter)[0]
    if 32 <= ord(base) < 32 + len(widths):
        return widths[ord(base) - 32]
    if letter in _PUNCTUATION:
        return _PUNCTUATION[letter][bold]
    if _is_mark(letter):
        return 0
    return _WIDE_WIDTH if unicodedata.east_asian_width(letter) in "WF" else _UNKNOWN_WIDTH


def _is_mark(letter: str) -> bool:
    """Whether the character is drawn onto the one before it."""
    return unicodedata.category(letter) in {"Mn", "Me"}
