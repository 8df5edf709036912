"""Named regions that people search for and that are not towns, such as the Bay Area."""

from dataclasses import dataclass
from typing import Final

from directory.geocoding.names import name_key


@dataclass(frozen=True, slots=True)
class Region:
    """A region: its center in degrees, the radius in miles that covers most of it, and a town in it."""

    name: str
    state: str
    town: str
    lat: float
    lon: float
    miles: float


REGIONS: Final = (
    Region("Bay Area", "CA", "Oakland", 37.75, -122.25, 40.0),
    Region("Big Bend", "TX", "Alpine", 29.7, -103.3, 60.0),
    Region("Bluegrass Region", "KY", "Lexington", 38.0, -84.5, 40.0),
    Region("Cape Ann", "MA", "Gloucester", 42.64, -70.64, 10.0),
    Region("Cape Cod", "MA", "Hyannis", 41.69, -70.28, 35.0),
    Region("Cape May County", "NJ", "Cape May Court House", 39.09, -74.8, 20.0),
    Region("Central Valley", "CA", "Fresno", 36.75, -119.77, 120.0),
    Region("Coachella Valley", "CA", "Palm Desert", 33.72, -116.37, 25.0),
    Region("Eastern Shore", "MD", "Easton", 38.77, -76.08, 45.0),
    Region("Finger Lakes", "NY", "Geneva", 42.7, -76.9, 40.0),
    Region("Florida Keys", "FL", "Marathon", 24.72, -81.05, 60.0),
    Region("Florida Panhandle", "FL", "Panama City", 30.45, -86.0, 90.0),
    Region("Hampton Roads", "VA", "Norfolk", 36.9, -76.3, 25.0),
    Region("Hamptons", "NY", "Southampton", 40.9, -72.35, 20.0),
    Region("Hill Country", "TX", "Kerrville", 30.1, -99.0, 60.0),
    Region("Hudson Valley", "NY", "Poughkeepsie", 41.7, -73.95, 50.0),
    Region("Inland Empire", "CA", "San Bernardino", 34.0, -117.35, 35.0),
    Region("Lake Tahoe", "CA", "South Lake Tahoe", 39.0, -120.05, 20.0),
    Region("Lehigh Valley", "PA", "Allentown", 40.62, -75.45, 20.0),
    Region("Long Island", "NY", "Hicksville", 40.78, -73.2, 60.0),
    Region("Lowcountry", "SC", "Beaufort", 32.5, -80.6, 45.0),
    Region("Martha's Vineyard", "MA", "Vineyard Haven", 41.4, -70.62, 12.0),
    Region("Mississippi Delta", "MS", "Greenwood", 33.6, -90.6, 60.0),
    Region("Napa Valley", "CA", "Napa", 38.45, -122.4, 20.0),
    Region("Northern Virginia", "VA", "Fairfax", 38.85, -77.35, 30.0),
    Region("Olympic Peninsula", "WA", "Port Angeles", 47.9, -123.4, 55.0),
    Region("Orange County", "CA", "Santa Ana", 33.71, -117.82, 22.0),
    Region("Outer Banks", "NC", "Kill Devil Hills", 35.7, -75.6, 60.0),
    Region("Permian Basin", "TX", "Midland", 31.9, -102.2, 60.0),
    Region("Poconos", "PA", "Mount Pocono", 41.1, -75.3, 25.0),
    Region("Quad Cities", "IA", "Davenport", 41.5, -90.55, 12.0),
    Region("Research Triangle", "NC", "Durham", 35.9, -78.85, 22.0),
    Region("Rio Grande Valley", "TX", "McAllen", 26.2, -98.1, 45.0),
    Region("San Fernando Valley", "CA", "Van Nuys", 34.2, -118.47, 12.0),
    Region("Shenandoah Valley", "VA", "Harrisonburg", 38.5, -78.85, 60.0),
    Region("Silicon Valley", "CA", "San Jose", 37.37, -121.97, 18.0),
    Region("South Florida", "FL", "Fort Lauderdale", 26.15, -80.25, 50.0),
    Region("Southern California", "CA", "Los Angeles", 34.0, -117.8, 90.0),
    Region("Twin Cities", "MN", "Minneapolis", 44.96, -93.18, 25.0),
    Region("Upper Peninsula", "MI", "Marquette", 46.4, -87.5, 110.0),
    Region("Willamette Valley", "OR", "Salem", 44.9, -123.05, 55.0),
)

MIN_PREFIX_LETTERS: Final = 4

_BY_KEY: Final = {name_key(region.name): region for region in REGIONS}


def find_region(text: str, state: str | None = None) -> Region | None:
    """Return the region of that name, with or without "the", in that state if one is given."""
    region = _BY_KEY.get(name_key(text)) or _BY_KEY.get(name_key(text).removeprefix("the"))
    return region if region and state in {None, region.state} else None


def regions_with_prefix(text: str) -> list[Region]:
    """Return the regions whose names begin with the text; only from the fourth letter on, so that towns come first."""
    letters = name_key(text)
    if len(letters) < MIN_PREFIX_LETTERS:
        return []
    return [region for spelled, region in _BY_KEY.items() if spelled.startswith(letters)]
