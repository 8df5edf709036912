"""Questions of machines, answered from the same queries as the pages."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from sqlalchemy.orm import Session

from directory.badges.listed import listed
from directory.certification.answers import from_json
from directory.certification.ruleset import Rulesets
from directory.certification.scoring import assess
from directory.errors import Fault, Invalid
from directory.geocoding.gazetteer import Ambiguous, Found, Gazetteer
from directory.geocoding.place import Place, Precision
from directory.search import index
from directory.search.counting import Count
from directory.search.facets import facets
from directory.search.query import MAX_PER_PAGE, SearchQuery
from directory.web.api.documents import Document, assessment_document, feature, hit_document, place_document
from directory.web.support.searching import SearchForm

MOST_PLACES = 8
"""As many as fit under a search box."""


class PlaceInDoubt(Invalid):
    """A place that has to be asked back: several are called so, or none, and these are near."""

    def __init__(self, sentence: str, candidates: tuple[Place, ...]) -> None:
        super().__init__([Fault("near", sentence)])
        self.candidates = candidates


@dataclass(frozen=True, slots=True)
class Question:
    """A search that was understood."""

    form: SearchForm
    place: Place
    query: SearchQuery


def question(form: SearchForm, gazetteer: Gazetteer) -> Question:
    """What the parameters of an address ask.

    Raises:
        Invalid: names each parameter that breaks a limit; `PlaceInDoubt` where the place is not clear.
    """
    answer = form.look_up(gazetteer)
    if answer is None:
        raise Invalid(
            form.faults() or [Fault("near", "“near” must name a place: a ZIP code, city, address or lat,lon.")]
        )
    if not isinstance(answer, Found):
        candidates = answer.candidates if isinstance(answer, Ambiguous) else answer.did_you_mean
        raise PlaceInDoubt(answer.sentence, candidates)
    query = form.query(answer.place.point)
    if query is None:
        raise Invalid(form.faults())
    return Question(form, answer.place, query)


def providers(session: Session, asked: Question, *, rulesets: Rulesets, now: datetime) -> Document:
    """One page of providers, nearest first."""
    counts = facets(session, asked.query, now=now)
    found, documents = _found(session, asked.query, rulesets=rulesets, now=now, counted=counts.count)
    return {
        "place": place_document(asked.place),
        "within_miles": asked.query.within_miles,
        "total": found.total,
        "complete": found.complete and counts.complete,
        "next": _next("api.providers", asked, found),
        "facets": counts.counts,
        "providers": documents,
    }


def features(session: Session, asked: Question, *, rulesets: Rulesets, now: datetime) -> Document:
    """The same as GeoJSON, with as many in a page as one answer may hold, for a map."""
    query = replace(asked.query, per_page=MAX_PER_PAGE)
    found, documents = _found(session, query, rulesets=rulesets, now=now)
    return {
        "type": "FeatureCollection",
        "next": _next("api.features", asked, found),
        "features": [feature(document) for document in documents],
    }


def places(typed: str, gazetteer: Gazetteer) -> tuple[Place, ...]:
    """The places that a text may mean, best first, then those whose names begin so; none for what is unknown.

    A bare point is followed by the town near it.

    Raises:
        Invalid: the text is too long, or no text.
    """
    if not typed.strip():
        return ()
    try:
        answer = gazetteer.look_up(typed)
    except Invalid as refusal:
        raise Invalid([Fault("q", fault.detail) for fault in refusal.faults]) from refusal
    meant: tuple[Place, ...] = ()
    match answer:
        case Found(place, others):
            town = gazetteer.town_near(place.point) if place.precision is Precision.POINT else None
            meant = (place, *others, *([town] if town else []))
        case Ambiguous(candidates):
            meant = candidates
    begun = gazetteer.suggest(typed)
    return tuple({place.label: place for place in (*meant, *begun)}.values())[:MOST_PLACES]


def assessment(body: Any, rulesets: Rulesets) -> Document:
    """What the rules say of the answers in a body; nothing is kept of them.

    Raises:
        Invalid: names, as a JSON pointer, every part that breaks a limit.
        NotFound: there are no rules of that name.
    """
    if not isinstance(body, dict):
        raise Invalid([Fault("/", "The body must be a JSON object with “ruleset” and “answers”.")])
    if strangers := sorted(set(body) - {"ruleset", "answers"}):
        raise Invalid([Fault(f"/{name}", f"Send “ruleset” and “answers”, but no “{name}”.") for name in strangers])
    if not isinstance(body.get("ruleset"), str):
        raise Invalid([Fault("/ruleset", "“ruleset” must be the id of published rules, as text.")])
    ruleset = rulesets.load(body["ruleset"])
    return assessment_document(ruleset, assess(ruleset, from_json(ruleset, body.get("answers"))))


def _found(
    session: Session, query: SearchQuery, *, rulesets: Rulesets, now: datetime, counted: Count | None = None
) -> tuple[index.Found, list[Document]]:
    """As many statements for one as for a hundred; what ceased to be public in this moment is left out."""
    found = index.find(session, query, now=now, counted=counted)
    places = {hit.listing_id: hit.location_id for hit in found.hits}
    entries = listed(session, places, rulesets=rulesets, now=now)
    return found, [hit_document(hit, entries[hit.listing_id]) for hit in found.hits if hit.listing_id in entries]


def _next(endpoint: str, asked: Question, found: index.Found) -> str | None:
    if not found.has_next:
        return None
    parameters = {**asked.form.kept(), "page": asked.query.page + 1, "after": str(found.after)}
    return f"{url_for(endpoint)}?{urlencode(parameters)}"
