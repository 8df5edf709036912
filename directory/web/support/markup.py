"""How a value is written into a page: text with its special characters escaped, markup as it is."""

import re
from typing import Any, cast

from flask.templating import Environment
from jinja2.compiler import CodeGenerator
from markupsafe import Markup, escape

_is_special = re.compile(r"[&<>\"']").search


def written(value: Any) -> str:
    """The letters of `markupsafe.escape`, without a mark on each piece that it is safe: a page of results has 1,500.

    What comes back is only ever joined to the rest of the page.
    """
    kind = type(value)
    if (kind is str and not _is_special(value)) or kind is Markup:
        return cast(str, value)
    return str(value) if kind is int or kind is float else escape(value)


class _Writing(CodeGenerator):
    """Compiles `{{ value }}` to `written(value)`, where Jinja itself would escape it."""

    def _output_child_pre(self, node: Any, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.written(")
        else:
            super()._output_child_pre(node, frame, finalize)


class PageEnvironment(Environment):
    """Flask's, with templates compiled so."""

    code_generator_class = _Writing
    written = staticmethod(written)
