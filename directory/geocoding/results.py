"""The three results of a place lookup: found, ambiguous and unknown."""

from dataclasses import dataclass

from directory.geocoding.place import Place


@dataclass(frozen=True, slots=True)
class Found:
    """One place is meant, or far likelier than the others; `others` bear the same name, largest first."""

    place: Place
    others: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several places may be meant, the likeliest first; `sentence` says why we ask."""

    candidates: tuple[Place, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No place is so called; `did_you_mean` are the nearest spellings, `sentence` says what may be typed."""

    text: str
    did_you_mean: tuple[Place, ...]
    sentence: str


LookupResult = Found | Ambiguous | Unknown
