"""What is asked of the nation: places from the densest to the emptiest, filters from none to two in 100,000."""

import math
import random
from collections.abc import Sequence

from nation import gazetteer_file

from directory.geocoding.homes import homes
from directory.geography.box import Box
from directory.geography.point import Point
from directory.search.query import Filters

SEED = 20261122

FILTERS = {
    "no filter": Filters(),
    "6 %": Filters(volume=20),
    "6 %, an odd number": Filters(volume=17.5),
    "3 %": Filters(badge=True),
    "0.6 %": Filters(imaging="ct"),
    "0.03 %": Filters(bone="calcaneus"),
    "0.002 %": Filters(bone="calcaneus", imaging="ct", kind="person"),
}
"""By the share of all locations that match."""

RADII = (5, 25, 50, 100, 250, None)

WORDS = {
    "a common surname": "amberbarrow",
    "a seldom surname": "yarrowydale",
    "a common beginning": "ambe",
    "what a practice does": "orthopedics",
    "two words": "sports copper",
    "a city": "springfield",
}
PREFIXES = (
    "d", "de", "den", "denver", "san", "san f", "new y", "spring", "80", "802", "80021", "n", "st", "port", "zzz",
    "mount pleas", "o'", "los angeles, c", "w", "100",
)  # fmt: skip


def places(count: int) -> dict[str, list[Point]]:
    """So many points in the densest city, in the emptiest land, and as the people live."""
    chance = random.Random(SEED)  # noqa: S311  a seed, no secret
    country = homes(gazetteer_file())
    anywhere = chance.choices(country, weights=[home.people for home in country], k=count)
    return {
        "Manhattan": [Point(chance.uniform(40.70, 40.82), chance.uniform(-74.01, -73.94)) for _ in range(count)],
        "Montana": [Point(chance.uniform(45.2, 48.8), chance.uniform(-114.0, -104.2)) for _ in range(count)],
        "anywhere": [Point(home.lat + chance.gauss(0, 0.03), home.lon + chance.gauss(0, 0.03)) for home in anywhere],
    }


def viewports(points: Sequence[Point]) -> list[tuple[Box, int]]:
    """What a window of 1,200 by 800 pixels shows about each point, at every zoom from 2 to 17 in turn."""
    found = []
    for number, point in enumerate(points):
        zoom = 2 + number % 16
        width = min(360.0, 1200 / (512 * 2**zoom) * 360)
        height = width * 800 / 1200 * math.cos(math.radians(point.lat))
        west, east = point.lon - width / 2, point.lon + width / 2
        if width >= 360.0:
            west, east = -180.0, 180.0
        south, north = max(-85.0, point.lat - height / 2), min(85.0, point.lat + height / 2)
        found.append(
            (Box(south, (west + 180) % 360 - 180, north, (east + 180) % 360 - 180 if east != 180.0 else 180.0), zoom)
        )
    return found
