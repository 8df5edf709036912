"""The search results page: the cards, the count, the filters, the paging and the map."""

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.certification.wording import SELF_CERTIFIED
from directory.geocoding.gazetteer import Ambiguous, Found, Unknown
from directory.geocoding.lookup import is_private
from directory.geocoding.place import Place, Precision
from directory.search import filters
from directory.search.filters import ANY_IMAGING
from directory.search.index import Results, SearchIndex
from directory.search.query import MAX_PAGE, Cursor, SearchQuery
from directory.web.public.cards import Card, build_cards
from directory.web.public.forms import NearMeForm
from directory.web.public.pages import Pagination, ResultsPage, SearchLink
from directory.web.support.search_form import SearchForm
from directory.web.support.site_settings import notices_of_states
from directory.web.support.static_map import page_map

SEARCH_PATH = "/providers"
"""The URL path of a search; a public contract, like the names of its parameters."""

LEFT_OUT = "left_out"
"""The URL parameter that tells that an address was left out of the URL, because no place was found for it."""


@dataclass(frozen=True, slots=True)
class PlaceSearch:
    """A search around a place, with the form it came from."""

    form: SearchForm
    place: Place
    query: SearchQuery
    others: tuple[Place, ...] = ()
    note: str = ""
    position: NearMeForm | None = None

    def step(
        self, text: str, *, without: Container[str] = (), page: int = 1, after: Cursor | None = None
    ) -> SearchLink:
        """Return a link to this search without some of its parameters, or to another of its pages.

        A position is never in a URL.
        """
        kept = self.form.kept() if self.position is None else self.position.posted(self.place.point)
        kept |= {"page": str(page) if page > 1 else "", "after": str(after or "")}
        kept = {name: value for name, value in kept.items() if value and name not in without}
        if self.position is None:
            return SearchLink(text, f"{SEARCH_PATH}?{urlencode(kept)}")
        return SearchLink(text, f"{SEARCH_PATH}/near-me", kept)


def place_search(form: SearchForm, answer: Found | Ambiguous | Unknown | None) -> PlaceSearch | None:
    """Return the search around the place that was found; None if the place is unclear or the form is invalid."""
    query = form.query(answer.place.point) if isinstance(answer, Found) else None
    if not isinstance(answer, Found) or query is None:
        return None
    return PlaceSearch(form, answer.place, query, answer.others, answer.note)


def page_address(form: SearchForm, answer: Found | Ambiguous | Unknown | None) -> str | None:
    """Return the URL of the results, which names a ZIP code or a town and never a street; None if the place is unclear.

    A text without a street keeps its words, whatever it means.
    """
    parameters = form.kept()
    if is_private(parameters["near"]):
        if not isinstance(answer, Found):
            return None
        parameters["near"] = answer.place.label
    return f"{SEARCH_PATH}?{urlencode(parameters)}"


def address_without_street(form: SearchForm, answer: Found | Ambiguous | Unknown | None) -> str | None:
    """Return the URL that replaces one with a street or a point; None if the URL holds neither."""
    parameters = form.kept()
    if not is_private(parameters["near"]) or (isinstance(answer, Found) and answer.place.label == parameters["near"]):
        return None
    parameters = {name: text for name, text in parameters.items() if name != "near"}
    return page_address(form, answer) or f"{SEARCH_PATH}?{urlencode({**parameters, LEFT_OUT: 'address'})}"


def position_search(form: SearchForm, position: NearMeForm) -> PlaceSearch | None:
    """Return the search around a position; None if it is invalid."""
    place = position.place()
    query = position.query(place.point) if place else None
    return PlaceSearch(form, place, query, position=position) if place and query else None


