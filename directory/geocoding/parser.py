"""Parses the text of a place search into coordinates, or into address, town, state and ZIP code."""

import re
from dataclasses import dataclass, replace
from typing import Final

from directory.errors import FieldError, Invalid
from directory.geocoding.us_states import find_state, state_of_zip
from directory.geography.point import Point

MAX_TOWN_WORDS: Final = 5
"""Words of a town's name."""

_NUMBER = r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})"
_COORDINATES: Final = re.compile(rf"({_NUMBER})°?\s*,\s*({_NUMBER})°?")
_SPACED_COORDINATES: Final = re.compile(r"([+-]?[0-9]{1,3}\.[0-9]{1,20})\s+([+-]?[0-9]{1,3}\.[0-9]{1,20})")
_HINT: Final = re.compile(r"\s*\(near ([^()]*)\)$", re.IGNORECASE)
_ZIP_PREFIX: Final = re.compile(r"^zip(?:\s*code)?[\s:]*(?=[\s:0-9])", re.IGNORECASE)
_NEAR_PREFIX: Final = re.compile(r"^near\s+", re.IGNORECASE)
# Require a separator before the country: removing a trailing "us" turned Columbus into "Columb".
_COUNTRY: Final = re.compile(r"[\s,]+(?:u\.?s\.?a?\.?|united states(?: of america)?)$", re.IGNORECASE)
_ZIP_LAST: Final = re.compile(r"(?:^|[\s,])([0-9]{5})(?:[-\s]?[0-9]{4})?$")
_ZIP_FIRST: Final = re.compile(r"^([0-9]{5})(?:-[0-9]{4})?[\s,]+(?=[^0-9\s])")
_STREET_WORDS: Final = frozenset(
    "st street ave avenue av rd road blvd boulevard dr drive ln lane ct court pl place way pkwy parkway hwy highway ter"
    " terrace cir circle sq square plaza plz trl trail loop broadway pike tpke turnpike expy expressway row alley aly"
    " center ctr building bldg floor fl suite ste unit apt room rm box route rt".split()
)
_KEPT_WITH_NAME: Final = frozenset("north south east west n s e w new fort ft mount mt lake port saint st".split())
_CORNERS: Final = frozenset(["ne", "nw", "se", "sw"])
_NEAR_ME_STEP: Final = 0.05
"""Degrees; the browser rounds the position of "near me" to this grid."""
_MILES_PER_DEGREE: Final = 69.0


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A point that a user typed or the browser rounded; `miles` is how far the rounding may have moved it."""

    point: Point
    written: str
    miles: float


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A parsed query: `parts` are the texts between commas without ZIP code and state; `hint` names a town nearby."""

    parts: tuple[str, ...]
    state: str | None
    zip_code: str | None
    hint: str | None

    @property
    def is_address(self) -> bool:
        """Whether a street comes first, so that the town may be at the end of the same part."""
        return bool(self.parts) and any(char.isdigit() for char in self.parts[0])


def _decimal_places(number: str) -> int:
    return len(number.partition(".")[2].rstrip("0"))


def _rounding_miles(lat: str, lon: str) -> float:
    step = 10.0 ** -min(_decimal_places(lat), _decimal_places(lon), 6)
    snapped = all(
        abs(float(number) / _NEAR_ME_STEP - round(float(number) / _NEAR_ME_STEP)) < 1e-6 for number in (lat, lon)
    )
    if snapped and step < _NEAR_ME_STEP * 2 + 1e-9:
        step = max(step, _NEAR_ME_STEP)
    return round(step / 2 * 2**0.5 * _MILES_PER_DEGREE, 1)


def parse_coordinates(text: str) -> Coordinates | None:
    """Return the point in "39.85,-105.05"; None if the text is not a pair of numbers.

    Raises:
        Invalid: the coordinates are out of range.
    """
    bare = _HINT.sub("", text)
    found = _COORDINATES.fullmatch(bare) or _SPACED_COORDINATES.fullmatch(bare)
    if not found:
        return None
    lat, lon = found.groups()
    if abs(float(lat)) > 90 or abs(float(lon)) > 180:
        sentence = "A latitude lies between -90 and 90 and a longitude between -180 and 180."
        raise Invalid([FieldError("near", sentence)])
    point = Point(float(lat) + 0.0, float(lon) + 0.0)
    return Coordinates(point, bare, _rounding_miles(lat, lon))


