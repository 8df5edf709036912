"""The words of a text as search compares them: small letters, without accents, letters and digits only."""

import re
import unicodedata

MAX_WORDS = 8
"""Words that one search may ask for; arbitrary, more than a name with its city."""

BEGINNING = 4
"""Letters from which on a word also finds what begins with it; a shorter one must be the whole word."""

BEGUN = "*"
"""Follows the beginning of a word where all words that begin so are meant; no word holds one."""

LONGEST = 40
"""Letters of a word that count; arbitrary, longer than any name."""

_WORD = re.compile(r"[^\W_]+")
# What NFKD leaves whole although people type it in two letters or in a plain one.
_PLAIN = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_APOSTROPHES = str.maketrans("", "", "'’ʼ`")


def words_of(text: str) -> tuple[str, ...]:
    """The different words, in order: “Dr. José O’Neil-Peña” is dr, jose, oneil and pena."""
    folded = text.casefold()
    # Most names need nothing more, and a rebuild reads millions of them.
    bare = folded.replace("'", "").replace("`", "") if folded.isascii() else _plain(folded)
    return tuple(dict.fromkeys(word[:LONGEST] for word in _WORD.findall(bare)))


def filed_words(text: str) -> tuple[str, ...]:
    """The different words of a text, and what they begin with: under which of them a search finds it."""
    words = words_of(text)
    return words + tuple(dict.fromkeys(word[:BEGINNING] + BEGUN for word in words if len(word) >= BEGINNING))


def _plain(folded: str) -> str:
    # Once more in small letters: what NFKD makes of a mathematical letter may be a capital.
    decomposed = unicodedata.normalize("NFKD", folded.translate(_APOSTROPHES).translate(_PLAIN)).casefold()
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
