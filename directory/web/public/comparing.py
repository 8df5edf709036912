"""Up to four providers side by side: each question once, under each name what they said of it, and where they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from directory.attestations.queries import shown
from directory.attestations.tables import Attestation
from directory.badges.standings import Today, today
from directory.certification.ruleset import Rulesets
from directory.evidence.labels import Seen
from directory.evidence.queries import seen_of
from directory.geography.point import Point, miles_between
from directory.listings.queries import published_by_slug, published_listings
from directory.listings.tables import Listing, Location
from directory.search.index import SearchIndex
from directory.search.query import SearchQuery
from directory.web.public.directions import Directions, directions
from directory.web.public.measuring import Measure
from directory.web.support.findings import FindingRow, finding_rows

MOST = 4
"""Columns that still fit side by side, and on one sheet of paper; arbitrary."""

MOST_ASKED = 40
"""Names that are looked up; arbitrary, twice what a short list holds."""

MOST_NAMED = 4
"""Unknown names that are told one by one; arbitrary."""

MAX_SHOWN = 60
"""Characters of a name that nobody here has; arbitrary, enough to recognise it."""

OFFERED = 5
"""Providers near by that can be added; arbitrary."""

TOO_MANY_NAMES = f"Up to {MOST_ASKED} can be looked up at once. Only the first {MOST_ASKED} were."


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """Who shall stand side by side (`chosen`), and who else was kept to choose from (`kept`)."""

    chosen: tuple[str, ...]
    kept: tuple[str, ...] = ()

    @classmethod
    def of(cls, chosen: Iterable[str], kept: Iterable[str] = ()) -> "CompareRequest":
        """Each name once, in the order in which it came."""
        return cls(tuple(dict.fromkeys(chosen)), tuple(dict.fromkeys(kept)))

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return tuple(dict.fromkeys((*self.chosen, *self.kept)))


@dataclass(frozen=True, slots=True)
class Column:
    """One provider, at the location that is nearest to the place asked for; `verify` names their signed answers.

    `miles` is None where no place was given, or the address could not be placed.
    """

    slug: str
    name: str
    credential: str
    town: str
    street: str
    phone: str
    miles: float | None
    directions: Directions
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
    """A provider that can be chosen; `kept` is who was asked for and shall not get lost."""

    slug: str
    name: str
    town: str
    chosen: bool
    kept: bool


@dataclass(frozen=True, slots=True)
class ComparePage:
    """`public/compare.html`: the columns, or whom to choose; `day` is today."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    choices: tuple[Choice, ...]
    notes: tuple[str, ...]
    measure: Measure
    day: date
    most: int = MOST
    status: int = 200

    @property
    def is_crowded(self) -> bool:
        """Whether more were asked for than fit, so that those who do not stand side by side are kept in the address."""
        return sum(choice.kept for choice in self.choices) > self.most

    @property
    def is_mixed(self) -> bool:
        """Whether some to choose from were asked for and stand in no column."""
        return any(choice.kept and not choice.chosen for choice in self.choices)


def compare_page(
    session: Session, index: SearchIndex, asked: CompareRequest, measure: Measure, *, rulesets: Rulesets, now: datetime
) -> ComparePage:
    """The providers of these names, in their order; what is not public is said to be unknown."""
    names = asked.names[:MOST_ASKED]
    found = published_by_slug(session, names)
    notes = _notes(asked, [name for name in names if name not in found])
    chosen = [found[name] for name in asked.chosen if name in found]
    kept = [found[name] for name in names if name in found]
    crowded = len(chosen) > MOST
    if crowded:
        notes = (_too_many(len(chosen)), *notes)
    origin = measure.place.point if measure.place else None
    columns = () if crowded else _columns(session, chosen, origin, rulesets, now)
    if measure.fault and not columns:
        notes = (*notes, measure.fault)
    near_by = _near_by(session, index, kept, now) if chosen and len(chosen) < MOST else ()
    is_choice = crowded or len(kept) > len(chosen) or 0 < len(chosen) < MOST
    return ComparePage(
        columns=columns,
        lines=_lines(columns),
        choices=(*[_choice(row, chosen, origin) for row in kept], *near_by) if is_choice else (),
        notes=notes,
        measure=measure,
        day=now.date(),
        status=_status(asked, kept, measure),
    )


