"""Cleans place names and normalizes them to keys, so that usual spellings of a name have one key."""

import re
import unicodedata
from typing import Final

from directory.errors import FieldError, Invalid

MAX_TEXT_LENGTH: Final = 200
"""Characters; arbitrary, more than any address needs."""

_ABBREVIATIONS: Final = {
    "st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount", "mtn": "mountain", "hts": "heights",
    "spgs": "springs", "spg": "springs", "bch": "beach", "jct": "junction", "vlg": "village", "twp": "township",
    "ctr": "center", "centre": "center", "hls": "hills", "is": "island", "lk": "lake", "cty": "city",
}  # fmt: skip
_DIRECTIONS: Final = {
    "n": "north", "no": "north", "s": "south", "so": "south", "e": "east", "w": "west",
    "ne": "northeast", "nw": "northwest", "se": "southeast", "sw": "southwest",
}  # fmt: skip
_TRANSLITERATIONS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ł": "l", "ı": "i", "þ": "th", "ð": "d"}
)


def clean(text: str, field: str = "near") -> str:
    """The text as one line in composed form, without marks that are not seen.

    Raises:
        Invalid: longer than MAX_TEXT_LENGTH, or with control characters, which nobody can type.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise Invalid([FieldError(field, f"A place is at most {MAX_TEXT_LENGTH} characters long.")])
    # Right-to-left marks and zero-width joiners are pasted along unseen; they say nothing about a place.
    seen = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    one_line = " ".join(seen.split())
    if len(one_line) > MAX_TEXT_LENGTH:  # one sign may stand for eighteen letters
        raise Invalid([FieldError(field, f"A place is at most {MAX_TEXT_LENGTH} characters long.")])
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in one_line):
        raise Invalid([FieldError(field, "A place is written with letters, digits and punctuation only.")])
    return one_line


def fold(text: str) -> str:
    """The text in lower case without accents: "Española" → "espanola"."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_TRANSLITERATIONS))
    # NFKD alone leaves the combining marks in the text, and then nothing matches.
    return "".join(char for char in apart if not unicodedata.combining(char))


def name_words(text: str) -> list[str]:
    """The words of a name, each in its long form: "N. Ft. Myers" → north, fort, myers."""
    found = re.findall(r"[a-z0-9]+", re.sub(r"['’‘`ʻ´.]", "", fold(text)))
    if len(found) > 1:
        found[0] = _DIRECTIONS.get(found[0], found[0])
    return [_ABBREVIATIONS.get(word, word) for word in found]


def name_key(text: str) -> str:
    """The spelling under which a name is looked up: "Winston-Salem" → "winstonsalem"."""
    return "".join(name_words(text))
