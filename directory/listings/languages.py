"""The languages that a listing can state, by ISO 639 code."""

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
