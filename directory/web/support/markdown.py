"""Renders the operator's Markdown texts as HTML."""

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

_renderer = MarkdownIt("commonmark", {"html": False}).disable("image")
"""Without raw HTML; the library refuses `javascript:` and similar links. Images would need their own permission."""


def render_markdown(text: str) -> Markup:
    """Return the HTML of a Markdown text; HTML in the text is shown as text."""
    return Markup(_renderer.render(text))  # noqa: S704  the renderer escapes everything that it did not make


def email_link(address: str) -> str:
    """Return a Markdown link that opens a new email to `address`."""
    return f"[{escape(address)}](mailto:{address})"
