"""Compares the names of two people: nicknames, initials, misspellings, changed surnames, and how rare a name is."""

import enum
import functools
import importlib.resources
from dataclasses import dataclass

import jellyfish
import names
from nicknames import NickNamer
from rapidfuzz.distance import DamerauLevenshtein

from directory.duplicates.words import letters, plain_text

_SUFFIXES = {"jr": "jr", "sr": "sr", "ii": "jr", "iii": "iii", "iv": "iv", "i": "sr"}
_PARTICLES = frozenset("de del della der di du da dos la las le los san santa st van vande vanden von ter ten".split())

RAREST_SURNAME = 3e-6
RAREST_FIRST_NAME = 1e-5
"""The share of people with a name that the Census lists do not have."""

_nicknames = NickNamer()


class FirstNames(enum.StrEnum):
    """How two first names relate."""

    EQUAL = "equal"
    NICKNAME = "nickname"
    MISSPELLED = "misspelled"
    SIMILAR = "similar"  # both are known first names, such as Dion and Dino
    PREFIX = "prefix"
    JOINED = "joined"  # “Paul E” and “Paule”
    MIDDLE = "middle"  # one goes by the other's middle name
    INITIAL = "initial"
    INITIALS = "initials"
    SWAPPED = "swapped"  # the first name of one is the surname of the other
    DIFFERENT = "different"
    MISSING = "missing"


class Surnames(enum.StrEnum):
    """How two surnames relate."""

    EQUAL = "equal"
    MISSPELLED = "misspelled"
    SIMILAR = "similar"  # both are known surnames, such as Dorsey and Dorsett
    COMPOUND = "compound"  # Szumigala and Farkas-Szumigala
    MAIDEN = "maiden"  # the surname of one is the other's middle name
    MAIDEN_INITIAL = "maiden initial"
    SWAPPED = "swapped"
    DIFFERENT = "different"


class MiddleNames(enum.StrEnum):
    """How two middle names relate."""

    EQUAL = "equal"
    INITIAL = "initial"  # one is the initial of the other
    INITIALS = "initials"  # both are the same initial
    ONE_MISSING = "one missing"
    MISSING = "missing"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class PersonName:
    """A person's name in lower-case letters; a compound surname has several parts. `suffix` is jr, sr, iii or iv."""

    first: str
    middle: str
    surname_parts: tuple[str, ...]
    suffix: str = ""

    @property
    def last(self) -> str:
        """The surname in one word."""
        return "".join(self.surname_parts)


def person_name(first: str, middle: str, last: str, suffix: str = "") -> PersonName:
    """Return a name that is given in parts; a suffix at the end of the surname counts as one."""
    words = plain_text(last).replace(",", " ").split()
    if len(words) > 1 and words[-1].strip(".") in _SUFFIXES:
        suffix = suffix or words.pop()
    parts = (letters(part) for word in words for part in word.split("-"))
    known = _SUFFIXES.get(plain_text(suffix).strip(". "), "")
    return PersonName(letters(first), letters(middle), tuple(part for part in parts if part), known)


def parse_person_name(text: str) -> PersonName:
    """Return a name that is given in one line, such as “Maria L. de la Cruz Jr.”."""
    words = text.replace(",", " ").split()
    suffix = words.pop() if len(words) > 2 and words[-1].strip(".").lower() in _SUFFIXES else ""
    start = len(words) - 1
    while start > 1 and plain_text(words[start - 1]).strip(".") in _PARTICLES:
        start -= 1
    return person_name(words[0] if start else "", " ".join(words[1:start]), " ".join(words[start:]), suffix)


def is_swapped(one: PersonName, other: PersonName) -> bool:
    """Whether one has first name and surname the other way round."""
    if one.first == other.last and one.last == other.first:
        return True
    if min(len(one.first), len(other.first)) <= 3:
        return False
    return _is_alike(one.first, other.last) and _is_alike(other.first, one.last)


def compare_first_names(one: PersonName, other: PersonName) -> FirstNames:
    """Return how the first names of two people relate."""
    if not one.first or not other.first:
        return FirstNames.MISSING
    if one.first == other.first:
        return FirstNames.INITIALS if len(one.first) == 1 else FirstNames.EQUAL
    if min(len(one.first), len(other.first)) == 1 and one.first[0] == other.first[0]:
        return FirstNames.INITIAL
    if _is_joined(one, other) or _is_joined(other, one):
        return FirstNames.JOINED
    if _goes_by_middle_name(one, other) or _goes_by_middle_name(other, one):
        return FirstNames.MIDDLE
    return _compare_spellings(one.first, other.first)


