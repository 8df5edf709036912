"""The rows that the index should hold for some listings, worked out from the tables."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as AttestationState
from directory.attestations.tables import Attestation
from directory.certification.answers import Choices, from_json
from directory.certification.ruleset import Rulesets
from directory.certification.scoring import assess
from directory.geography.point import Point
from directory.listings.lifecycle import State
from directory.listings.tables import Listing, Location
from directory.search.cells import code_of
from directory.search.keys import IMAGING_CRITERION, Standing, microseconds

Which = Callable[[Any], sa.ColumnElement[bool]]
"""Some listings, as a condition on whichever column holds their id: mapped or plain, which share no type."""

Row = dict[str, Any]
"""A row of `search_cells`, by column."""

_PUBLIC = (
    sa.select(
        Location.listing_id,
        Location.id.label("location_id"),
        Location.lat,
        Location.lon,
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


def entries(session: Session, which: Which, *, rulesets: Rulesets) -> Iterator[Row]:
    """The rows for the published listings among `which`, one for each place and key.

    Raises:
        NotFound: an accepted attestation was signed under rules that are not published.
        Invalid: an accepted answer breaks the rules that it was signed under.
    """
    found = session.execute(_PUBLIC.where(which(Location.listing_id)))
    for _, places in groupby(found, key=lambda place: place.listing_id):
        yield from _entries_of(list(places), rulesets)


def _entries_of(places: list[Any], rulesets: Rulesets) -> Iterable[Row]:
    standing = _standing(places[0], rulesets)
    flags = standing.flags(several=len(places) > 1)
    for place in places:
        code = code_of(Point(place.lat, place.lon))
        for key in standing.keys:
            yield {
                "key": int(key),
                "code": code,
                "location_id": place.location_id,
                "listing_id": place.listing_id,
                "lat": place.lat,
                "lon": place.lon,
                "flags": flags,
                "live_until": standing.live_until,
            }


def _standing(place: Any, rulesets: Rulesets) -> Standing:
    """What the attestation gives under its own rules; whether it still counts is asked when searching."""
    if place.ruleset_id is None or place.valid_until is None:
        return Standing()
    ruleset = rulesets.load(place.ruleset_id)
    answers = from_json(ruleset, place.answers)
    imaging = answers.get(IMAGING_CRITERION)
    return Standing(
        methods=imaging.methods if isinstance(imaging, Choices) else frozenset(),
        badge=assess(ruleset, answers).badge_earned,
        live_until=microseconds(rulesets.counts_until(ruleset.id, place.valid_until)),
    )
