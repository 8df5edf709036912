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
"""Labels by code: the languages most spoken at home in the United States, and American Sign Language."""

MAX_LANGUAGES = 10
"""The most languages of one listing; arbitrary. A listing with all languages would match every language search."""
