"""The documents of the index, read from the tables: one for each public location of a listing."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets
from directory.certification.standing import CACHE_SIZE, GradedAnswers, grade_stored
from directory.errors import Refusal
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, Location
from directory.search.filter_types import Technique

CONFIRMED_DAYS = 365
"""The number of days that “within a year” means."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# JSON is read as the stored text, so that equal answers are graded once.
_PUBLISHED = (
    sa.select(
        Listing.id,
        Location.id.label("location_id"),
        Location.lat,
        Location.lon,
        Listing.name,
        Listing.practice,
        Location.city,
        sa.type_coerce(Listing.kind, sa.String).label("kind"),
        Listing.specialty_code,
        sa.cast(Listing.languages, sa.Text).label("languages"),
        Listing.accepts_new_patients,
        Listing.last_confirmed,
        Attestation.ruleset_id,
        sa.cast(Attestation.answers, sa.Text).label("answers"),
        Attestation.valid_until,
        Listing.slug,
        sa.func.coalesce(
            sa.case((Attestation.updated_at > Listing.updated_at, Attestation.updated_at), else_=Listing.updated_at),
            Listing.updated_at,
            type_=Listing.updated_at.type,
        ).label("updated_at"),
    )
    .outerjoin(Location, sa.and_(Location.listing_id == Listing.id, Location.lat.is_not(None)))
    .outerjoin(
        Attestation,
        sa.and_(Attestation.listing_id == Listing.id, Attestation.state == AttestationState.ACCEPTED),
    )
    .where(Listing.state == ListingState.PUBLISHED)
    .order_by(Listing.id, Location.id)
)
_BY_IDS = _PUBLISHED.where(Listing.id.in_(sa.bindparam("listing_ids", expanding=True)))
_BY_RANGE = _PUBLISHED.where(Listing.id > sa.bindparam("after"), Listing.id <= sa.bindparam("last"))


class SearchDocument(NamedTuple):
    """A public location with the fields that the filters and the index read.

    `attested_until` and `confirmed_until` are microseconds since 1970: the last at which the accepted answers count,
    and the last at which the listing counts as confirmed within a year; 0 for never.
    """

    listing_id: int
    location_id: int
    lat: float
    lon: float
    name: str
    practice: str
    city: str
    kind: str
    specialty: str
    languages: tuple[str, ...]
    accepting: bool
    confirmed_until: int
    technique: Technique | None
    attested_until: int


class Page(NamedTuple):
    """The page of a published listing, for the sitemap; it exists even if the location is unknown."""

    listing_id: int
    slug: str
    changed: date


def microseconds(moment: datetime) -> int:
    """Return whole microseconds since 1970; exact, so that the index and the listing's page agree."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


class DocumentReader:
    """Reads documents from the tables, in the order of listing ids, and caches values that many of them share.

    Answers that cannot be graded, because their ruleset is missing or they do not fit it, count as not given; their
    listing ids are added to `ungraded`.
    """

    def __init__(self, rulesets: Rulesets) -> None:
        self._rulesets = rulesets
        self._technique = lru_cache(CACHE_SIZE)(_technique)
        self._confirmed_until = lru_cache(CACHE_SIZE)(_confirmed_until)
        self._languages = lru_cache(CACHE_SIZE)(_languages)
        self.ungraded: set[int] = set()

    def by_ids(self, connection: sa.Connection, listing_ids: Sequence[int]) -> list[SearchDocument]:
        """Return every public location of some listings."""
        return list(self._documents(connection.execute(_BY_IDS, {"listing_ids": list(listing_ids)})))

    def by_range(self, connection: sa.Connection, after: int, last: int) -> tuple[list[SearchDocument], list[Page]]:
        """Return all public locations and all pages of the listings with `after` < id <= `last`."""
        rows = connection.execute(_BY_RANGE, {"after": after, "last": last}).all()
        pages = {row[0]: Page(row[0], row.slug, row.updated_at.date()) for row in rows}
        return list(self._documents(rows)), list(pages.values())

    def _documents(self, rows: Iterable[Any]) -> Iterator[SearchDocument]:
        for (
            listing_id, location_id, lat, lon, name, practice, city, kind, specialty, languages, accepting, confirmed,
            ruleset_id, answers, valid_until, *_,
        ) in rows:  # fmt: skip
            if location_id is None:
                continue
            technique, attested_until = None, 0
            if ruleset_id is not None:
                try:
                    graded = grade_stored(self._rulesets, ruleset_id, answers)
                except Refusal:
                    self.ungraded.add(listing_id)
                else:
                    technique, attested_until = self._technique(graded), microseconds(graded.counts_until(valid_until))
            yield SearchDocument(
                listing_id, location_id, lat, lon, name, practice, city, kind, specialty, self._languages(languages),
                bool(accepting), self._confirmed_until(confirmed), technique, attested_until,
            )  # fmt: skip


def _technique(graded: GradedAnswers) -> Technique:
    return Technique(graded.assessment.badge_earned, graded.assessment.answers)


def _confirmed_until(day: date | None) -> int:
    """Return the last microsecond at which a listing confirmed on `day` (UTC) counts as confirmed within a year."""
    if day is None:
        return 0
    return microseconds(datetime.combine(day, time(), UTC) + timedelta(days=CONFIRMED_DAYS + 1)) - 1


def _languages(stored: str | None) -> tuple[str, ...]:
    return tuple(json.loads(stored or "[]") or ())
