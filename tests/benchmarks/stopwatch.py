"""Measures the CPU time and the wall time of repeated calls."""

import math
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

WARM_UP = 5
"""Calls before the first one that is measured; arbitrary."""


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Milliseconds: the median and the 99th percentile."""

    p50: float
    p99: float

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> "Quantiles":
        """The quantiles of some measured values."""
        ranked = sorted(milliseconds)
        return cls(statistics.median(ranked), ranked[math.ceil(len(ranked) * 0.99) - 1])

    def __str__(self) -> str:
        return f"{_short(self.p50)} / {_short(self.p99)}"


@dataclass(frozen=True, slots=True)
class Timing:
    """CPU time of this process, and wall time, which includes waiting for a database server."""

    cpu: Quantiles
    wall: Quantiles


class Stopwatch:
    """Collects the times of single calls, for work with steps between the calls that are not measured."""

    def __init__(self) -> None:
        self._cpu: list[float] = []
        self._wall: list[float] = []

    def measure(self, call: Callable[[], object]) -> None:
        """Call once and keep the times."""
        cpu, wall = time.process_time(), time.perf_counter()
        call()
        self._wall.append((time.perf_counter() - wall) * 1000)
        self._cpu.append((time.process_time() - cpu) * 1000)

    @property
    def timing(self) -> Timing:
        """The quantiles of all calls so far."""
        return Timing(Quantiles.of(self._cpu), Quantiles.of(self._wall))


def timed(call: Callable[[T], object], arguments: Iterable[T], *, at_most: float = math.inf) -> Timing:
    """Call once for each argument, after a few calls to warm up.

    Args:
        call: what is measured.
        arguments: one call is measured for each.
        at_most: seconds after which no further call is begun.
    """
    given, stopwatch, begun = list(arguments), Stopwatch(), time.perf_counter()
    for argument in given[:WARM_UP]:
        call(argument)
        if time.perf_counter() - begun > at_most / 2:
            break
    for argument in given:
        stopwatch.measure(lambda argument=argument: call(argument))
        if time.perf_counter() - begun > at_most:
            break
    return stopwatch.timing


def _short(milliseconds: float) -> str:
    if milliseconds >= 100:
        return f"{milliseconds:,.0f}"
    if milliseconds >= 10:
        return f"{milliseconds:.1f}"
    return f"{milliseconds:.2f}" if milliseconds >= 0.1 else f"{milliseconds:.3f}"
