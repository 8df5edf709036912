"""The documents of the index, read from the tables: one for each public location of a listing."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets
from directory.certification.standing import CACHE_SIZE, GradedAnswers, grade_stored
from directory.errors import Refusal
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, Location
from directory.search.segment import microseconds

CONFIRMED_DAYS = 365
"""The number of days that “within a year” means."""

BATCH = 2_000
"""Listing ids read at a time; arbitrary, some megabytes."""

# JSON is read as the stored text, so that equal answers are graded once. The statement is executed on the connection,
# which takes less time than on the session.
_PUBLISHED = (
    sa.select(
        Listing.id,
        Location.id.label("location_id"),
        Location.lat,
        Location.lon,
        Listing.name,
        (Listing.practice + " " + Listing.other_name).label("practice"),
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

    `practice` has the words of the practice and of the other name.
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
    graded: GradedAnswers | None
    attested_until: int


class Page(NamedTuple):
    """The page of a published listing, for the sitemap; it exists even if the location is unknown."""

    listing_id: int
    slug: str
    changed: date


def documents_of(session: Session, rulesets: Rulesets, listing_ids: Sequence[int]) -> Iterator[SearchDocument]:
    """Yield every public location of some listings, by listing and location id."""
    rows = session.connection().execute(_BY_IDS, {"listing_ids": list(listing_ids)})
    return _documents(rows, rulesets)


def all_documents(session: Session, rulesets: Rulesets) -> Iterator[tuple[list[SearchDocument], list[Page]]]:
    """Yield all public locations and all pages, by listing and location id, in ranges of `BATCH` listing ids."""
    last = session.scalar(sa.select(sa.func.max(Listing.id))) or 0
    for after in range(0, last, BATCH):
        rows = session.connection().execute(_BY_RANGE, {"after": after, "last": after + BATCH}).all()
        pages = {row[0]: Page(row[0], row.slug, row.updated_at.date()) for row in rows}
        yield list(_documents(rows, rulesets)), list(pages.values())


def _documents(rows: Iterable[Any], rulesets: Rulesets) -> Iterator[SearchDocument]:
    for (
        listing_id, location_id, lat, lon, name, practice, city, kind, specialty, languages, accepting, confirmed,
        ruleset_id, answers, valid_until, *_,
    ) in rows:  # fmt: skip
        graded, attested_until = None, 0
        # Answers that cannot be graded, because their ruleset is missing or they do not fit it, count as not given.
        with suppress(Refusal):
            if ruleset_id is not None:
                graded = grade_stored(rulesets, ruleset_id, answers)
                attested_until = microseconds(graded.counts_until(valid_until))
        if location_id is not None:
            yield SearchDocument(
                listing_id, location_id, lat, lon, name, practice, city, kind, specialty, _languages(languages),
                bool(accepting), _confirmed_until(confirmed), graded, attested_until,
            )  # fmt: skip


@lru_cache(CACHE_SIZE)
def _confirmed_until(day: date | None) -> int:
    """Return the last microsecond at which a listing confirmed on `day` (UTC) counts as confirmed within a year."""
    if day is None:
        return 0
    return microseconds(datetime.combine(day, time(), UTC) + timedelta(days=CONFIRMED_DAYS + 1)) - 1


@lru_cache(CACHE_SIZE)
def _languages(stored: str | None) -> tuple[str, ...]:
    return tuple(json.loads(stored or "[]") or ())
