"""Parses and validates the map area (bounding box and zoom) of a request."""

import math
import re
from dataclasses import dataclass
from typing import NoReturn

from werkzeug.datastructures import MultiDict

from directory.errors import FieldError, Invalid
from directory.geography.box import Box
from directory.geography.point import Point, miles_between
from directory.search.query import MAX_MILES

MAX_TILES = 32
"""In web map tiles of 256 pixels; the largest map on our pages needs 24. Limits the response size."""

MAX_ZOOM = 24

_NUMBER = r"[+-]?\d{1,3}(?:\.\d{1,12})?"
_BOX = re.compile(rf"{_NUMBER}(?:,{_NUMBER}){{3}}", re.ASCII)
_INTEGER = re.compile(r"\d{1,2}", re.ASCII)
_MERCATOR_MAX_LAT = 85.0511


@dataclass(frozen=True, slots=True)
class Viewport:
    """The visible map area: a bounding box and a web map zoom level."""

    box: Box
    zoom: int


def parse_viewport(sent: MultiDict[str, str]) -> Viewport:
    """Parse the map area from the request parameters.

    Raises:
        Invalid: `bbox` or `zoom` is invalid, or the box covers more than `MAX_TILES` tiles at that zoom.
    """
    box, zoom = parse_bbox(sent), _parse_zoom(sent)
    tiles = _tile_count(box, zoom)
    if tiles > MAX_TILES:
        _raise_invalid(
            "bbox",
            f"“bbox” may cover at most {MAX_TILES} map tiles at its zoom, and it covers {math.ceil(tiles):,}. "
            "Ask for a smaller part, or at a lower zoom.",
        )
    return Viewport(box, zoom)


def parse_bbox(sent: MultiDict[str, str]) -> Box:
    """Parse `bbox`; across the antimeridian, west is greater than east.

    Raises:
        Invalid: it is not a valid box on the globe.
    """
    text = _single_value(sent, "bbox").replace(" ", "")
    if not _BOX.fullmatch(text):
        _raise_invalid("bbox", "“bbox” must be west,south,east,north in degrees, such as -105.5,39.5,-104.5,40.1.")
    west, south, east, north = (float(part) for part in text.split(","))
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90:
        _raise_invalid("bbox", "“bbox” must lie between -180 and 180 degrees of longitude and -90 and 90 of latitude.")
    if south > north:
        _raise_invalid("bbox", "“bbox” must have its south, the second number, below its north, the fourth.")
    return Box(south, west, north, east)


def _parse_zoom(sent: MultiDict[str, str]) -> int:
    text = _single_value(sent, "zoom").strip()
    if not _INTEGER.fullmatch(text) or int(text) > MAX_ZOOM:
        _raise_invalid("zoom", f"“zoom” must be a whole number from 0 to {MAX_ZOOM}, as web maps count.")
    return int(text)


def enclosing_circle(box: Box) -> tuple[Point, float]:
    """Return the center of a box and the distance to its farthest corner, in miles.

    Raises:
        Invalid: that distance exceeds `MAX_MILES`.
    """
    middle = _center(box)
    corners = (Point(lat, lon) for lat in (box.south, box.north) for lon in (box.west, box.east))
    reach = max(miles_between(middle, corner) for corner in corners)
    if reach > MAX_MILES:
        _raise_invalid("bbox", f"“bbox” may reach at most {MAX_MILES} miles from its middle to be listed.")
    return middle, reach


def _width(box: Box) -> float:
    return box.east - box.west if box.west <= box.east else box.east - box.west + 360.0


def _center(box: Box) -> Point:
    east = box.west + _width(box) / 2
    return Point((box.south + box.north) / 2, east - 360.0 if east > 180.0 else east)


def _tile_count(box: Box, zoom: int) -> float:
    """Return the area of the box in map tiles, counting at least one row and one column."""
    columns = _width(box) / 360.0 * 2.0**zoom
    rows = (_mercator_y(box.south) - _mercator_y(box.north)) * 2.0**zoom
    return max(columns, 1.0) * max(rows, 1.0)


def _mercator_y(lat: float) -> float:
    """Return the vertical Web Mercator position of a latitude, from 0 (north) to 1 (south)."""
    held = math.radians(min(max(lat, -_MERCATOR_MAX_LAT), _MERCATOR_MAX_LAT))
    return 0.5 - math.atanh(math.sin(held)) / math.tau


def _single_value(sent: MultiDict[str, str], name: str) -> str:
    given = sent.getlist(name)
    if len(given) > 1:
        _raise_invalid(name, f"“{name}” was given {len(given)} times. Give it once.")
    return given[0] if given else ""


def _raise_invalid(name: str, sentence: str) -> NoReturn:
    raise Invalid([FieldError(name, sentence)])
