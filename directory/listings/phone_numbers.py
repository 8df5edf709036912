"""Telephone numbers of the United States: parsed, in the form in which they are stored, and as text and link."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

CACHE_SIZE = 4_096
"""Parsed numbers kept per process; a page shows each number as text and as a link."""

_IN_DIGITS = re.compile(r"[0-9+(). /-]+(?:[ ,;]*(?:x|ext\.?|extension|#) *\d{1,6})?", re.ASCII | re.IGNORECASE)
_IN_WORDS = re.compile(
    r"(?:\+?1[ .-]?)?\(?(?P<area>8\d\d)\)?[ .-]?(?P<words>[0-9A-Z](?:[ .-]?[0-9A-Z]){6,11})", re.ASCII | re.IGNORECASE
)
_NORTH_AMERICAN = re.compile(r"[2-9]\d\d[2-9]\d{6}", re.ASCII)
_STORED = re.compile(r"[2-9]\d\d-[2-9]\d\d-\d{4}", re.ASCII)
_SEPARATORS = re.compile(r"[ .-]+")
_NO_DIGITS = re.compile(r"\D+", re.ASCII)


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number: its ten digits, and its extension or its words, such as FLOWERS of 1-800-FLOWERS."""

    digits: str
    extension: str = ""
    words: str = ""

    @property
    def normal(self) -> str:
        """The form in which it is stored: 303-555-0100, 303-555-0100 ext. 12 or 1-800-FLOWERS."""
        if self.words:
            return f"1-{self.digits[:3]}-{self.words}"
        extension = f" ext. {self.extension}" if self.extension else ""
        return f"{self.digits[:3]}-{self.digits[3:6]}-{self.digits[6:]}{extension}"

    @property
    def text(self) -> str:
        """The form that pages show: (303) 555-0100 x12 or 1-800-FLOWERS."""
        if self.words:
            return self.normal
        extension = f" x{self.extension}" if self.extension else ""
        return f"({self.digits[:3]}) {self.digits[3:6]}-{self.digits[6:]}{extension}"

    @property
    def uri(self) -> str:
        """The `tel:` URI (RFC 3966)."""
        return f"tel:+1{self.digits}{f';ext={self.extension}' if self.extension else ''}"


@lru_cache(maxsize=CACHE_SIZE)
def parse(typed: str) -> PhoneNumber | None:
    """Parse a number of ten digits, with or without the country code; None for any other text."""
    if _STORED.fullmatch(typed):  # most are, and the library takes 40 times as long
        return PhoneNumber(typed.replace("-", ""))
    if _IN_DIGITS.fullmatch(typed):
        return _parse_digits(typed)
    found = _IN_WORDS.fullmatch(typed)
    if found is None:
        return None
    # A telephone ignores the letters of a longer word, such as 1-800-CONTACTS.
    digits = _NO_DIGITS.sub("", phonenumbers.convert_alpha_characters_in_number(found["area"] + found["words"]))[:10]
    words = _SEPARATORS.sub("-", found["words"].upper())
    return PhoneNumber(digits, words=words) if _NORTH_AMERICAN.fullmatch(digits) else None


def _parse_digits(typed: str) -> PhoneNumber | None:
    try:
        found = phonenumbers.parse(typed, "US")
    except phonenumbers.NumberParseException:
        return None
    # Not is_valid_number: it would refuse an area code that is newer than the library.
    digits = str(found.national_number)
    is_us = found.country_code == 1 and _NORTH_AMERICAN.fullmatch(digits)
    return PhoneNumber(digits, found.extension or "") if is_us else None


def normalize(typed: str) -> str:
    """The form in which a number is stored; any other text is unchanged."""
    number = parse(typed)
    return number.normal if number else typed


def format_phone(stored: str) -> str:
    """A stored number as pages show it; one that was stored before numbers were checked is unchanged."""
    number = parse(stored)
    return number.text if number else stored


def phone_uri(stored: str) -> str:
    """The `tel:` URI of a stored number; of other text, of its digits."""
    number = parse(stored)
    return number.uri if number else f"tel:{_NO_DIGITS.sub('', stored)}"
