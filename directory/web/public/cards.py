"""Result cards: the data shown for each provider in a list of search results."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from directory.badges.public_listings import public_listings
from directory.basemap.static_map import Marker
from directory.certification.ruleset import Rulesets
from directory.certification.wording import Standing, StandingWords
from directory.geography.point import Point
from directory.search.index import Hit


class CardDetails(NamedTuple):
    """The part of a card that is the same in every search, so that it is rendered once."""

    slug: str
    name: str
    words: StandingWords
    phone: str
    last_confirmed: date | None


@dataclass(frozen=True, slots=True)
class Card:
    """A provider in a list of results, at the location nearest to the search.

    Attributes:
        number: the position in the whole result, counted from 1.
        within_miles: the radius of the search in miles; None without one.
        changes_at: when the card changes by itself, because the attestation expires.
    """

    number: int
    slug: str
    name: str
    credential: str
    practice: str
    other_name: str
    city: str
    state: str
    miles: float | None
    outside_radius: bool
    within_miles: float | None
    words: StandingWords
    phone: str
    last_confirmed: date | None
    lat: float | None
    lon: float | None
    changes_at: datetime | None

    @property
    def anchor(self) -> str:
        """The HTML id of the card on its page; the map links to it."""
        return f"p-{self.slug}"

    @property
    def face(self) -> CardDetails:
        """The part of the card that does not depend on the search."""
        return CardDetails(
            self.slug,
            self.name,
            self.words,
            self.phone,
            self.last_confirmed,
        )

    @property
    def badge(self) -> bool:
        """Whether the listing has the badge today."""
        return self.words.standing is Standing.BADGE

    @property
    def marker(self) -> Marker | None:
        """The pin on the map; None if the address has no coordinates."""
        if self.lat is None or self.lon is None:
            return None
        return Marker(self.number, Point(self.lat, self.lon), self.name, self.badge, self.anchor)


def build_cards(
    session: Session,
    hits: Sequence[Hit],
    *,
    first_number: int,
    within_miles: float | None,
    rulesets: Rulesets,
    now: datetime,
) -> tuple[Card, ...]:
    """Build the cards in the order of the hits, without listings that are no longer public."""
    entries = public_listings(session, {hit.listing_id: hit.location_id for hit in hits}, rulesets=rulesets, now=now)
    public = [(hit, entries[hit.listing_id]) for hit in hits if hit.listing_id in entries]
    return tuple(
        Card(
            number=number,
            slug=entry.slug,
            name=entry.name,
            credential=entry.credential,
            practice=entry.practice if entry.practice.casefold() != entry.name.casefold() else "",
            other_name=entry.other_name,
            city=entry.location.city,
            state=entry.location.state,
            miles=hit.miles,
            outside_radius=hit.outside_radius,
            within_miles=within_miles,
            words=entry.today.words,
            phone=entry.location.phone or entry.phone,
            last_confirmed=entry.last_confirmed,
            lat=entry.location.lat,
            lon=entry.location.lon,
            changes_at=entry.today.technique.valid_until if entry.today.technique else None,
        )
        for number, (hit, entry) in enumerate(public, first_number)
    )