def results_page(
    session: Session, index: SearchIndex, asked: PlaceSearch, *, rulesets: Rulesets, now: datetime
) -> ResultsPage:
    """Build the requested page of results, or the last page if there are fewer."""
    query, found = _find(session, index, asked.query, now)
    first, miles = query.offset + 1, query.within_miles
    entries = build_cards(session, found.hits, first_number=first, within_miles=miles, rulesets=rulesets, now=now)
    by_position = asked.position is not None
    chosen = tuple(
        asked.step(filters.declared(name).reads(text), without=(name,)) for name, text in asked.form.sent.items()
    )
    return ResultsPage(
        form=asked.form,
        refine=asked.position,
        filters=asked.form.controls(found.facets if found.total else None),
        title="Providers near you" if by_position else f"Providers near {asked.place.label}",
        count=_count_text(found, query, asked.place),
        state_notices=notices_of_states([asked.place.state or ""]),
        notes=(*filter(None, [asked.note]), *_notes(asked.query, query, found, entries)),
        measured=_origin_note(asked.place, by_position=by_position),
        others=asked.others,
        kept={name: value for name, value in asked.form.kept().items() if name != "near"},
        chosen=chosen,
        cleared=asked.step("Remove all filters", without=tuple(query.filters.values)) if len(chosen) > 1 else None,
        way_out=None if found.total else _fewer_filters_link(session, index, asked, query, now),
        cards=entries,
        paging=_pagination(asked, query, found),
        picture=page_map([card.marker for card in entries], origin=query.origin, within_miles=miles),
        origin=asked.place.point,
        miles=miles,
        named="" if asked.place.precision is Precision.POINT else asked.place.label,
        more=f"/api/v1/clusters?{urlencode(asked.form.sent)}",
    )


def _find(session: Session, index: SearchIndex, query: SearchQuery, now: datetime) -> tuple[SearchQuery, Results]:
    found = index.find(session, query, now=now)
    if found.hits or (query.page == 1 and not query.after):
        return query, found
    last = replace(query, page=min(max(1, math.ceil(found.total / query.per_page)), MAX_PAGE), after=None)
    return last, index.find(session, last, now=now)


def _count_text(found: Results, query: SearchQuery, place: Place) -> str:
    if not found.total:
        return _nobody(found, query, place)
    count, say = ("1 provider", "says") if found.total == 1 else (f"{found.total:,} providers", "say")
    matching = _filters_text(query, "with", f"who {say}")
    what = f"{count} {matching}" if matching else count
    if query.within_miles is None:
        return f"{what}, nearest to {place.label} first"
    return f"{what} within {query.within_miles:g} miles of {place.label}"


def _nobody(found: Results, query: SearchQuery, place: Place) -> str:
    matching, miles = _filters_text(query, "has", "says"), query.within_miles
    if miles is None or not found.hits:
        return f"No one {matching or 'is listed'} yet."
    if matching:
        return f"No one within {miles:g} miles {matching}."
    return f"No one is listed within {miles:g} miles of {place.label}."


def _notes(asked: SearchQuery, query: SearchQuery, found: Results, entries: Sequence[Card]) -> list[str]:
    notes = []
    if asked.page != query.page:
        notes.append(f"There is no page {asked.page}. This is the last one, page {query.page}.")
    farther = sum(card.outside_radius for card in entries)
    if farther and not found.total:
        nearest = "This is the nearest one" if farther == 1 else f"These are the {farther} nearest"
        notes.append(f"{nearest}, farther than {query.within_miles:g} miles.")
    elif farther:
        notes.append("We also show the nearest ones farther away.")
    return notes


def _filters_text(query: SearchQuery, has: str, say: str) -> str:
    """Return the filters as part of a sentence with the verbs `has` and `say`; empty without a filter."""
    if not {"badge", "imaging"} >= set(query.filters.values):
        return "matches your filters" if has == "has" else "matching your filters"
    words = [f"{has} the {SELF_CERTIFIED.lower()} badge"] if query.filters.values.get("badge") else []
    imaging = query.filters.values.get("imaging")
    if imaging:
        words.append(f"{say} they use {'imaging' if imaging == ANY_IMAGING else filters.imaging_phrase(imaging)}")
    return " and ".join(words)


def _origin_note(place: Place, *, by_position: bool) -> str:
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


def _pagination(asked: PlaceSearch, query: SearchQuery, found: Results) -> Pagination:
    nearer, farther = ("Nearer", "Farther") if asked.position else ("Previous", "Next")
    return Pagination(
        query.page,
        asked.step(nearer, page=query.page - 1) if query.page > 1 else None,
        asked.step(farther, page=query.page + 1, after=found.after) if found.has_next else None,
    )


def _fewer_filters_link(
    session: Session, index: SearchIndex, asked: PlaceSearch, query: SearchQuery, now: datetime
) -> SearchLink | None:
    """Return a link to the search without the most restrictive filter, or without any; None without filters."""
    found = index.most_restrictive_filter(session, query, now=now)
    if found:
        name, count = found
        filtered = filters.declared(name).reads(asked.form.sent[name])
        return asked.step(f"Without “{filtered}” there would be {count:,}", without=(name,))
    names = tuple(query.filters.values)
    return asked.step("Search again without the filters", without=names) if names else None
