"""How a setting is declared, and how the text of a form becomes its value and back."""

import enum
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

Value = str | int | tuple[str, ...] | tuple[int, ...]
"""What a setting holds: a text, a number, lines or numbers."""


class Kind(enum.Enum):
    """What a setting holds, and how it is typed."""

    LINE = "one line"
    TEXT = "paragraphs"
    LINES = "a list, one on each line"
    NUMBER = "a whole number"
    NUMBERS = "whole numbers, separated by commas"
    MAILBOX = "an email address, with or without a name"
    TIME_ZONE = "a time zone"
    DAY = "a date"
    LINK = "a web address"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Args:
        name: its name in the database and in the form.
        label: its label in the form.
        kind: what it holds.
        limit: the most characters of a text or line, or the largest number.
        default: what counts while nobody changed it.
        hint: what the form says about it.
        required: whether it may not be empty.
        most: the most lines or numbers of a list.
    """

    name: str
    label: str
    kind: Kind
    limit: int
    default: Value = ""
    hint: str = ""
    required: bool = False
    most: int = 1

    def parse(self, text: str) -> Value:
        """Return the value of a text.

        Raises:
            ValueError: it has no such value; the message names the setting and the limit.
        """
        text = text.replace("\r\n", "\n").strip()
        if not text.replace("\n", "").isprintable():
            raise ValueError(f"{self.label} has characters that cannot be seen. Please type it again.")
        if not text and self.required:
            raise ValueError(f"{self.label}: enter it. It cannot be empty.")
        if not text and self.kind in _SINGLE:
            return ""
        return _PARSERS[self.kind](self, text)

    def text(self, value: Value) -> str:
        """Return a value as it is typed."""
        if isinstance(value, tuple):
            return (", " if self.kind is Kind.NUMBERS else "\n").join(map(str, value))
        return str(value)

    def stored(self, value: Any) -> Value:
        """Return a value of the database, where a tuple is a list."""
        return tuple(value) if isinstance(value, list) else value


@dataclass(frozen=True, slots=True)
class Section:
    """Settings that are changed together."""

    name: str
    title: str
    intro: str
    settings: tuple[Setting, ...]


def _check_length(setting: Setting, text: str, what: str = "") -> str:
    if len(text) > setting.limit:
        raise ValueError(f"{what or setting.label} may have at most {setting.limit:,} characters.")
    return text


def _parse_line(setting: Setting, text: str) -> str:
    if "\n" in text:
        raise ValueError(f"{setting.label} must be one line.")
    return _check_length(setting, text)


def _parse_lines(setting: Setting, text: str) -> tuple[str, ...]:
    lines = tuple(dict.fromkeys(" ".join(line.split()) for line in text.split("\n") if line.strip()))
    if len(lines) > setting.most:
        raise ValueError(f"{setting.label} may have at most {setting.most} lines; there are {len(lines)}.")
    return tuple(_check_length(setting, line, f"Each line of {setting.label}") for line in lines)


def _parse_number(setting: Setting, text: str) -> int:
    if not re.fullmatch("[0-9]{1,9}", text) or not 1 <= int(text) <= setting.limit:
        raise ValueError(f"{setting.label} must be a whole number from 1 to {setting.limit:,}.")
    return int(text)


def _parse_numbers(setting: Setting, text: str) -> tuple[int, ...]:
    numbers = {_parse_number(setting, part.strip()) for part in text.split(",") if part.strip()}
    if not 1 <= len(numbers) <= setting.most:
        raise ValueError(f"{setting.label} must be 1 to {setting.most} numbers, separated by commas.")
    return tuple(sorted(numbers, reverse=True))


def _parse_mailbox(setting: Setting, text: str) -> str:
    if not _MAILBOX.fullmatch(_parse_line(setting, text)):
        raise ValueError(f"{setting.label} must be an email address, such as Directory <directory@example.org>.")
    return text


def _parse_time_zone(setting: Setting, text: str) -> str:
    try:
        return ZoneInfo(_parse_line(setting, text)).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise ValueError(f"{setting.label} must be a time zone, such as America/Denver.") from unknown


def _parse_day(setting: Setting, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as wrong:
        raise ValueError(f"{setting.label} must be a date, such as 2026-11-30.") from wrong


def _parse_link(setting: Setting, text: str) -> str:
    if not re.fullmatch(r"https?://[^\s/@]+\.[^\s/@]+(/\S*)?", _parse_line(setting, text)):
        raise ValueError(f"{setting.label} must begin with https:// and have a host, such as https://example.gov/page.")
    return text


_ADDRESS = r"[^\s<>@,;:\"()\\]+@[^\s<>@,;:\"()\\]+"
# Without characters that would need quotes in the header of an email.
_MAILBOX = re.compile(rf"{_ADDRESS}|[^<>@,;:\"()\\]+ <{_ADDRESS}>")

_SINGLE = frozenset({Kind.LINE, Kind.TEXT, Kind.MAILBOX, Kind.DAY, Kind.LINK})

_PARSERS: Mapping[Kind, Callable[[Setting, str], Value]] = {
    Kind.LINE: _parse_line,
    Kind.TEXT: _check_length,
    Kind.LINES: _parse_lines,
    Kind.NUMBER: _parse_number,
    Kind.NUMBERS: _parse_numbers,
    Kind.MAILBOX: _parse_mailbox,
    Kind.TIME_ZONE: _parse_time_zone,
    Kind.DAY: _parse_day,
    Kind.LINK: _parse_link,
}
