"""Converts rows of the gazetteer to places with labels, points and uncertainty."""

from collections.abc import Sequence
from typing import Final

from directory.geocoding.grid_index import flat_miles, weighted_distance
from directory.geocoding.parser import Coordinates
from directory.geocoding.place import Place, Precision
from directory.geocoding.regions import Region
from directory.geocoding.store import Store, TownRow, ZipRow
from directory.geography.point import Point, miles_between

ZIP_TOWN_TOLERANCE_MILES: Final = 12.0
"""98 of 100 real pairs of ZIP and city lie nearer than this and the uncertainty of both."""
MAX_STATE_DISTANCE_MILES: Final = 60.0
"""Farther than this from every ZIP a point is in no state that we could name."""


def row_point(row: TownRow | ZipRow) -> Point:
    """The row's coordinates."""
    return Point(row.lat, row.lon)


def town_label(town: TownRow) -> str:
    """Such as "Denver, CO", or "Hollywood, AL (near Homewood)" where a state has two."""
    return f"{town.name}, {town.state}" + (f" (near {town.beside})" if town.beside else "")


def town_place(town: TownRow) -> Place:
    """The town, as a patient searches around it."""
    return Place(town_label(town), town.name, town.state, None, row_point(town), Precision.CITY, town.miles)


def zip_place(zip_code: str, row: ZipRow) -> Place:
    """The ZIP at its own point, or at the centre of its first three digits.

    The town is the likeliest; only where the post office's own name is known does the label claim it.
    """
    near = f"{zip_code} (near {row.town.name}, {row.town.state})" if row.town else zip_code
    label = f"{row.name}, {row.state} {zip_code}" if row.name else near
    city = row.name or (row.town.name if row.town else None)
    precision = Precision.POSTAL if row.exact else Precision.PREFIX
    return Place(label, city, row.state, zip_code, row_point(row), precision, row.miles)


def named_zip_place(zip_code: str, row: ZipRow | None, town: TownRow) -> Place:
    """The ZIP together with the town that was named with it: at the surer of the two points."""
    label = f"{town.name}, {town.state} {zip_code}"
    if row is None or not row.exact or town.miles < row.miles:
        return Place(label, town.name, town.state, zip_code, row_point(town), Precision.CITY, town.miles)
    return Place(label, town.name, town.state, zip_code, row_point(row), Precision.POSTAL, row.miles)


def region_place(region: Region) -> Place:
    """A landscape: its middle, and how far it reaches."""
    point = Point(region.lat, region.lon)
    return Place(f"{region.name}, {region.state}", region.town, region.state, None, point, Precision.CITY, region.miles)


def plausible_town(row: ZipRow, towns: Sequence[TownRow]) -> TownRow | None:
    """The nearest of the towns that this ZIP may belong to."""
    near = [(miles_between(row_point(row), row_point(town)), town) for town in towns]
    within = [(miles, town) for miles, town in near if miles <= row.miles + town.miles + ZIP_TOWN_TOLERANCE_MILES]
    return min(within, key=lambda pair: pair[0])[1] if within else None


def state_at(store: Store, point: Point) -> str | None:
    """The state of the nearest ZIP; None abroad and at sea."""
    for rings in (0, 1, 2):
        near = store.zips_around(point.lat, point.lon, rings)
        if near:
            nearest = min(near, key=lambda row: flat_miles(row, point))
            return nearest.state if flat_miles(nearest, point) <= MAX_STATE_DISTANCE_MILES else None
    return None


def town_at(store: Store, point: Point, state: str) -> TownRow | None:
    """The town of that state to which people at the point would say they belong."""
    for rings in (1, 3):
        near = [town for town in store.towns_around(point.lat, point.lon, rings) if town.state == state]
        if near:
            return min(near, key=lambda town: (weighted_distance(flat_miles(town, point), town.weight), town.id))
    return None


def point_place(store: Store, where: Coordinates) -> Place:
    """A bare point, told by the town it is near to."""
    state = state_at(store, where.point)
    town = town_at(store, where.point, state) if state else None
    near = f" (near {town.name}, {town.state})" if town else ""
    label = f"{where.written}{near}"
    return Place(label, town.name if town else None, state, None, where.point, Precision.POINT, where.miles)
