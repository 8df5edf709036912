"""What the index should hold of some listings, worked out from the tables."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa

from directory.attestations.lifecycle import State as AttestationState
from directory.attestations.tables import Attestation
from directory.certification.answers import Answers, Choice, Choices, Span, from_json
from directory.certification.ruleset import Rulesets
from directory.certification.scoring import assess
from directory.listings.lifecycle import State
from directory.listings.tables import Listing, Location
from directory.search.keys import (
    ANY,
    ATTESTED,
    BIT,
    BONE_CRITERION,
    COPIES,
    ENDLESS,
    FIRST,
    IMAGING_CRITERION,
    SEVERAL,
    SITES_CRITERION,
    SITES_STEPS,
    STEP,
    VOLUME_CRITERION,
    VOLUME_STEPS,
    confirmed_until,
    microseconds,
)
from directory.search.packing import ENTRY, UNSTATED, Entries, codes_of, facet_ends
from directory.search.query import ANY_IMAGING
from directory.search.words import filed_words

REMEMBERED = 20_000
"""Facts, answers and names that are worked out once for all who have them; arbitrary, some megabytes."""

# Languages and answers as the texts that are stored, so that those who say the same are known by it.
_PUBLIC = (
    sa.select(
        Location.listing_id,
        Location.id.label("location_id"),
        Location.lat,
        Location.lon,
        Location.city,
        Listing.name,
        Listing.practice,
        sa.type_coerce(Listing.kind, sa.String).label("kind"),
        Listing.specialty_code,
        sa.cast(Listing.languages, sa.Text).label("languages"),
        Listing.accepts_new_patients,
        Listing.last_confirmed,
        Attestation.ruleset_id,
        sa.cast(Attestation.answers, sa.Text).label("answers"),
        Attestation.valid_until,
    )
    .join(Listing, Listing.id == Location.listing_id)
    .outerjoin(
        Attestation,
        sa.and_(Attestation.listing_id == Listing.id, Attestation.state == AttestationState.ACCEPTED),
    )
    .where(Listing.state == State.PUBLISHED, Location.lat.is_not(None), Location.lon.is_not(None))
    .order_by(Location.listing_id, Location.id)
)
# Made once, as making a statement takes longer than it takes to find one listing by it.
_OF_SOME = _PUBLIC.where(Location.listing_id.in_(sa.bindparam("listing_ids", expanding=True)))
_OF_A_RUN = _PUBLIC.where(Location.listing_id > sa.bindparam("after"), Location.listing_id <= sa.bindparam("last"))


@dataclass(frozen=True, slots=True, eq=False)
class Technique:
    """What accepted answers come to for search: numbers at their weakest end."""

    bits: int = 0
    volume: int = UNSTATED
    sites: int = 0
    keys: tuple[int, ...] = ()


UNSIGNED = Technique()
"""That of a listing without accepted answers."""


class Document(NamedTuple):
    """A public location as the index holds it.

    Its `packed` entry, the keys of its facts in their order, its words, of which some may come twice, and when the
    first of its facts ends, if any does.
    """

    listing_id: int
    location_id: int
    packed: bytes
    keys: tuple[int, ...]
    words: tuple[str, ...]
    ends_at: int | None


class Describing:
    """Works out the documents of listings, in the order of their ids, and remembers what many of them have in common.

    Answers that no longer count at `now` are left out as if nobody had given them. What is asked of it may raise:

    Raises:
        NotFound: an accepted attestation was signed under rules that are not published.
        Invalid: an accepted answer breaks the rules that it was signed under.
    """

    def __init__(self, rulesets: Rulesets, now: datetime) -> None:
        self._rulesets = rulesets
        self._now = microseconds(now)
        self._facts = lru_cache(REMEMBERED)(_facts)
        self._answered = lru_cache(REMEMBERED)(self._work_out)
        self._confirmed_until = lru_cache(REMEMBERED)(self._counting_from)
        self._words_of = lru_cache(REMEMBERED)(filed_words)

    def some(self, connection: sa.Connection, listing_ids: Sequence[int]) -> list[Document]:
        """Every public location of some listings."""
        return self._documents(connection.execute(_OF_SOME, {"listing_ids": listing_ids}))

    def run(self, connection: sa.Connection, after: int, last: int) -> list[Document]:
        """Every public location of the listings whose ids are greater than the one, and no greater than the other."""
        return self._documents(connection.execute(_OF_A_RUN, {"after": after, "last": last}))

    def _documents(self, found: sa.CursorResult[Any]) -> list[Document]:
        rows = found.all()
        if not rows:
            return []
        column = dict(zip(found.keys(), zip(*rows, strict=True), strict=True))
        entries, keys = self._described(column)
        packed, size = entries.tobytes(), ENTRY.itemsize
        return list(
            map(
                Document,
                column["listing_id"],
                column["location_id"],
                (packed[start : start + size] for start in range(0, len(packed), size)),
                keys,
                map(self._words, column["name"], column["practice"], column["city"]),
                (None if end == ENDLESS else end for end in facet_ends(entries).tolist()),
            )
        )

    def _described(self, column: Mapping[str, tuple[Any, ...]]) -> tuple[Entries, tuple[tuple[int, ...], ...]]:
        """The entry of each location, and the keys of its facts."""
        entries = np.empty(len(column["lat"]), ENTRY)
        entries["listing"], entries["location"] = column["listing_id"], column["location_id"]
        entries["lat"], entries["lon"] = column["lat"], column["lon"]
        entries["code"] = codes_of(entries["lat"], entries["lon"])
        live = list(map(self._live_until, column["ruleset_id"], column["valid_until"]))
        signed = list(map(self._technique, column["ruleset_id"], column["answers"], live))
        confirmed = list(map(self._confirmed_until, column["last_confirmed"]))
        first = np.append(True, entries["listing"][1:] != entries["listing"][:-1])
        alone = first & np.append(first[1:], True)
        stated = (column[name] for name in ("kind", "specialty_code", "languages", "accepts_new_patients"))
        bits, keys = zip(*map(self._facts, *stated, map(bool, confirmed), signed, alone.tolist()), strict=True)
        entries["facts"] = np.array(bits, np.uint64) | first.astype(np.uint64) << np.uint64(FIRST)
        entries["live_until"], entries["confirmed_until"] = live, confirmed
        entries["volume"] = [technique.volume for technique in signed]
        entries["sites"] = [technique.sites for technique in signed]
        return entries, keys

    def _words(self, name: str, practice: str, city: str) -> tuple[str, ...]:
        # Names are many, while whole towns and practices share theirs.
        return (*filed_words(name), *self._words_of(practice), *self._words_of(city))

    def _counting_from(self, confirmed: date | None) -> int:
        return self._if_it_lasts(confirmed_until(confirmed))

    def _if_it_lasts(self, until: int) -> int:
        """When a fact ends; 0 if it has ended by now, as if it had never been."""
        return until if until >= self._now else 0

    def _live_until(self, ruleset_id: str | None, valid_until: datetime | None) -> int:
        """The last moment at which answers count under their own rules; 0 where there are none, or no more."""
        if ruleset_id is None or valid_until is None:
            return 0
        return self._if_it_lasts(microseconds(self._rulesets.counts_until(ruleset_id, valid_until)))

    def _technique(self, ruleset_id: str, answers: str, live_until: int) -> Technique:
        return self._answered(ruleset_id, answers) if live_until else UNSIGNED

    def _work_out(self, ruleset_id: str, stored: str) -> Technique:
        """What answers, as they are stored, come to under their rules."""
        ruleset = self._rulesets.load(ruleset_id)
        answers = from_json(ruleset, json.loads(stored))
        bits = _bits(answers, badge=assess(ruleset, answers).badge_earned)
        volume, sites = answers.get(VOLUME_CRITERION), answers.get(SITES_CRITERION)
        most = int(volume.high * Decimal(10)) if isinstance(volume, Span) else UNSTATED
        fewest = int(sites.low) if isinstance(sites, Span) else 0
        steps = [STEP["volume", str(step)] for step in VOLUME_STEPS if most <= step * 10]
        steps += [STEP["sites", str(step)] for step in SITES_STEPS if fewest >= step]
        return Technique(sum(1 << bit for bit in bits), most, fewest, (*bits, *steps, ATTESTED))


def _bits(answers: Answers, *, badge: bool) -> list[int]:
    """The bits of the answers, and of the badge that they earned."""
    imaging, bone = answers.get(IMAGING_CRITERION), answers.get(BONE_CRITERION)
    stated = [("badge", "1")] if badge else []
    if isinstance(imaging, Choices) and imaging.methods:
        stated += [("imaging", ANY_IMAGING), *(("imaging", method) for method in imaging.methods)]
    if isinstance(bone, Choice):
        stated.append(("bone", bone.value))
    # A method or a bone that later rules add has no bit.
    return [BIT[fact] for fact in stated if fact in BIT]


def _facts(
    kind: str, specialty: str, languages: str | None, accepting: int | None, confirmed: int, technique: Technique,
    alone: int,
) -> tuple[int, tuple[int, ...]]:  # fmt: skip
    """The bits of a location, and the keys of its facts in their order; `alone` if its listing has no other."""
    stated = [("kind", kind), ("specialty", specialty)]
    stated += [("language", language) for language in json.loads(languages or "[]") or ()]
    if accepting:
        stated.append(("accepting", "1"))
    numbers = {BIT[fact] for fact in stated if fact in BIT}
    bits = sum(1 << number for number in numbers) | technique.bits
    keys = sorted({ANY, *numbers, *((STEP["confirmed", "1"],) if confirmed else ()), *technique.keys})
    if alone:
        return bits, tuple(keys)
    return bits | 1 << SEVERAL, (*keys, *(key + COPIES for key in keys))
