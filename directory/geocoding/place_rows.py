"""Converts rows of the gazetteer to places with labels, points and uncertainty."""

from collections.abc import Sequence
from typing import Final

from directory.geocoding.grid_index import flat_miles, town_radius_miles, weighted_distance
from directory.geocoding.parser import Coordinates
from directory.geocoding.place import Place, Precision
from directory.geocoding.store import QUARTER, AreaRow, Store, TownRow, ZipRow
from directory.geography.point import Point, miles_between

ZIP_TOWN_TOLERANCE_MILES: Final = 12.0
"""98% of real pairs of ZIP code and city are closer than this plus the uncertainty of both."""
MAX_STATE_DISTANCE_MILES: Final = 60.0
"""A point farther than this from every ZIP code is in no state."""


def row_point(row: TownRow | ZipRow | AreaRow) -> Point:
    """Return the coordinates of the row."""
    return Point(row.lat, row.lon)


def town_label(town: TownRow) -> str:
    """Return a label such as "Denver, CO", or "Hollywood, AL (near Homewood)" if a state has two of that name."""
    return f"{town.name}, {town.state}" + (f" (near {town.beside})" if town.beside else "")


def town_place(town: TownRow) -> Place:
    """Return the place for a town."""
    return Place(town_label(town), town.name, town.state, None, row_point(town), Precision.CITY, town.miles)


def zip_place(zip_code: str, row: ZipRow) -> Place:
    """Return the place for a ZIP code: its own point, or the center of its first three digits.

    The town is the likeliest one; the label states it as fact only if the post office's name is known.
    """
    near = f"{zip_code} (near {row.town.name}, {row.town.state})" if row.town else zip_code
    label = f"{row.name}, {row.state} {zip_code}" if row.name else near
    city = row.name or (row.town.name if row.town else None)
    precision = Precision.POSTAL if row.exact else Precision.PREFIX
    return Place(label, city, row.state, zip_code, row_point(row), precision, row.miles)


def named_zip_place(zip_code: str, row: ZipRow | None, town: TownRow) -> Place:
    """Return the place for a ZIP code and the town named with it, at the more precise of the two points.

    Practices lie in the middle of a town rather than of its ZIP codes, so the town's own size counts. The ZIP
    code's own point is used where the town would be farther off than it states.
    """
    label = f"{town.name}, {town.state} {zip_code}"
    far = row is not None and miles_between(row_point(row), row_point(town)) > town.miles
    if row is None or not row.exact or (town_radius_miles(town.weight) < row.miles and not far):
        return Place(label, town.name, town.state, zip_code, row_point(town), Precision.CITY, town.miles)
    return Place(label, town.name, town.state, zip_code, row_point(row), Precision.POSTAL, row.miles)


def area_label(area: AreaRow) -> str:
    """Return a label such as "Cape Cod, MA", or "Chelsea, New York, NY" for a part of a city."""
    return f"{area.name}, {area.town}, {area.state}" if area.kind == QUARTER else f"{area.name}, {area.state}"


def area_place(area: AreaRow) -> Place:
    """Return the place for an area, at its center, with its radius as the uncertainty."""
    return Place(area_label(area), area.town, area.state, None, row_point(area), Precision.CITY, area.miles)


def plausible_town(row: ZipRow, towns: Sequence[TownRow]) -> TownRow | None:
    """Return the nearest of the towns to which this ZIP code may belong."""
    near = [(miles_between(row_point(row), row_point(town)), town) for town in towns]
    within = [(miles, town) for miles, town in near if miles <= row.miles + town.miles + ZIP_TOWN_TOLERANCE_MILES]
    return min(within, key=lambda pair: pair[0])[1] if within else None


def state_at(store: Store, point: Point) -> str | None:
    """Return the state of the nearest ZIP code; None outside the US and at sea."""
    for rings in (0, 1, 2):
        near = store.zips_around(point.lat, point.lon, rings)
        if near:
            nearest = min(near, key=lambda row: flat_miles(row, point))
            return nearest.state if flat_miles(nearest, point) <= MAX_STATE_DISTANCE_MILES else None
    return None


def town_at(store: Store, point: Point, state: str) -> TownRow | None:
    """Return the town of that state with the least weighted distance from the point."""
    for rings in (1, 3):
        near = [town for town in store.towns_around(point.lat, point.lon, rings) if town.state == state]
        if near:
            return min(near, key=lambda town: (weighted_distance(flat_miles(town, point), town.weight), town.id))
    return None


def point_place(store: Store, where: Coordinates) -> Place:
    """Return the place for coordinates, labeled with the town near them."""
    state = state_at(store, where.point)
    town = town_at(store, where.point, state) if state else None
    near = f" (near {town.name}, {town.state})" if town else ""
    label = f"{where.written}{near}"
    return Place(label, town.name if town else None, state, None, where.point, Precision.POINT, where.miles)
