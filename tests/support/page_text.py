"""A page as somebody reads it: its words without the markup, and which providers its list names, in order."""

import html
import re

from werkzeug.test import TestResponse


def visible_text(response: TestResponse) -> str:
    """The visible words of the page's main part, on one line."""
    main = response.text.partition("<main")[2].partition("</main>")[0] or response.text
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", main)).split())


def listed_slugs(response: TestResponse) -> list[str]:
    """The slugs of the list, in its order."""
    return re.findall(r'<li class="card"\s+id="p-([^"]+)"', response.text)


def map_attributes(response: TestResponse, slug: str) -> dict[str, str]:
    """What the entry of that provider tells the map."""
    entry = re.search(rf'<li class="card"\s+id="p-{re.escape(slug)}"([^>]*)>', response.text)
    assert entry, f"{slug} is not in the list"
    return {name: html.unescape(value) for name, value in re.findall(r'data-([a-z]+)="([^"]*)"', entry[1])}


def input_value(response: TestResponse, name: str = "near") -> str:
    """What stands in the box of that name."""
    box = re.search(rf'<input\b[^>]*\bname="{name}"[^>]*>', response.text)
    assert box, f"there is no box {name}"
    value = re.search(r'\bvalue="([^"]*)"', box[0])
    return html.unescape(value[1]) if value else ""
