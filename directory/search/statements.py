"""How the index is asked: statements that stay the same whatever is asked, so that the database prepares them once."""

import functools
import json
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from directory.search.cells import Range

_SIZES = (1, 4, 16, 64)
_NO_CODES = (-1, -2)

_ONE_RUN = """
SELECT * FROM (
    SELECT CAST(:start AS integer) + {number} AS run, key, code, packed FROM search_tiles
    WHERE generation = :generation AND key = :key{number} AND code <= :last{number} AND code >= (
        SELECT max(code) FROM search_tiles
        WHERE generation = :generation AND key = :key{number} AND code <= :first{number}
    ){ending}
) AS run{number}
"""


ALL = 2**31 - 1
"""A number of rows that no table has."""


@functools.cache
def _runs_statement(size: int, *, limited: bool) -> sa.TextClause:
    """One SELECT for each run of codes: joined with a list of runs, PostgreSQL reads the whole table.

    The tile before the first code may hold some of the run, so it is one of them; the first tile of a key begins
    at 0, so there is always one.
    """
    ending = " ORDER BY code LIMIT :limit" if limited else ""
    runs = " UNION ALL ".join(_ONE_RUN.format(number=number, ending=ending) for number in range(size))
    return sa.text(f"{runs} LIMIT :most")


def tiles(
    connection: sa.Connection,
    generation: int,
    runs: Sequence[tuple[int, Range]],
    *,
    limit: int = ALL,
    most: int = ALL,
) -> list[Any]:
    """The tiles that may hold codes of the runs: rows of the run's number, key, first code and packed locations.

    Of each run at most `limit`, and `most` in all; a tile that lies in two runs comes twice.
    """
    found: list[Any] = []
    for start in range(0, len(runs), _SIZES[-1]):
        some = runs[start : start + _SIZES[-1]]
        size = next(size for size in _SIZES if len(some) <= size)
        values: dict[str, Any] = {"generation": generation, "start": start, "most": most - len(found)}
        if limit < ALL:
            values["limit"] = limit
        for number in range(size):
            # The rest of the statement is filled with runs that hold nothing.
            key, (values[f"first{number}"], values[f"last{number}"]) = (
                some[number] if number < len(some) else (0, _NO_CODES)
            )
            values[f"key{number}"] = key
        found += connection.execute(_runs_statement(size, limited=limit < ALL), values).all()
        if len(found) >= most:
            break
    return found


def each_once(found: Iterable[Any]) -> dict[tuple[int, int], bytes]:
    """What tiles hold, by key and first code."""
    return {(tile.key, tile.code): tile.packed for tile in found}


def numbers_in(connection: sa.Connection, text: str, numbers: Iterable[int], **values: Any) -> sa.CursorResult[Any]:
    """Run `text`, in which `{numbers}` stands for a list of numbers, which may be long."""
    listed: Any = list(numbers)
    if connection.dialect.name == "postgresql":
        # Beside a list of rows it may read a whole table; an array it looks up, whatever it knows of the table.
        asked = text.replace("IN ({numbers})", "= ANY(CAST(:numbers AS bigint[]))")
        statement = _text(asked, "SELECT unnest(CAST(:numbers AS bigint[])) AS value")
    else:
        statement, listed = _text(text, "SELECT value FROM json_each(:numbers)"), json.dumps(listed)
    return connection.execute(statement, {"numbers": listed, **values})


@functools.cache
def _text(text: str, listed: str) -> sa.TextClause:
    return sa.text(text.format(numbers=listed))
