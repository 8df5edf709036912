"""The filter controls of a search form: options, current values and result counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from directory.search import filters
from directory.search.filter_types import Filter

LONG_LIST_LENGTH = 10
"""Choices from which on a list leaves out those that no listing near has. Shorter lists stay whole, so that one
choice can be changed together with another."""

FacetCounts = Mapping[str, Mapping[str, int]]
"""How many listings of a search have a value, by parameter and value; what is left out has none."""


@dataclass(frozen=True, slots=True)
class Option:
    """A value that can be chosen; `count` is empty where nothing was counted."""

    value: str
    text: str
    count: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Control:
    """A filter as the form shows it, with what was sent for it and what is wrong with that."""

    filter: Filter
    value: str
    options: tuple[Option, ...]
    errors: tuple[str, ...]

    @property
    def is_choice(self) -> bool:
        """Whether one of several is chosen; otherwise it is a checkbox or a text."""
        return len(self.filter.choices) > 1

    @property
    def is_checkbox(self) -> bool:
        """Whether it is set or not, and nothing else."""
        return len(self.filter.choices) == 1

    @property
    def is_set(self) -> bool:
        """Whether something was sent, so that it must be seen."""
        return bool(self.value or self.errors)


@dataclass(frozen=True, slots=True)
class FilterControls:
    """All filters of a form: those always seen, and those under “More filters”, which opens where one is set."""

    first: tuple[Control, ...]
    more: tuple[Control, ...]

    @property
    def is_open(self) -> bool:
        """Whether one of those under “More filters” is set, or is to be mended."""
        return any(control.is_set for control in self.more)


def filter_controls(
    sent: Mapping[str, str], errors: Mapping[str, Sequence[str]], counts: FacetCounts | None = None
) -> FilterControls:
    """The filters as a form shows them, with everything they offer.

    With `counts`, a long list is only of what somebody has. A filter that is set has no counts: they would be of those
    that match it.
    """
    controls = [
        _control(each, sent.get(each.name, ""), tuple(errors.get(each.name, ())), counts) for each in filters.FILTERS
    ]
    return FilterControls(
        tuple(control for control in controls if not control.filter.more),
        tuple(control for control in controls if control.filter.more and _is_useful(control)),
    )


def _control(each: Filter, value: str, errors: tuple[str, ...], counts: FacetCounts | None) -> Control:
    if counts is None or value or errors:
        options = [Option(name, label, "", name == value) for name, label in each.choices.items()]
        if value and len(each.choices) > 1 and value not in each.choices:
            options.append(Option(value, each.value_label(value), "", is_chosen=True))
        return Control(each, value, tuple(options), errors)
    return Control(each, value, tuple(_counted_options(each, counts.get(each.name, {}))), errors)


def _counted_options(each: Filter, counts: Mapping[str, int]) -> Iterator[Option]:
    for name, label in each.choices.items():
        number = counts.get(name, 0)
        if number or len(each.choices) < LONG_LIST_LENGTH:
            yield Option(name, label, f"{number:,}", is_chosen=False)


def _is_useful(control: Control) -> bool:
    """A long list of which nobody near has anything is left out."""
    return bool(control.options or not control.filter.choices or control.is_set)
