"""Checks a typed text for its length and for invisible characters."""

import unicodedata
from collections.abc import Iterator

from directory.errors import FieldError

_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
"""Controls, direction marks and the like: a text that carries them is not what it looks like."""

_LINE_CHARACTERS = frozenset("\r\n\t")


def check_text(
    name: str, label: str, text: str, *, least: int = 0, most: int, lines: bool = False
) -> Iterator[FieldError]:
    """What is wrong with the text of the field `name`, which sentences call `label`.

    Args:
        name: the field that a fault names.
        label: what the text is, as a sentence begins: “The city”.
        text: what was typed.
        least: the fewest characters.
        most: the most characters.
        lines: whether it may have several lines.
    """
    if len(text) > most:
        yield FieldError(name, f"{label} may have at most {most:,} characters; this has {len(text):,}.")
    elif len(text) < least:
        yield FieldError(name, f"Enter {label[0].lower()}{label[1:]}.")
    # What can be printed as it is needs no second look; an import asks for millions of texts.
    if text.isprintable():
        return
    allowed = _LINE_CHARACTERS if lines else frozenset()
    if any(unicodedata.category(character) in _INVISIBLE for character in set(text) - allowed):
        yield FieldError(name, f"{label} holds characters that cannot be seen. Please type it again.")
