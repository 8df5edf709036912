"""Snippets: the live picture, and always a link to what was signed."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.badges.art import Size
from directory.badges.embed import embeds

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
    for embed in embeds(BASE, "ann-example", "abc123", name):
        reader = Tags()
        reader.feed(embed.html)
        (link, where), (picture, facts) = reader.tags
        assert (link, where) == ("a", {"href": f"{BASE}/verify/abc123"})
        assert picture == "img"
        assert facts["src"] == embed.picture
        assert name in (facts["alt"] or "")


@pytest.mark.parametrize("size", Size)
def test_both_snippets_show_the_live_picture(size: Size) -> None:
    embed = next(embed for embed in embeds(BASE, "ann", "abc", "Ann") if embed.size is size)
    assert embed.picture == f"{BASE}/badges/ann.svg" + ("?size=small" if size is Size.SMALL else "")
    assert f"]({embed.picture})]({BASE}/verify/abc)" in embed.markdown


def test_a_name_cannot_leave_its_place_in_markdown() -> None:
    markdown = embeds(BASE, "ann", "abc", "Ann](https://evil.example)[*x*")[0].markdown
    assert r"Ann\]\(https://evil.example\)\[\*x\*" in markdown


def test_the_words_promise_nothing_that_may_have_ended() -> None:
    html = embeds(BASE, "ann", "abc", "Ann")[0].html
    assert "Self-certified" in html
    assert "as it stands today" in html
    assert "valid" not in html
