"""Puts columns of rows into a table, each value turned into what the driver takes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import sqlalchemy as sa

from directory.search.bulk import insert_rows


@dataclass(frozen=True, slots=True)
class Same:
    """A column that says the same in every row."""

    value: Any


Columns = Mapping[str, Sequence[Any] | Same]
"""By the name of the column; what is left out has its default."""


def load(connection: sa.Connection, table: sa.Table, columns: Columns) -> int:
    """Insert the rows in the connection's transaction; how many they were."""
    given = {**_defaults(table, columns), **columns}
    count = next(len(values) for values in columns.values() if not isinstance(values, Same))
    if count:
        rows = zip(*(_stored(connection, table.c[name], values) for name, values in given.items()), strict=False)
        insert_rows(connection, table, rows, list(given))
    return count


def _defaults(table: sa.Table, columns: Columns) -> dict[str, Same]:
    """What SQLAlchemy would fill in row by row."""
    found = {}
    for column in table.columns:
        default = column.default
        if column.name in columns or not isinstance(default, sa.ColumnDefault):
            continue
        found[column.name] = Same(default.arg(None) if default.is_callable else default.arg)
    return found


def _stored(connection: sa.Connection, column: sa.Column[Any], values: Sequence[Any] | Same) -> Iterable[Any]:
    """The column's values as the driver takes them."""
    kind = column.type.dialect_impl(connection.dialect)
    process = kind.bind_processor(connection.dialect)
    if isinstance(values, Same):
        return repeat(process(values.value) if process else values.value)
    return _processed(process, values) if process else values


def _processed(process: Callable[[Any], Any], values: Sequence[Any]) -> Iterator[Any]:
    """Each value through `process`, once for all rows that share one object, as days and languages do."""
    # The values are alive as long as this runs, so that no two of them have the same id.
    done: dict[int, Any] = {}
    for value in values:
        if id(value) not in done:
            done[id(value)] = process(value)
        yield done[id(value)]
