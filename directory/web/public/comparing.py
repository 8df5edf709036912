"""Up to four providers side by side: each question once, and under each name what they said of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from directory.attestations.queries import accepted
from directory.attestations.tables import Attestation
from directory.badges.standings import Today, today
from directory.certification.ruleset import Rulesets
from directory.evidence.labels import Seen
from directory.evidence.queries import seen_of
from directory.geography.point import Point
from directory.listings.queries import published_by_slug, published_listings
from directory.listings.tables import Listing
from directory.search.index import find
from directory.search.query import SearchQuery
from directory.web.support.findings import FindingRow, finding_rows

MOST = 4
"""Columns that still fit side by side; arbitrary."""

MAX_SHOWN = 60
"""Characters of a name that nobody here has; arbitrary, enough to recognise it."""

OFFERED = 5
"""Providers near by that can be added; arbitrary."""

TOO_MANY = f"You can compare up to {MOST}. Choose {MOST} of these."


@dataclass(frozen=True, slots=True)
class Column:
    """One provider; `verify` is the name of their signed answers."""

    slug: str
    name: str
    credential: str
    town: str
    today: Today
    rows: Mapping[str, FindingRow]
    verify: str


@dataclass(frozen=True, slots=True)
class Line:
    """One question, with what each provider said of it in the order of the columns; None where it was not asked."""

    question: str
    why: str
    cells: tuple[FindingRow | None, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A provider that can be chosen."""

    slug: str
    name: str
    town: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ComparePage:
    """`public/compare.html`: the columns, or whom to choose."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    choices: tuple[Choice, ...]
    notes: tuple[str, ...]
    most: int = MOST
    status: int = 200


def compare_page(session: Session, slugs: Iterable[str], *, rulesets: Rulesets, now: datetime) -> ComparePage:
    """The providers of these names, in their order; what is not public is said to be unknown.

    Of very many names only the first are looked up: they are too many anyhow.
    """
    asked = list(dict.fromkeys(slugs))
    found = published_by_slug(session, asked[: 2 * MOST])
    unknown = tuple(_unknown(slug) for slug in asked[: 2 * MOST] if slug not in found)
    listings = [found[slug] for slug in asked if slug in found]
    if len(listings) > MOST or len(asked) > 2 * MOST:
        choices = tuple(_choice(listing, chosen=False) for listing in listings)
        return ComparePage((), (), choices, (TOO_MANY, *unknown), status=422)
    signed = accepted(session, [listing.id for listing in listings])
    backed = seen_of(session, [row.id for row in signed.values()])
    columns = tuple(_column(listing, signed.get(listing.id), backed, rulesets, now) for listing in listings)
    choices = _choices(session, listings, now) if len(listings) < MOST else ()
    status = 404 if unknown and not listings else 200
    return ComparePage(columns, _lines(columns), choices, unknown, status=status)


def _unknown(slug: str) -> str:
    shown = "".join(character for character in slug[:MAX_SHOWN] if character.isprintable())
    return f"“{shown}” is not in this directory, or is no longer listed."


def _column(
    listing: Listing,
    attestation: Attestation | None,
    backed: Mapping[int, Mapping[str, Seen]],
    rulesets: Rulesets,
    now: datetime,
) -> Column:
    standing = today(attestation, rulesets, now, backed.get(attestation.id) if attestation else None)
    signed = standing.technique
    rows = finding_rows(signed.ruleset, signed.answers) if signed else ()
    return Column(
        slug=listing.slug,
        name=listing.name,
        credential=listing.credential,
        town=_town(listing),
        today=standing,
        rows={row.key: row for row in rows},
        verify=attestation.public_id if attestation else "",
    )


def _lines(columns: Sequence[Column]) -> tuple[Line, ...]:
    """Every question that was put to any of them, each once, under whichever rules it was asked."""
    asked = {row.key: row for column in columns for row in column.rows.values()}
    return tuple(
        Line(row.question, row.why, tuple(column.rows.get(key) for column in columns)) for key, row in asked.items()
    )


def _choices(session: Session, listings: Sequence[Listing], now: datetime) -> tuple[Choice, ...]:
    """Those who are compared already, and the nearest to the first of them."""
    chosen = [_choice(listing, chosen=True) for listing in listings]
    here = next((spot for listing in listings for spot in listing.locations if spot.lat is not None), None)
    if here is None or here.lat is None or here.lon is None:
        return tuple(chosen)
    around = SearchQuery(Point(here.lat, here.lon), per_page=OFFERED + len(listings))
    ids = [hit.listing_id for hit in find(session, around, now=now).hits]
    near = published_listings(session, [row for row in ids if row not in {listing.id for listing in listings}])
    return (*chosen, *[_choice(near[row], chosen=False) for row in ids if row in near][:OFFERED])


def _choice(listing: Listing, *, chosen: bool) -> Choice:
    return Choice(listing.slug, listing.name, _town(listing), chosen)


def _town(listing: Listing) -> str:
    first = listing.locations[0]
    return f"{first.city}, {first.state}"
