"""Notes and links: what may stand in them."""

import pytest

from directory.errors import Invalid
from directory.evidence.attachment import MAX_NOTE, MAX_URL, NOT_HTTPS, Link, Note


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://example.org/template.pdf?year=2026#page=2",
        "https://sub.example.org:8443/a%20b",
        "https://example.org/" + "a" * (MAX_URL - 20),
    ],
)
def test_an_address_over_https_is_a_link(url: str) -> None:
    assert Link(url).url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "HTTPS//example.org",
        "javascript:alert(1)//https://example.org",
        "data:text/html,hello",
        "//example.org/",
        "example.org",
        "https://",
        "https://localhost/",
        "https:///path.only",
        "https://me:secret@example.org/",
        "https://example.org:port/",
        "https://example.org/a b",
        "https://example.org/<script>",
        'https://example.org/"onmouseover="alert(1)',
        "https://[::1/",
        "https://exämple.org/",
    ],
)
def test_anything_else_is_no_link(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        Link(url)
    assert [(fault.field, fault.detail) for fault in refused.value.faults] == [("link", NOT_HTTPS)]


@pytest.mark.parametrize("url", ["", "https://example.org/" + "a" * (MAX_URL - 19), "https://example.org/\u202e"])
def test_a_link_has_limits(url: str) -> None:
    with pytest.raises(Invalid):
        Link(url)


@pytest.mark.parametrize("text", ["", "a" * (MAX_NOTE + 1), "a\0b", "a\u202eb"])
def test_a_note_has_limits(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        Note(text)
    assert refused.value.faults[0].field == "note"


def test_a_note_may_have_lines() -> None:
    assert Note("We use\nan 8 mL syringe.").text
    assert Note("a" * MAX_NOTE).text
