"""Selects the random audit's sample from a published seed, so that anyone can reproduce it."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from directory.errors import FieldError, Invalid

SAMPLE_ONE_IN = 10
"""One in ten attestations is drawn, and at least one if there are any."""

_QUARTER = re.compile(r"(20[0-9]{2})-([1-4])")


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a calendar year; its string form is “2026-4”."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}-{self.number}"

    @property
    def first_day(self) -> date:
        """The first day of the quarter, in UTC."""
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def following(self) -> "Quarter":
        """The next quarter."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @classmethod
    def of(cls, moment: datetime) -> "Quarter":
        """Return the quarter that contains a moment, in UTC."""
        day = moment.astimezone(UTC)
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def read(cls, text: str) -> "Quarter":
        """Parse a quarter such as “2026-4”.

        Raises:
            Invalid: the text is not a quarter.
        """
        found = _QUARTER.fullmatch(text)
        if found is None:
            raise Invalid(
                [FieldError("quarter", "A quarter is written as a year from 2000 to 2099 and 1 to 4: 2026-4.")]
            )
        return cls(int(found[1]), int(found[2]))


def rank(seed: str, public_id: str) -> str:
    """Return the sort key of an id in the draw: the SHA-256 of the seed followed by the id, in hexadecimal."""
    return hashlib.sha256(f"{seed}{public_id}".encode()).hexdigest()


def select_sample(seed: str, public_ids: Iterable[str]) -> tuple[str, ...]:
    """Return the lowest tenth by rank, rounded up, lowest first; the order of the input does not matter."""
    ranked = sorted(set(public_ids), key=lambda public_id: (rank(seed, public_id), public_id))
    return tuple(ranked[: -(-len(ranked) // SAMPLE_ONE_IN)])


def format_candidates(public_ids: Iterable[str]) -> str:
    """Format the candidates for publication: sorted, one per line, each line with a newline at its end."""
    return "".join(f"{public_id}\n" for public_id in sorted(set(public_ids)))


def hash_candidates(candidates: str) -> str:
    """Return the SHA-256 of the published list in hexadecimal, equal to the output of `sha256sum` for the file."""
    return hashlib.sha256(candidates.encode()).hexdigest()
