"""The languages that a listing may say are spoken there, by ISO 639 code."""

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


def language_labels(codes: list[str]) -> tuple[str, ...]:
    """The plain names of some languages, in the order of the codes."""
    return tuple(LANGUAGES[code] for code in codes)
