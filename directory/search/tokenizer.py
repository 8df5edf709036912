"""Splits text into normalized words: lowercase, without accents, letters and digits only."""

import re
import unicodedata

MAX_WORDS = 8
"""The most words in one search; arbitrary, more than a name with its city."""

PREFIX_LENGTH = 4
"""A search word with at least this many letters also matches as a prefix; a shorter one must be the whole word."""

MAX_WORD_LENGTH = 40
"""Letters of a word that are significant; arbitrary, longer than any name."""

_WORD = re.compile(r"[^\W_]+")
# Letters that NFKD does not decompose, although people type them as one or two plain letters.
_PLAIN = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
_APOSTROPHES = str.maketrans("", "", "'’ʼ`")


def tokenize(text: str) -> tuple[str, ...]:
    """Return the distinct words of a text, in order: “Dr. José O’Neil-Peña” gives dr, jose, oneil and pena."""
    folded = text.casefold()
    # A fast path: most names are ASCII, and a rebuild reads millions of them.
    bare = folded.replace("'", "").replace("`", "") if folded.isascii() else _fold(folded)
    return tuple(dict.fromkeys(word[:MAX_WORD_LENGTH] for word in _WORD.findall(bare)))


def _fold(folded: str) -> str:
    # Fold the case again: NFKD can turn a mathematical letter into a capital.
    decomposed = unicodedata.normalize("NFKD", folded.translate(_APOSTROPHES).translate(_PLAIN)).casefold()
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))
