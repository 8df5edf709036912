"""Words that must not stand in a listing, because they mislead patients, each with its reason."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from directory.errors import FieldError

_PROMISE = "Nobody can promise that a treatment works."
_SAFETY = "Every procedure has risks."
_APPROVAL = "The FDA approves products. It does not approve clinics or procedures."
_DISEASE = "A listing says where a procedure is done, and not what it treats."

FORBIDDEN: Mapping[str, str] = {
    # English
    r"cur(?:e|es|ed|ing|ative)": _PROMISE,
    r"guarante(?:e|es|ed|eing)": _PROMISE,
    r"(?:re)?grow(?:s|ing)? (?:new |back )?cartilage": _PROMISE,
    r"regenerat(?:e|es|ing) (?:new )?cartilage": _PROMISE,
    r"fda[- ](?:approved|approval|cleared)|(?:approved|cleared) by the fda": _APPROVAL,
    r"safe and effective": _SAFETY,
    r"(?:no|without|zero) risks?|risk[- ]free": _SAFETY,
    r"stem cells? (?:treats?|heals?|repairs?|reverses?)": _DISEASE,
    # Spanish
    r"cura|curan|curar|curacion|curamos": _PROMISE,
    r"garantia|garantizad[oa]s?|garantizamos|garantizar": _PROMISE,
    r"regenera(?:n|r|mos)? (?:el )?cartilago": _PROMISE,
    r"aprobad[oa]s? por la fda": _APPROVAL,
    r"segur[oa]s? y (?:eficaz|eficaces|efectiv[oa]s?)": _SAFETY,
    r"sin (?:ningun )?riesgos?": _SAFETY,
    r"(?:las )?celulas madre (?:tratan|curan|sanan|reparan)": _DISEASE,
}
"""The reason for each pattern, which matches whole words in lower-case text without accents."""

_RULES = [(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), reason) for pattern, reason in FORBIDDEN.items()]


def check_words(name: str, label: str, text: str, words: Iterable[str]) -> Iterator[FieldError]:
    """Yield an error for each forbidden word or phrase in a text.

    Args:
        name: the field name in the errors.
        label: the start of the error messages: “The practice”.
        text: the typed text.
        words: the words that the operator forbids besides.
    """
    plain = _fold(text)
    yield from check_own_words(name, label, text, words)
    for pattern, reason in _RULES:
        if match := pattern.search(plain):
            yield FieldError(name, f"{label} must not say “{match[0]}”. {reason}")


def check_own_words(name: str, label: str, text: str, words: Iterable[str]) -> Iterator[FieldError]:
    """Yield an error for each word or phrase in a text that the operator forbids."""
    plain = _fold(text)
    for word in words:
        if re.search(rf"(?<!\w){re.escape(_fold(word))}(?!\w)", plain):
            yield FieldError(name, f"{label} must not say “{word}”. The operator of this directory does not allow it.")


def _fold(text: str) -> str:
    """Lower-case text without accents and with single spaces; compatibility characters as usual letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(each for each in decomposed if not unicodedata.combining(each)).split())
