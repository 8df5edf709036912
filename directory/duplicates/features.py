"""Turns a comparison into the numbers that are weighted: each word alone, and some words together."""

from collections.abc import Iterator

from directory.duplicates.clinic_names import ClinicNames
from directory.duplicates.comparison import WIDE_PLACES, ClinicsCompared, PeopleCompared
from directory.duplicates.person_names import FirstNames, Surnames

Features = dict[str, float]

_USUAL_RARITY = 6
_USUAL_FIRST_RARITY = 3
_UNLIKE_FIRST = frozenset({FirstNames.DIFFERENT, FirstNames.SIMILAR})
_UNLIKE_LAST = frozenset({Surnames.DIFFERENT, Surnames.MAIDEN_INITIAL})


def people_features(found: PeopleCompared) -> Features:
    """Return the features of two people, by name."""
    place, name = WIDE_PLACES.get(found.place, found.place), _name_class(found)
    words = {
        "first": found.first,
        "last": found.last,
        "middle": found.middle,
        "suffix": found.suffix,
        "profession": found.profession,
        "specialty": found.specialty,
        "place": found.place,
        "phone": found.phone,
        "first and last": f"{found.first}, {found.last}",
        "middle and suffix": f"{found.middle}, {found.suffix}",
    }
    features = {f"{aspect}: {word}": 1.0 for aspect, word in words.items()}
    for aspect in ("middle", "phone", "specialty", "profession"):
        features[f"{name} name, {aspect}: {words[aspect]}"] = 1.0
        if aspect != "phone":
            features[f"place: {place}, {aspect}: {words[aspect]}"] = 1.0
    features[f"{name} name, place: {place}"] = 1.0
    rarity = found.rarity - _USUAL_RARITY
    for of in ("", f" of {place}", f" of {name} name", f" of middle {found.middle}"):
        features[f"rarity{of}"] = rarity
    if found.first is FirstNames.DIFFERENT:
        features[f"other first name, place: {place}"] = 1.0
    if found.last in _UNLIKE_LAST:
        features |= _other_surname(found, place)
    return features


def clinic_features(found: ClinicsCompared) -> Features:
    """Return the features of two clinics, by name."""
    names, place = found.names, WIDE_PLACES.get(found.place, found.place)
    likeness = _likeness(names)
    words = [
        f"name: {likeness}",
        f"place: {found.place}",
        f"phone: {found.phone}",
        f"specialty: {found.specialty}",
        f"PO boxes: {found.po_boxes}",
        f"name: {likeness}, place: {place}",
        f"name: {likeness}, phone: {found.phone}",
        f"name: {likeness}, specialty: {found.specialty}",
        f"place: {place}, phone: {found.phone}",
        f"name: {likeness}, place: {place}, phone: {found.phone}",
        f"place: {place}, PO boxes: {found.po_boxes}",
        f"name: {likeness}, PO boxes: {found.po_boxes}",
    ]
    if names.has_trade_name:
        words += ["trade name", f"trade name, place: {place}"]
    if names.is_other_field:
        words += ["other field", f"other field, place: {place}", f"other field, phone: {found.phone}"]
    if found.is_other_unit:
        words += ["other unit", f"other unit, name: {likeness}"]
    features = dict.fromkeys(words, 1.0)
    for measure, value in _measures(names):
        features |= {f"{measure}{of}": value for of in ("", f" of {place}", f" of phone {found.phone}")}
    features[f"shared of {likeness}"] = names.shared / 10
    return features


def _name_class(found: PeopleCompared) -> str:
    if (found.first, found.last) == (FirstNames.EQUAL, Surnames.EQUAL):
        return "equal"
    if found.last is Surnames.EQUAL and found.first not in _UNLIKE_FIRST:
        return "alike"
    return "same first" if found.first is FirstNames.EQUAL else "unlike"


def _other_surname(found: PeopleCompared, place: str) -> Features:
    rarity = found.rarity - _USUAL_FIRST_RARITY
    features = {
        f"other surname, middle: {found.middle}": 1.0,
        f"other surname, phone: {found.phone}": 1.0,
        f"other surname, specialty: {found.specialty}, place: {place}": 1.0,
        "rarity of first name": rarity,
        f"rarity of first name of {place}": rarity,
    }
    if found.last is Surnames.DIFFERENT:
        features[f"other surname, place: {place}"] = 1.0
    return features


def _likeness(names: ClinicNames) -> str:
    if names.is_equal:
        return "equal"
    if names.ratio >= 0.92 or names.least > 0.93:
        return "alike"
    if names.most > 0.95:
        return "contained"
    if names.least > 0.6:
        return "largely"
    return "partly" if names.most > 0.5 else "other"


def _measures(names: ClinicNames) -> Iterator[tuple[str, float]]:
    yield "ratio", names.ratio
    yield "least", names.least
    yield "most", names.most
    yield "shared", names.shared / 10
    yield "rest least", names.rest_least / 5
    yield "rest most", names.rest_most / 5
