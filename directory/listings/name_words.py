"""The words of the names of imported listings that are not public, so that a practice finds its own."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from directory.database import Base
from directory.listings.tables import ImportNameWord

MAX_WORDS = 8
"""The most words of a search that count; arbitrary, more than a name has."""

MAX_WORD_LENGTH = 40
"""Letters of a word that count; equal to the column width."""

PREFIX_LENGTH = 4
"""A typed word with at least this many letters also finds longer words that begin with it, as in the search."""

_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHES = str.maketrans("", "", "'’ʼ`")
_AFTER_LETTERS = "{"
"""Sorts after all letters and digits."""

_words = Base.metadata.tables[ImportNameWord.__tablename__]


def name_words(text: str) -> tuple[str, ...]:
    """Return the distinct words of a name, in lower-case ASCII: “Dr. José O’Neil” gives dr, jose and oneil."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).encode("ascii", "ignore").decode().lower()
    return tuple(dict.fromkeys(word[:MAX_WORD_LENGTH] for word in _WORD.findall(plain)))


def replace_name_words(session: Session, stored: Sequence[int], names: Mapping[int, str]) -> None:
    """Store the words of these names, by listing id, and forget those of the listings in `stored`."""
    if stored:
        session.execute(sa.delete(_words).where(_words.c.listing_id.in_(stored)))
    rows = [{"listing_id": each, "word": word} for each, name in names.items() for word in name_words(name)]
    if rows:
        session.execute(sa.insert(_words), rows)


def ids_by_name(session: Session, text: str, *, limit: int) -> list[int]:
    """Return ids of listings whose name has every word of the text. Some may have become public since."""
    typed = sorted(name_words(text)[:MAX_WORDS], key=len, reverse=True)
    if not typed:
        return []
    # The longest word is probably the rarest; the others are looked up by listing.
    first = aliased(ImportNameWord)
    found = sa.select(first.listing_id).where(_begins(first, typed[0]))
    for word in typed[1:]:
        other = aliased(ImportNameWord)
        found = found.where(sa.exists().where(other.listing_id == first.listing_id, _begins(other, word)))
    return list(dict.fromkeys(session.scalars(found.limit(limit))))


def _begins(row: type[ImportNameWord], word: str) -> sa.ColumnElement[bool]:
    if len(word) < PREFIX_LENGTH:
        return row.word == word
    return sa.and_(row.word >= word, row.word < word + _AFTER_LETTERS)