def _status(asked: CompareRequest, kept: Sequence[Listing], measure: Measure) -> int:
    """What is to be mended is told with 422; which four it shall be is a question, and no mistake."""
    if measure.fault or len(asked.names) > MOST_ASKED:
        return 422
    return 404 if asked.names and not kept else 200


def _notes(asked: CompareRequest, unknown: Sequence[str]) -> tuple[str, ...]:
    notes = [_unknown(name) for name in unknown[:MOST_NAMED]]
    if len(unknown) > MOST_NAMED:
        notes.append(f"{len(unknown) - MOST_NAMED} more of those you asked for are not in it either.")
    return (*([TOO_MANY_NAMES] if len(asked.names) > MOST_ASKED else []), *notes)


def _too_many(count: int) -> str:
    return f"Up to {MOST} fit side by side, and you chose {count}. Leave {MOST} of them ticked. The others stay listed."


def _unknown(slug: str) -> str:
    shown = "".join(character for character in slug[:MAX_SHOWN] if character.isprintable())
    return f"“{shown}” is not in this directory, or is no longer listed."


def _columns(
    session: Session, listings: Sequence[Listing], origin: Point | None, rulesets: Rulesets, now: datetime
) -> tuple[Column, ...]:
    signed = shown(session, [listing.id for listing in listings])
    backed = seen_of(session, [row.id for row in signed.values()])
    return tuple(_column(listing, signed.get(listing.id), backed, origin, rulesets, now) for listing in listings)


def _column(
    listing: Listing,
    attestation: Attestation | None,
    backed: Mapping[int, Mapping[str, Seen]],
    origin: Point | None,
    rulesets: Rulesets,
    now: datetime,
) -> Column:
    standing = today(attestation, rulesets, now, backed.get(attestation.id) if attestation else None)
    signed = standing.technique
    rows = finding_rows(signed.ruleset, signed.assessment) if signed else ()
    location, miles = _nearest(listing, origin)
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


def _nearest(listing: Listing, origin: Point | None) -> tuple[Location, float | None]:
    """The location that is nearest to `origin`, with miles; the first one where nothing can be measured."""
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


def _lines(columns: Sequence[Column]) -> tuple[Line, ...]:
    """Every question that was put to any of them, each once, under whichever rules it was asked."""
    asked = {row.key: row for column in columns for row in column.rows.values()}
    return tuple(
        Line(row.question, row.why, tuple(column.rows.get(key) for column in columns)) for key, row in asked.items()
    )


def _near_by(session: Session, index: SearchIndex, kept: Sequence[Listing], now: datetime) -> tuple[Choice, ...]:
    """The nearest to the first of those who were asked for, and not yet among them."""
    here = next((spot for listing in kept for spot in listing.locations if spot.lat is not None), None)
    if here is None or here.lat is None or here.lon is None:
        return ()
    around = SearchQuery(Point(here.lat, here.lon), per_page=OFFERED + len(kept))
    known = {listing.id for listing in kept}
    hits = index.find(session, around, now=now, facets=False).hits
    ids = [hit.listing_id for hit in hits if hit.listing_id not in known][:OFFERED]
    near = published_listings(session, ids)
    return tuple(_choice(near[row], (), around.origin, kept=False) for row in ids if row in near)


def _choice(listing: Listing, chosen: Sequence[Listing], origin: Point | None, *, kept: bool = True) -> Choice:
    location, _ = _nearest(listing, origin)
    return Choice(listing.slug, listing.name, _town(location), listing in chosen, kept)


def _town(location: Location) -> str:
    return f"{location.city}, {location.state}"
