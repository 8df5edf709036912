"""Text as it is compared: lower-case ASCII without accents and apostrophes."""

import re
import unicodedata

_APOSTROPHES = str.maketrans("", "", "'’ʼ`")
_NOT_LETTERS = re.compile(r"[^a-z]")


def plain_text(text: str) -> str:
    """Return “José O’Neil” as `jose oneil`."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    return plain.encode("ascii", "ignore").decode().lower()


def letters(text: str) -> str:
    """Return only the letters of a text: “de la Cruz” as `delacruz`."""
    return _NOT_LETTERS.sub("", plain_text(text))
