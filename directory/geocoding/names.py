"""Cleans place names and normalizes them to keys, so that usual spellings of a name have one key."""

import re
import unicodedata
from typing import Final

from directory.errors import FieldError, Invalid

MAX_TEXT_LENGTH: Final = 200
"""Characters; arbitrary, more than any address needs."""

_ABBREVIATIONS: Final = {
    "st": "saint", "ste": "sainte", "ft": "fort", "mt": "mount", "mtn": "mountain", "hts": "heights",
    "hgts": "heights", "spgs": "springs", "spg": "springs", "bch": "beach", "jct": "junction", "vlg": "village",
    "twp": "township", "ctr": "center", "centre": "center", "hls": "hills", "is": "island", "lk": "lake",
    "cty": "city", "afb": "air force base", "sfb": "air force base", "boro": "borough", "brk": "brook",
    "cors": "corners", "crk": "creek", "cyn": "canyon", "fld": "field", "frk": "fork", "gdns": "gardens",
    "hbr": "harbor", "hvn": "haven", "hghlnds": "highlands", "inlt": "inlet", "lndg": "landing", "mdws": "meadows",
    "pk": "park", "pt": "point", "rdg": "ridge", "shrs": "shores", "vly": "valley", "vw": "view",
}  # fmt: skip
_DIRECTIONS: Final = {
    "n": "north", "no": "north", "s": "south", "so": "south", "e": "east", "w": "west",
    "ne": "northeast", "nw": "northwest", "se": "southeast", "sw": "southwest",
}  # fmt: skip
_TRANSLITERATIONS: Final = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ł": "l", "ı": "i", "þ": "th", "ð": "d"}
)


def clean(text: str, field: str = "near") -> str:
    """Return the text as one line, Unicode-normalized (NFKC), without invisible characters.

    Raises:
        Invalid: it is longer than MAX_TEXT_LENGTH, or contains control characters.
    """
    if len(text) > MAX_TEXT_LENGTH:
        raise Invalid([FieldError(field, f"A place is at most {MAX_TEXT_LENGTH} characters long.")])
    # Right-to-left marks and zero-width joiners often come along with pasted text.
    seen = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    one_line = " ".join(seen.split())
    if len(one_line) > MAX_TEXT_LENGTH:  # NFKC can expand one character to eighteen letters
        raise Invalid([FieldError(field, f"A place is at most {MAX_TEXT_LENGTH} characters long.")])
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in one_line):
        raise Invalid([FieldError(field, "A place is written with letters, digits and punctuation only.")])
    return one_line


def fold(text: str) -> str:
    """Return the text in lowercase without accents: "Española" → "espanola"."""
    apart = unicodedata.normalize("NFKD", text.casefold().translate(_TRANSLITERATIONS))
    # NFKD alone leaves the combining marks in the text, which would prevent a match.
    return "".join(char for char in apart if not unicodedata.combining(char))


def name_words(text: str) -> list[str]:
    """Return the words of a name with abbreviations expanded: "N. Ft. Myers" → north, fort, myers."""
    found = re.findall(r"[a-z0-9]+", re.sub(r"['’‘`ʻ´.]", "", fold(text)))
    if len(found) > 1:
        found = found[1:] if found[0] == "jbsa" else [_DIRECTIONS.get(found[0], found[0]), *found[1:]]
    # Air Force bases that became Space Force bases keep one key.
    long = " ".join(_ABBREVIATIONS.get(word, word) for word in found)
    return long.replace("space force base", "air force base").split()


def name_key(text: str) -> str:
    """Return the key under which a name is stored and looked up: "Winston-Salem" → "winstonsalem"."""
    return "".join(name_words(text))


def name_letters(text: str) -> str:
    """Return the letters of a name as typed, with no abbreviation expanded: "Colo Spgs" → "colospgs"."""
    return "".join(re.findall(r"[a-z0-9]+", fold(text)))
