"""Takes credentials out of the columns of a person's name."""

import re

_CREDENTIALS = frozenset(
    "MD DDS DMD DPM PHD PHARMD PSYD MBBS MBCHB FACS FAAOS FAAPMR FAOAO FACSM APRN CRNA DNP FNP ARNP MPH MSN".split()
)
"""Credentials that are nobody's last name."""
_AMBIGUOUS = frozenset("DO PA NP RN DC PAC PT OD JD MS MA BS BA".split())
"""Credentials that are last names too, such as Do and Pa; they count after a comma, or with periods or a dash."""

_SPACED = re.compile(r"\b([A-Z]\.?) (?=[A-Z]\.?$)", re.IGNORECASE)


def split_credentials(text: str, *, is_suffix: bool = False) -> tuple[str, str]:
    """Split “SMITH, MD PHD” into “SMITH” and “MD PHD”.

    A last name keeps at least one word. A suffix, which is no name, may be a credential as a whole.
    """
    # Most names are one word, and most people have no suffix.
    if not text or (text.isalpha() and not is_suffix):
        return text, ""
    words = _joined(text, is_suffix=is_suffix).replace(",", ", ").split()
    at = len(words)
    while at > (0 if is_suffix else 1) and _is_credential(words, at - 1, is_suffix=is_suffix):
        at -= 1
    if at == len(words):
        return text, ""
    return " ".join(words[:at]).rstrip(","), " ".join(word.rstrip(",") for word in words[at:])


def _joined(text: str, *, is_suffix: bool) -> str:
    """Join “M D” at the end, which is no name; other single letters may be initials."""
    joined = _SPACED.sub(r"\1", text)
    last = joined.split(" ")[-1].replace(".", "").upper()
    return joined if last == "MD" or is_suffix else text


def _is_credential(words: list[str], at: int, *, is_suffix: bool) -> bool:
    word = words[at].rstrip(",")
    plain = word.replace(".", "").replace("-", "").upper()
    if plain in _CREDENTIALS:
        return True
    is_marked = is_suffix or word.count(".") > 1 or "-" in word or (at > 0 and words[at - 1].endswith(","))
    return plain in _AMBIGUOUS and is_marked
