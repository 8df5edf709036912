"""Chooses the names on a static map, so that they overlap neither each other nor the pins."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from directory.basemap.outline import Outline, PlaceNames
from directory.basemap.viewport import Spot, Viewport

CACHE_SIZE = 256
"""Lists of places cached by each worker: other filters and further pages show the same viewport."""
MAX_TOWN_LABELS = 16
MAX_AIRPORT_LABELS = 5
INTERNATIONAL_WITHIN_MILES, AIRPORTS_WITHIN_MILES = 80.0, 30.0
"""From the middle to the upper edge; wider viewports show no airports, or international ones only."""
LETTER_WIDTH, LARGE_LETTER_WIDTH, LINE_HEIGHT = 6.8, 8.6, 13.0
"""Approximate width and height of a letter, in units; those of phones, where letters are larger on the drawing."""
PIN_HALF_WIDTH = 15.0
EDGE = 4.0


class MapLabel(NamedTuple):
    """A name on the map; the dot is at (x, y) and the text is to its right, or to its left if `is_left`."""

    name: str
    x: float
    y: float
    is_large: bool = False
    is_left: bool = False

    @property
    def left(self) -> float:
        """The x coordinate where the dot or the text begins."""
        return self.x - self._length if self.is_left else self.x

    @property
    def right(self) -> float:
        """The x coordinate where the text or the dot ends."""
        return self.x if self.is_left else self.x + self._length

    @property
    def _length(self) -> float:
        return (LARGE_LETTER_WIDTH if self.is_large else LETTER_WIDTH) * len(self.name) + 8


class LocalLabels(NamedTuple):
    """The names of a viewport: towns and airports."""

    towns: tuple[MapLabel, ...]
    airports: tuple[MapLabel, ...]


def choose_local_labels(outline: Outline, window: Viewport, taken: Sequence[tuple[float, float]]) -> LocalLabels:
    """Choose the names of a viewport; `taken` are positions of pins, over which no name may lie."""
    towns = choose_labels(_labels_in_viewport(outline.towns, window), taken, MAX_TOWN_LABELS, width=window.width)
    if window.half_height_miles > INTERNATIONAL_WITHIN_MILES:
        return LocalLabels(towns, ())
    shown = (*taken, *((town.x, town.y) for town in towns))
    airports = _airports_in_viewport(outline, window)
    return LocalLabels(towns, choose_labels(airports, shown, MAX_AIRPORT_LABELS, width=window.width, beside=towns))


def choose_labels(
    named: Iterable[MapLabel],
    taken: Sequence[tuple[float, float]],
    most: int,
    *,
    width: float,
    beside: Sequence[MapLabel] = (),
) -> tuple[MapLabel, ...]:
    """Choose the first names that overlap neither each other nor those `beside` them nor a pin, and are not cut off."""
    chosen: list[MapLabel] = []
    both_sides = ((name, name._replace(is_left=True)) for name in named)
    fitting = (
        next((name for name in sides if _fits(name, [*chosen, *beside], taken, width)), None) for sides in both_sides
    )
    for name in islice(filter(None, fitting), most):
        chosen.append(name)  # noqa: PERF402  the next one must not overlap it
    return tuple(chosen)


def _fits(name: MapLabel, others: Sequence[MapLabel], taken: Sequence[tuple[float, float]], width: float) -> bool:
    if name.left < EDGE or name.right > width - EDGE:
        return False
    for other in others:
        if abs(name.y - other.y) < LINE_HEIGHT + 4 and name.left < other.right + 6 and other.left < name.right + 6:
            return False
    return not any(
        name.left - PIN_HALF_WIDTH < x < name.right + PIN_HALF_WIDTH
        and abs(y - name.y) < PIN_HALF_WIDTH + LINE_HEIGHT / 2
        for x, y in taken
    )


def _airports_in_viewport(outline: Outline, window: Viewport) -> Iterator[MapLabel]:
    only_large = window.half_height_miles > AIRPORTS_WITHIN_MILES
    return (label for label in _labels_in_viewport(outline.airports, window) if label.is_large or not only_large)


def _labels_in_viewport(named: PlaceNames, window: Viewport) -> Iterator[MapLabel]:
    """Yield every name in the viewport, the most important first."""
    for number, (x, y) in _spots_in_viewport(named, window):
        yield MapLabel(named.names[number], round(x, 1), round(y, 1), number < named.large)


@functools.lru_cache(maxsize=CACHE_SIZE)
def _spots_in_viewport(named: PlaceNames, window: Viewport) -> list[tuple[int, Spot]]:
    return window.holding(named.points)
