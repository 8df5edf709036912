"""How a typed text becomes the value of a setting: each kind, its limits, and the way back."""

import pytest

from directory.settings.declarations import SECTIONS
from directory.settings.setting import Kind, Setting, Value

CASES: list[tuple[Kind, str, Value]] = [
    (Kind.LINE, "  One line ", "One line"),
    (Kind.TEXT, "a\r\nb", "a\nb"),
    (Kind.TEXT, "", ""),
    (Kind.LINES, "a\n\n b  c \na\n", ("a", "b c")),
    (Kind.LINES, "", ()),
    (Kind.NUMBER, "7", 7),
    (Kind.NUMBERS, "7, 60,30, 7", (60, 30, 7)),
    (Kind.MAILBOX, "The Desk <desk@example.org>", "The Desk <desk@example.org>"),
    (Kind.TIME_ZONE, "America/Denver", "America/Denver"),
    (Kind.DAY, "2026-11-30", "2026-11-30"),
    (Kind.LINK, "https://example.gov/a?b=c", "https://example.gov/a?b=c"),
]

WRONG = [
    (Kind.LINE, "a\nb", "one line"),
    (Kind.LINE, "x" * 101, "at most 100 characters"),
    (Kind.TEXT, "x" * 101, "at most 100 characters"),
    (Kind.TEXT, "a\0b", "cannot be seen"),
    (Kind.LINES, "x" * 101, "Each line of It may have at most 100"),
    (Kind.LINES, "a\nb\nc\nd", "at most 3 lines; there are 4"),
    *((Kind.NUMBER, text, "whole number from 1 to 100") for text in ("", "0", "101", "1.5", "-1", "²", "9" * 5000)),
    *((Kind.NUMBERS, text, "It must be") for text in ("", "x", "1,2,3,4", "0", ",")),
    *(
        (Kind.MAILBOX, text, "email address")
        for text in ("x", "@x", "x@", "a b@c", "a, b <a@b.example>", "a <a@b.example> c")
    ),
    *((Kind.TIME_ZONE, text, "time zone") for text in ("", "Denver", "../etc/passwd", "/etc/passwd", "America")),
    *((Kind.DAY, text, "date") for text in ("x", "2026-13-01", "30/11/2026")),
    *((Kind.LINK, text, "https://") for text in ("x", "javascript:alert(1)", "https://a@b.example", "http://x")),
]


def of(kind: Kind, *, required: bool = False) -> Setting:
    return Setting("it", "It", kind, 100, required=required, most=3)


@pytest.mark.parametrize(("kind", "text", "value"), CASES)
def test_a_text_becomes_a_value_and_a_text_again(kind: Kind, text: str, value: Value) -> None:
    setting = of(kind)
    assert setting.parse(text) == value
    assert setting.parse(setting.text(value)) == value
    stored = list(value) if isinstance(value, tuple) else value
    assert setting.stored(stored) == value


@pytest.mark.parametrize(("kind", "text", "sentence"), WRONG)
def test_what_is_wrong_is_said_with_the_limit(kind: Kind, text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        of(kind).parse(text)


@pytest.mark.parametrize("kind", list(Kind))
def test_what_is_required_cannot_be_empty(kind: Kind) -> None:
    with pytest.raises(ValueError, match="It"):
        of(kind, required=True).parse(" \n ")


@pytest.mark.parametrize("section", SECTIONS.values(), ids=SECTIONS)
def test_a_default_is_a_value_that_could_be_typed(section) -> None:
    for setting in section.settings:
        if setting.default or not setting.required:
            assert setting.parse(setting.text(setting.default)) == setting.default, setting.name
