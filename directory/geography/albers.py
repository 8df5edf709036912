"""The Albers projection of the whole US, with Alaska, Hawaii and Puerto Rico as insets."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from directory.geography.box import Box
from directory.geography.point import Point

WIDTH, HEIGHT = 480.0, 300.0
"""The size of the sheet; x runs right and y down from its northwest corner."""
_SCALE = 625.0
"""Units per radian, chosen so that the lower 48 states fill the sheet."""


@dataclass(frozen=True, slots=True)
class Inset:
    """A part of the sheet: the boxes it covers, its conic projection, and the position of its center on the sheet."""

    name: str
    covers: tuple[Box, ...]
    parallels: tuple[float, float]
    centre: Point
    scale: float
    x: float
    y: float


INSETS = (
    Inset(
        "Alaska",
        (Box(50.0, -180.0, 72.0, -129.0), Box(50.0, 170.0, 56.0, 180.0)),
        (55.0, 65.0),
        Point(58.5, -156.0),
        _SCALE * 0.32,
        WIDTH / 2 - 0.282 * _SCALE,
        HEIGHT / 2 + 0.19 * _SCALE,
    ),
    Inset(
        "Hawaii",
        (Box(18.0, -161.0, 23.0, -154.0),),
        (8.0, 18.0),
        Point(19.9, -160.0),
        _SCALE,
        WIDTH / 2 - 0.185 * _SCALE,
        HEIGHT / 2 + 0.212 * _SCALE,
    ),
    Inset(
        "Puerto Rico and the Virgin Islands",
        (Box(17.0, -68.5, 19.0, -64.0),),
        (8.0, 18.0),
        Point(18.2, -66.2),
        _SCALE,
        WIDTH / 2 + 0.335 * _SCALE,
        HEIGHT / 2 + 0.212 * _SCALE,
    ),
    Inset(
        "the lower 48",
        (Box(24.0, -125.5, 50.0, -66.0),),
        (29.5, 45.5),
        Point(38.7, -96.6),
        _SCALE,
        WIDTH / 2,
        HEIGHT / 2,
    ),
)


def project(point: Point) -> tuple[float, float] | None:
    """Return the point's position on the sheet, or None if the sheet does not cover it (Guam, abroad)."""
    for inset, projection in _PROJECTIONS:
        if any(box.holds(point) for box in inset.covers):
            return projection(point)
    return None


def _conic(inset: Inset) -> Callable[[Point], tuple[float, float]]:
    """Return Albers' equal-area conic on a sphere (Snyder, Map Projections: a Working Manual, 14-1 to 14-6).

    Each inset uses its own central meridian, so that north is up in its middle.
    """
    first, second = (math.radians(parallel) for parallel in inset.parallels)
    cone = (math.sin(first) + math.sin(second)) / 2
    constant = math.cos(first) ** 2 + 2 * cone * math.sin(first)

    def distance_from_apex(lat: float) -> float:
        return math.sqrt(constant - 2 * cone * math.sin(math.radians(lat))) / cone

    middle = distance_from_apex(inset.centre.lat)

    def projection(point: Point) -> tuple[float, float]:
        turned = (point.lon - inset.centre.lon + 180.0) % 360.0 - 180.0
        angle = cone * math.radians(turned)
        reach = distance_from_apex(point.lat)
        return (
            inset.x + inset.scale * reach * math.sin(angle),
            inset.y + inset.scale * (reach * math.cos(angle) - middle),
        )

    return projection


_PROJECTIONS = tuple((inset, _conic(inset)) for inset in INSETS)
