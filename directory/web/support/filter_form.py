"""The filter controls of a search form: options, current values and result counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from directory.search import filters
from directory.search.filter_types import Filter

LONG_LIST_LENGTH = 10
"""Lists with at least this many choices omit those without results. Shorter lists stay complete, so that users can
change several filters at once."""

FacetCounts = Mapping[str, Mapping[str, int]]
"""Result counts by parameter and value; a missing value has no results."""


@dataclass(frozen=True, slots=True)
class Option:
    """A selectable value; `count` is empty if there is no count."""

    value: str
    text: str
    count: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Control:
    """A filter in the form, with its submitted value and errors."""

    filter: Filter
    value: str
    options: tuple[Option, ...]
    errors: tuple[str, ...]

    @property
    def is_choice(self) -> bool:
        """Whether it is a choice among several options, rather than a checkbox or a text field."""
        return len(self.filter.choices) > 1

    @property
    def is_checkbox(self) -> bool:
        """Whether it has exactly one option."""
        return len(self.filter.choices) == 1

    @property
    def is_set(self) -> bool:
        """Whether it has a submitted value or errors and must therefore be visible."""
        return bool(self.value or self.errors)


@dataclass(frozen=True, slots=True)
class FilterControls:
    """All filters of a form: `first` are always visible, `more` are under “More filters”."""

    first: tuple[Control, ...]
    more: tuple[Control, ...]

    @property
    def is_open(self) -> bool:
        """Whether “More filters” starts open because one of its filters has a value or errors."""
        return any(control.is_set for control in self.more)


def filter_controls(
    sent: Mapping[str, str], errors: Mapping[str, Sequence[str]], counts: FacetCounts | None = None
) -> FilterControls:
    """Return the filter controls of a form.

    With `counts`, long lists omit values without results, and are left out if no value has any. A filter that is set
    shows no counts, because they would cover only the listings that match it.
    """
    controls = [
        _control(each, sent.get(each.name, ""), tuple(errors.get(each.name, ())), counts) for each in filters.FILTERS
    ]
    return FilterControls(
        tuple(control for control in controls if not control.filter.more),
        tuple(
            control
            for control in controls
            if control.filter.more and (control.options or not control.filter.choices or control.is_set)
        ),
    )


def _control(each: Filter, value: str, errors: tuple[str, ...], counts: FacetCounts | None) -> Control:
    found = None if counts is None or value or errors else counts.get(each.name, {})
    is_long = len(each.choices) >= LONG_LIST_LENGTH
    options = [
        Option(name, label, "" if found is None else f"{found.get(name, 0):,}", name == value)
        for name, label in each.choices.items()
        if found is None or name in found or not is_long
    ]
    if value and len(each.choices) > 1 and value not in each.choices:
        options.append(Option(value, each.value_label(value), "", is_chosen=True))
    return Control(each, value, tuple(options), errors)
