"""What the index knows of a location as numbered facts, and under which keys a search finds it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from directory.listings.specialties import SPECIALTIES
from directory.search.query import BONES, IMAGING, KINDS, LANGUAGES, Filters

IMAGING_CRITERION = "imaging_guidance"
VOLUME_CRITERION = "volume_per_site_ml"
SITES_CRITERION = "distinct_sites"
BONE_CRITERION = "harvest_bone"
"""The criteria that filters read, of the kinds `choices`, `quantity`, `count` and `choice`."""

SEVERAL = 0
"""The bit of a location whose listing has more than one in the index, so that rows cannot simply be counted."""

FIRST = 63
"""The bit of the first location of each listing: as many have it as there are listings."""

_BITS = (
    *(("kind", kind) for kind in KINDS),
    ("accepting", "1"),
    ("badge", "1"),
    *(("imaging", method) for method in IMAGING),
    *(("bone", bone) for bone in BONES),
    *(("language", language) for language in LANGUAGES),
    *(("specialty", code) for code in sorted(SPECIALTIES)),
)
BIT = {fact: number for number, fact in enumerate(_BITS, SEVERAL + 1)}
"""The bit of each value of a filter that is true or not, by parameter and value; they fill one word of 64 bits."""

VOLUME_STEPS = (5, 10, 20)
SITES_STEPS = (3, 5, 10)
"""Round answers in between which an asked number of mL or sites is looked for: keys of their own."""

_STEPS = (
    ("confirmed", "1"),
    *(("volume", str(step)) for step in VOLUME_STEPS),
    *(("sites", str(step)) for step in SITES_STEPS),
)
STEP = {fact: number for number, fact in enumerate(_STEPS, 64)}
ATTESTED = 64 + len(_STEPS)
"""The number of all whose accepted answers count: there, volumes and sites beyond the steps are looked for."""

FACETS = ATTESTED + 1
"""How many facts are counted; a fact's number is its key, and its place among the counts."""

NUMBER = BIT | STEP
ANY = 0
"""The key of every location."""

COPIES = 128
"""Added to a key: the same, but only locations of listings with several, to count those but once."""

WORDS = 1024
"""The key of the first word; smaller ones are facts and their copies."""

TECHNIQUE = frozenset({*(number for (name, _), number in NUMBER.items() if name in {
    "badge", "imaging", "bone", "volume", "sites"}), ATTESTED})  # fmt: skip
"""The facts that end with the accepted answers."""

TECHNIQUE_BITS = sum(1 << number for number in TECHNIQUE if number < 64)

ENDLESS = 2**62
"""Microseconds since 1970, long after all: where nothing ends."""

CONFIRMED_DAYS = 365
"""What “within a year” means."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970: exact, so that the index and the page agree to the last one."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def confirmed_until(day: date | None) -> int:
    """The last microsecond at which an entry confirmed on `day` (UTC) was so within a year; 0 for never."""
    if day is None:
        return 0
    return microseconds(datetime.combine(day, time(), UTC) + timedelta(days=CONFIRMED_DAYS + 1)) - 1


def ends_with(key: int) -> str | None:
    """The column of an entry that says when it no longer counts under the key; None where it always does."""
    if key % COPIES == STEP["confirmed", "1"] and key < WORDS:
        return "confirmed_until"
    return "live_until" if key < WORDS and key % COPIES in TECHNIQUE else None


@dataclass(frozen=True, slots=True)
class Condition:
    """One filter: all that it lets through stand under `key`; if not `exact`, others stand there as well."""

    name: str
    key: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Scope:
    """What filters come to at one moment: the keys to look under, and what each entry must hold."""

    conditions: tuple[Condition, ...]
    words: tuple[str, ...]
    mask: int
    volume_tenths: int | None
    sites: int | None
    technique: bool
    confirmed: bool
    at: int

    @classmethod
    def of(cls, filters: Filters, now: datetime) -> "Scope":
        """The scope of some filters at the moment `now`."""
        conditions = tuple(_conditions(filters))
        keys = {condition.key for condition in conditions}
        return cls(
            conditions=conditions,
            words=filters.words,
            mask=sum(1 << key for key in keys if key < 64),
            volume_tenths=None if filters.volume is None else int(Decimal(str(filters.volume)) * 10),
            sites=filters.sites,
            technique=not keys.isdisjoint(TECHNIQUE),
            confirmed=filters.confirmed,
            at=microseconds(now),
        )


def _conditions(filters: Filters) -> list[Condition]:
    switches = ("badge", "accepting", "confirmed")
    found = [Condition(name, NUMBER[name, "1"]) for name in switches if getattr(filters, name)]
    for name in ("imaging", "bone", "language", "kind", "specialty"):
        value = getattr(filters, name)
        if value is not None:
            # A specialty that nobody here may have is a fact of nobody.
            found.append(Condition(name, NUMBER.get((name, value), NOBODY)))
    if filters.volume is not None:
        step = min((step for step in VOLUME_STEPS if step >= filters.volume), default=None)
        key = ATTESTED if step is None else STEP["volume", str(step)]
        found.append(Condition("volume", key, exact=step == filters.volume))
    if filters.sites is not None:
        step = max((step for step in SITES_STEPS if step <= filters.sites), default=None)
        key = ATTESTED if step is None else STEP["sites", str(step)]
        found.append(Condition("sites", key, exact=step == filters.sites))
    return found


NOBODY = FACETS + 1
"""A key under which nothing ever stands."""
