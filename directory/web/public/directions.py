"""Directions to a practice: its address in one line, and a `geo:` link that opens the visitor's map app."""

from dataclasses import dataclass
from urllib.parse import quote

from directory.listings.tables import Location

NO_COORDINATES = "0,0"
"""What stands in a link without a point, so that an application looks for the address alone."""


@dataclass(frozen=True, slots=True)
class Directions:
    """`address` is text to copy, `href` a `geo:` link; neither asks anybody for anything until somebody follows it."""

    address: str
    href: str


def directions(location: Location) -> Directions:
    """How to get to a location.

    The address is what the application shall look for: many points are only the middle of a ZIP code or a town. They
    stand in the link so that an application searches near them, and so that one which reads no address has something.
    """
    town = f"{location.city}, {location.state} {location.postal_code}".strip()
    address = ", ".join(part for part in (location.line1, town) if part)
    point = NO_COORDINATES if location.lat is None or location.lon is None else f"{location.lat:.5f},{location.lon:.5f}"
    return Directions(address, f"geo:{point}?q={quote(address, safe='')}")
