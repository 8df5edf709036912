"""What the applications of all tests compile alike, compiled once: templates, and how addresses are written."""

from collections.abc import Callable, Hashable
from types import CodeType
from typing import Any, ClassVar

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


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


class _CachingRule(Rule):
    """A route; the functions that write its address hold nothing of an application and serve the next one too."""

    _writers: ClassVar[dict[Hashable, Callable[..., tuple[str, str]]]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        key = (self.rule, tuple(self._trace), repr(self.defaults), append_unknown)
        if key not in self._writers:
            self._writers[key] = super()._compile_builder(append_unknown)
        return self._writers[key]


def share_compiled_code() -> None:
    """Let each application that is made from now on use what an earlier one compiled."""
    options: dict[str, Any] = {**Flask.jinja_options, "bytecode_cache": _MemoryBytecodeCache()}
    Flask.jinja_options = options
    Flask.url_rule_class = _CachingRule
