"""The entries of a list: for each hit what a patient needs to choose whom to call, in four statements however many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from directory.attestations.queries import accepted
from directory.badges.badge import Standing
from directory.badges.standings import Today, today
from directory.basemap.picture import Marker
from directory.certification.ruleset import Rulesets
from directory.evidence.queries import seen_of
from directory.geography.point import Point
from directory.listings.queries import published_listings
from directory.listings.tables import Listing, Location
from directory.search.index import Hit


@dataclass(frozen=True, slots=True)
class Card:
    """A provider in a list, at the location that is nearest. `number` is the place in the whole result.

    At `changes_at` the card says something else without anybody doing anything: what was signed ends.
    """

    number: int
    slug: str
    name: str
    credential: str
    practice: str
    city: str
    state: str
    miles: float | None
    outside_radius: bool
    standing: Standing
    badge_text: str
    standing_note: str
    phone: str
    last_confirmed: date | None
    lat: float | None
    lon: float | None
    changes_at: datetime | None

    @property
    def anchor(self) -> str:
        """The id of the entry on its page, to which the map leads."""
        return f"p-{self.slug}"

    @property
    def badge(self) -> bool:
        """Whether the badge shows today."""
        return self.standing is Standing.BADGE

    @property
    def marker(self) -> Marker | None:
        """The pin of the entry, where its address could be placed."""
        if self.lat is None or self.lon is None:
            return None
        return Marker(self.number, Point(self.lat, self.lon), self.name, self.badge, self.anchor)


def cards(
    session: Session, hits: Sequence[Hit], *, first_number: int, rulesets: Rulesets, now: datetime
) -> tuple[Card, ...]:
    """The entries in the order of the hits; what ceased to be public in this moment is left out."""
    ids = [hit.listing_id for hit in hits]
    listings, attestations = published_listings(session, ids), accepted(session, ids)
    backed = seen_of(session, [row.id for row in attestations.values()])
    numbered = enumerate((hit for hit in hits if hit.listing_id in listings), first_number)
    found = ((number, hit, listings[hit.listing_id], attestations.get(hit.listing_id)) for number, hit in numbered)
    return tuple(
        _card(number, hit, listing, today(signed, rulesets, now, backed.get(signed.id) if signed else None))
        for number, hit, listing, signed in found
    )


def _card(number: int, hit: Hit, listing: Listing, technique: Today) -> Card:
    location = _location(listing, hit.location_id)
    return Card(
        number=number,
        slug=listing.slug,
        name=listing.name,
        credential=listing.credential,
        practice=listing.practice if listing.practice.casefold() != listing.name.casefold() else "",
        city=location.city,
        state=location.state,
        miles=hit.miles,
        outside_radius=hit.outside_radius,
        standing=technique.standing,
        badge_text=technique.words.line if technique.badge else "",
        standing_note=technique.note,
        phone=location.phone or listing.phone,
        last_confirmed=listing.last_confirmed,
        lat=location.lat,
        lon=location.lon,
        changes_at=technique.technique.valid_until if technique.technique else None,
    )


def _location(listing: Listing, location_id: int) -> Location:
    """The location that was found, or the first where it was replaced in this moment."""
    return next((row for row in listing.locations if row.id == location_id), listing.locations[0])
