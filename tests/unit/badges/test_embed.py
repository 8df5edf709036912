"""Snippets: the live picture, and a link that stays the same."""

import itertools
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.badges.art import Size, Theme
from directory.badges.embed import embed

BASE = "https://directory.example"
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@given(names)
def test_whatever_the_name_the_html_is_a_link_around_a_picture_and_no_more(name: str) -> None:
    for size, theme in itertools.product(Size, Theme):
        made = embed(BASE, "ann-example", name, size, theme)
        reader = Tags()
        reader.feed(made.html)
        (link, where), (picture, facts) = reader.tags
        assert (link, where) == ("a", {"href": f"{BASE}/badges/ann-example"})
        assert picture == "img"
        assert facts["src"] == made.picture
        assert name in (facts["alt"] or "")


@pytest.mark.parametrize(
    ("size", "theme", "query"),
    [
        (Size.WIDE, Theme.LIGHT, ""),
        (Size.SMALL, Theme.LIGHT, "?size=small"),
        (Size.WIDE, Theme.DARK, "?theme=dark"),
        (Size.SMALL, Theme.DARK, "?size=small&theme=dark"),
    ],
)
def test_both_snippets_show_the_live_picture(size: Size, theme: Theme, query: str) -> None:
    made = embed(BASE, "ann", "Ann", size, theme)
    assert made.picture == f"{BASE}/badges/ann.svg{query}"
    assert f"]({made.picture})]({BASE}/badges/ann)" in made.markdown


def test_a_name_cannot_leave_its_place_in_markdown() -> None:
    markdown = embed(BASE, "ann", "Ann](https://evil.example)[*x*").markdown
    assert r"Ann\]\(https://evil.example\)\[\*x\*" in markdown


def test_the_words_promise_nothing_that_may_have_ended() -> None:
    made = embed(BASE, "ann", "Ann")
    assert "whether it counts today" in made.alt
    for standing in ("elf-certified", "badge", "valid", "match"):
        assert standing not in made.alt
