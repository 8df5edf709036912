"""The HTML and Markdown snippets with which providers show the live badge on their own pages."""

import re
from dataclasses import dataclass
from html import escape

from directory.badges.art import Size, Theme

HEIGHTS = {Size.WIDE: 108, Size.SMALL: 24}
"""Heights in pixels; the width depends on the text."""


@dataclass(frozen=True, slots=True)
class Embed:
    """The snippets for one image: its URL, the URL that it links to, and both as HTML and as Markdown."""

    height: int
    picture: str
    link: str
    alt: str
    html: str
    markdown: str


def embed(base_url: str, slug: str, name: str, size: Size = Size.WIDE, theme: Theme = Theme.LIGHT) -> Embed:
    """The snippets for a listing; `base_url` has no trailing slash. They hold nothing that changes with the answers."""
    query = "&".join(
        f"{key}={value}"
        for key, value, default in (("size", size, Size.WIDE), ("theme", theme, Theme.LIGHT))
        if value is not default
    )
    link = f"{base_url}/badges/{slug}"
    picture = f"{link}.svg" + (f"?{query}" if query else "")
    # The image changes and the snippet does not, so the alt text must not state the current standing.
    alt = f"How {name} takes bone marrow: what they signed, and whether it counts today"
    return Embed(
        HEIGHTS[size],
        picture,
        link,
        alt,
        f'<a href="{link}"><img src="{escape(picture)}" height="{HEIGHTS[size]}" alt="{escape(alt)}"></a>',
        f"[![{_escape_markdown(alt)}]({picture})]({link})",
    )


def _escape_markdown(text: str) -> str:
    r"""Escape all Markdown special characters in a text."""
    return re.sub(r"([\\`*_{}\[\]<>()#!|])", r"\\\1", text)
