"""The start page for providers: what a listing is, and the search for one's own listing."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flask import Response, make_response, request
from wtforms import Form, StringField

from directory.certification.ruleset import Ruleset
from directory.claims.queries import unclaimed_imports
from directory.errors import FieldError, Invalid
from directory.geocoding.gazetteer import Found, Gazetteer
from directory.geocoding.place import Precision
from directory.geography.point import Point, miles_between
from directory.listings.lifecycle import ListingState
from directory.listings.npi import NPI_LENGTH, is_valid_npi
from directory.listings.queries import claimable_listing, published_listings
from directory.listings.tables import Listing, ListingSource
from directory.search.filters import Filters, declared
from directory.search.query import SearchQuery
from directory.web.public.blueprint import blueprint
from directory.web.support.form_errors import Required, add_errors
from directory.web.support.headers import cache_publicly
from directory.web.support.requests import now, services, session
from directory.web.support.templating import render

MAX_UNPUBLISHED = 200
"""How many listings that are not public are read to find the nearest; arbitrary, more than a name and a state have."""

MAX_FOUND = 10
"""How many listings the search shows; arbitrary. Who is not among them adds a word or the ZIP code."""


class FindListingForm(Form):  # type: ignore[misc]  # WTForms has no types
    """Finds one's own listing by name, practice or NPI, nearest to a ZIP code if one is given."""

    q = StringField("Your name, practice or NPI", [Required()])
    zip = StringField("ZIP")

    @property
    def npi(self) -> str:
        """The typed text without spaces if it has the form of an NPI, or else an empty string."""
        digits = "".join((self.q.data or "").split())
        return digits if len(digits) == NPI_LENGTH and digits.isascii() and digits.isdigit() else ""

    def query(self, gazetteer: Gazetteer) -> SearchQuery:
        """Return the search by name.

        Raises:
            Invalid: the name is missing or too long, or the ZIP code is unknown.
        """
        text, typed_zip = (self.q.data or "").strip(), (self.zip.data or "").strip()
        if not text:
            raise Invalid([FieldError("q", "Enter your name, the name of your practice, or your NPI.")])
        place = gazetteer.look_up(typed_zip) if typed_zip else None
        if place and not (isinstance(place, Found) and place.place.precision in {Precision.POSTAL, Precision.PREFIX}):
            raise Invalid([FieldError("zip", "We know no such ZIP code. It has five digits, like 80021.")])
        origin = place.place.point if isinstance(place, Found) else None
        return SearchQuery(origin, filters=Filters(q=declared("q").parse(text)), per_page=MAX_FOUND)


@dataclass(frozen=True, slots=True)
class FoundListing:
    """One listing that was found; nobody manages it unless `is_managed`."""

    slug: str
    name: str
    credential: str
    facts: tuple[str, ...]
    is_managed: bool
    is_public: bool


@dataclass(frozen=True, slots=True)
class ForProvidersPage:
    """`public/for_providers.html`: `found` is None before a search.

    `total` counts all that match, where they are more than those that are shown; unpublished ones up to a limit.
    """

    ruleset: Ruleset
    form: FindListingForm
    found: tuple[FoundListing, ...] | None = None
    total: int = 0


@blueprint.get("/for-providers")
def for_providers() -> Response:
    """Show providers what a listing is, what it costs and asks, and how to find or add theirs."""
    page = ForProvidersPage(services().rulesets.current, FindListingForm())
    return cache_publicly(make_response(render("public/for_providers.html", page)))


@blueprint.get("/for-providers/find")
def find_listing() -> Response:
    """Show the listings that match a name or NPI, or the form with errors."""
    form = FindListingForm(request.args)
    try:
        page = _search(form)
    except Invalid as refusal:
        add_errors(form, [FieldError("q" if fault.field != "zip" else "zip", fault.detail) for fault in refusal.faults])
        page = ForProvidersPage(services().rulesets.current, form)
    return make_response(render("public/for_providers.html", page), 422 if form.errors else 200)


def _search(form: FindListingForm) -> ForProvidersPage:
    ruleset = services().rulesets.current
    if form.npi:
        listing = claimable_listing(session(), _validated_npi(form.npi))
        found = tuple(_rows([listing] if listing else []))
        return ForProvidersPage(ruleset, form, found, len(found))
    query = form.query(services().gazetteer)
    results = services().index.find(session(), query, now=now(), facets=False)
    listings = published_listings(session(), (hit.listing_id for hit in results.hits))
    ordered = [listings[hit.listing_id] for hit in results.hits if hit.listing_id in listings]
    unpublished = unclaimed_imports(session(), form.q.data, limit=MAX_UNPUBLISHED)
    if origin := query.origin:
        unpublished = sorted(unpublished, key=lambda listing: _miles(listing, origin))
    found = tuple(_rows([*ordered, *unpublished[:MAX_FOUND]]))
    return ForProvidersPage(ruleset, form, found, results.total + len(unpublished))


def _validated_npi(npi: str) -> str:
    if not is_valid_npi(npi):
        raise Invalid(
            [FieldError("q", f"{npi} is not a valid NPI: its last digit does not fit. Compare it with yours.")]
        )
    return npi


def _miles(listing: Listing, origin: Point) -> float:
    """Return the distance to the nearest location; listings without coordinates come last."""
    points = [Point(row.lat, row.lon) for row in listing.locations if row.lat is not None and row.lon is not None]
    return min((miles_between(origin, point) for point in points), default=math.inf)


def _rows(listings: Iterable[Listing]) -> Iterator[FoundListing]:
    for listing in listings:
        yield FoundListing(
            slug=listing.slug,
            name=listing.name,
            credential=listing.credential if listing.state is ListingState.PUBLISHED else "",
            facts=tuple(_facts(listing)),
            is_managed=bool(listing.managers),
            is_public=listing.state is ListingState.PUBLISHED,
        )


def _facts(listing: Listing) -> Sequence[str]:
    """Return what tells listings apart; of those that are not public only the towns and who manages them."""
    is_public = listing.state is ListingState.PUBLISHED
    practice = [listing.practice] if is_public and listing.practice not in {"", listing.name} else []
    places = list(dict.fromkeys(f"{place.city}, {place.state}" for place in listing.locations))[:2]
    if listing.managers:
        note = "managed by its practice"
    elif listing.source is ListingSource.NPPES:
        note = "from the public NPPES register, not managed by anyone yet"
    else:
        note = "not managed by anyone"
    return [*practice, *places, note]
