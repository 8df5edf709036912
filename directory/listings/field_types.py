"""The field types: text, URL, choice, yes or no, multiple choice, multiple texts, and computed values."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from directory.accounts.policy import Role
from directory.errors import FieldError
from directory.listings.field import NOBODY, NOT_STATED, Change, Field, FormLook, Schema
from directory.listings.phone_numbers import normalize, parse
from directory.listings.text_limits import check_text

_PHONE = re.compile(
    # What an import may bring: at most 30 characters, with 7 digits or more and an extension; or a toll-free number
    # in words.
    r"(?=.{7,30}\Z)(?:(?=(?:\D*\d){7})[0-9+(). /-]+(?: *(?:x|ext\.?|extension) *\d{1,6})?"
    r"|(?:\+?1[ .-]?)?\(?8\d\d\)?[ .-]?[0-9A-Z](?:[ -]?[0-9A-Z]){5,11})",
    re.ASCII | re.IGNORECASE,
)

_HOST = re.compile(r"[^\W_](?:[\w-]*[^\W_])?(?:\.[^\W_](?:[\w-]*[^\W_])?)+\.?")
_HOST_FIRST = re.compile(r"[^\W_][\w-]*(?:\.[\w-]+)+(?::\d+)?(?:[/?#]|\Z)")
"""A host name with a dot at the start of a typed address, in any script, before a path or the end."""


@dataclass(frozen=True, kw_only=True)
class TextField(Field):
    """A line of text. A `pattern` replaces the length limits; `pattern_error` is its error message.

    With `needs_letter`, a text of symbols or emoji alone is refused; a letter of any script will do.
    """

    min_length: int = 0
    max_length: int
    needs_letter: bool = False
    pattern: re.Pattern[str] | None = None
    pattern_error: str = ""

    def complete(self, typed: str) -> str:
        """A typed text as it is stored."""
        return typed

    def check(self, value: str | None) -> Iterator[FieldError]:
        """Check the pattern, or without one the length and invisible characters."""
        text = value or ""
        if self.pattern is None:
            yield from check_text(self.name, self.noun, text, least=self.min_length, most=self.max_length)
            if self.needs_letter and text and not any(map(str.isalnum, text)):
                yield FieldError(self.name, f"{self.noun} must have a letter.")
        elif (text or self.required) and not self.pattern.fullmatch(text):
            yield FieldError(self.name, self.pattern_error)


@dataclass(frozen=True, kw_only=True)
class PhoneField(TextField):
    """A phone or fax number, live at once; `form_label` is its label in the form."""

    max_length: int = 30
    pattern: re.Pattern[str] | None = _PHONE
    change: Change = Change.LIVE
    form_label: str = ""

    def __post_init__(self) -> None:
        limits = "must have ten digits, area code first: 303-555-0100, 303-555-0100 ext. 12 or 1-800-FLOWERS."
        look = FormLook(label=self.form_label, type="tel", size="middle", autocomplete="tel")
        # The way to set a field of a frozen dataclass that follows from others.
        object.__setattr__(self, "pattern_error", f"The {self.label.lower()} number {limits}")
        object.__setattr__(self, "look", look)

    def complete(self, typed: str) -> str:
        """A typed number in its normal form; a text that is none stays as it is."""
        return normalize(typed)

    def check_typed(self, value: str | None) -> Iterator[FieldError]:
        """Check that it is a number that can be called; imports bring others."""
        if value and parse(value) is None and not any(self.check(value)):
            yield FieldError(self.name, self.pattern_error)

    def is_same(self, before: str, after: str) -> bool:
        """Whether two texts are the same number, however they are written."""
        return normalize(before) == normalize(after)


class URLField(TextField):
    """The absolute URL of a web page, shown to patients as a link."""

    def complete(self, typed: str) -> str:
        """A typed address with https:// before it, if it begins with a host name."""
        return f"https://{typed}" if _HOST_FIRST.match(typed) else typed

    def check(self, value: str | None) -> Iterator[FieldError]:
        """Check the limits of a text, then that it is an absolute URL."""
        yield from super().check(value)
        if value and not _is_web_address(value):
            yield FieldError(self.name, f"{self.noun} must be a web address such as https://clinic.example.org.")


