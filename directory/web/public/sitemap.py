"""What search engines are told: which pages there are, and which they shall leave alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import escape

import sqlalchemy as sa
from flask import Blueprint, Response, stream_with_context
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as Signed
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets
from directory.errors import NotFound
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.us_states import STATES
from directory.listings.lifecycle import State
from directory.listings.tables import Listing
from directory.web.public.browsing import NEAR, address, state_address
from directory.web.public.offering import with_somebody_near
from directory.web.support.requests import now, services, session

MOST_URLS = 50_000
"""Of one file, by the protocol of sitemaps."""

PLACES = 23_000
"""More than there are towns, states and other pages without a provider; they always fit into one file."""

LAST_ID = 2**31 - 1
"""The greatest number that an entry can have in both databases."""

KEPT_SECONDS = 3_600
"""How long anybody may keep a sitemap; arbitrary, search engines come by once a day."""

PIECE = 500
"""Addresses sent at a time; arbitrary, some 50 kilobytes."""

CLOSED_TO_ROBOTS = ("/providers?", "/suggest", "/compare", "/portal/", "/console/")
"""Entries, towns and rules may be found by search engines; endless searches may not."""

_PUBLIC_ONCE = (Signed.ACCEPTED, Signed.SUPERSEDED, Signed.REVOKED)
_OPENING = '<?xml version="1.0" encoding="UTF-8"?>\n<{} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'


@dataclass(frozen=True, slots=True)
class Entry:
    """The path of a page or of a file of pages, and the day of its last change where that is known."""

    path: str
    changed: date | None = None


def add_to(blueprint: Blueprint) -> None:
    """Put these views among the patients' pages."""
    blueprint.get("/robots.txt")(robots)
    blueprint.get("/sitemap.xml")(sitemap)
    blueprint.get("/sitemap/places.xml")(places_file)
    blueprint.get("/sitemap/providers-<int:number>.xml")(providers_file)


def robots() -> Response:
    """What search engines may keep, and where the list of it is."""
    closed = "".join(f"Disallow: {path}\n" for path in CLOSED_TO_ROBOTS)
    where = f"Sitemap: {services().settings.base_url}/sitemap.xml\n"
    return Response(f"User-agent: *\n{closed}\n{where}", mimetype="text/plain")


def sitemap() -> Response:
    """All public pages, or the files that list them where they are too many for one."""
    files = sitemap_files(session())
    if files:
        return _streamed("sitemapindex", "sitemap", files)
    return _streamed("urlset", "url", _all())


def places_file() -> Response:
    """The pages without a provider, and the towns."""
    return _streamed("urlset", "url", _places())


def providers_file(number: int) -> Response:
    """The providers' pages of one file."""
    if not _is_any_in(session(), number, MOST_URLS):
        raise NotFound("There is no such sitemap.")
    return _streamed("urlset", "url", _providers(number))


def sitemap_files(session: Session, *, most: int = MOST_URLS, places: int = PLACES) -> tuple[Entry, ...]:
    """The files that the pages are split into; none where a single one holds them all.

    A file of providers holds those of so many numbers, so that a new one changes no other file, and none is empty.
    """
    published = sa.select(Listing.id).where(Listing.state == State.PUBLISHED)
    room = sa.select(sa.func.count()).select_from(published.limit(most - places + 1).subquery())
    if (session.scalar(room) or 0) + places <= most:
        return ()
    last = session.scalar(sa.select(sa.func.max(Listing.id))) or 0
    numbers = (number for number in range(1, -(-last // most) + 1) if _is_any_in(session, number, most))
    return (Entry("/sitemap/places.xml"), *[Entry(f"/sitemap/providers-{number}.xml") for number in numbers])


def provider_pages(session: Session, number: int | None = None, *, most: int = MOST_URLS) -> Iterator[Entry]:
    """The pages of providers that are public, of one file or all, each with the day when entry or answers changed."""
    signed = (
        sa.select(sa.func.max(Attestation.updated_at))
        .where(Attestation.listing_id == Listing.id, Attestation.state.in_(_PUBLIC_ONCE))
        .scalar_subquery()
    )
    wanted = sa.select(Listing.slug, Listing.updated_at, signed).where(Listing.state == State.PUBLISHED)
    if number is not None:
        wanted = wanted.where(_in_file(number, most))
    rows = session.execute(wanted.order_by(Listing.id).execution_options(yield_per=PIECE))
    for slug, entered, answered in rows:
        yield Entry(f"/providers/{slug}", max(entered, answered or entered).date())


def place_pages(session: Session, gazetteer: Gazetteer, rulesets: Rulesets, *, now: datetime) -> Iterator[Entry]:
    """The pages without a provider, then the states and towns near which somebody is listed."""
    yield from (Entry(path) for path in ("/", "/questions", "/check"))
    yield Entry("/rules", rulesets.current.published)
    yield from (Entry(f"/rules/{ruleset.id}") for ruleset in rulesets.newest_first)
    yield Entry(NEAR)
    for code in STATES:
        pages = [Entry(address(town)) for town in with_somebody_near(session, gazetteer.towns(code), now=now)]
        if pages:
            yield from (Entry(state_address(code)), *pages)


def _in_file(number: int, most: int) -> sa.ColumnElement[bool]:
    return sa.and_(Listing.id > (number - 1) * most, Listing.id <= number * most)


def _is_any_in(session: Session, number: int, most: int) -> bool:
    """Whether a file lists anybody; no database is asked for a number that it cannot hold."""
    if not 1 <= number <= LAST_ID // most:
        return False
    public = sa.select(Listing.id).where(Listing.state == State.PUBLISHED, _in_file(number, most))
    return session.scalar(public.limit(1)) is not None


# A view's session ends with the view, and what is streamed has one of its own: so each of these asks for it only when
# the first piece is sent.


def _places() -> Iterator[Entry]:
    yield from place_pages(session(), services().gazetteer, services().rulesets, now=now())


def _providers(number: int) -> Iterator[Entry]:
    yield from provider_pages(session(), number)


def _all() -> Iterator[Entry]:
    yield from _places()
    yield from provider_pages(session())


def _streamed(kind: str, tag: str, entries: Iterable[Entry]) -> Response:
    answer = Response(stream_with_context(_xml(kind, tag, entries, services().settings.base_url)), mimetype="text/xml")
    answer.cache_control.public = True
    answer.cache_control.max_age = KEPT_SECONDS
    return answer


def _xml(kind: str, tag: str, entries: Iterable[Entry], base: str) -> Iterator[str]:
    """The file, a piece at a time, so that it costs the same memory however long it is."""
    piece = [_OPENING.format(kind)]
    for entry in entries:
        changed = f"<lastmod>{entry.changed.isoformat()}</lastmod>" if entry.changed else ""
        piece.append(f"<{tag}><loc>{escape(base + entry.path)}</loc>{changed}</{tag}>\n")
        if len(piece) >= PIECE:
            yield "".join(piece)
            piece.clear()
    yield "".join((*piece, f"</{kind}>\n"))
