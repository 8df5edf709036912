"""What the applications of all tests compile alike, compiled once: templates and SQL."""

from collections.abc import Hashable
from types import CodeType
from typing import Any

import sqlalchemy as sa
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

MAX_STATEMENTS = 2_000
"""How many compiled statements are kept, of both kinds of database; the product's engines keep 500 each."""


class _MemoryBytecodeCache(BytecodeCache):
    """Templates by their source, and by what an environment makes of one."""

    def __init__(self) -> None:
        self._code: dict[Hashable, CodeType] = {}

    def _key(self, bucket: Bucket) -> Hashable:
        given = bucket.environment
        how = (given.lstrip_blocks, tuple(given.extensions), given.code_generator_class)
        return bucket.key, bucket.checksum, how

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._code.get(self._key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._code[self._key(bucket)] = bucket.code


_statements: LRUCache[Any, Any] = LRUCache(MAX_STATEMENTS)


def _share_statements(connection: sa.Connection) -> None:
    connection.execution_options(compiled_cache=_statements)


def _is_same_kind(dialect: object, other: object) -> bool:
    return type(dialect) is type(other)


def _hash_of_kind(dialect: object) -> int:
    return hash(type(dialect))


def share_compiled_code() -> None:
    """Let each application and each engine that is made from now on use what an earlier one compiled."""
    sa.event.listen(sa.Engine, "engine_connect", _share_statements)
    # A compiled statement is kept for its dialect, and each test has engines, so dialects, of its own.
    for dialect in (PGDialect_psycopg, SQLiteDialect_pysqlite):
        dialect.__eq__ = _is_same_kind  # type: ignore[method-assign, assignment]  # for the tests' own engines
        dialect.__hash__ = _hash_of_kind  # type: ignore[method-assign, assignment]  # for the tests' own engines
    options: dict[str, Any] = {**Flask.jinja_options, "bytecode_cache": _MemoryBytecodeCache()}
    Flask.jinja_options = options
