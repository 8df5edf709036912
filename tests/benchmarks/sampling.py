"""Weighted random sampling for synthetic data."""

from collections.abc import Sequence
from typing import Final, TypeVar

import numpy as np

T = TypeVar("T")

SKEW: Final = 2.5
"""The first tenth of the values makes up four tenths of a skewed sample; arbitrary."""


def weighted_sample(rng: np.random.Generator, table: Sequence[tuple[T, int]], count: int) -> list[T]:
    """Draw values from a table of (value, weight), with replacement."""
    values = [value for value, _ in table]
    cumulative = np.cumsum([weight for _, weight in table])
    found = np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right")
    return [values[index] for index in found.tolist()]


def skewed_sample(rng: np.random.Generator, values: Sequence[str], count: int) -> list[str]:
    """Draw values with replacement; the first values are the most frequent, as common names are."""
    found = (len(values) * rng.random(count) ** SKEW).astype(np.int64)
    return [values[index] for index in found.tolist()]
