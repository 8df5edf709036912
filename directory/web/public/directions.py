"""Directions to a practice: its address in one line, and a `geo:` link that opens the visitor's map app."""

from dataclasses import dataclass
from urllib.parse import quote

from directory.listings.tables import Location

NO_COORDINATES = "0,0"
"""The coordinates in a `geo:` link for an unplaced address; the map app then searches for the address alone."""


@dataclass(frozen=True, slots=True)
class Directions:
    """An address to copy and a `geo:` link; neither sends a request to a third party before the link is opened."""

    address: str
    href: str


def directions(location: Location) -> Directions:
    """Return the directions to a location.

    The link names the address as the query, because many coordinates are only the center of a ZIP code or a town.
    It has the coordinates too: map apps search near them, or use them if they do not support the query.
    """
    town = f"{location.city}, {location.state} {location.postal_code}".strip()
    address = ", ".join(part for part in (location.line1, town) if part)
    point = NO_COORDINATES if location.lat is None or location.lon is None else f"{location.lat:.5f},{location.lon:.5f}"
    return Directions(address, f"geo:{point}?q={quote(address, safe='')}")
