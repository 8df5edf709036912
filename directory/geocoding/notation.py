"""Rewrites what people type into the notation that the parser reads: dashes, quotes, letters for digits, word order."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from directory.geocoding.us_states import find_state

_QUOTES: Final = re.compile(r"[\"“”„«»`]|^['‘’]+|['‘’]+$")
_MINUS_SIGN: Final = "\N{MINUS SIGN}"
_LIKE_A_ZIP: Final = re.compile(r"(?<![\w-])(?=(?:[OoIl]*[0-9]){3})[0-9OoIl]{5}(?![\w])")
_LETTERS_FOR_DIGITS: Final = str.maketrans("OoIl", "0011")
_STATE_JOINED: Final = re.compile(r"\b([A-Za-z]{2})[-.]?([0-9]{5})(?![0-9])")
_ZIP_THEN_STATE: Final = re.compile(r"^([0-9]{5})(?:-?[0-9]{4})?[\s,]+([A-Za-z. ]+)$")
_SPACED_DASH: Final = re.compile(r"(?<=[0-9]{5})\s*-\s*(?=[0-9]{4}$)")
# "700 2nd St NE Washington DC": without the comma the whole name would be taken for the state.
_WASHINGTON: Final = re.compile(r"[\s,]+washington[\s,]+d\.?\s?c\.?(?=$|[\s,])", re.IGNORECASE)

TWO_ZIPS: Final = re.compile(
    r"(?:^|[\s,])([0-9]{5})(?:-[0-9]{4})?\s*(?:[\s,;/&+]|\bor\b|\band\b)\s*([0-9]{5})(?:-[0-9]{4})?$"
)
_NEAR_ME: Final = re.compile(
    r"(?:^|\b(?:near|around|by|close to|next to) )"
    r"(?:me|here|us|my (?:current )?(?:location|place|position|home|house|area))$"
    r"|^(?:my (?:current )?|current )(?:location|position)$|^near ?by$|^where i am$|^closest$|^nearest$",
    re.IGNORECASE,
)
_STATE_ITSELF: Final = re.compile(r"^(?:(?:the )?state of (.+)|(.+) state)$", re.IGNORECASE)

_TITLES: Final = re.compile(r"^(?:the )?(?:town|city|village|borough|municipality) of ", re.IGNORECASE)
_AROUND: Final = re.compile(
    r"^(?:greater|metro(?:politan)?|downtown|central) "
    r"| (?:metro(?:politan)?|metroplex|(?:metro(?:politan)? )?(?:area|region)|vicinity|suburbs)(?=$|,)",
    re.IGNORECASE,
)


def rewrite(text: str) -> str:
    """Return the text with plain dashes and no quotes, digits in ZIP codes, and the state before its ZIP code."""
    plain = "".join("-" if char == _MINUS_SIGN or unicodedata.category(char) == "Pd" else char for char in text)
    plain = _QUOTES.sub("", plain).strip()
    plain = _SPACED_DASH.sub("-", _WASHINGTON.sub(", Washington, DC", plain).strip(" ,"))
    plain = _LIKE_A_ZIP.sub(lambda found: found[0].translate(_LETTERS_FOR_DIGITS), plain)
    plain = _STATE_JOINED.sub(lambda found: f"{found[1]} {found[2]}" if find_state(found[1]) else found[0], plain)
    swapped = _ZIP_THEN_STATE.match(plain)
    return f"{swapped[2].strip()} {swapped[1]}" if swapped and find_state(swapped[2]) else plain


def has_letters_for_digits(text: str) -> bool:
    """Return whether the text has a ZIP code with letters in it, such as "8OO21"."""
    return any(not found[0].isdigit() for found in _LIKE_A_ZIP.finditer(text))


def asks_for_position(text: str) -> bool:
    """Return whether the text means where the user is: "near me", "my location"."""
    return bool(_NEAR_ME.search(text.strip(" .,!?")))


def state_itself(text: str) -> str | None:
    """Return the state in "New York State" or "state of Washington"."""
    found = _STATE_ITSELF.match(text.strip(" .,"))
    return find_state(found[1] or found[2]) if found else None


def simpler_texts(text: str) -> Iterator[str]:
    """Yield the text, and it without words around the name: "Town of", "greater", "area"."""
    yield text
    bare = text
    for pattern in (_TITLES, _AROUND):
        bare = pattern.sub("", bare).strip(" ,")
    if bare and bare != text:
        yield bare
