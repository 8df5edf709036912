"""Says in words what two listings have in common and what not."""

from directory.duplicates.comparison import ClinicsCompared, PeopleCompared
from directory.duplicates.person_names import FirstNames, MiddleNames, Surnames

_FIRST = {
    FirstNames.EQUAL: "Same first name",
    FirstNames.NICKNAME: "One first name is a nickname of the other",
    FirstNames.MISSPELLED: "First names differ in a letter or two",
    FirstNames.SIMILAR: "First names are alike, but both are names of their own",
    FirstNames.PREFIX: "One first name is the start of the other",
    FirstNames.JOINED: "First and middle name are written as one",
    FirstNames.MIDDLE: "One goes by the other's middle name",
    FirstNames.INITIAL: "One first name is only an initial",
    FirstNames.INITIALS: "Both first names are the same initial",
    FirstNames.SWAPPED: "First name and surname are swapped",
    FirstNames.DIFFERENT: "Different first names",
    FirstNames.MISSING: "A first name is missing",
}
_LAST = {
    Surnames.EQUAL: "Same surname",
    Surnames.MISSPELLED: "Surnames differ in a letter or two",
    Surnames.SIMILAR: "Surnames are alike, but both are names of their own",
    Surnames.COMPOUND: "One surname is part of the other",
    Surnames.MAIDEN: "One surname is the other's middle name",
    Surnames.MAIDEN_INITIAL: "One middle initial may stand for the other's surname",
    Surnames.DIFFERENT: "Different surnames",
}
_MIDDLE = {
    MiddleNames.EQUAL: "Same middle name",
    MiddleNames.INITIAL: "A middle initial agrees with the middle name",
    MiddleNames.INITIALS: "Same middle initial",
    MiddleNames.CONFLICT: "Different middle names",
}
_SUFFIX = {"equal": "Same suffix", "conflict": "Different suffixes, such as Jr. and Sr."}
_PROFESSION = {"equal": "Same profession", "conflict": "Different professions"}
_SPECIALTY = {
    "equal": "Same specialty",
    "equal name": "Same specialty",
    "similar": "Related specialties",
    "other": "Different specialties",
}
_PLACE = {
    "street": "Same street address",
    "zip": "Same ZIP code",
    "city": "Same city",
    "near": "Within 15 miles",
    "area": "Within 60 miles",
    "state": "Same state, far apart",
    "other area": "Within 60 miles, in two states",
    "other": "Different states",
}
_PHONE = {"equal": "Same phone number", "other": "Different phone numbers"}

_RARE = 8.0
_COMMON = 5.0


def people_reasons(found: PeopleCompared) -> tuple[str, ...]:
    """Return the reasons of two people."""
    rarity = "Rare name" if found.rarity >= _RARE else "Common name" if found.rarity < _COMMON else ""
    reasons = (
        _FIRST[found.first],
        _LAST.get(found.last, ""),
        _MIDDLE.get(found.middle, ""),
        rarity,
        _SUFFIX.get(found.suffix, ""),
        _PLACE[found.place],
        _PHONE.get(found.phone, ""),
        _PROFESSION.get(found.profession, ""),
        _SPECIALTY.get(found.specialty, ""),
    )
    return tuple(reason for reason in reasons if reason)


def clinic_reasons(found: ClinicsCompared) -> tuple[str, ...]:
    """Return the reasons of two clinics."""
    reasons = (
        _clinic_name(found),
        "Their names say different fields" if found.names.is_other_field else "",
        _PLACE[found.place],
        "Different units in the building" if found.place == "street" and found.is_other_unit else "",
        _PHONE.get(found.phone, ""),
        _SPECIALTY.get(found.specialty, ""),
        "An address is a PO box" if found.po_boxes else "",
    )
    return tuple(reason for reason in reasons if reason)


def _clinic_name(found: ClinicsCompared) -> str:
    names = found.names
    if names.is_equal:
        return "Same name, apart from its legal form"
    if names.ratio >= 0.92 or names.least > 0.93:
        return "Almost the same name"
    if names.most > 0.95:
        return "One name is part of the other"
    return "Names have words in common" if names.shared else "Different names"
