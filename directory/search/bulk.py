"""Hands many rows to the database's driver as they are, past the work that SQLAlchemy does for each of them."""

import functools
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

AT_ONCE = 500
"""Rows put by one statement; arbitrary, so that the largest ones are some megabytes."""

Row = tuple[Any, ...]
"""Values as the driver takes them: numbers, texts, bytes, moments and None."""


def run_each(connection: sa.Connection, statement: str, rows: Sequence[Row]) -> None:
    """Run a statement once for each row; the row's values stand where the statement has question marks."""
    if rows:
        marked = statement.replace("?", "%s") if connection.dialect.name == "postgresql" else statement
        connection.exec_driver_sql(marked, list(rows))


def insert_rows(connection: sa.Connection, table: sa.Table, rows: Iterable[Row], names: Iterable[str] = ()) -> None:
    """Insert rows, of all columns in the table's order or of those that are named."""
    given = list(rows)
    if not given:
        return
    columns = list(names) or table.c.keys()
    if connection.dialect.name != "postgresql":
        # A plain table keeps the columns in the order of the rows.
        into = sa.insert(sa.table(table.name, *map(sa.column, columns)))
        run_each(connection, str(into.compile(dialect=connection.dialect)), given)
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in given:
            copy.write_row(row)


def put_rows(connection: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows of all columns in the table's order; those whose key is there already take the others' place."""
    for start in range(0, len(rows), AT_ONCE):
        values: Any = list(rows[start : start + AT_ONCE])
        if connection.dialect.name == "postgresql":
            values = tuple(map(list, zip(*values, strict=True)))
        connection.exec_driver_sql(_putting(table, connection.dialect), values)


@functools.lru_cache(maxsize=16)
def _putting(table: sa.Table, dialect: sa.Dialect) -> str:
    names = [column.name for column in table.columns]
    keys = [column.name for column in table.primary_key]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    if dialect.name == "postgresql":
        # One statement with an array a column: row by row, psycopg takes longer than the database.
        arrays = ", ".join(f"CAST(%b AS {column.type.compile(dialect)}[])" for column in table.columns)
        source = f"SELECT * FROM unnest({arrays})"  # noqa: S608  only the types of our own columns enter the text; values are bound
    else:
        source = f"VALUES ({', '.join('?' * len(names))})"
    return (
        f"INSERT INTO {table.name} ({', '.join(names)}) {source} "
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"
    )
