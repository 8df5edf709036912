"""The words of the names and addresses of imported listings that are not public, so that a practice finds its own."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from directory.database import Base
from directory.listings.listing_data import Address
from directory.listings.tables import ImportNameWord, Location

MAX_WORDS = 8
"""The most words of a search that count; arbitrary, more than a name has."""

MAX_WORD_LENGTH = 40
"""Letters of a word that count; equal to the column width."""

PREFIX_LENGTH = 4
"""A typed word with at least this many letters also finds longer words that begin with it, as in the search."""

ZIP_LENGTH = 5
"""Digits of a ZIP code that count."""

_WORD = re.compile(r"[a-z0-9]+")
_APOSTROPHES = str.maketrans("", "", "'’ʼ`")
_AFTER_LETTERS = "{"
"""Sorts after all letters and digits."""

_words = Base.metadata.tables[ImportNameWord.__tablename__]


def name_words(text: str) -> tuple[str, ...]:
    """Return the distinct words of a name, in lower-case ASCII: “Dr. José O’Neil” gives dr, jose and oneil."""
    plain = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).encode("ascii", "ignore").decode().lower()
    return tuple(dict.fromkeys(word[:MAX_WORD_LENGTH] for word in _WORD.findall(plain)))


def zip_word(postal_code: str) -> str:
    """Return the word of a ZIP code; no word of a name begins with a colon."""
    return f":{postal_code[:ZIP_LENGTH]}"


def town_word(city: str, state: str) -> str:
    """Return the word of a town, such as `:co:broomfield`."""
    return f":{state}:{''.join(name_words(city))}".lower()[:MAX_WORD_LENGTH]


def listing_words(name: str, addresses: Iterable[Location | Address]) -> set[str]:
    """Return the words by which an imported listing is found: those of its name, its ZIP codes and its towns."""
    return {*name_words(name), *_place_words(addresses)}


def _place_words(addresses: Iterable[Location | Address]) -> Iterator[str]:
    for address in addresses:
        yield zip_word(address.postal_code)
        yield town_word(address.city, address.state)


def replace_words(session: Session, stored: Sequence[int], words: Mapping[int, Iterable[str]]) -> None:
    """Store these words, by listing id, and forget those of the listings in `stored`."""
    if stored:
        session.execute(sa.delete(_words).where(_words.c.listing_id.in_(stored)))
    rows = [{"listing_id": each, "word": word} for each, several in words.items() for word in several]
    if rows:
        session.execute(sa.insert(_words), rows)


def listing_ids(text: str, *, place: str = "", state: str = "") -> sa.Select[int] | None:
    """Return the statement for the listings with every word of a text, in a place and in a state.

    Some may have become public since. None without a word or a place, because a state alone has too many listings.

    Args:
        text: words of the name.
        place: a `zip_word` or a `town_word`.
        state: the two-letter abbreviation.
    """
    # The longest word is probably the rarest; the others are looked up by listing.
    typed = sorted(name_words(text)[:MAX_WORDS], key=len, reverse=True)
    wanted = ([place] if place else []) + typed
    if not wanted:
        return None
    first = aliased(ImportNameWord)
    found = sa.select(first.listing_id).where(_begins(first, wanted[0])).distinct()
    for word in wanted[1:]:
        other = aliased(ImportNameWord)
        found = found.where(sa.exists().where(other.listing_id == first.listing_id, _begins(other, word)))
    if state:
        found = found.where(sa.exists().where(Location.listing_id == first.listing_id, Location.state == state))
    return found


def _begins(row: type[ImportNameWord], word: str) -> sa.ColumnElement[bool]:
    if len(word) < PREFIX_LENGTH or word.startswith(":"):
        return row.word == word
    return sa.and_(row.word >= word, row.word < word + _AFTER_LETTERS)
