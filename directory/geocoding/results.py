"""The three results of a place lookup: found, ambiguous and unknown."""

from dataclasses import dataclass

from directory.geocoding.place import Place


@dataclass(frozen=True, slots=True)
class Found:
    """One place matches, or is far likelier than the others; `others` have the same name, largest first.

    `note` tells the user what was left out or corrected.
    """

    place: Place
    others: tuple[Place, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Several places match, the likeliest first; `sentence` tells the user why we ask."""

    candidates: tuple[Place, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """No place matches; `did_you_mean` are places with similar names, `sentence` tells the user what to type."""

    text: str
    did_you_mean: tuple[Place, ...]
    sentence: str


LookupResult = Found | Ambiguous | Unknown
