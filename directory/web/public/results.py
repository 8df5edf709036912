"""The page of a search: the list, how many there are, from where the miles are measured, and the map."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.geocoding.gazetteer import Ambiguous, Found, Unknown
from directory.geocoding.place import Place, Precision
from directory.search import index
from directory.search.query import ANY_IMAGING, MAX_PAGE, SearchQuery
from directory.web.public.cards import Card, cards
from directory.web.public.drawing import picture_of
from directory.web.public.forms import NearMeForm
from directory.web.public.pages import Paging, ResultsPage
from directory.web.support.searching import IMAGING_LABELS, SearchForm

SEARCH = "/providers"
"""The address of a search; public, like the names of its parameters."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A search with the place it is around, in the words and parameters it was asked with."""

    form: SearchForm
    place: Place
    query: SearchQuery
    others: tuple[Place, ...] = ()
    position: NearMeForm | None = None

    @property
    def kept(self) -> dict[str, str]:
        """The parameters of an address that asks the same again; a position never stands in one."""
        return self.form.kept()

    def address(self, page: int) -> str:
        """The address of one of the pages."""
        asked = self.kept | ({"page": str(page)} if page > 1 else {})
        return f"{SEARCH}?{urlencode(asked)}"


def asked_around(form: SearchForm, answer: Found | Ambiguous | Unknown | None) -> Asked | None:
    """The search around a place that was found; None where something is to be asked first."""
    query = form.query(answer.place.point) if isinstance(answer, Found) else None
    return Asked(form, answer.place, query, answer.others) if isinstance(answer, Found) and query else None


def asked_near(form: SearchForm, position: NearMeForm) -> Asked | None:
    """The search around a position; None where it cannot be used."""
    place = position.place()
    query = position.query(place.point) if place else None
    return Asked(form, place, query, position=position) if place and query else None


def results(session: Session, asked: Asked, *, rulesets: Rulesets, now: datetime) -> ResultsPage:
    """The page asked for, or the last one where there are not so many."""
    query, found = _found(session, asked.query, now)
    entries = cards(session, found.hits, first_number=query.offset + 1, rulesets=rulesets, now=now)
    by_position = asked.position is not None
    return ResultsPage(
        form=asked.form,
        refine=asked.position,
        title="Providers near you" if by_position else f"Providers near {asked.place.label}",
        count=_count(found, query, asked.place),
        notes=tuple(_notes(asked.query, query, found, entries)),
        measured=_measured(asked.place, by_position=by_position),
        others=asked.others,
        kept={name: value for name, value in asked.kept.items() if name != "near"},
        cards=entries,
        paging=_paging(asked, query, found),
        picture=picture_of([card.marker for card in entries], origin=query.origin, within_miles=query.within_miles),
        origin=query.origin,
        miles=query.within_miles,
        named="" if asked.place.precision is Precision.POINT else asked.place.label,
        more=None if by_position else f"/api/v1/providers.geojson?{urlencode(asked.kept)}",
        unfiltered=_unfiltered(asked, found),
    )


def _found(session: Session, query: SearchQuery, now: datetime) -> tuple[SearchQuery, index.Found]:
    found = index.find(session, query, now=now)
    if found.hits or query.page == 1:
        return query, found
    last = replace(query, page=min(max(1, math.ceil(found.total / query.per_page)), MAX_PAGE))
    return last, index.find(session, last, now=now)


def _count(found: index.Found, query: SearchQuery, place: Place) -> str:
    what = f"{_providers(found.total)}{_filters(query)}"
    if not found.hits:
        return f"No provider{_filters(query)} is listed yet."
    if query.within_miles is None:
        return f"{what}, nearest to {place.label} first"
    circle = f"within {query.within_miles:g} miles of {place.label}"
    if found.total:
        return f"{what} {circle}"
    return f"No provider{_filters(query)} is listed {circle}."


def _notes(asked: SearchQuery, query: SearchQuery, found: index.Found, entries: Sequence[Card]) -> list[str]:
    notes = []
    if asked.page != query.page:
        notes.append(f"There is no page {asked.page}. This is the last one, page {query.page}.")
    farther = sum(card.outside_radius for card in entries)
    if farther and not found.total:
        nearest = "This is the nearest one" if farther == 1 else f"These are the {farther} nearest"
        notes.append(f"{nearest}, farther away than you asked.")
    elif farther:
        notes.append("So that you can compare, the list goes on with the nearest beyond that distance.")
    return notes


def _providers(count: int) -> str:
    return "1 provider" if count == 1 else f"{count:,} providers"


def _filters(query: SearchQuery) -> str:
    words = ["with the self-certified tag"] if query.filters.badge else []
    if query.filters.imaging == ANY_IMAGING:
        words.append("who state that they use pictures")
    elif query.filters.imaging:
        words.append(f"who state that they use {_in_a_sentence(IMAGING_LABELS[query.filters.imaging])}")
    return f" {' and '.join(words)}" if words else ""


def _in_a_sentence(label: str) -> str:
    return label if label.isupper() else label[0].lower() + label[1:]


def _measured(place: Place, *, by_position: bool) -> str:
    if by_position:
        return "Miles are about right: your browser told us where you are only to within about 3 miles."
    off = f"{max(1, round(place.uncertainty_miles)):,}"
    match place.precision:
        case Precision.POSTAL:
            return f"Miles are measured from about the middle of ZIP {place.postal_code}."
        case Precision.PREFIX:
            return f"We know only roughly where ZIP {place.postal_code} lies, so miles may be off by about {off}."
        case Precision.CITY:
            return f"Miles are measured from about the middle of {place.label}."
        case Precision.ADDRESS:
            return f"Miles are measured from about {place.label}."
        case Precision.POINT:
            return "Miles are measured from the point that you gave."


def _paging(asked: Asked, query: SearchQuery, found: index.Found) -> Paging:
    has_next = found.has_next and query.page < MAX_PAGE
    if asked.position is None:
        return Paging(query.page, has_next, asked.address)
    fields: Mapping[str, str] = asked.position.posted(asked.place.point)
    return Paging(query.page, has_next, f"{SEARCH}/near-me", fields)


def _unfiltered(asked: Asked, found: index.Found) -> str | None:
    """The same search without filters, where the filters left nothing in the circle; not by position: it is posted."""
    filtered = asked.query.filters.badge or asked.query.filters.imaging is not None
    if found.total or not filtered or asked.position is not None:
        return None
    kept = asked.kept
    return f"{SEARCH}?{urlencode({'near': kept['near'], 'within': kept['within']})}"
