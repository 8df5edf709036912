"""What a patient asks for, as a value that cannot be built wrong."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from directory.errors import Fault, Invalid
from directory.geography.point import Point
from directory.search.cells import HALF_ROUND_MILES
from directory.search.words import MAX_WORDS, words_of

MIN_MILES = 5
"""A ZIP's point lies up to 4 to 8 miles from its addresses, so a smaller circle would promise too much."""

MAX_MILES = 250
"""Arbitrary: half a day's drive. Who would go farther asks for any distance."""

PER_PAGE = 20
MAX_PER_PAGE = 100
"""Arbitrary, so that one answer stays small."""

MAX_PAGE = 500
"""Arbitrary: nobody reads 10,000 entries."""

MAX_TEXT = 100
"""Characters of free text; arbitrary, longer than most names."""

MIN_VOLUME_ML, MAX_VOLUME_ML = 0.1, 200.0
MAX_SITES = 60
"""The limits of the answers themselves, in the published rules."""

IMAGING_METHODS = ("fluoroscopy", "ultrasound", "ct")
ANY_IMAGING = "any"
IMAGING = (*IMAGING_METHODS, ANY_IMAGING)
"""What `imaging` may ask for: one method, or any of those that an answer can state."""

BONES = (
    "posterior_iliac_crest", "anterior_iliac_crest", "vertebra", "tibia", "femur", "calcaneus", "humerus", "sternum",
    "other",
)  # fmt: skip
KINDS = ("person", "clinic")

LANGUAGES = (
    "en", "es", "zh", "tl", "vi", "ar", "fr", "ko", "ru", "pt", "ht", "hi", "pl", "de", "it", "ur", "fa", "ja", "ase",
    "hmn",
)  # fmt: skip
"""What a listing may say is spoken there, ISO 639: the most spoken at home in the United States, and sign language."""

_TAXONOMY = re.compile(r"[0-9A-Z]{10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filters:
    """What must be true of a listing; all that is set must hold. The fields are the names of public parameters.

    `badge`: the badge shows now. `imaging`, `volume` (mL from one site, at most), `sites` (at least) and `bone`:
    the accepted and unexpired answers say so, a range at its weakest end; imaging always or sometimes.
    `specialty` is a taxonomy code, `language` one of `LANGUAGES`, `accepting` new patients, `confirmed` within a
    year. `q` is text: each word must begin one of the listing's words, or be one where it is short.

    Raises:
        Invalid: a limit is broken; each fault names the public parameter.
    """

    badge: bool = False
    imaging: str | None = None
    volume: float | None = None
    sites: int | None = None
    bone: str | None = None
    specialty: str | None = None
    language: str | None = None
    accepting: bool = False
    kind: str | None = None
    confirmed: bool = False
    q: str = ""

    def __post_init__(self) -> None:
        if faults := list(self._faults()):
            raise Invalid(faults)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the text as the index knows them."""
        return words_of(self.q)

    @property
    def names(self) -> tuple[str, ...]:
        """Which of the parameters are set, in the order of the form."""
        return tuple(name for name in self.__slots__ if getattr(self, name) not in {None, False, ""})

    def _faults(self) -> Iterator[Fault]:
        for name in ("badge", "accepting", "confirmed"):
            if not isinstance(getattr(self, name), bool):
                yield Fault(name, f"{name.capitalize()} must be 1 or left out.")
        for name, choices in (("imaging", IMAGING), ("bone", BONES), ("language", LANGUAGES), ("kind", KINDS)):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, str) and value in choices):
                yield Fault(name, f"{name.capitalize()} must be one of {', '.join(choices[:-1])} or {choices[-1]}.")
        if self.specialty is not None and not _TAXONOMY.fullmatch(str(self.specialty)):
            yield Fault("specialty", "Specialty must be a taxonomy code of ten letters and digits.")
        if self.volume is not None and not _is_between(self.volume, MIN_VOLUME_ML, MAX_VOLUME_ML):
            yield Fault("volume", f"Volume must be a number of mL from {MIN_VOLUME_ML:g} to {MAX_VOLUME_ML:g}.")
        if self.sites is not None and not _is_whole(self.sites, MAX_SITES):
            yield Fault("sites", f"Sites must be a whole number from 1 to {MAX_SITES}.")
        yield from _text_faults(self.q)


@dataclass(frozen=True, slots=True, order=True)
class After:
    """The last hit of the page before: a page that starts after it costs what the first one costs.

    Raises:
        Invalid: it is no distance on the globe, or no number of a listing.
    """

    miles: float
    listing_id: int

    def __post_init__(self) -> None:
        if not (_is_between(self.miles, 0.0, 13_000.0) and _is_whole(self.listing_id, 2**31 - 1)):
            raise Invalid([Fault("after", "After must be miles and a number, as the link to the next page has them.")])

    def __str__(self) -> str:
        """As it stands in an address; the shortest text that gives the very same miles again."""
        return f"{self.miles!r},{self.listing_id}"


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A search: what lies near `origin`, nearest first.

    `within_miles` None is any distance. `page` says how many pages come before; with `after`, they are not
    counted through again.

    Raises:
        Invalid: a limit is broken; each fault names the public parameter.
    """

    origin: Point
    within_miles: float | None = None
    filters: Filters = field(default_factory=Filters)
    page: int = 1
    per_page: int = PER_PAGE
    after: After | None = None

    def __post_init__(self) -> None:
        faults = [
            fault
            for fault in (
                _origin_fault(self.origin),
                _within_fault(self.within_miles),
                _count_fault("page", self.page, MAX_PAGE),
                _count_fault("per_page", self.per_page, MAX_PER_PAGE),
            )
            if fault
        ]
        if faults:
            raise Invalid(faults)

    @property
    def reach(self) -> float:
        """The miles within which to look; half round the globe where any distance will do."""
        return HALF_ROUND_MILES if self.within_miles is None else self.within_miles

    @property
    def offset(self) -> int:
        """How many hits lie on the pages before this one."""
        return (self.page - 1) * self.per_page


def _is_between(number: object, least: float, most: float) -> bool:
    # A nan compares with nothing, so it is not between the limits either.
    numeric = isinstance(number, int | float) and not isinstance(number, bool)
    return numeric and least <= cast("float", number) <= most and math.isfinite(cast("float", number))


def _is_whole(number: object, most: int) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= most


def _text_faults(text: object) -> Iterator[Fault]:
    if not isinstance(text, str) or len(text) > MAX_TEXT or not text.isprintable():
        yield Fault("q", f"The text must have at most {MAX_TEXT} characters, all of them printable.")
    elif len(words_of(text)) > MAX_WORDS:
        yield Fault("q", f"The text must have at most {MAX_WORDS} words.")
    elif text.strip() and not words_of(text):
        yield Fault("q", "The text must have a letter or a digit.")


def _origin_fault(origin: object) -> Fault | None:
    if isinstance(origin, Point):
        return None
    return Fault("near", "Near must be a place that we could find.")


def _within_fault(miles: object) -> Fault | None:
    if miles is None or _is_between(miles, MIN_MILES, MAX_MILES):
        return None
    return Fault("within", f"Within must be a number of miles from {MIN_MILES} to {MAX_MILES}, or any distance.")


def _count_fault(name: str, number: object, most: int) -> Fault | None:
    if _is_whole(number, most):
        return None
    label = name.replace("_", " ").capitalize()
    return Fault(name, f"{label} must be a whole number from 1 to {most}.")
