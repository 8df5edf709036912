"""The documents of the index, read from the tables: one for each public location of a listing."""

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
        Listing.id.label("listing_id"),
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
FIELDS = 11
"""Columns of the statement that are fields of a document."""

_BY_IDS = _PUBLISHED.where(Listing.id.in_(sa.bindparam("listing_ids", expanding=True)))
_BY_RANGE = _PUBLISHED.where(Listing.id > sa.bindparam("after"), Listing.id <= sa.bindparam("last"))


class SearchDocument(NamedTuple):
    """A public location with the fields that the filters and the index read. The first are columns of the statement.

    `practice` has the words of the practice and of the other name. `languages` are a JSON array as text.
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
    languages: str | None
    accepting: bool | None
    confirmed_until: int
    graded: GradedAnswers | None
    attested_until: int


def documents_of(session: Session, rulesets: Rulesets, listing_ids: Sequence[int]) -> Iterator[SearchDocument]:
    """Yield every public location of some listings, by listing and location id."""
    return _documents(session.connection().execute(_BY_IDS, {"listing_ids": list(listing_ids)}), rulesets)


def all_documents(session: Session, rulesets: Rulesets) -> Iterator[tuple[list[SearchDocument], dict[int, str]]]:
    """Yield all public locations by listing and location id, in ranges of `BATCH` listing ids.

    With them come the lines of the sitemap by listing id, of listings without a location too: slug, tab, and the day
    of the last change.
    """
    last = session.scalar(sa.select(sa.func.max(Listing.id))) or 0
    for after in range(0, last, BATCH):
        rows = session.connection().execute(_BY_RANGE, {"after": after, "last": after + BATCH}).all()
        pages = {row.listing_id: f"{row.slug}\t{row.updated_at.date()}\n" for row in rows}
        yield list(_documents(rows, rulesets)), pages


def _documents(rows: Iterable[Any], rulesets: Rulesets) -> Iterator[SearchDocument]:
    for row in rows:
        graded, attested_until = None, 0
        # Answers that cannot be graded, because their ruleset is missing or they do not fit it, count as not given.
        with suppress(Refusal):
            if row.ruleset_id is not None:
                graded = grade_stored(rulesets, row.ruleset_id, row.answers)
                attested_until = microseconds(graded.counts_until(row.valid_until))
        if row.location_id is not None:
            yield SearchDocument._make((*row[:FIELDS], _confirmed_until(row.last_confirmed), graded, attested_until))


@lru_cache(CACHE_SIZE)
def _confirmed_until(day: date | None) -> int:
    """Return the last microsecond at which a listing confirmed on `day` (UTC) counts as confirmed within a year."""
    if day is None:
        return 0
    return microseconds(datetime.combine(day, time(), UTC) + timedelta(days=CONFIRMED_DAYS + 1)) - 1
