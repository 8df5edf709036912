"""Spells names with ASCII letters only, for a font that has no others."""

import unicodedata

_LETTERS = str.maketrans(
    {
        "ß": "ss",
        "æ": "ae",
        "Æ": "AE",
        "œ": "oe",
        "Œ": "OE",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "Ð": "D",
        "þ": "th",
        "Þ": "Th",
        "ı": "i",
        "‘": "'",
        "’": "'",
        "ʼ": "'",
        "“": '"',
        "”": '"',
        "‐": "-",
        "–": "-",
        "—": "-",
    }
)
"""Letters that Unicode does not take apart into an ASCII letter and an accent."""


def plain_letters(text: str) -> str:
    """The text without accents, or an empty text if another script is in it: "José Núñez" gives "Jose Nunez"."""
    apart = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return plain if plain.isascii() else ""
