"""Converts the registry's all-capital names and addresses to mixed case."""

import re
from collections.abc import Set as AbstractSet

_ROMAN = frozenset("II III IV".split())
_COMPANY_ACRONYMS = _ROMAN | frozenset(
    "MD DO DC DPM DDS DMD NP RN PA PC PLLC PLC LLC LLP LP USA US VA UC UCLA UCSF NYU LSU MRI CT ENT OB GYN TMJ".split()
)
_ADDRESS_ACRONYMS = _ROMAN | frozenset("NE NW SE SW PO RR FM CR US USA".split())
_LOWERCASE_WORDS = frozenset("of the and for at in on de del la las los".split())
_CREDENTIALS = {"PHD": "PhD", "PHARMD": "PharmD", "PSYD": "PsyD", "AUD": "AuD", "RPH": "RPh", "EDD": "EdD"}
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_PARTS = re.compile(r"([^'’]*)(['’]?)(.*)", re.DOTALL)
_ORDINAL = re.compile(r"\d+(ST|ND|RD|TH)")
_SPACED_LETTERS = re.compile(r"\b([A-Z]) (?=[A-Z]\b)")


def titlecase_person(text: str) -> str:
    """Convert “JOHN MCKAY O'BRIEN III” to “John McKay O'Brien III”."""
    return _titlecase(text, keep=_ROMAN)


def titlecase_organization(text: str) -> str:
    """Convert “MCDONALD ORTHOPAEDICS OF THE PLAINS LLC” to “McDonald Orthopaedics of the Plains LLC”."""
    return _titlecase(text, keep=_COMPANY_ACRONYMS, small=_LOWERCASE_WORDS)


def titlecase_city(text: str) -> str:
    """Convert “CROTON ON HUDSON” to “Croton on Hudson”."""
    return _titlecase(text, keep=frozenset(), small=_LOWERCASE_WORDS)


def titlecase_address(text: str) -> str:
    """Convert “2828 HIGHWAY 31 S STE 112” to “2828 Highway 31 S Ste 112”."""
    return _titlecase(text, keep=_ADDRESS_ACRONYMS)


def normalize_credential(text: str) -> str:
    """Convert “M. D., PH.D.” to “MD, PhD”."""
    text = _SPACED_LETTERS.sub(r"\1", " ".join(text.replace(".", "").split()).replace(" ,", ","))
    text = text.replace("PH D", "PHD").replace("PHARM D", "PHARMD").replace("R PH", "RPH")
    return _WORD.sub(lambda found: _CREDENTIALS.get(found[0], found[0]), text)


def _titlecase(text: str, *, keep: AbstractSet[str], small: AbstractSet[str] = frozenset()) -> str:
    text = " ".join(text.split())
    # Text that is already in mixed case was typed deliberately, so keep it.
    if not text.isupper() and any(letter.islower() for letter in text):
        return text

    def word(found: re.Match[str]) -> str:
        if found.start() > 0 and found[0].lower() in small:
            return found[0].lower()
        return found[0] if found[0] in keep else _titlecase_word(found[0])

    return _WORD.sub(word, text)


def _titlecase_word(word: str) -> str:
    if any(map(str.isdigit, word)):
        return word.lower() if _ORDINAL.fullmatch(word) else word
    if word.startswith("MC") and len(word) > 3:
        return "Mc" + word[2:].capitalize()
    if word.isalpha():
        return word.capitalize()
    parts = _PARTS.fullmatch(word)
    head, mark, tail = parts.groups() if parts else (word, "", "")
    # Capitalize O'Brien, but not King's.
    return head.capitalize() + mark + (tail.capitalize() if len(head) == 1 else tail.lower())
