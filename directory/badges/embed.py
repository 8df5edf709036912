"""The HTML and Markdown snippets with which providers show the live badge on their own pages."""

import re
from dataclasses import dataclass
from html import escape

from directory.badges.art import Size
from directory.certification.wording import SELF_CERTIFIED

HEIGHTS = {Size.WIDE: 108, Size.SMALL: 24}
"""Pixels; the width follows from the words."""


@dataclass(frozen=True, slots=True)
class Embed:
    """One size of the badge: where its picture is, and the snippets that show it."""

    size: Size
    height: int
    picture: str
    html: str
    markdown: str


def embeds(base_url: str, slug: str, public_id: str, name: str) -> tuple[Embed, ...]:
    """The snippets of every size, the wide one first; `base_url` has no slash at its end."""
    return tuple(_embed(size, base_url, slug, public_id, name) for size in (Size.WIDE, Size.SMALL))


def _embed(size: Size, base_url: str, slug: str, public_id: str, name: str) -> Embed:
    picture = f"{base_url}/badges/{slug}.svg" + ("?size=small" if size is Size.SMALL else "")
    link = f"{base_url}/verify/{public_id}"
    # The picture changes and the snippet does not, so its words may not say how things stand today.
    alt = f"{SELF_CERTIFIED} bone marrow technique of {name}: as it stands today, and the answers"
    return Embed(
        size,
        HEIGHTS[size],
        picture,
        f'<a href="{link}"><img src="{picture}" height="{HEIGHTS[size]}" alt="{escape(alt)}"></a>',
        f"[![{_escape_markdown(alt)}]({picture})]({link})",
    )


def _escape_markdown(text: str) -> str:
    r"""The text with every sign that means something in Markdown made to stand for itself."""
    return re.sub(r"([\\`*_{}\[\]<>()#!|])", r"\\\1", text)
