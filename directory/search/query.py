"""The search query, as validated immutable values."""

import math
from dataclasses import dataclass, field

from directory.errors import FieldError, Invalid
from directory.geography.point import EARTH_RADIUS_MILES, Point
from directory.search.filters import Filters

MIN_MILES = 5
"""A ZIP code's point lies up to 4 to 8 miles from its addresses, so a smaller circle would be misleading."""

MAX_MILES = 250
"""Arbitrary: half a day's drive. A larger search has no limit on the distance."""

PER_PAGE = 20
MAX_PER_PAGE = 100
"""Arbitrary, to keep responses small."""

MAX_PAGE = 500
"""Arbitrary: nobody reads 10,000 listings."""

MAX_DISTANCE_MILES = math.pi * EARTH_RADIUS_MILES
"""The distance to the antipode, the greatest possible."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last hit of a page, after which the next page begins. A page by cursor costs no more than the first.

    Raises:
        Invalid: the distance or the listing id is impossible.
    """

    miles: float
    listing_id: int

    def __post_init__(self) -> None:
        if not (_is_between(self.miles, 0.0, 13_000.0) and _is_whole(self.listing_id, 2**31 - 1)):
            raise Invalid(
                [FieldError("after", "After must be miles and a number, as the link to the next page has them.")]
            )

    def __str__(self) -> str:
        """Return the text for a URL: the shortest one that parses to exactly the same distance."""
        return f"{self.miles!r},{self.listing_id}"


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search around `origin`, nearest first; without an origin, by name.

    `within_miles` None means any distance. `page` counts from 1; with `after`, the hits before it are not counted
    again. A search by name has no cursor.

    Raises:
        Invalid: a value is not valid; each error names the public parameter.
    """

    origin: Point | None
    within_miles: float | None = None
    filters: Filters = field(default_factory=Filters)
    page: int = 1
    per_page: int = PER_PAGE
    after: Cursor | None = None

    def __post_init__(self) -> None:
        is_place = isinstance(self.origin, Point) or (self.origin is None and self.filters.words)
        is_distance = self.within_miles is None or _is_between(self.within_miles, MIN_MILES, MAX_MILES)
        checks = {
            "near": (is_place, "a place that we could find, unless “q” asks for a name"),
            "within": (is_distance, f"a number of miles from {MIN_MILES} to {MAX_MILES}, or any distance"),
            "page": (_is_whole(self.page, MAX_PAGE), f"a whole number from 1 to {MAX_PAGE}"),
            "per_page": (_is_whole(self.per_page, MAX_PER_PAGE), f"a whole number from 1 to {MAX_PER_PAGE}"),
        }
        faults = [
            FieldError(name, f"{name.capitalize().replace('_', ' ')} must be {what}.")
            for name, (is_valid, what) in checks.items()
            if not is_valid
        ]
        if faults:
            raise Invalid(faults)

    @property
    def offset(self) -> int:
        """The number of hits on the pages before this one."""
        return (self.page - 1) * self.per_page


def _is_between(number: object, least: float, most: float) -> bool:
    # Comparisons with NaN are false, so it is rejected too.
    return isinstance(number, int | float) and not isinstance(number, bool) and least <= number <= most


def _is_whole(number: object, most: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= most
