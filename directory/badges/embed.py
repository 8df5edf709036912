"""The HTML and Markdown snippets with which providers show the live badge on their own pages."""

import re
from dataclasses import dataclass
from html import escape

from directory.badges.art import Size
from directory.certification.wording import SELF_CERTIFIED

HEIGHTS = {Size.WIDE: 108, Size.SMALL: 24}
"""Heights in pixels; the width depends on the text."""


@dataclass(frozen=True, slots=True)
class Embed:
    """One size of the badge: the URL of its image, and the HTML and Markdown snippets."""

    size: Size
    height: int
    picture: str
    html: str
    markdown: str


def embeds(base_url: str, slug: str, public_id: str, name: str) -> tuple[Embed, ...]:
    """The snippets of every size, the wide one first; `base_url` has no trailing slash."""
    return tuple(_embed(size, base_url, slug, public_id, name) for size in (Size.WIDE, Size.SMALL))


def _embed(size: Size, base_url: str, slug: str, public_id: str, name: str) -> Embed:
    picture = f"{base_url}/badges/{slug}.svg" + ("?size=small" if size is Size.SMALL else "")
    link = f"{base_url}/verify/{public_id}"
    # The image changes and the snippet does not, so the alt text must not state the current standing.
    alt = f"{SELF_CERTIFIED} bone marrow technique of {name}: as it stands today, and the answers"
    return Embed(
        size,
        HEIGHTS[size],
        picture,
        f'<a href="{link}"><img src="{picture}" height="{HEIGHTS[size]}" alt="{escape(alt)}"></a>',
        f"[![{_escape_markdown(alt)}]({picture})]({link})",
    )


def _escape_markdown(text: str) -> str:
    r"""Escape all Markdown special characters in a text."""
    return re.sub(r"([\\`*_{}\[\]<>()#!|])", r"\\\1", text)
