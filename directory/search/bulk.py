"""Hands many rows to the database's driver as they are, past the work that SQLAlchemy does for each of them."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

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
    columns = [table.c[name] for name in names] or list(table.c)
    # Only the names of our own tables and columns enter the texts.
    where = f"{table.name} ({', '.join(column.name for column in columns)})"
    if connection.dialect.name != "postgresql":
        marks = ", ".join("?" * len(columns))
        run_each(connection, f"INSERT INTO {where} VALUES ({marks})", given)  # noqa: S608  see above
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {where} FROM STDIN") as copy:
        for row in given:
            copy.write_row(row)
