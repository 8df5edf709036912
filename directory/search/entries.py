"""What the index should hold of some listings, worked out from the tables."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as AttestationState
from directory.attestations.tables import Attestation
from directory.certification.answers import Choice, Choices, Span, from_json
from directory.certification.ruleset import Rulesets
from directory.certification.scoring import assess
from directory.geography.point import Point
from directory.listings.lifecycle import State
from directory.listings.tables import Listing, Location
from directory.search.cells import code_of
from directory.search.keys import (
    ANY,
    ATTESTED,
    BIT,
    BONE_CRITERION,
    COPIES,
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
from directory.search.packing import UNSTATED
from directory.search.query import ANY_IMAGING
from directory.search.words import words_of

Which = Callable[[Any], sa.ColumnElement[bool]]
"""Some listings, as a condition on whichever column holds their id: mapped or plain, which share no type."""

_PUBLIC = (
    sa.select(
        Location.listing_id,
        Location.id.label("location_id"),
        Location.lat,
        Location.lon,
        Location.city,
        Listing.kind,
        Listing.name,
        Listing.practice,
        Listing.specialty_code,
        Listing.languages,
        Listing.accepts_new_patients,
        Listing.last_confirmed,
        Attestation.ruleset_id,
        Attestation.answers,
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


@dataclass(frozen=True, slots=True)
class Technique:
    """What accepted answers come to for search: numbers at their weakest end, and for how long they count."""

    live_until: int = 0
    bits: int = 0
    volume: int = UNSTATED
    sites: int = 0
    keys: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A public location: the fields of its `packing.ENTRY` in order, the keys of its facts, and its words."""

    entry: tuple[Any, ...]
    keys: tuple[int, ...]
    words: tuple[str, ...]

    @property
    def place(self) -> tuple[int, int]:
        """Of which listing it is which location."""
        return self.entry[2], self.entry[1]


def documents(session: Session, which: Which, *, rulesets: Rulesets, now: datetime) -> Iterator[Document]:
    """Every public location of the listings among `which`, in the order of their ids.

    Answers that no longer count at `now` are left out as if nobody had given them.

    Raises:
        NotFound: an accepted attestation was signed under rules that are not published.
        Invalid: an accepted answer breaks the rules that it was signed under.
    """
    found = session.execute(_PUBLIC.where(which(Location.listing_id)).execution_options(yield_per=5000))
    for _, places in groupby(found, key=lambda place: place.listing_id):
        yield from _documents_of(list(places), rulesets, microseconds(now))


def _documents_of(places: Sequence[Any], rulesets: Rulesets, at: int) -> Iterator[Document]:
    listing = places[0]
    technique = _technique(listing, rulesets, at)
    until = _counting(confirmed_until(listing.last_confirmed), at)
    bits, keys = _facts(listing, technique, confirmed=until > 0)
    if len(places) > 1:
        bits |= 1 << SEVERAL
        keys = (*keys, *(key + COPIES for key in keys))
    text = f"{listing.name} {listing.practice}"
    for number, place in enumerate(places):
        where = code_of(Point(place.lat, place.lon)), place.location_id, place.listing_id, place.lat, place.lon
        facts = bits if number else bits | 1 << FIRST
        entry = (*where, technique.live_until, until, facts, technique.volume, technique.sites)
        yield Document(entry, keys, words_of(f"{text} {place.city}"))


def _counting(until: int, at: int) -> int:
    """When a fact ends; 0 if it has ended by then, as if it had never been."""
    return until if until >= at else 0


def _facts(listing: Any, technique: Technique, *, confirmed: bool) -> tuple[int, tuple[int, ...]]:
    """The bits and keys of a listing, whatever its locations."""
    stated = [("kind", listing.kind.value), ("specialty", listing.specialty_code)]
    stated += [("language", language) for language in listing.languages or ()]
    if listing.accepts_new_patients:
        stated.append(("accepting", "1"))
    numbers = [BIT[fact] for fact in stated if fact in BIT]
    keys = (ANY, *numbers, *((STEP["confirmed", "1"],) if confirmed else ()), *technique.keys)
    return sum(1 << number for number in numbers) | technique.bits, keys


def _technique(listing: Any, rulesets: Rulesets, at: int) -> Technique:
    """What the answers give under their own rules, if they count at the moment `at`."""
    if listing.ruleset_id is None or listing.valid_until is None:
        return Technique()
    until = microseconds(rulesets.counts_until(listing.ruleset_id, listing.valid_until))
    return _answered(listing.ruleset_id, listing.answers, rulesets, until) if until >= at else Technique()


def _answered(ruleset_id: str, stored: Mapping[str, Any], rulesets: Rulesets, until: int) -> Technique:
    ruleset = rulesets.load(ruleset_id)
    answers = from_json(ruleset, stored)
    imaging, bone = answers.get(IMAGING_CRITERION), answers.get(BONE_CRITERION)
    volume, sites = answers.get(VOLUME_CRITERION), answers.get(SITES_CRITERION)
    stated = [("badge", "1")] if assess(ruleset, answers).badge_earned else []
    if isinstance(imaging, Choices) and imaging.methods:
        stated += [("imaging", ANY_IMAGING), *(("imaging", method) for method in imaging.methods)]
    if isinstance(bone, Choice):
        stated.append(("bone", bone.value))
    # A method or a bone that later rules add has no bit.
    bits = tuple(BIT[fact] for fact in stated if fact in BIT)
    most = int(volume.high * Decimal(10)) if isinstance(volume, Span) else UNSTATED
    fewest = int(sites.low) if isinstance(sites, Span) else 0
    return Technique(
        live_until=until,
        bits=sum(1 << bit for bit in bits),
        volume=most,
        sites=fewest,
        keys=(
            *bits,
            *(STEP["volume", str(step)] for step in VOLUME_STEPS if most <= step * 10),
            *(STEP["sites", str(step)] for step in SITES_STEPS if fewest >= step),
            ATTESTED,
        ),
    )
