"""Locations as the index packs them: fixed records of bytes, read and sifted many at a time."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from directory.geography.point import EARTH_RADIUS_MILES, Point
from directory.search.cells import ZOOM, Range, morton
from directory.search.keys import (
    ATTESTED,
    COPIES,
    ENDLESS,
    FACETS,
    FIRST,
    NUMBER,
    SITES_STEPS,
    STEP,
    TECHNIQUE_BITS,
    VOLUME_STEPS,
    Scope,
    ends_with,
)
from directory.search.words import BEGINNING, BEGUN

ENTRY = np.dtype(
    [
        ("code", "<i8"),
        ("location", "<i4"),
        ("listing", "<i4"),
        ("lat", "<f8"),
        ("lon", "<f8"),
        ("live_until", "<i8"),
        ("confirmed_until", "<i8"),
        ("facts", "<u8"),
        ("volume", "<u2"),
        ("sites", "u1"),
    ]
)
"""One location. `code` is its Morton code, `facts` the bits of `keys.BIT`, `volume` tenths of a mL (the most from
one site; `UNSTATED` where nothing is), `sites` the fewest (0 where nothing is). The moments are microseconds since
1970: the last at which the accepted answers count, or the entry was confirmed within a year; 0 for never.
"""

NUMBERING = hashlib.sha256(repr((sorted(NUMBER.items()), ENTRY.descr, BEGINNING, BEGUN)).encode()).hexdigest()
"""What the bits, bytes and words of an entry mean, in short: where that changes, the index is rebuilt."""

KEYS_TYPE = np.dtype("<u4")
"""How the keys of a document are stored."""

UNSTATED = 65_535
"""A volume that is more than any limit."""

Entries = npt.NDArray[Any]
"""An array of `ENTRY`."""

Numbers = npt.NDArray[Any]
"""An array of plain numbers."""

NONE: Entries = np.empty(0, ENTRY)


@dataclass(frozen=True, slots=True)
class Filed:
    """Locations under their keys, as pairs: a key, and the number of an entry that stands under it."""

    entries: Entries
    keys: Numbers
    numbers: Numbers

    @classmethod
    def of(cls, entries: Entries, keys: Sequence[bytes]) -> "Filed":
        """Each of the entries under its keys, which are packed as `KEYS_TYPE`."""
        many = [len(some) // KEYS_TYPE.itemsize for some in keys]
        return cls(entries, np.frombuffer(b"".join(keys), KEYS_TYPE), np.repeat(np.arange(len(entries)), many))

    def under(self, limit: int) -> "Filed":
        """Those pairs of which the key is less than a limit."""
        some = self.keys < limit
        return Filed(self.entries, self.keys[some], self.numbers[some])


def unpack(packed: Iterable[bytes]) -> Entries:
    """The entries of some tiles, one after the other; read-only."""
    return np.frombuffer(b"".join(packed), ENTRY)


def codes_of(lat: Numbers, lon: Numbers) -> Numbers:
    """The Morton codes of points in degrees, as `cells.code_of` gives them one by one."""
    side = 1 << ZOOM
    with np.errstate(divide="ignore"):  # at the poles
        rows = (0.5 - np.arctanh(np.sin(np.radians(lat))) / (2 * np.pi)) * side
    columns = (lon / 360.0 + 0.5) * side
    x, y = (np.clip(place, 0.0, side - 1).astype(np.int64) for place in (columns, rows))
    codes: Numbers = _woven(x, y)
    return codes


_woven: Callable[[Any, Any], Any] = morton
"""It weaves the bits of arrays as it does those of two numbers."""


def miles_from(origin: Point, entries: Entries) -> Numbers:
    """Great-circle miles to each entry, by the formula of `geography.point`, to about a millionth of a foot."""
    lat1, lat2 = np.radians(origin.lat), np.radians(entries["lat"])
    half_lat = np.sin((lat2 - lat1) / 2)
    half_lon = np.sin(np.radians(entries["lon"] - origin.lon) / 2)
    chord = half_lat * half_lat + np.cos(lat1) * np.cos(lat2) * half_lon * half_lon
    miles: Numbers = 2 * EARTH_RADIUS_MILES * np.arcsin(np.sqrt(np.minimum(1.0, chord)))
    return miles


def in_ranges(entries: Entries, ranges: Sequence[Range]) -> Entries:
    """Those of which the code lies in one of the ranges, which are merged and in order."""
    firsts, lasts = (np.array(ends) for ends in zip(*ranges, strict=True))
    place = np.searchsorted(firsts, entries["code"], side="right") - 1
    return entries[(place >= 0) & (entries["code"] <= lasts[place])]


def matching(entries: Entries, scope: Scope) -> Entries:
    """Those for which everything holds that the scope asks, words aside."""
    kept = np.ones(len(entries), bool)
    if scope.mask:
        mask = np.uint64(scope.mask)
        kept &= (entries["facts"] & mask) == mask
    if scope.technique:
        kept &= entries["live_until"] >= scope.at
    if scope.confirmed:
        kept &= entries["confirmed_until"] >= scope.at
    if scope.volume_tenths is not None:
        kept &= entries["volume"] <= scope.volume_tenths
    if scope.sites is not None:
        kept &= entries["sites"] >= scope.sites
    return entries if kept.all() else entries[kept]


def facet_table(entries: Entries, at: int = 0) -> npt.NDArray[np.uint8]:
    """Whether each fact holds for each entry, one row an entry and `FACETS` columns, at the moment `at`."""
    table = np.zeros((len(entries), FACETS), np.uint8)
    facts = entries["facts"]
    live = entries["live_until"] >= max(at, 1)
    facts = np.where(live, facts, facts & np.uint64(~TECHNIQUE_BITS & (2**64 - 1)))
    octets = np.ascontiguousarray(facts).view(np.uint8).reshape(-1, 8)
    table[:, :64] = np.unpackbits(octets, axis=1, bitorder="little")
    table[:, STEP["confirmed", "1"]] = entries["confirmed_until"] >= max(at, 1)
    for step in VOLUME_STEPS:
        table[:, STEP["volume", str(step)]] = live & (entries["volume"] <= step * 10)
    for step in SITES_STEPS:
        table[:, STEP["sites", str(step)]] = live & (entries["sites"] >= step)
    table[:, ATTESTED] = live
    return table


_BITS_OF_AN_OCTET = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little").astype(np.int64)


def facet_counts(entries: Entries, at: int) -> npt.NDArray[np.int64]:
    """For how many of the entries each fact holds: the columns of `facet_table` added up, without making it."""
    counts = np.zeros(FACETS, np.int64)
    live = entries["live_until"] >= max(at, 1)
    facts = np.where(live, entries["facts"], entries["facts"] & np.uint64(~TECHNIQUE_BITS & (2**64 - 1)))
    octets = facts.view(np.uint8).reshape(-1, 8)
    seen = np.stack([np.bincount(octets[:, number], minlength=256) for number in range(8)])
    counts[:64] = (seen @ _BITS_OF_AN_OCTET).ravel()
    counts[STEP["confirmed", "1"]] = np.count_nonzero(entries["confirmed_until"] >= max(at, 1))
    volume, sites = entries["volume"][live], entries["sites"][live]
    for step in VOLUME_STEPS:
        counts[STEP["volume", str(step)]] = np.count_nonzero(volume <= step * 10)
    for step in SITES_STEPS:
        counts[STEP["sites", str(step)]] = np.count_nonzero(sites >= step)
    counts[ATTESTED] = len(volume)
    return counts


def are_first(entries: Entries) -> Numbers:
    """1 for each entry that is the first location of its listing, else 0."""
    return ((entries["facts"] >> np.uint64(FIRST)) & np.uint64(1)).astype(np.int64)


def listings_among(entries: Entries) -> int:
    """Of how many listings the first location is among the entries."""
    return int(are_first(entries).sum())


def ends(entries: Entries, key: int) -> Numbers:
    """When each entry ceases to count under the key."""
    column = ends_with(key)
    return np.full(len(entries), ENDLESS, np.int64) if column is None else entries[column]


def ends_under(filed: Filed) -> Numbers:
    """When each pair's entry ceases to count under the pair's key, which is less than `COPIES`."""
    until = [np.full(len(filed.entries), ENDLESS), filed.entries["live_until"], filed.entries["confirmed_until"]]
    found: Numbers = np.stack(until)[_WHICH_ENDS[filed.keys], filed.numbers]
    return found


_WHICH_ENDS = np.array([[None, "live_until", "confirmed_until"].index(ends_with(key)) for key in range(COPIES)])


def facet_ends(entries: Entries) -> Numbers:
    """When the first of each entry's facts ends."""
    live = np.where(entries["live_until"] == 0, ENDLESS, entries["live_until"])
    confirmed = np.where(entries["confirmed_until"] == 0, ENDLESS, entries["confirmed_until"])
    return np.minimum(live, confirmed)
