"""The types of filters: choice, switch, number and text."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from directory.search.tokenizer import MAX_WORDS, tokenize

MAX_TEXT = 100
"""Characters of free text; arbitrary, longer than most names."""

MAX_LISTED = 12
"""Choices up to which an error lists them all; arbitrary."""

_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,12})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Technique:
    """Accepted answers as filters read them; whether they count at a moment is for the index to say."""

    badge: bool
    answers: Mapping[str, Any]

    def __hash__(self) -> int:
        return id(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One public parameter that takes one of some choices.

    Args:
        name: the parameter.
        label: on the form.
        description: in the API document.
        choices: the values that may be asked for, with their labels.
        field: the field of a `SearchDocument` that the filter reads.
        values: which of the choices hold for that field's value. They are counted as facets.
        chosen: how a set filter reads by itself, away from the form.
        more: whether the form shows it under “More filters”.
    """

    name: str
    label: str
    description: str
    choices: Mapping[str, str] = field(default_factory=dict)
    field: str
    values: Callable[[Any], Iterable[str]] = lambda value: (value,)
    chosen: str = "{}"
    more: bool = True

    @property
    def unset(self) -> Any:
        """The value that stands for “not set”."""
        return None

    @property
    def ends_with(self) -> str | None:
        """The column of the index that says until when the filter's values hold; None where they do not end."""
        return {"technique": "attested_until", "confirmed_until": "confirmed_until"}.get(self.field)

    def parse(self, text: str) -> Any:
        """The value that a text asks for; one that `check` refuses where it is none."""
        return text or self.unset

    def check(self, value: Any) -> str | None:
        """What is wrong with a value, in a sentence that names the limit."""
        if isinstance(value, str) and value in self.choices:
            return None
        if len(self.choices) > MAX_LISTED:
            return f"{self.name.capitalize()} must be one of the values that the form offers."
        *most, last = self.choices
        return f"{self.name.capitalize()} must be one of {', '.join(most)} or {last}."

    def value_label(self, value: str) -> str:
        """How a value reads."""
        return self.choices.get(value, value)

    def reads(self, value: str) -> str:
        """The filter with its value, away from the form."""
        return self.chosen.format(self.value_label(value))

    def facts(self, value: Any) -> Iterator[str]:
        """The choices that hold for the value of the filter's field."""
        yield from (choice for choice in self.values(value) if choice in self.choices)

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the parameter."""
        return {"type": "string", "enum": [*self.choices]}

    def described(self) -> str:
        """The description in the API document, with the choices."""
        listed = ", ".join(f"{value} ({label})" for value, label in self.choices.items())
        return f"{self.description} One of {listed}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch(Filter):
    """A parameter that is 1 or left out."""

    @property
    def unset(self) -> Any:
        """Not set."""
        return False

    def parse(self, text: str) -> Any:
        """True for 1."""
        return {"": False, "1": True}.get(text, text)

    def check(self, value: Any) -> str | None:
        """Only True and False are right."""
        return None if isinstance(value, bool) else f"{self.name.capitalize()} must be 1 or left out."

    def described(self) -> str:
        """The description says it all."""
        return self.description


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFilter(Filter):
    """A parameter that takes a number: the document's number must be at most, or at least, so much.

    Its `choices` are the numbers that the form offers; the index has a fact for each and compares the column
    otherwise.
    """

    number: Callable[[Any], float]
    limits: tuple[float, float]
    is_whole: bool
    is_maximum: bool
    unit: str
    other: str

    def holds(self, number: Any, asked: Any) -> Any:
        """Whether a number, or each of an array, satisfies what is asked; NaN never does."""
        return number <= asked if self.is_maximum else number >= asked

    def facts(self, value: Any) -> Iterator[str]:
        """The offered numbers that hold."""
        number = self.number(value)
        yield from (choice for choice in self.choices if self.holds(number, float(Decimal(choice))))

    def parse(self, text: str) -> Any:
        """The number, and NaN for what is none."""
        if not text:
            return None
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        return int(number) if self.is_whole and number.is_integer() and "." not in text else number

    def check(self, value: Any) -> str | None:
        """A number within the limits; a bool is none."""
        right = isinstance(value, int) or (isinstance(value, float) and not self.is_whole)
        if right and not isinstance(value, bool) and self.limits[0] <= value <= self.limits[1]:
            return None
        kind = "a whole number" if self.is_whole else f"a number of {self.unit}"
        return f"{self.name.capitalize()} must be {kind} from {self.limits[0]:g} to {self.limits[1]:g}."

    def value_label(self, value: str) -> str:
        """How a number reads, offered or not."""
        return self.choices.get(value) or self.other.format(value)

    def schema(self) -> dict[str, Any]:
        """A number within the limits."""
        kind = "integer" if self.is_whole else "number"
        return {"type": kind, "minimum": self.limits[0], "maximum": self.limits[1]}

    def described(self) -> str:
        """The description with the limits."""
        return f"{self.description} {self.limits[0]:g} to {self.limits[1]:g}."


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFilter(Filter):
    """Words of the name, the practice or the city; the index keeps them as posting lists."""

    @property
    def unset(self) -> Any:
        """Not set."""
        return ""

    def check(self, value: Any) -> str | None:
        """Printable text, not too long, with at least one word."""
        if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable():
            return f"The text must have at most {MAX_TEXT} characters, all of them printable."
        if len(tokenize(value)) > MAX_WORDS:
            return f"The text must have at most {MAX_WORDS} words."
        return None if tokenize(value) or not value.strip() else "The text must have a letter or a digit."

    def value_label(self, value: str) -> str:
        """In quotation marks."""
        return f"“{value}”"

    def schema(self) -> dict[str, Any]:
        """A text."""
        return {"type": "string", "maxLength": MAX_TEXT}

    def described(self) -> str:
        """The description says it all."""
        return self.description
