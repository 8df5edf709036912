"""Chooses the airports on the map, from airportsdata."""

import re

from directory.basemap.labels import US_CODES, Label
from directory.geography.point import Point

INTERNATIONAL_ZOOM, OTHER_ZOOM = 8, 10
_LISTED = re.compile(r"[A-Z]{4}")
"""An ICAO code; landing strips have codes with digits."""


def airports() -> list[Label]:
    """Return the US airports with an ICAO code of letters, international ones first; the name is the IATA code."""
    import airportsdata

    found = []
    for code, row in sorted(airportsdata.load("IATA").items()):
        if row["country"] in US_CODES and _LISTED.fullmatch(row["icao"]):
            first_zoom = INTERNATIONAL_ZOOM if "International" in row["name"] else OTHER_ZOOM
            point = Point(round(row["lat"], 4), round(row["lon"], 4))
            found.append(Label(code, point, "aerodrome", 0, first_zoom))
    return sorted(found, key=lambda airport: airport.first_zoom)