def compare_surnames(one: PersonName, other: PersonName) -> Surnames:
    """Return how the surnames of two people relate."""
    if one.last == other.last:
        return Surnames.EQUAL
    if _is_compound(one, other):
        return Surnames.COMPOUND
    if _is_misspelled(one.last, other.last):
        known = surname_shares()
        return Surnames.SIMILAR if one.last in known and other.last in known else Surnames.MISSPELLED
    if _has_maiden_name(one, other) or _has_maiden_name(other, one):
        return Surnames.MAIDEN
    if _has_maiden_initial(one, other) or _has_maiden_initial(other, one):
        return Surnames.MAIDEN_INITIAL
    return Surnames.DIFFERENT


def compare_middle_names(one: str, other: str) -> MiddleNames:
    """Return how two middle names relate."""
    if not one or not other:
        return MiddleNames.ONE_MISSING if one or other else MiddleNames.MISSING
    if one == other:
        return MiddleNames.INITIALS if len(one) == 1 else MiddleNames.EQUAL
    if one[0] != other[0]:
        return MiddleNames.CONFLICT
    if min(len(one), len(other)) == 1:
        return MiddleNames.INITIAL
    is_alike = _is_misspelled(one, other) or one.startswith(other) or other.startswith(one)
    return MiddleNames.EQUAL if is_alike else MiddleNames.CONFLICT


@functools.lru_cache(maxsize=100_000)
def is_nickname(one: str, other: str) -> bool:
    """Whether one first name is a nickname of the other, or both are nicknames of the same."""
    if one in _nicknames.nicknames_of(other) or other in _nicknames.nicknames_of(one):
        return True
    return bool(_nicknames.canonicals_of(one) & _nicknames.canonicals_of(other))


@functools.lru_cache(maxsize=100_000)
def full_first_names(name: str) -> frozenset[str]:
    """Return a first name and the names that it is a nickname of."""
    return frozenset(_nicknames.canonicals_of(name) | {name})


@functools.lru_cache(maxsize=200_000)
def sound(name: str) -> str:
    """Return how a name sounds (metaphone)."""
    return str(jellyfish.metaphone(name))


def surname_share(name: str) -> float:
    """Return the share of people with this surname."""
    return max(surname_shares().get(name, 0.0), RAREST_SURNAME)


def first_name_share(name: str) -> float:
    """Return the share of people with this first name."""
    return max(first_name_shares().get(name, 0.0), RAREST_FIRST_NAME)


@functools.cache
def surname_shares() -> dict[str, float]:
    """Return the share of people by surname, from the Census of 1990."""
    return _read_shares("dist.all.last")


@functools.cache
def first_name_shares() -> dict[str, float]:
    """Return the share of people by first name, from the Census of 1990; half of the people are women."""
    men, women = _read_shares("dist.male.first"), _read_shares("dist.female.first")
    return {name: (men.get(name, 0.0) + women.get(name, 0.0)) / 2 for name in men.keys() | women.keys()}


def _read_shares(name: str) -> dict[str, float]:
    lines = importlib.resources.files(names).joinpath(name).read_text("ascii").splitlines()
    return {words[0].lower(): float(words[1]) / 100 for words in map(str.split, lines)}


def _compare_spellings(one: str, other: str) -> FirstNames:
    if is_nickname(one, other):
        return FirstNames.NICKNAME
    if _is_misspelled(one, other):
        known = first_name_shares()
        return FirstNames.SIMILAR if one in known and other in known else FirstNames.MISSPELLED
    if min(len(one), len(other)) >= 3 and (one.startswith(other) or other.startswith(one)):
        return FirstNames.PREFIX
    return FirstNames.DIFFERENT


def _is_misspelled(one: str, other: str) -> bool:
    """Whether one or two letters differ, and not more than the length allows."""
    if one == other or min(len(one), len(other)) < 3:
        return False
    distance = DamerauLevenshtein.distance(one, other, score_cutoff=2)
    length = max(len(one), len(other))
    return distance == 1 or (distance == 2 and (length >= 7 or (length >= 4 and sound(one) == sound(other))))


def _is_alike(one: str, other: str) -> bool:
    return one == other or _is_misspelled(one, other) or is_nickname(one, other)


def _is_joined(one: PersonName, other: PersonName) -> bool:
    return bool(one.middle) and other.first in {one.first + one.middle, one.first + one.middle[0]}


def _goes_by_middle_name(one: PersonName, other: PersonName) -> bool:
    return len(one.middle) > 1 and (one.middle == other.first or is_nickname(one.middle, other.first))


def _is_compound(one: PersonName, other: PersonName) -> bool:
    if any(len(part) > 2 for part in set(one.surname_parts) & set(other.surname_parts)):
        return True
    short, long = sorted((one.last, other.last), key=len)
    return len(short) >= 4 and len(long) - len(short) >= 3 and (long.startswith(short) or long.endswith(short))


def _has_maiden_name(one: PersonName, other: PersonName) -> bool:
    return len(one.middle) > 2 and one.middle in {*other.surname_parts, other.last}


def _has_maiden_initial(one: PersonName, other: PersonName) -> bool:
    return len(one.middle) == 1 and one.middle == other.last[:1] and one.middle != other.middle
