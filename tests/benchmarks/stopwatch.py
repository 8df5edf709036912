"""Times a question asked many times: the processor's time in this process, and the clock's."""

import math
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

WARMING_UP = 5
"""Questions that are asked before any is timed; arbitrary."""


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds: the median and the slowest but one in a hundred, of the processor here and of the clock."""

    cpu50: float
    cpu99: float
    wall50: float
    wall99: float
    most: int = 0
    """The most of whatever the work gave back as a number: rows read."""

    @property
    def cpu(self) -> str:
        return f"{_short(self.cpu50)} / {_short(self.cpu99)}"

    @property
    def wall(self) -> str:
        return f"{_short(self.wall50)} / {_short(self.wall99)}"


def timed(work: Callable[[T], object], questions: Iterable[T]) -> Times:
    """Ask each question once, after the first ones were asked for warmth."""
    asked = list(questions)
    for question in asked[:WARMING_UP]:
        work(question)
    cpu, wall, most = [], [], 0
    for question in asked:
        begun, clock = time.process_time(), time.perf_counter()
        given = work(question)
        wall.append((time.perf_counter() - clock) * 1000)
        cpu.append((time.process_time() - begun) * 1000)
        most = max(most, given) if isinstance(given, int) else most
    return Times(statistics.median(cpu), _worst(cpu), statistics.median(wall), _worst(wall), most)


def _worst(figures: Sequence[float]) -> float:
    return sorted(figures)[math.ceil(len(figures) * 0.99) - 1]


def _short(number: float) -> str:
    if number >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}"
