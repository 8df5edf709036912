"""The comparison page: up to four providers side by side, question by question, with their distances."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from directory.attestations.queries import displayed_attestations
from directory.attestations.tables import Attestation
from directory.badges.listing_standing import CurrentStanding, current_standing
from directory.certification.ruleset import Rulesets
from directory.evidence.labels import InspectionSummary
from directory.evidence.queries import inspections_by_attestation
from directory.geography.point import Point, miles_between
from directory.listings.queries import published_listings, published_listings_by_slug
from directory.listings.tables import Listing, Location
from directory.search.index import SearchIndex
from directory.search.query import SearchQuery
from directory.web.public.directions import Directions, directions
from directory.web.public.distance_origin import DistanceOrigin
from directory.web.support.findings import FindingRow, finding_rows

MAX_COLUMNS = 4
"""Number of columns that fit side by side, and on one sheet of paper; arbitrary."""

MAX_LOOKUPS = 40
"""Maximum number of slugs to look up; arbitrary, twice what a saved list holds."""

MAX_UNKNOWN_NAMES = 4
"""Maximum number of unknown slugs reported one by one; arbitrary."""

MAX_NAME_CHARACTERS = 60
"""Maximum number of characters shown of an unknown slug; arbitrary, enough to recognize it."""

MAX_SUGGESTIONS = 5
"""Maximum number of nearby providers suggested to add; arbitrary."""

TOO_MANY_NAMES = f"Up to {MAX_LOOKUPS} can be looked up at once. Only the first {MAX_LOOKUPS} were."


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """The slugs of the providers to compare (`chosen`), and of others that stay available to choose (`kept`)."""

    chosen: tuple[str, ...]
    kept: tuple[str, ...] = ()

    @classmethod
    def of(cls, chosen: Iterable[str], kept: Iterable[str] = ()) -> "CompareRequest":
        """Build a request without duplicates, in the order given."""
        return cls(tuple(dict.fromkeys(chosen)), tuple(dict.fromkeys(kept)))

    @property
    def names(self) -> tuple[str, ...]:
        """All slugs, chosen and kept, without duplicates."""
        return tuple(dict.fromkeys((*self.chosen, *self.kept)))


@dataclass(frozen=True, slots=True)
class Column:
    """One provider in the comparison, at the location nearest to the given place.

    Attributes:
        miles: the distance; None if no place was given, or the address has no coordinates.
        verify: the public id of the attestation; empty without one.
    """

    slug: str
    name: str
    credential: str
    town: str
    street: str
    phone: str
    miles: float | None
    directions: Directions
    today: CurrentStanding
    rows: Mapping[str, FindingRow]
    verify: str


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """One question with each provider's answer, in the order of the columns; None where it was not asked."""

    question: str
    why: str
    cells: tuple[FindingRow | None, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A provider that can be chosen; `kept` is whether the request named them, so that the form keeps them."""

    slug: str
    name: str
    town: str
    chosen: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class ComparePage:
    """`public/compare.html`: the columns, or the providers to choose from; `day` is today."""

    columns: tuple[Column, ...]
    lines: tuple[QuestionRow, ...]
    choices: tuple[Choice, ...]
    notes: tuple[str, ...]
    measure: DistanceOrigin
    day: date
    most: int = MAX_COLUMNS
    status: int = 200

    @property
    def is_crowded(self) -> bool:
        """Whether more providers were named than fit, so that the URL must keep those who are not compared."""
        return sum(choice.kept for choice in self.choices) > self.most

    @property
    def is_mixed(self) -> bool:
        """Whether some of the named providers have no column."""
        return any(choice.kept and not choice.chosen for choice in self.choices)


def compare_page(
    session: Session,
    index: SearchIndex,
    asked: CompareRequest,
    measure: DistanceOrigin,
    *,
    rulesets: Rulesets,
    now: datetime,
) -> ComparePage:
    """Build the comparison of these providers, in the order given; listings that are not public count as unknown."""
    names = asked.names[:MAX_LOOKUPS]
    found = published_listings_by_slug(session, names)
    notes = _notes(asked, [name for name in names if name not in found])
    chosen = [found[name] for name in asked.chosen if name in found]
    kept = [found[name] for name in names if name in found]
    crowded = len(chosen) > MAX_COLUMNS
    if crowded:
        notes = (_too_many_message(len(chosen)), *notes)
    origin = measure.place.point if measure.place else None
    columns = () if crowded else _columns(session, chosen, origin, rulesets, now)
    if measure.fault and not columns:
        notes = (*notes, measure.fault)
    near_by = _nearby_choices(session, index, kept, now) if chosen and len(chosen) < MAX_COLUMNS else ()
    is_choice = crowded or len(kept) > len(chosen) or 0 < len(chosen) < MAX_COLUMNS
    return ComparePage(
        columns=columns,
        lines=_lines(columns),
        choices=(*[_choice(row, chosen, origin) for row in kept], *near_by) if is_choice else (),
        notes=notes,
        measure=measure,
        day=now.date(),
        status=_http_status(asked, kept, measure),
    )


def _http_status(asked: CompareRequest, kept: Sequence[Listing], measure: DistanceOrigin) -> int:
    """Return 422 for input to correct and 404 if all slugs are unknown; too many chosen providers are no error."""
    if measure.fault or len(asked.names) > MAX_LOOKUPS:
        return 422
    return 404 if asked.names and not kept else 200


def _notes(asked: CompareRequest, unknown: Sequence[str]) -> tuple[str, ...]:
    notes = [_unknown_name_message(name) for name in unknown[:MAX_UNKNOWN_NAMES]]
    if len(unknown) > MAX_UNKNOWN_NAMES:
        notes.append(f"{len(unknown) - MAX_UNKNOWN_NAMES} more of those you asked for are not in it either.")
    return (*([TOO_MANY_NAMES] if len(asked.names) > MAX_LOOKUPS else []), *notes)


def _too_many_message(count: int) -> str:
    return (
        f"Up to {MAX_COLUMNS} fit side by side, and you chose {count}. Leave {MAX_COLUMNS} of them ticked. "
        "The others stay listed."
    )


def _unknown_name_message(slug: str) -> str:
    shown = "".join(character for character in slug[:MAX_NAME_CHARACTERS] if character.isprintable())
    return f"“{shown}” is not in this directory, or is no longer listed."


def _columns(
    session: Session, listings: Sequence[Listing], origin: Point | None, rulesets: Rulesets, now: datetime
) -> tuple[Column, ...]:
    signed = displayed_attestations(session, [listing.id for listing in listings])
    backed = inspections_by_attestation(session, [row.id for row in signed.values()])
    return tuple(_column(listing, signed.get(listing.id), backed, origin, rulesets, now) for listing in listings)


def _column(
    listing: Listing,
    attestation: Attestation | None,
    backed: Mapping[int, Mapping[str, InspectionSummary]],
    origin: Point | None,
    rulesets: Rulesets,
    now: datetime,
) -> Column:
    standing = current_standing(attestation, rulesets, now, backed.get(attestation.id) if attestation else None)
    signed = standing.technique
    rows = finding_rows(signed.ruleset, signed.assessment) if signed else ()
    location, miles = _nearest_location(listing, origin)
    return Column(
        slug=listing.slug,
        name=listing.name,
        credential=listing.credential,
        town=_town(location),
        street=location.line1,
        phone=location.phone or listing.phone,
        miles=miles,
        directions=directions(location),
        today=standing,
        rows={row.key: row for row in rows},
        verify=attestation.public_id if attestation and signed else "",
    )


def _nearest_location(listing: Listing, origin: Point | None) -> tuple[Location, float | None]:
    """Return the location nearest to `origin` and its distance in miles; without coordinates the first and None."""
    if origin is None:
        return listing.locations[0], None
    measured = [
        (miles_between(origin, Point(row.lat, row.lon)), row)
        for row in listing.locations
        if row.lat is not None and row.lon is not None
    ]
    if not measured:
        return listing.locations[0], None
    miles, location = min(measured, key=lambda pair: (pair[0], pair[1].ordinal))
    return location, miles


def _lines(columns: Sequence[Column]) -> tuple[QuestionRow, ...]:
    """Return every question that any of the providers was asked, once each, across ruleset versions."""
    asked = {row.key: row for column in columns for row in column.rows.values()}
    return tuple(
        QuestionRow(row.question, row.why, tuple(column.rows.get(key) for column in columns))
        for key, row in asked.items()
    )


def _nearby_choices(session: Session, index: SearchIndex, kept: Sequence[Listing], now: datetime) -> tuple[Choice, ...]:
    """Return the providers nearest to the first named one, without those already named."""
    here = next((spot for listing in kept for spot in listing.locations if spot.lat is not None), None)
    if here is None or here.lat is None or here.lon is None:
        return ()
    around = SearchQuery(Point(here.lat, here.lon), per_page=MAX_SUGGESTIONS + len(kept))
    known = {listing.id for listing in kept}
    hits = index.find(session, around, now=now, facets=False).hits
    ids = [hit.listing_id for hit in hits if hit.listing_id not in known][:MAX_SUGGESTIONS]
    near = published_listings(session, ids)
    return tuple(_choice(near[row], (), around.origin, kept=False) for row in ids if row in near)


def _choice(listing: Listing, chosen: Sequence[Listing], origin: Point | None, *, kept: bool = True) -> Choice:
    location, _ = _nearest_location(listing, origin)
    return Choice(listing.slug, listing.name, _town(location), listing in chosen, kept)


def _town(location: Location) -> str:
    return f"{location.city}, {location.state}"
