"""The types of filters: choice, number and text."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from directory.search.tokenizer import MAX_WORDS, tokenize

MAX_TEXT = 100
"""Characters of free text; arbitrary, longer than most names."""

MAX_LISTED = 12
"""The most choices that an error message lists; arbitrary."""

_NUMBER = re.compile(r"[+-]?\d{1,12}(\.\d{1,12})?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A public search parameter with a fixed set of choices. With a single choice, it is that or omitted.

    Args:
        name: the parameter.
        label: the label on the form.
        description: the description in the API document.
        choices: the permitted values with their labels.
        field: the field of a `SearchDocument` that the filter reads.
        values: returns the choices that hold for a value of that field. They are counted as facets.
        chosen: the format of a set filter outside the form.
        other: the format of a value that is not one of the choices.
        more: whether the form shows it under “More filters”.
    """

    name: str
    label: str
    description: str
    choices: Mapping[str, str] = field(default_factory=dict)
    field: str
    values: Callable[[Any], Iterable[str]] = lambda value: (value,)
    chosen: str = "{}"
    other: str = "{}"
    more: bool = True

    @property
    def ends_with(self) -> str | None:
        """The index column with the time until which the filter's values hold; None if they do not expire."""
        return {"graded": "attested_until", "confirmed_until": "confirmed_until"}.get(self.field)

    def parse(self, text: str) -> Any:
        """Return the value for a text: None for empty text, and a value that `check` rejects for invalid text."""
        return text or None

    def check(self, value: Any) -> str | None:
        """Return an error message that states the limit, or None if the value is valid."""
        if isinstance(value, str) and value in self.choices:
            return None
        if len(self.choices) > MAX_LISTED:
            return f"{self.name.capitalize()} must be one of the values that the form offers."
        *most, last = self.choices
        listed = f"one of {', '.join(most)} or {last}" if most else f"{last} or left out"
        return f"{self.name.capitalize()} must be {listed}."

    def value_label(self, value: str) -> str:
        """Return the label of a value."""
        return self.choices.get(value) or self.other.format(value)

    def reads(self, value: str) -> str:
        """Return the filter and its value as text outside the form."""
        return self.chosen.format(self.value_label(value))

    def facts(self, value: Any) -> Iterator[str]:
        """Yield the choices that hold for a value of the filter's field."""
        yield from (choice for choice in self.values(value) if choice in self.choices)

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of the parameter."""
        return {"type": "string", "enum": [*self.choices]}

    def described(self) -> str:
        """Return the description in the API document, with the choices if it is one of several."""
        if len(self.schema().get("enum", ())) < 2:
            return self.description
        listed = ", ".join(f"{value} ({label})" for value, label in self.choices.items())
        return f"{self.description} One of {listed}."


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFilter(Filter):
    """A numeric parameter: a document matches if its number is at most, or at least, the value.

    `choices` are the numbers offered on the form. The index has a fact for each of them, and compares the column for
    other values.
    """

    number: Callable[[Any], float]
    limits: tuple[float, float]
    is_whole: bool
    is_maximum: bool
    unit: str

    def holds(self, number: Any, asked: Any) -> Any:
        """Return whether a number, or each element of an array, satisfies the value asked."""
        return number <= asked if self.is_maximum else number >= asked

    def facts(self, value: Any) -> Iterator[str]:
        """Yield the offered numbers that hold."""
        number = self.number(value)
        yield from (choice for choice in self.choices if self.holds(number, float(choice)))

    def parse(self, text: str) -> Any:
        """Return the number, None for empty text, and NaN for invalid text."""
        if not text:
            return None
        number = parse_number(text)
        return int(number) if self.is_whole and number.is_integer() and "." not in text else number

    def check(self, value: Any) -> str | None:
        """Accept a number within the limits; a bool is not a number."""
        right = isinstance(value, int) or (isinstance(value, float) and not self.is_whole)
        if right and not isinstance(value, bool) and self.limits[0] <= value <= self.limits[1]:
            return None
        kind = "a whole number" if self.is_whole else f"a number of {self.unit}"
        return f"{self.name.capitalize()} must be {kind} from {self.limits[0]:g} to {self.limits[1]:g}."

    def schema(self) -> dict[str, Any]:
        """Return the schema of a number within the limits."""
        kind = "integer" if self.is_whole else "number"
        return {"type": kind, "minimum": self.limits[0], "maximum": self.limits[1]}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFilter(Filter):
    """Words of the name, the practice or the city; the index stores them in posting lists."""

    def check(self, value: Any) -> str | None:
        """Accept printable text within the limits, with at least one word."""
        if not isinstance(value, str) or len(value) > MAX_TEXT or not value.isprintable():
            return f"The text must have at most {MAX_TEXT} characters, all of them printable."
        if len(tokenize(value)) > MAX_WORDS:
            return f"The text must have at most {MAX_WORDS} words."
        return None if tokenize(value) or not value.strip() else "The text must have a letter or a digit."

    def schema(self) -> dict[str, Any]:
        """Return the schema of a text."""
        return {"type": "string", "maxLength": MAX_TEXT}


def parse_number(text: str) -> float:
    """Parse a decimal number; anything else, including very long numbers, becomes NaN."""
    return float(text) if _NUMBER.fullmatch(text) else math.nan
