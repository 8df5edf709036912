"""Under which keys of the index a location stands, and which bits its row carries."""

import enum
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from directory.search.query import ANY_IMAGING, IMAGING_METHODS, SearchQuery

IMAGING_CRITERION = "imaging_guidance"
"""The one criterion, of the kind `choices`, that the imaging filter reads: the only rule named in code."""

NEVER = 0
"""`live_until` of a location without an accepted attestation."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Key(enum.IntEnum):
    """One ordered copy of the map for each common filter, so that a filter does not read what it drops."""

    ANY = 0
    IMAGING = 1
    BADGE = 2


class Flag(enum.IntFlag):
    """What a row carries for filters that have no key of their own."""

    SEVERAL = 1
    """The listing has more than one place in the index, so its rows cannot simply be counted."""
    IMAGING = 2
    FLUOROSCOPY = 4
    ULTRASOUND = 8
    CT = 16


METHOD_FLAGS = {method: Flag[method.upper()] for method in IMAGING_METHODS} | {ANY_IMAGING: Flag.IMAGING}
"""The bit of each value that the imaging filter can take."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the accepted attestation of a listing gives it, whatever the date."""

    methods: frozenset[str] = frozenset()
    badge: bool = False
    live_until: int = NEVER

    @property
    def keys(self) -> tuple[Key, ...]:
        """The keys under which each of its locations is written."""
        held = ((Key.ANY, True), (Key.IMAGING, bool(self.methods)), (Key.BADGE, self.badge))
        return tuple(key for key, holds in held if holds)

    def flags(self, *, several: bool) -> int:
        """The bits of its rows. A method that later rules add counts as imaging and has no bit."""
        bits = Flag.SEVERAL if several else Flag(0)
        if self.methods:
            bits |= Flag.IMAGING
        for method in self.methods & METHOD_FLAGS.keys():
            bits |= METHOD_FLAGS[method]
        return int(bits)


@dataclass(frozen=True, slots=True)
class Scope:
    """The rows that a search may find: one key, the bits that must be set, and the moment it is asked."""

    key: Key
    mask: int
    alive_at: int

    @classmethod
    def of(cls, query: SearchQuery, now: datetime) -> "Scope":
        """Without a filter every row counts, so that an expired attestation hides nobody."""
        mask = METHOD_FLAGS[query.filters.imaging] if query.filters.imaging else Flag(0)
        if query.filters.badge:
            return cls(Key.BADGE, int(mask), microseconds(now))
        if query.filters.imaging:
            return cls(Key.IMAGING, int(mask), microseconds(now))
        return cls(Key.ANY, int(mask), NEVER)

    def holds(self, flags: int, live_until: int) -> bool:
        """Whether a row under the key is one of them."""
        return flags & self.mask == self.mask and live_until >= self.alive_at


def microseconds(moment: datetime) -> int:
    """Whole microseconds since 1970: exact, so that the index and the page agree to the last one."""
    return (moment - _EPOCH) // timedelta(microseconds=1)
