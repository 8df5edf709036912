"""Checks a typed text for its length and for invisible characters."""

import unicodedata
from collections.abc import Iterator

from directory.errors import FieldError

_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
"""Unicode categories of control characters, direction marks and the like, which can disguise a text."""

_LINE_CHARACTERS = frozenset("\r\n\t")


def check_text(
    name: str, label: str, text: str, *, least: int = 0, most: int, lines: bool = False
) -> Iterator[FieldError]:
    """Yield an error for each limit that a text breaks.

    Args:
        name: the field name in the errors.
        label: the start of the error messages: “The city”.
        text: the typed text.
        least: the minimum number of characters.
        most: the maximum number of characters.
        lines: whether it may have several lines.
    """
    if len(text) > most:
        yield FieldError(name, f"{label} may have at most {most:,} characters; this has {len(text):,}.")
    elif len(text) < least:
        yield FieldError(name, f"Enter {label[0].lower()}{label[1:]}.")
    # A fast path for printable text, because an import checks millions of texts.
    if text.isprintable():
        return
    allowed = _LINE_CHARACTERS if lines else frozenset()
    if any(unicodedata.category(character) in _INVISIBLE for character in set(text) - allowed):
        yield FieldError(name, f"{label} holds characters that cannot be seen. Please type it again.")
