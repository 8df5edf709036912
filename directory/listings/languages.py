"""The languages that a listing may say are spoken there, by ISO 639 code."""

from collections.abc import Iterable, Iterator

from directory.errors import Fault

LANGUAGES: dict[str, str] = {
    "en": "English",
    "es": "Spanish",
    "zh": "Chinese",
    "tl": "Tagalog",
    "vi": "Vietnamese",
    "ar": "Arabic",
    "fr": "French",
    "ko": "Korean",
    "ru": "Russian",
    "pt": "Portuguese",
    "ht": "Haitian Creole",
    "hi": "Hindi",
    "pl": "Polish",
    "de": "German",
    "it": "Italian",
    "ur": "Urdu",
    "fa": "Persian",
    "ja": "Japanese",
    "ase": "American Sign Language",
    "hmn": "Hmong",
}
"""Plain labels: the languages most spoken at home in the United States, and sign language."""

MAX_LANGUAGES = 10
"""Of one listing; arbitrary. One that ticks them all is found by everybody, and helps nobody to choose."""


def in_order(codes: Iterable[str]) -> list[str]:
    """Each known code once, in the order of the list, so that two who state the same state it alike."""
    wanted = set(codes)
    return [code for code in LANGUAGES if code in wanted]


def language_faults(codes: Iterable[str]) -> Iterator[Fault]:
    """What is wrong with the languages of an entry."""
    wanted = set(codes)
    if unknown := sorted(wanted - LANGUAGES.keys()):
        yield Fault("languages", f"Languages must be chosen from the list; {unknown[0][:20]!r} is not on it.")
    if len(wanted) > MAX_LANGUAGES:
        yield Fault("languages", f"Languages may be at most {MAX_LANGUAGES}; these are {len(wanted)}.")
