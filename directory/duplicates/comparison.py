"""Compares two listings: each aspect of them becomes one word, such as `same street` or `conflict`."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from directory.duplicates import clinic_names, person_names
from directory.duplicates.addresses import NEAR_MILES, SAME_AREA_MILES, Address, is_same_street_address, miles_between
from directory.duplicates.clinic_names import ClinicNames, WordWeights
from directory.duplicates.person_names import (
    FirstNames,
    MiddleNames,
    PersonName,
    Surnames,
    first_name_share,
    surname_share,
)
from directory.duplicates.record import Record

PLACES = ("street", "zip", "city", "near", "area", "state", "other area", "other")
"""How two addresses relate, the closest first; see `_compare_addresses`."""

WIDE_PLACES = {"zip": "town", "city": "town", "area": "near", "other area": "other"}
"""Places that count alike together with other aspects."""

_INITIAL_SHARE = 0.06
_CHANGED_NAMES = frozenset({Surnames.MAIDEN, Surnames.MAIDEN_INITIAL})
_MOVED_NAMES = frozenset({FirstNames.MIDDLE, FirstNames.JOINED})


@dataclass(frozen=True, slots=True)
class PeopleCompared:
    """How two people relate. `rarity` is the negative decimal logarithm of the share of people with this name."""

    first: FirstNames
    last: Surnames
    middle: MiddleNames
    suffix: str
    profession: str
    specialty: str
    place: str
    phone: str
    rarity: float


@dataclass(frozen=True, slots=True)
class ClinicsCompared:
    """How two clinics relate; `po_boxes` is how many of the closest two addresses are PO boxes."""

    names: ClinicNames
    specialty: str
    place: str
    phone: str
    po_boxes: int
    is_other_unit: bool


def compare_people(one: Record, other: Record) -> PeopleCompared:
    """Compare two people; both records have a `person`."""
    left, right = _people(one, other)
    if person_names.is_swapped(left, right):
        first, last = FirstNames.SWAPPED, Surnames.SWAPPED
    else:
        first = person_names.compare_first_names(left, right)
        last = person_names.compare_surnames(left, right)
    middle = person_names.compare_middle_names(left.middle, right.middle)
    if middle is MiddleNames.CONFLICT and (last in _CHANGED_NAMES or first in _MOVED_NAMES):
        middle = MiddleNames.ONE_MISSING
    return PeopleCompared(
        first=first,
        last=last,
        middle=middle,
        suffix=_compare_suffixes(left.suffix, right.suffix),
        profession=_compare_professions(one.professions, other.professions),
        specialty=_compare_specialties(one, other),
        place=_closest(one, other)[0],
        phone=_compare_phones(one.phones, other.phones),
        rarity=_rarity(left, right, first, last),
    )


def compare_clinics(one: Record, other: Record, weights: WordWeights) -> ClinicsCompared:
    """Compare two clinics; both records have `names`."""
    place, left, right = _closest(one, other)
    pair = [address for address in (left, right) if address]
    towns = {word for record in (one, other) for address in record.addresses for word in address.city.split()}
    return ClinicsCompared(
        names=clinic_names.compare_clinic_names(one.names, other.names, towns, weights),
        specialty=_compare_specialties(one, other),
        place=place,
        phone=_compare_phones(one.phones, other.phones),
        po_boxes=sum(address.is_po_box for address in pair),
        is_other_unit=len({address.unit for address in pair if address.unit}) > 1,
    )


def _people(one: Record, other: Record) -> tuple[PersonName, PersonName]:
    if one.person is None or other.person is None:
        raise ValueError("Both records must be of people.")
    return one.person, other.person


def _compare_suffixes(one: str, other: str) -> str:
    if one and other:
        return "equal" if one == other else "conflict"
    return "one missing" if one or other else "missing"


def _compare_professions(one: frozenset[str], other: frozenset[str]) -> str:
    if not one or not other:
        return "missing"
    if one & other:
        return "equal"
    return "similar" if one | other <= {"physician", "osteopath"} else "conflict"


def _compare_specialties(one: Record, other: Record) -> str:
    """Return how the specialties relate: by code (NUCC), else by name."""
    if one.specialty_code and other.specialty_code:
        same = next((size for size in (10, 4, 2) if one.specialty_code[:size] == other.specialty_code[:size]), 0)
        return {10: "equal", 4: "similar", 2: "related", 0: "other"}[same]
    if one.specialty and other.specialty:
        return "equal name" if one.specialty == other.specialty else "other name"
    return "missing"


def _compare_phones(one: frozenset[str], other: frozenset[str]) -> str:
    if not one or not other:
        return "missing"
    return "equal" if one & other else "other"


def _closest(one: Record, other: Record) -> tuple[str, Address | None, Address | None]:
    """Return how the closest pair of addresses relates, and the pair."""
    pairs = ((_compare_addresses(left, right), left, right) for left, right in _pairs(one, other))
    return min(pairs, key=lambda pair: PLACES.index(pair[0]), default=("other", None, None))


def _pairs(one: Record, other: Record) -> Iterator[tuple[Address, Address]]:
    return ((left, right) for left in one.addresses for right in other.addresses)


def _compare_addresses(one: Address, other: Address) -> str:
    if is_same_street_address(one, other):
        return "street"
    if one.zip_code and one.zip_code == other.zip_code:
        return "zip"
    if (one.city, one.state) == (other.city, other.state):
        return "city"
    miles = miles_between(one, other)
    if miles <= NEAR_MILES:
        return "near"
    if one.state == other.state:
        return "area" if miles <= SAME_AREA_MILES else "state"
    return "other area" if miles <= SAME_AREA_MILES else "other"


def _rarity(one: PersonName, other: PersonName, first: FirstNames, last: Surnames) -> float:
    """Return how rare it is that another person matches as well as these two do."""
    share = _surname_chance(one, other, last) * _first_name_chance(one, other, first)
    return -math.log10(share)


def _first_name_chance(one: PersonName, other: PersonName, match: FirstNames) -> float:
    if match is FirstNames.DIFFERENT:
        return 1.0
    if match in {FirstNames.INITIAL, FirstNames.INITIALS, FirstNames.MISSING}:
        return _INITIAL_SHARE
    share = max(first_name_share(one.first), first_name_share(other.first))
    wider = {FirstNames.NICKNAME: 1.5, FirstNames.MISSPELLED: 3, FirstNames.SIMILAR: 2, FirstNames.PREFIX: 2}
    return share * wider.get(match, 1)


def _surname_chance(one: PersonName, other: PersonName, match: Surnames) -> float:
    if match in {Surnames.DIFFERENT, Surnames.MAIDEN_INITIAL}:
        return 1.0
    common = set(one.surname_parts) & set(other.surname_parts)
    if match is Surnames.COMPOUND and common:
        return max(map(surname_share, common))
    if match is Surnames.MAIDEN:
        return max(surname_share(name.middle) for name in (one, other) if len(name.middle) > 2)
    share = max(surname_share(one.last), surname_share(other.last))
    return share * 3 if match is Surnames.MISSPELLED else share
