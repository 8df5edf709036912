"""What two listings are compared by."""

import re
from dataclasses import dataclass

from directory.duplicates.addresses import Address
from directory.duplicates.clinic_names import Name
from directory.duplicates.person_names import PersonName
from directory.duplicates.words import plain_text

_PROFESSIONS = {
    word: profession
    for profession, words in {
        "physician": "md",
        "osteopath": "do",
        "optometrist": "od",
        "podiatrist": "dpm",
        "chiropractor": "dc",
        "dentist": "dds dmd",
        "nurse": "crna np fnp fnpc cfnp aprn arnp crnp cnm apn rn",
        "physician assistant": "pa pac",
        "physical therapist": "pt dpt mpt",
        "social worker": "lcsw",
        "audiologist": "aud",
        "pharmacist": "pharmd",
        "occupational therapist": "ot otr",
    }.items()
    for word in words.split()
}
_SPACED = re.compile(r"\b([md]) ([do])\b")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_NOT_DIGITS = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Record:
    """A listing as it is compared: of a person with `person`, of a clinic with `names`. `id` is the listing's."""

    id: int
    person: PersonName | None
    names: tuple[Name, ...]
    professions: frozenset[str]
    specialty_code: str
    specialty: str
    addresses: tuple[Address, ...]
    phones: frozenset[str]
    npi: str = ""


def professions(credentials: str) -> frozenset[str]:
    """Return the professions that credentials such as “M.D., PhD” or “PA-C” stand for."""
    text = _SPACED.sub(r"\1\2", plain_text(credentials).replace(".", "").replace("-c", "c").replace("-bc", ""))
    return frozenset(_PROFESSIONS[word] for word in _NOT_LETTERS.split(text) if word in _PROFESSIONS)


def phone_digits(phone: str) -> str:
    """Return the last ten digits of a telephone number."""
    return _NOT_DIGITS.sub("", phone)[-10:]
