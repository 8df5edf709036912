"""The place that the geocoder returns, with its precision."""

import enum
from dataclasses import dataclass

from directory.geography.point import Point


class Precision(enum.StrEnum):
    """What the point of a place represents, from most to least precise."""

    POINT = "point"
    ADDRESS = "address"
    POSTAL = "postal"
    PREFIX = "prefix"
    CITY = "city"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the United States or its territories, or a bare point.

    `label` is text that finds the same place again. `state` is the two-letter postal abbreviation.
    About 95% of addresses with this description lie within `uncertainty_miles` of `point`.
    """

    label: str
    city: str | None
    state: str | None
    postal_code: str | None
    point: Point
    precision: Precision
    uncertainty_miles: float

    def __post_init__(self) -> None:
        if not self.label:
            raise ValueError("a place has a label")
        if not self.uncertainty_miles >= 0.0:
            raise ValueError(f"uncertainty is a distance in miles, not {self.uncertainty_miles}")
