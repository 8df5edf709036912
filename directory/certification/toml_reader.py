"""Reads typed values from a TOML table and collects every error with its place in the file."""

import datetime
import enum
import string
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from directory.certification.criteria import fits_decimals

E = TypeVar("E", bound=enum.StrEnum)

_PLACEHOLDER_DATE = datetime.date(1970, 1, 1)
"""The value of a missing date, so that reading continues and finds further errors."""


class TomlTable:
    """Reads a TOML table; a missing or wrong value adds an error and is replaced by a harmless default.

    Args:
        values: the table from tomllib, with decimals as `Decimal`.
        where: the name of the table in errors, for example `criteria[1] distinct_sites`.
        faults: the list to which this table and all tables inside add their errors.
    """

    def __init__(self, values: object, where: str, faults: list[str]) -> None:
        self.where = where
        self.faults = faults
        self._values: dict[str, Any] = dict(values) if isinstance(values, Mapping) else {}
        self._read: set[str] = set()
        if not isinstance(values, Mapping):
            faults.append(f"{where}: this must be a table")

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def note(self, sentence: str) -> None:
        """Add an error about this table."""
        self.faults.append(f"{self.where}: {sentence}" if self.where else sentence)

    def fault(self, key: str, sentence: str) -> None:
        """Add an error about one key."""
        self.note(f"{key} {sentence}")

    def _take(self, key: str) -> Any:
        self._read.add(key)
        return self._values.get(key)

    def text(self, key: str, *, optional: bool = False) -> str:
        """A text that is not empty; an optional text may be missing, but not empty."""
        value = self._take(key)
        if value is None and optional:
            return ""
        if not isinstance(value, str) or not value.strip():
            self.fault(key, "must be a text with something in it" if key in self else "is missing")
            return ""
        if value != value.strip():
            self.fault(key, "must not begin or end with a space")
        return value

    def template(self, key: str, allowed: Collection[str]) -> str:
        """A text in which only the `allowed` placeholders appear in braces."""
        value = self.text(key)
        names = placeholders(value)
        if names is None:
            self.fault(key, "has a brace that is not closed")
            return ""
        unknown = sorted(names - set(allowed))
        if unknown:
            known = ", ".join(sorted(allowed)) or "no name at all"
            self.fault(key, f"has {{{unknown[0]}}}, and here only {known} can stand in braces")
            return ""
        return value

    def whole(self, key: str, low: int, high: int) -> int:
        """A whole number from `low` to `high`."""
        value = self._take(key)
        if type(value) is not int or not low <= value <= high:
            self.fault(key, f"must be a whole number from {low} to {high}")
            return low
        return value

    def number(self, key: str, decimals: int) -> Decimal | None:
        """A number with at most `decimals` decimal places, or None if it is missing."""
        value = self._take(key)
        if value is None:
            return None
        if type(value) not in {int, Decimal} or not Decimal(value).is_finite():
            self.fault(key, "must be a number")
            return None
        number = Decimal(value)
        if not fits_decimals(number, decimals):
            self.fault(key, f"has more decimals than the {decimals} that an answer can have")
        return number

    def truth(self, key: str) -> bool:
        """A boolean; false if it is missing."""
        value = self._take(key)
        if value is not None and not isinstance(value, bool):
            self.fault(key, "must be true or false")
        return value is True

    def date(self, key: str, *, optional: bool = False) -> datetime.date | None:
        """A date without a time."""
        value = self._take(key)
        if value is None and optional:
            return None
        if type(value) is not datetime.date:
            self.fault(key, "must be a date like 2026-11-22")
            return _PLACEHOLDER_DATE
        return value

    def one_of(self, key: str, members: type[E]) -> E | None:
        """A member of an enumeration by its value."""
        value = self._take(key)
        known = {member.value: member for member in members}
        if not isinstance(value, str) or value not in known:
            self.fault(key, f"must be one of {', '.join(known)}")
            return None
        return known[value]

    def texts(self, key: str, *, optional: bool = False) -> tuple[str, ...]:
        """A list of different, non-empty texts."""
        value = self._take(key)
        if value is None and optional:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(v, str) and v for v in value):
            self.fault(key, "must be a list of texts")
            return ()
        if len(set(value)) != len(value):
            self.fault(key, "names something twice")
        return tuple(value)

    def table(self, key: str) -> "TomlTable":
        """A table inside this one."""
        value = self._take(key)
        return TomlTable({} if value is None else value, f"{self.where} {key}".strip(), self.faults)

    def tables(self, key: str, *, optional: bool = False) -> Iterator["TomlTable"]:
        """A list of tables inside this one; errors name each by its number and, if it has one, its key or value."""
        value = self._take(key)
        if value is None and optional:
            return
        if not isinstance(value, list) or not value:
            self.fault(key, "must be a list of tables" if key in self else "is missing")
            return
        for number, inner in enumerate(value, start=1):
            name = inner.get("key", inner.get("value", "")) if isinstance(inner, Mapping) else ""
            yield TomlTable(inner, f"{self.where} {key}[{number}] {name}".strip(), self.faults)

    def raw(self, key: str) -> object:
        """The unchecked value, for keys that accept more than one type."""
        return self._take(key)

    def nothing_else(self) -> None:
        """Add an error for every key that was not read, so that a misspelled key is reported."""
        for key in self._values:
            if key not in self._read:
                self.fault(key, "is not a key that belongs here")


def placeholders(template: str) -> set[str] | None:
    """The names in braces, or None if the braces do not match.

    A conversion, format or attribute (`{a!r}`, `{a:>9}`, `{a.b}`) is part of the name, so that it is never an
    allowed name.
    """
    names: set[str] = set()
    try:
        for _, name, spec, conversion in string.Formatter().parse(template):
            if name is not None:
                names.add(name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else ""))
    except ValueError:  # how the standard library reports a brace that is not closed
        return None
    return names
