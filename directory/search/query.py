"""What a patient asks for, as a value that cannot be built wrong."""

from dataclasses import dataclass
from typing import cast

from directory.errors import Fault, Invalid
from directory.geography.point import Point

MIN_MILES = 5
"""A ZIP's point lies up to 4 to 8 miles from its addresses, so a smaller circle would promise too much."""

MAX_MILES = 250
"""Arbitrary: half a day's drive. Who would go farther asks for any distance."""

PER_PAGE = 20
MAX_PER_PAGE = 100
"""Arbitrary, so that one answer stays small."""

MAX_PAGE = 500
"""Arbitrary: nobody reads 10,000 entries, and a page costs more the deeper it lies."""

IMAGING_METHODS = ("fluoroscopy", "ultrasound", "ct")
ANY_IMAGING = "any"
IMAGING = (*IMAGING_METHODS, ANY_IMAGING)
"""What `imaging` may ask for: one method, or any of those that an answer can state."""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search: what lies near `origin`, nearest first.

    `within_miles` None is any distance. `badge` asks for those whose badge shows now. `imaging` asks for those
    whose accepted and unexpired answers state that method, always or sometimes.

    Raises:
        Invalid: a limit is broken; each fault names the public parameter.
    """

    origin: Point
    within_miles: float | None = None
    badge: bool = False
    imaging: str | None = None
    page: int = 1
    per_page: int = PER_PAGE

    def __post_init__(self) -> None:
        faults = [
            fault
            for fault in (
                _origin_fault(self.origin),
                _within_fault(self.within_miles),
                _badge_fault(self.badge),
                _imaging_fault(self.imaging),
                _count_fault("page", self.page, MAX_PAGE),
                _count_fault("per_page", self.per_page, MAX_PER_PAGE),
            )
            if fault
        ]
        if faults:
            raise Invalid(faults)

    @property
    def offset(self) -> int:
        """How many hits lie on the pages before this one."""
        return (self.page - 1) * self.per_page


def _origin_fault(origin: object) -> Fault | None:
    if isinstance(origin, Point):
        return None
    return Fault("near", "Near must be a place that we could find.")


def _within_fault(miles: object) -> Fault | None:
    # A nan compares with nothing, so it is not between the limits either.
    numeric = isinstance(miles, int | float) and not isinstance(miles, bool)
    if miles is None or (numeric and MIN_MILES <= cast("float", miles) <= MAX_MILES):
        return None
    return Fault("within", f"Within must be a number of miles from {MIN_MILES} to {MAX_MILES}, or any distance.")


def _badge_fault(badge: object) -> Fault | None:
    return None if isinstance(badge, bool) else Fault("badge", "Badge must be 1 or left out.")


def _imaging_fault(imaging: object) -> Fault | None:
    if imaging is None or (isinstance(imaging, str) and imaging in IMAGING):
        return None
    return Fault("imaging", f"Imaging must be one of {', '.join(IMAGING_METHODS)} or {ANY_IMAGING}.")


def _count_fault(field: str, number: object, most: int) -> Fault | None:
    if isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= most:
        return None
    label = field.replace("_", " ").capitalize()
    return Fault(field, f"{label} must be a whole number from 1 to {most}.")
