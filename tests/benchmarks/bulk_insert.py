"""Inserts columns of values into a table: COPY on PostgreSQL, executemany on SQLite."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Constant:
    """A column with the same value in every row."""

    value: Any


Columns = Mapping[str, Sequence[Any] | Constant]
"""Values by column name; a column that is left out has its default."""


def bulk_insert(connection: sa.Connection, table: sa.Table, columns: Columns) -> None:
    """Insert rows in the connection's transaction. At least one column must not be constant."""
    given = {**_defaults(table, columns), **columns}
    if not any(len(values) for values in columns.values() if not isinstance(values, Constant)):
        return
    # Constant columns repeat without end, so the shortest column ends the rows.
    rows = zip(*(_bound(connection, table.c[name], values) for name, values in given.items()), strict=False)
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(given)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        statement = sa.insert(sa.table(table.name, *map(sa.column, given)))
        connection.exec_driver_sql(str(statement.compile(dialect=connection.dialect)), list(rows))


def _defaults(table: sa.Table, columns: Columns) -> dict[str, Constant]:
    """The column defaults that SQLAlchemy would fill in for each row."""
    found = {}
    for column in table.columns:
        default = column.default
        if column.name not in columns and isinstance(default, sa.ColumnDefault):
            found[column.name] = Constant(default.arg(None) if default.is_callable else default.arg)
    return found


def _bound(connection: sa.Connection, column: sa.Column[Any], values: Sequence[Any] | Constant) -> Iterable[Any]:
    """Values as the driver takes them."""
    process = column.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
    if isinstance(values, Constant):
        return repeat(process(values.value) if process else values.value)
    return _processed(process, values) if process else values


def _processed(process: Callable[[Any], Any], values: Sequence[Any]) -> Iterator[Any]:
    """Processes an object once for all rows that share it, as dates and languages do."""
    # `values` keeps every object alive, so that no two of them have the same id.
    cache: dict[int, Any] = {}
    for value in values:
        if id(value) not in cache:
            cache[id(value)] = process(value)
        yield cache[id(value)]
