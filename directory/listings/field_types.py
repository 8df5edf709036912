"""The field types: text, URL, choice, yes or no, multiple choice, multiple texts, and computed values."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from directory.accounts.policy import Role
from directory.errors import FieldError
from directory.listings.field import NOBODY, NOT_STATED, Field, Schema
from directory.listings.text_limits import check_text


@dataclass(frozen=True, kw_only=True)
class TextField(Field):
    """A line of text. A `pattern` sets all limits by itself and is explained by `pattern_error`."""

    min_length: int = 0
    max_length: int
    pattern: re.Pattern[str] | None = None
    pattern_error: str = ""

    def check(self, value: str | None) -> Iterator[FieldError]:
        """Length, invisible characters, and the pattern."""
        text = value or ""
        if self.pattern is None:
            yield from check_text(self.name, self.noun, text, least=self.min_length, most=self.max_length)
        elif (text or self.required) and not self.pattern.fullmatch(text):
            yield FieldError(self.name, self.pattern_error)


class URLField(TextField):
    """The absolute address of a page, shown to patients as a link."""

    def check(self, value: str | None) -> Iterator[FieldError]:
        """The limits of a text, then those of an address."""
        yield from super().check(value)
        if value and not _is_web_address(value):
            yield FieldError(self.name, f"{self.noun} must be a whole address that begins with https:// or http://.")


@dataclass(frozen=True, kw_only=True)
class ChoiceField(Field):
    """One of some values. An open list may hold others too, which the import brings.

    The form is a select with a `blank_choice`, or radio buttons without one.
    """

    choices: Mapping[str, str]
    max_length: int
    error: str
    is_open: bool = False
    blank_choice: str = ""

    def check(self, value: str) -> Iterator[FieldError]:
        """Whether it is one of the choices; of an open list, the limits of a text."""
        if self.is_open:
            yield from check_text(self.name, self.noun, value, most=self.max_length)
        elif value not in self.choices:
            yield FieldError(self.name, self.error)

    def display(self, value: str) -> str:
        """The label of the choice."""
        return self.choices.get(value, "") or super().display(value)

    def _json(self, value: str) -> str:
        return str(value)

    def _shape(self) -> Schema:
        return {"type": "string"} if self.is_open else {"type": "string", "enum": list(self.choices)}


@dataclass(frozen=True, kw_only=True)
class NullBooleanField(Field):
    """Yes, no, or not stated. `phrases` says each in a few words."""

    error: str
    phrases: Mapping[bool, str]

    def is_stated(self, value: Any) -> bool:
        """Whether it is yes or no."""
        return value is not None

    def display(self, value: Any) -> str:
        """Yes, No or Not stated."""
        return {True: "Yes", False: "No", None: NOT_STATED}[value]

    def phrase(self, value: Any) -> str:
        """The phrase of yes or of no."""
        return "" if value is None else self.phrases[value]

    def _shape(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True)
class MultipleChoiceField(Field):
    """Several of some values; `noun` is a plural, and `short` a few words around the labels: “Speaks {}”."""

    choices: Mapping[str, str]
    max_count: int
    short: str

    def check(self, value: Collection[str]) -> Iterator[FieldError]:
        """Whether all of them are choices, and not too many."""
        wanted = set(value)
        if unknown := sorted(wanted - self.choices.keys()):
            yield FieldError(self.name, f"{self.noun} must be chosen from the list; {unknown[0][:20]!r} is not on it.")
        if len(wanted) > self.max_count:
            yield FieldError(self.name, f"{self.noun} may be at most {self.max_count}; these are {len(wanted)}.")

    def stored(self, value: Collection[str]) -> list[str]:
        """Each known value once, in the order of the choices."""
        return [code for code in self.choices if code in value]

    def display(self, value: Collection[str]) -> str:
        """The labels, in the order of the choices."""
        return ", ".join(self.choices[code] for code in self.stored(value)) or NOT_STATED

    def phrase(self, value: Collection[str]) -> str:
        """The labels within a few words."""
        return self.short.format(self.display(value)) if value else ""

    def _shape(self) -> Schema:
        return {"type": "array", "items": {"type": "string", "enum": list(self.choices)}}


@dataclass(frozen=True, kw_only=True)
class MultiTextField(Field):
    """A JSON value that is typed as several texts, such as one for each weekday.

    Attributes:
        parts: the label of each text, by its key.
        parse: reads the texts by key; raises `Invalid`, which names the fields `<name>-<key>`.
        texts: writes a value as texts by key, so that `parse` reads the same value.
        rules: the limits that a value breaks.
        words: the value in words.
        shape: its JSON Schema.
    """

    parts: Mapping[str, str]
    parse: Callable[[Mapping[str, str]], Any]
    texts: Callable[[Any], Mapping[str, str]]
    rules: Callable[[Any], Iterator[FieldError]]
    words: Callable[[Any], str]
    shape: Schema

    def check(self, value: Any) -> Iterator[FieldError]:
        """The declared rules."""
        return self.rules(value)

    def display(self, value: Any) -> str:
        """The declared words."""
        return self.words(value) or NOT_STATED

    def _shape(self) -> Schema:
        return dict(self.shape)


@dataclass(frozen=True, kw_only=True)
class ComputedField(Field):
    """A value that the program sets: a number, a day or a word; `digits` are its decimal places in the API."""

    editors: frozenset[Role] = NOBODY
    shape: Schema = field(default_factory=lambda: {"type": "string"})
    digits: int | None = None

    def is_stated(self, value: Any) -> bool:
        """Zero is a number like any other."""
        return value is not None and value != ""

    def _json(self, value: Any) -> Any:
        if self.digits is not None:
            return round(value, self.digits)
        return value.isoformat() if isinstance(value, date) else value

    def _shape(self) -> Schema:
        return dict(self.shape)


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in parts.netloc