@dataclass(frozen=True, kw_only=True)
class ChoiceField(Field):
    """One of several values. An open list (`is_open`) also accepts other values, which the import brings.

    The form control is a select if there is a `blank_choice`, otherwise radio buttons.
    """

    choices: Mapping[str, str]
    max_length: int
    error: str
    is_open: bool = False
    blank_choice: str = ""

    def check(self, value: str) -> Iterator[FieldError]:
        """Check that it is one of the choices; for an open list, check the limits of a text."""
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
    """Yes, no, or not stated. `phrases` has a short phrase for yes and for no."""

    error: str
    phrases: Mapping[bool, str]

    def is_stated(self, value: Any) -> bool:
        """Whether the value is yes or no."""
        return value is not None

    def display(self, value: Any) -> str:
        """Yes, No or Not stated."""
        return {True: "Yes", False: "No", None: NOT_STATED}[value]

    def phrase(self, value: Any) -> str:
        """The short phrase for yes or no; empty if not stated."""
        return "" if value is None else self.phrases[value]

    def _shape(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, kw_only=True)
class MultipleChoiceField(Field):
    """Several values from a list; `noun` is a plural, and `short` is a phrase around the labels: “Speaks {}”."""

    choices: Mapping[str, str]
    max_count: int
    short: str

    def check(self, value: Collection[str]) -> Iterator[FieldError]:
        """Check that all values are choices and that there are at most `max_count`."""
        wanted = set(value)
        if unknown := sorted(wanted - self.choices.keys()):
            yield FieldError(self.name, f"{self.noun} must be chosen from the list; {unknown[0][:20]!r} is not on it.")
        if len(wanted) > self.max_count:
            yield FieldError(self.name, f"{self.noun} may be at most {self.max_count}; these are {len(wanted)}.")

    def stored(self, value: Collection[str]) -> list[str]:
        """Each known value once, in the order of the choices; unknown values are dropped."""
        return [code for code in self.choices if code in value]

    def display(self, value: Collection[str]) -> str:
        """The labels, in the order of the choices."""
        return ", ".join(self.choices[code] for code in self.stored(value)) or NOT_STATED

    def phrase(self, value: Collection[str]) -> str:
        """The labels inserted in `short`; empty if there are none."""
        return self.short.format(self.display(value)) if value else ""

    def _shape(self) -> Schema:
        return {"type": "array", "items": {"type": "string", "enum": list(self.choices)}}


@dataclass(frozen=True, kw_only=True)
class MultiTextField(Field):
    """A JSON value that is typed as several texts, such as one for each weekday.

    Attributes:
        parts: the label of each text, by its key.
        parse: reads the texts by key; raises `Invalid`, which names the fields `<name>-<key>`.
        texts: converts a value to texts by key, from which `parse` reads the same value.
        rules: validates a value and yields an error for each broken limit.
        words: converts a value to display text.
        shape: its JSON Schema.
    """

    parts: Mapping[str, str]
    parse: Callable[[Mapping[str, str]], Any]
    texts: Callable[[Any], Mapping[str, str]]
    rules: Callable[[Any], Iterator[FieldError]]
    words: Callable[[Any], str]
    shape: Schema

    def check(self, value: Any) -> Iterator[FieldError]:
        """Check the value with `rules`."""
        return self.rules(value)

    def display(self, value: Any) -> str:
        """The display text from `words`."""
        return self.words(value) or NOT_STATED

    def _shape(self) -> Schema:
        return dict(self.shape)


@dataclass(frozen=True, kw_only=True)
class ComputedField(Field):
    """A number, date or word that the program sets; `digits` is the number of decimal places in the API."""

    editors: frozenset[Role] = NOBODY
    shape: Schema = field(default_factory=lambda: {"type": "string"})
    digits: int | None = None

    def is_stated(self, value: Any) -> bool:
        """Whether the value is neither None nor empty; zero counts as stated."""
        return value is not None and value != ""

    def display(self, value: Any) -> str:
        """The value as text, and a date as “Nov 22, 2026”."""
        return f"{value:%b} {value.day}, {value.year}" if isinstance(value, date) else super().display(value)

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
    # A name or a password in an address would be shown to everybody, and it can disguise the host.
    is_public = "@" not in parts.netloc and "\\" not in text
    return parts.scheme in {"http", "https"} and is_public and bool(_HOST.fullmatch(parts.hostname or ""))
