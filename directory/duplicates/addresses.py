"""Street addresses as words that can be compared: the house number, the street, the unit."""

import functools
import math
import re
from dataclasses import dataclass

from directory.duplicates.words import plain_text

_SHORT = dict(
    pair.split("=")
    for pair in (
        "north=n south=s east=e west=w northeast=ne northwest=nw southeast=se southwest=sw street=st avenue=ave av=ave "
        "boulevard=blvd road=rd drive=dr lane=ln court=ct circle=cir place=pl parkway=pkwy highway=hwy plaza=plz "
        "square=sq suite=ste floor=fl building=bldg terrace=ter trail=trl center=ctr centre=ctr mount=mt saint=st "
        "fort=ft"
    ).split()
)
_UNIT_WORDS = frozenset("ste unit apt fl bldg rm room dept #".split())
_WORD = re.compile(r"[a-z0-9]+|#")
_UNIT = re.compile(r"(?:ste|suite|unit|apt|fl|floor|rm|room|#)\s*#?\s*([a-z0-9]+)")
_JOINED_UNIT = re.compile(r"(ste|suite)\d+")

NEAR_MILES = 15
SAME_AREA_MILES = 60


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a listing. Without a house number, `house` is empty. The coordinates are in degrees."""

    house: str
    street: tuple[str, ...]
    unit: str
    is_po_box: bool
    city: str
    state: str
    zip_code: str
    lat: float | None = None
    lon: float | None = None


def parse_address(
    line1: str, line2: str, city: str, state: str, zip_code: str, *, lat: float | None = None, lon: float | None = None
) -> Address:
    """Return an address as it is compared; only the first five digits of the ZIP code count."""
    words = _street_words(line1)
    has_house = bool(words) and words[0][0].isdigit()
    found = _UNIT.search(plain_text(f"{line1} {line2}"))
    return Address(
        house=words[0] if has_house else "",
        street=words[1:] if has_house else words,
        unit=found[1] if found else "",
        is_po_box="po" in words[:2] and "box" in words[:4],
        city=plain_text(city),
        state=state,
        zip_code=zip_code[:5],
        lat=lat,
        lon=lon,
    )


def is_same_street_address(one: Address, other: Address) -> bool:
    """Whether both have the same house number in the same town, and a word of the street in common."""
    is_same_town = one.zip_code == other.zip_code or (one.city, one.state) == (other.city, other.state)
    return bool(one.house and one.house == other.house and is_same_town and set(one.street) & set(other.street))


def miles_between(one: Address, other: Address) -> float:
    """Return the distance in miles on a flat map, infinite if a place is unknown; good enough below 100 miles."""
    if one.lat is None or one.lon is None or other.lat is None or other.lon is None:
        return math.inf
    east = (one.lon - other.lon) * math.cos(math.radians((one.lat + other.lat) / 2))
    return 69.1 * math.hypot(east, one.lat - other.lat)


@functools.lru_cache(maxsize=200_000)
def _street_words(line: str) -> tuple[str, ...]:
    words = []
    for position, word in enumerate(_WORD.findall(plain_text(line))):
        short = _SHORT.get(word, word)
        if (short in _UNIT_WORDS and position > 1) or _JOINED_UNIT.fullmatch(short):
            break
        words.append(short)
    return tuple(words)
