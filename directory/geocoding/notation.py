"""Rewrites what people type into the notation that the parser reads: dashes, quotes, letters for digits, word order."""

import re
import unicodedata
from typing import Final

from directory.geocoding.us_states import find_state

_QUOTES: Final = re.compile(r"[\"“”„«»`]|^['‘’]+|['‘’]+$|^#(?=[0-9]{5}\b)")
_BRACKETS: Final = re.compile(r"[\[\](){}<>]")
_LABEL_HINT: Final = "(near "
_MINUS_SIGN: Final = "\N{MINUS SIGN}"
_LIKE_A_ZIP: Final = re.compile(r"(?<![\w-])(?=(?:[OoIl]*[0-9]){2})[0-9OoIl]{5}(?![\w])")
_LETTERS_FOR_DIGITS: Final = str.maketrans("OoIl", "0011")
_STATE_JOINED: Final = re.compile(r"\b([A-Za-z]{2})[-.]?([0-9]{5})(?![0-9])")
_ZIP_JOINED: Final = re.compile(r"^([0-9]{5})(?=[A-Za-z])")
_STATE_AFTER_SLASH: Final = re.compile(r"(?<=[A-Za-z])\s*/\s*([A-Za-z]{2})$")
_ZIP_THEN_STATE: Final = re.compile(r"^([0-9]{5})(?:-?[0-9]{4})?[\s,]+([A-Za-z. ]+)$")
_SPACED_DASH: Final = re.compile(r"(?<=[0-9]{5})\s*-\s*(?=[0-9]{4}$)")
# "700 2nd St NE Washington DC": without the comma the whole name would be taken for the state.
_WASHINGTON: Final = re.compile(r"[\s,]+washington[\s,]+d\.?\s?c\.?(?=$|[\s,])", re.IGNORECASE)

_ZIP: Final = re.compile(r"(?<!\w)([0-9]{5})(?:-?[0-9]{4})?(?!\w)")
_BETWEEN_ZIPS: Final = re.compile(r"\b(?:or|and|to|zips?|codes?|between|from)\b|\W", re.IGNORECASE)
_TWO_ZIPS_LAST: Final = re.compile(
    r"(?:^|[\s,])([0-9]{5})(?:-[0-9]{4})?\s*(?:[\s,;/&+]|\bor\b|\band\b)\s*([0-9]{5})(?:-[0-9]{4})?$"
)
_NEAR_ME: Final = re.compile(
    r"(?:^|\b(?:near|around|by|close to|next to) )"
    r"(?:me|here|us|my (?:current )?(?:location|place|position|home|house|area))$"
    r"|^(?:use )?(?:my (?:current )?|current )(?:location|position)$|(?:^|\s)near ?by$|^where i (?:am|live)$"
    r"|^my zip(?: code)?$|^closest$|^nearest$",
    re.IGNORECASE,
)
_STATE_ITSELF: Final = re.compile(r"^(?:(?:the )?state of (.+)|(.+) state)$", re.IGNORECASE)
_PART_OF_STATE: Final = re.compile(
    r"^(?:upstate|downstate|central|(?:north|south|east|west|northeast|northwest|southeast|southwest)(?:ern)?) (.+)$",
    re.IGNORECASE,
)
# Canada "M5V 2T6" and the United Kingdom "SW1A 1AA".
_CODE_ABROAD: Final = re.compile(
    r"\b(?:[ABCEGHJ-NPRSTVXY][0-9][A-Z] ?[0-9][A-Z][0-9]|[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2})$", re.IGNORECASE
)

_TITLES: Final = re.compile(r"^(?:the )?(?:town|city|village|borough|boro|municipality) of ", re.IGNORECASE)
_AROUND: Final = re.compile(
    r"^(?:greater|metro(?:politan)?|downtown|central) "
    r"| (?:metro(?:politan)?|metroplex|(?:metro(?:politan)? )?(?:area|region)|vicinity|suburbs)(?=$|,)",
    re.IGNORECASE,
)
NUMBER_THEN_WORD: Final = re.compile(r"[0-9]\S*\s+[^\W\d]")
_STREET: Final = re.compile(
    r"\w\.? (?:street|avenue|ave|blvd|boulevard|road|rd|drive|dr|lane|ln|pkwy|parkway|hwy|highway|st(?=\.?(?:,|$)))\b",
    re.IGNORECASE,
)
_COUNTY: Final = re.compile(r"^(?:the )?county of ([^,]+)|^([^,]+?) co(?:unty)?\b\.?(?=$|,| [a-z]+$)", re.IGNORECASE)
_BEFORE_PLACE: Final = re.compile(r"^.*\b(?:in|near|around|outside|close to|miles (?:of|from)) ", re.IGNORECASE)


def rewrite(text: str) -> str:
    """Return the text with plain dashes and no quotes, digits in ZIP codes, and the state before its ZIP code."""
    plain = "".join("-" if char == _MINUS_SIGN or unicodedata.category(char) == "Pd" else char for char in text)
    if _LABEL_HINT not in plain:
        plain = _BRACKETS.sub(" ", plain)
    plain = " ".join(_QUOTES.sub("", plain).split())
    plain = _SPACED_DASH.sub("-", _WASHINGTON.sub(", Washington, DC", plain).strip(" ,"))
    plain = _LIKE_A_ZIP.sub(lambda found: found[0].translate(_LETTERS_FOR_DIGITS), plain)
    plain = _STATE_JOINED.sub(lambda found: f"{found[1]} {found[2]}" if find_state(found[1]) else found[0], plain)
    plain = _STATE_AFTER_SLASH.sub(lambda found: f", {found[1]}" if find_state(found[1]) else found[0], plain)
    swapped = _ZIP_THEN_STATE.match(_ZIP_JOINED.sub(r"\1 ", plain))
    return f"{swapped[2].strip()} {swapped[1]}" if swapped and find_state(swapped[2]) else plain


def several_zips(text: str) -> tuple[str, ...]:
    """Return the ZIP codes of a text that holds nothing else, or ends with two of them; nothing if it has only one."""
    found = list(dict.fromkeys(_ZIP.findall(text)))
    if len(found) > 1 and not _BETWEEN_ZIPS.sub("", _ZIP.sub("", text)):
        return tuple(found)
    last = _TWO_ZIPS_LAST.search(text)
    return (last[1], last[2]) if last and last[1] != last[2] else ()


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


def state_of_part(text: str) -> str | None:
    """Return the state in "upstate New York" or "Western Massachusetts"."""
    found = _PART_OF_STATE.match(text.strip(" .,"))
    return find_state(found[1]) if found else None


def has_code_abroad(text: str) -> bool:
    """Return whether the text ends in a Canadian or British postal code."""
    return bool(_CODE_ABROAD.search(text))


def names_street(text: str) -> bool:
    """Return whether the text names a street without a number, such as "Oak Street, Denver"."""
    return bool(_STREET.search(text))


def simpler_texts(text: str) -> list[str]:
    """Return the text without words around the name, such as "Town of", "area" and "doctors in", if it has any."""
    bare, found = text, [_COUNTY.sub(lambda found: f"{(found[1] or found[2]).strip()} County", text)]
    for pattern in (_TITLES, _AROUND, _BEFORE_PLACE):
        bare = pattern.sub("", bare).strip(" ,")
        found.append(bare)
    return [simpler for simpler in dict.fromkeys(found) if simpler not in {"", text}]