def _split_trailing_state(parts: list[str]) -> tuple[list[str], str] | None:
    """Split off a trailing state; None if there is none or the text is only a state."""
    if len(parts) > 1 and (state := find_state(parts[-1])):
        return parts[:-1], state
    words = parts[-1].split() if parts else []
    for length in (3, 2, 1):
        if len(words) > length and (state := find_state(" ".join(words[-length:]))):
            return [*parts[:-1], " ".join(words[:-length])], state
    return None


def parse_query(text: str) -> list[ParsedQuery]:
    """Return the possible meanings of the text, likeliest first: "Port Washington" may or may not end in a state."""
    bare = _ZIP_PREFIX.sub("", text)
    # Chicago has a Near North Side, so the text is first parsed with "near" as part of the name.
    return _parse(bare) + (_parse(_NEAR_PREFIX.sub("", bare)) if _NEAR_PREFIX.match(bare) else [])


def _parse(text: str) -> list[ParsedQuery]:
    hint = _HINT.search(text)
    bare = _COUNTRY.sub("", _HINT.sub("", text).strip(" ,.;"))
    zip_code = None
    if found := _ZIP_LAST.search(bare):
        zip_code, bare = found[1], bare[: found.start()]
    parts = [part.strip(" .;") for part in bare.split(",")]
    parts = [part for part in parts if part]
    said = hint[1] if hint else None
    if zip_code and len(parts) == 1 and find_state(parts[0]) == state_of_zip(zip_code):
        return [ParsedQuery((), state_of_zip(zip_code), zip_code, said)]
    whole = ParsedQuery(tuple(parts), None, zip_code, said)
    ending = _split_trailing_state(parts)
    if ending is None:
        return [whole]
    split = ParsedQuery(tuple(ending[0]), ending[1], zip_code, said)
    if parts[-1].casefold() == "washington" and len(ending[0]) < len(parts):
        return [split, replace(split, state="DC")]  # "Georgetown, Washington"
    if len(ending[0]) < len(parts) and split.is_address:
        return [split, whole]  # "350 5th Ave, New York"
    if len(ending[0]) < len(parts) or len(parts[-1].split()[-1].replace(".", "")) == 2:
        return [split, whole] if len(ending[0]) == len(parts) else [split]
    return [whole, split]


def split_leading_zip(text: str) -> tuple[str, str] | None:
    """Split "80021 Westminster" into ZIP code and rest; five leading digits may also be a house number."""
    found = _ZIP_FIRST.match(text)
    return (found[1], text[found.end() :]) if found else None


def trailing_words(part: str) -> list[str]:
    """Return the endings of a part, each without its first words, longest first."""
    words = part.split()
    return [" ".join(words[-length:]) for length in range(min(MAX_TOWN_WORDS, len(words) - 1), 0, -1)]


def names_after_street(part: str) -> list[str]:
    """Return what may be the town in "12 Oak St St Louis": the words after a street, a unit or a number.

    The words after an abbreviated direction count too, but "N Huntingdon" is not Huntingdon.
    """
    words = part.split()
    bare = [word.strip(".,#").lower() for word in words]
    ends = [
        place + 1
        for place, word in enumerate(bare[:-1])
        if place and (word in _STREET_WORDS or any(char.isdigit() for char in word))
    ]
    ends += [end + 1 for end in ends if end + 1 < len(words) and bare[end] in _CORNERS]
    return [" ".join(words[end:]) for end in sorted(set(ends)) if len(words) - end <= MAX_TOWN_WORDS]


def candidate_town_names(written: ParsedQuery) -> list[str]:
    """Return the names that may be the town's, likeliest first."""
    if not written.parts:
        return []
    names = [written.parts[-1]]
    if any(char.isdigit() for char in names[0]):
        names += names_after_street(names[0])
    if written.state:
        names += list(reversed(written.parts[1:-1])) if written.is_address else list(reversed(written.parts[:-1]))
    return names


def doubtful_town_names(written: ParsedQuery) -> list[str]:
    """Return the last words of the text; they may be offered as the town but never taken for it.

    A direction stays with its name: "North Huntingdon" is not Huntingdon.
    """
    if not written.parts:
        return []
    words = [word.replace(".", "").lower() for word in written.parts[-1].split()]
    return [name for name in trailing_words(written.parts[-1]) if words[-len(name.split()) - 1] not in _KEPT_WITH_NAME]
