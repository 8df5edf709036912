"""Builds API responses from the same queries as the pages."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from sqlalchemy.orm import Session

from directory.badges.public_listings import public_listings
from directory.certification.answers import answers_from_json
from directory.certification.ruleset import Rulesets
from directory.certification.scoring import assess
from directory.errors import FieldError, Invalid
from directory.geocoding.gazetteer import Ambiguous, Found, Gazetteer
from directory.geocoding.place import Place, Precision
from directory.search.index import Results, SearchIndex
from directory.search.query import MAX_PER_PAGE, SearchQuery
from directory.web.api.documents import Document, assessment_document, feature, hit_document, place_document
from directory.web.support.search_form import SearchForm, submitted_value

MAX_PLACES = 8
"""The number that fits under a search box."""


class UnresolvedPlace(Invalid):
    """The place is ambiguous or unknown; `candidates` are the possible or similarly named places."""

    def __init__(self, sentence: str, candidates: tuple[Place, ...]) -> None:
        super().__init__([FieldError("near", sentence)])
        self.candidates = candidates


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A valid search; `place` is None for a search by name."""

    form: SearchForm
    place: Place | None
    query: SearchQuery


def parse_search(form: SearchForm, gazetteer: Gazetteer) -> SearchRequest:
    """Parse a search from the request parameters: around a place, or by name without `near`.

    Raises:
        Invalid: names each invalid parameter.
        UnresolvedPlace: the place is ambiguous or unknown.
    """
    place = resolve_place(form, gazetteer)
    query = form.query(place.point) if place else _name_query(form)
    if query is None:
        raise Invalid(form.faults())
    return SearchRequest(form, place, query)


def resolve_place(form: SearchForm, gazetteer: Gazetteer) -> Place | None:
    """Return the place that `near` names, or None without `near`.

    Raises:
        Invalid: names each invalid parameter.
        UnresolvedPlace: the place is ambiguous or unknown.
    """
    answer = form.look_up(gazetteer, coordinates=True)
    if answer is None:
        if form.faults():
            raise Invalid(form.faults())
        return None
    if not isinstance(answer, Found):
        candidates = answer.candidates if isinstance(answer, Ambiguous) else answer.did_you_mean
        raise UnresolvedPlace(answer.sentence, candidates)
    return answer.place


def providers(
    session: Session, index: SearchIndex, asked: SearchRequest, *, rulesets: Rulesets, now: datetime
) -> Document:
    """Return one page of providers, nearest first, or from a search by name."""
    found = index.find(session, asked.query, now=now)
    return {
        "place": place_document(asked.place) if asked.place else None,
        "within_miles": asked.query.within_miles,
        "total": found.total,
        "complete": True,
        "next": _next_url("api.providers", asked, found),
        "facets": found.facets,
        "providers": _provider_documents(session, found, rulesets=rulesets, now=now),
    }


def features(
    session: Session, index: SearchIndex, asked: SearchRequest, *, rulesets: Rulesets, now: datetime
) -> Document:
    """Return providers as GeoJSON for a map, with the maximum page size."""
    found = index.find(session, replace(asked.query, per_page=MAX_PER_PAGE), now=now, facets=False)
    documents = _provider_documents(session, found, rulesets=rulesets, now=now)
    return {
        "type": "FeatureCollection",
        "next": _next_url("api.features", asked, found),
        "features": [feature(document) for document in documents],
    }


def places(typed: str, gazetteer: Gazetteer) -> tuple[Place, ...]:
    """Return the places that a text may mean, best first, then places with that prefix; empty if nothing matches.

    A point is followed by the nearby town.

    Raises:
        Invalid: the text is too long or is not valid text.
    """
    if not typed.strip():
        return ()
    try:
        answer = gazetteer.look_up(typed)
    except Invalid as refusal:
        raise Invalid([FieldError("q", fault.detail) for fault in refusal.faults]) from refusal
    meant: tuple[Place, ...] = ()
    match answer:
        case Found(place, others):
            town = gazetteer.town_near(place.point) if place.precision is Precision.POINT else None
            meant = (place, *others, *([town] if town else []))
        case Ambiguous(candidates):
            meant = candidates
    begun = gazetteer.suggest(typed)
    return tuple({place.label: place for place in (*meant, *begun)}.values())[:MAX_PLACES]


def assessment(body: Any, rulesets: Rulesets) -> Document:
    """Grade the answers in a request body; nothing is stored.

    Raises:
        Invalid: names every invalid part by JSON pointer.
        NotFound: there is no ruleset with that id.
    """
    if not isinstance(body, dict):
        raise Invalid([FieldError("/", "The body must be a JSON object with “ruleset” and “answers”.")])
    if strangers := sorted(set(body) - {"ruleset", "answers"}):
        raise Invalid([FieldError(f"/{name}", f"Send “ruleset” and “answers”, but no “{name}”.") for name in strangers])
    if not isinstance(body.get("ruleset"), str):
        raise Invalid([FieldError("/ruleset", "“ruleset” must be the id of published rules, as text.")])
    ruleset = rulesets.load(body["ruleset"])
    return assessment_document(ruleset, assess(ruleset, answers_from_json(ruleset, body.get("answers"))))


def _name_query(form: SearchForm) -> SearchQuery | None:
    """Return a search by name, or None if a value is invalid; the form then has the errors.

    Raises:
        Invalid: there are no search words, or `after` is given, which requires a place.
    """
    filters = form.filters()
    if filters and not filters.words:
        missing = "“near” must name a place: a ZIP code, city, address or lat,lon. To search by name, send “q”."
        raise Invalid([FieldError("near", missing)])
    if submitted_value(form.after):
        raise Invalid(
            [FieldError("after", "“after” needs a place. The pages of a search by name are asked for by “page”.")]
        )
    query = form.query(None)
    return replace(query, within_miles=None) if query else None


def _provider_documents(session: Session, found: Results, *, rulesets: Rulesets, now: datetime) -> list[Document]:
    """Return the hits as JSON, without listings that are no longer public."""
    entries = public_listings(
        session, {hit.listing_id: hit.location_id for hit in found.hits}, rulesets=rulesets, now=now
    )
    return [hit_document(hit, entries[hit.listing_id]) for hit in found.hits if hit.listing_id in entries]


def _next_url(endpoint: str, asked: SearchRequest, found: Results) -> str | None:
    if not found.has_next:
        return None
    kept = asked.form.kept() if asked.place else asked.form.sent
    after = {"after": str(found.after)} if found.after else {}
    return f"{url_for(endpoint)}?{urlencode({**kept, 'page': asked.query.page + 1, **after})}"
