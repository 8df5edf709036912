"""Selects the random audit's sample from a published seed, so that anyone can reproduce it."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from directory.errors import FieldError, Invalid

SAMPLE_ONE_IN = 10
"""One in ten is drawn, and one at least where there is any."""

_QUARTER = re.compile(r"(20[0-9]{2})-([1-4])")


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Three months of a year; `str` writes it as “2026-4”."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-{self.number}"

    @property
    def first_day(self) -> date:
        """The day it begins, in UTC."""
        return date(self.year, 3 * self.number - 2, 1)

    @classmethod
    def of(cls, moment: datetime) -> "Quarter":
        """The quarter that a moment lies in."""
        day = moment.astimezone(UTC)
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def read(cls, text: str) -> "Quarter":
        """The quarter that a text names.

        Raises:
            Invalid: it names none.
        """
        found = _QUARTER.fullmatch(text)
        if found is None:
            raise Invalid(
                [FieldError("quarter", "A quarter is written as a year from 2000 to 2099 and 1 to 4: 2026-4.")]
            )
        return cls(int(found[1]), int(found[2]))


def rank(seed: str, public_id: str) -> str:
    """Where an id stands in the draw: the SHA-256 of the seed with the id after it, in hexadecimal."""
    return hashlib.sha256(f"{seed}{public_id}".encode()).hexdigest()


def select_sample(seed: str, public_ids: Iterable[str]) -> tuple[str, ...]:
    """The lowest tenth by rank, rounded up, lowest first; the order in which the ids come does not matter."""
    ranked = sorted(set(public_ids), key=lambda public_id: (rank(seed, public_id), public_id))
    return tuple(ranked[: -(-len(ranked) // SAMPLE_ONE_IN)])


def format_candidates(public_ids: Iterable[str]) -> str:
    """The candidates as they are published: sorted, one a line, each line ended."""
    return "".join(f"{public_id}\n" for public_id in sorted(set(public_ids)))


def hash_candidates(candidates: str) -> str:
    """The SHA-256 of the published list, in hexadecimal: what `sha256sum` says of the file."""
    return hashlib.sha256(candidates.encode()).hexdigest()
