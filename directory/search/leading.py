"""Works out what a search is led by: the rarest key among all that it asks for, in one generation of the index."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa

from directory.search.keys import ANY, COPIES, Scope
from directory.search.query import Filters
from directory.search.reading import Reader, Source
from directory.search.statements import numbers_in
from directory.search.words import BEGINNING, BEGUN

T = TypeVar("T")

READABLE = 64
"""Words with one beginning that are read beside another word; of more, only what they all begin with is."""

FEW_WORDS = 4
"""Words with one beginning that are looked under one by one."""

_KEYS = """
SELECT state.generation, counted.key, counted.locations, counted.listings FROM search_state AS state
LEFT JOIN search_keys AS counted ON counted.generation = state.generation AND counted.key IN ({numbers})
"""
_GENERATION = sa.text("SELECT generation FROM search_state")
_BEGUN = sa.text("""
SELECT word.key, counted.locations FROM search_words AS word
JOIN search_keys AS counted ON counted.generation = :generation AND counted.key = word.key
WHERE word.word >= :first AND word.word <= :last
""")


def steadily(
    connection: sa.Connection, filters: Filters, now: datetime, ask: Callable[[Reader], T], *, nothing: T
) -> T:
    """What `ask` finds of all that the filters let through, in one generation of the index; `nothing` if that is none.

    Where a rebuild took over meanwhile, some of the old generation may have been dropped under the search: so it asks
    once more.
    """
    while (way := reader(connection, filters, now)) is not None:
        answer = ask(way)
        if connection.scalar(_GENERATION) == way.generation:
            return answer
    return nothing


def reader(connection: sa.Connection, filters: Filters, now: datetime) -> Reader | None:
    """The way to what the filters ask for; None where nothing can match."""
    scope = Scope.of(filters, now)
    keys = [ANY, *(condition.key for condition in scope.conditions)]
    asked = [*keys, *(key + COPIES for key in keys)]
    rows = numbers_in(connection, _KEYS, asked).all()
    generation = rows[0].generation
    counted = {row.key: row for row in rows if row.key is not None}
    facts = [Source({key: counted[key].locations if key in counted else 0}) for key in keys]
    words = [_word(connection, generation, word) for word in scope.words]
    driver = min([*facts, *(word.led_by for word in words)], key=lambda source: source.total)
    if not all(source.total for source in (driver, *(word.meant for word in words))):
        # A rebuild that took over meanwhile may have dropped the words from under the search.
        overtaken = words and connection.scalar(_GENERATION) != generation
        return reader(connection, filters, now) if overtaken else None
    everybody = facts[0].total
    held = math.prod(
        min(1.0, word.meant.total / word.led_by.total)
        if word.led_by is driver
        else min(1.0, word.meant.total / everybody)
        for word in words
    )
    share = held * math.prod(min(1.0, fact.total / everybody) for fact in facts if fact is not driver)
    spelt = tuple(word.meant for word in words if len(word.meant.locations) > READABLE)
    read = (word.led_by if word.meant in spelt else word.meant for word in words)
    first = next(iter(driver.locations))
    return Reader(
        connection,
        scope,
        generation,
        driver,
        tuple(source for source in read if source is not driver),
        spelt,
        held,
        share,
        everybody,
        counted[first + COPIES].locations if first + COPIES in counted else 0,
        counted[first].listings if first in counted else 0,
    )


@dataclass(frozen=True, slots=True)
class _Word:
    """A word that is asked for: all the words that it may mean, and what a search for them may be led by."""

    meant: Source
    led_by: Source


def _word(connection: sa.Connection, generation: int, word: str) -> _Word:
    """What a word stands for: itself where it is short, else all words that it begins.

    Where these are many, looking under each would be far more than looking under what they all begin with.
    """
    if len(word) <= BEGINNING:
        filed = Source(_begun(connection, generation, word if len(word) < BEGINNING else word + BEGUN))
        return _Word(filed, filed)
    meant = Source(_begun(connection, generation, word, word + "\U0010ffff"))
    if len(meant.locations) <= FEW_WORDS:
        return _Word(meant, meant)
    return _Word(meant, Source(_begun(connection, generation, word[:BEGINNING] + BEGUN)))


def _begun(connection: sa.Connection, generation: int, first: str, last: str | None = None) -> dict[int, int]:
    """The keys of the words from the first to the last, or of the first alone, and how many locations each has."""
    rows = connection.execute(_BEGUN, {"generation": generation, "first": first, "last": last or first})
    return {row.key: row.locations for row in rows}
