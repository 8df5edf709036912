"""Browsable, cacheable pages of the states, the towns of each state, and the providers near a town."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress, groupby
from urllib.parse import urlencode

from flask import Response, make_response, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from directory.certification.ruleset import Rulesets
from directory.errors import NotFound
from directory.geocoding.browse import town_slug
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.names import fold
from directory.geocoding.place import Place
from directory.geocoding.us_states import STATES
from directory.geography.point import miles_between
from directory.search.index import NEAR_MILES, Results, SearchIndex
from directory.search.query import SearchQuery
from directory.web.public.blueprint import blueprint
from directory.web.public.cards import Card, build_cards
from directory.web.support.headers import cache_briefly, cache_publicly
from directory.web.support.requests import now, services, session
from directory.web.support.templating import Page, render

TOWN_DIRECTORY_PATH = "/near"

MAX_NEARBY_TOWNS = 8
"""Maximum number of nearby towns that a page links to; arbitrary."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link to the page of a state or town."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """The links whose texts begin with the same letter."""

    letter: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class PlacesPage:
    """`public/places.html`: the states, or the towns of one `state`, with listings nearby."""

    state: str
    groups: tuple[Group, ...]
    canonical: str

    @property
    def is_empty(self) -> bool:
        """Whether there are no listings at all, so that search engines need not index the page."""
        return not self.groups


@dataclass(frozen=True, slots=True)
class NearPage:
    """`public/near.html`: the providers nearest to the center of a town; `search` is the URL of the full search."""

    town: Place
    state: Link
    count: str
    farther: bool
    cards: tuple[Card, ...]
    neighbours: tuple[Link, ...]
    search: str
    canonical: str
    is_empty: bool
    at: datetime

    @property
    def changes_at(self) -> datetime | None:
        """When the first of the cards changes by itself; None if none does."""
        return min(
            (card.changes_at for card in self.cards if card.changes_at and card.changes_at > self.at), default=None
        )


@blueprint.get(TOWN_DIRECTORY_PATH)
def states() -> Response:
    """Show the states that have towns with listings nearby."""
    return cache_publicly(
        _render_page("public/places.html", states_page(session(), services().gazetteer, services().index, _base()))
    )


@blueprint.get(f"{TOWN_DIRECTORY_PATH}/<state>")
def towns(state: str) -> AnyResponse:
    """Show the towns of a state that have listings nearby."""
    code = _state_code(state)
    if state != code.lower():
        return redirect(state_path(code), 301)
    page = towns_page(session(), services().gazetteer, services().index, code, _base())
    return cache_publicly(_render_page("public/places.html", page))


@blueprint.get(f"{TOWN_DIRECTORY_PATH}/<state>/<town>")
def near(state: str, town: str) -> AnyResponse:
    """Show the providers near a town; cached briefly, because the page shows badges."""
    code = _state_code(state)
    place = services().gazetteer.town(code, town)
    if place is None:
        raise NotFound(f"We know no town in {STATES[code]} with that name, or more than one.")
    if f"{TOWN_DIRECTORY_PATH}/{state}/{town}" != town_path(place):
        return redirect(town_path(place), 301)
    page = near_page(
        session(), services().gazetteer, services().index, place, _base(), rulesets=services().rulesets, now=now()
    )
    return cache_briefly(_render_page("public/near.html", page), until=page.changes_at, now=now())


def states_page(session: Session, gazetteer: Gazetteer, index: SearchIndex, base: str) -> PlacesPage:
    """Build the page of all states that have at least one town with listings nearby."""
    listed = {town.state for town in towns_with_listings(session, gazetteer, index)}
    return PlacesPage(
        "",
        _group_by_letter(Link(STATES[code], state_path(code)) for code in STATES if code in listed),
        base + TOWN_DIRECTORY_PATH,
    )


def towns_page(session: Session, gazetteer: Gazetteer, index: SearchIndex, code: str, base: str) -> PlacesPage:
    """Build the page of the towns of a state that have listings nearby."""
    offered = (town for town in towns_with_listings(session, gazetteer, index) if town.state == code)
    links = (Link(_without_state(town), town_path(town)) for town in offered)
    return PlacesPage(STATES[code], _group_by_letter(links), base + state_path(code))


def towns_with_listings(session: Session, gazetteer: Gazetteer, index: SearchIndex) -> list[Place]:
    """Return the towns with listings nearby, ordered by state, as of the search snapshot."""
    return list(compress(gazetteer.all_towns(), index.snapshot(session).towns))


def near_page(
    session: Session,
    gazetteer: Gazetteer,
    index: SearchIndex,
    town: Place,
    base: str,
    *,
    rulesets: Rulesets,
    now: datetime,
) -> NearPage:
    """Build the first page of results around a town, the same as a search for its name."""
    found = index.find(session, SearchQuery(town.point, within_miles=NEAR_MILES), now=now)
    asked = urlencode({"near": town.label, "within": f"{NEAR_MILES:g}"})
    code = town.state or ""
    return NearPage(
        town=town,
        state=Link(STATES[code], state_path(code)),
        count=_count_text(found.total, town),
        farther=any(hit.outside_radius for hit in found.hits),
        cards=build_cards(session, found.hits, first_number=1, within_miles=NEAR_MILES, rulesets=rulesets, now=now),
        neighbours=tuple(
            Link(_without_state(other), town_path(other)) for other in _nearby_towns(gazetteer, town, found)
        ),
        search=f"/providers?{asked}",
        canonical=base + town_path(town),
        is_empty=found.total == 0,
        at=now,
    )


def town_path(town: Place) -> str:
    """Return the URL path of a town's page."""
    return f"{state_path(town.state or '')}/{town_slug(town)}"


def state_path(code: str) -> str:
    """Return the URL path of a state's page."""
    return f"{TOWN_DIRECTORY_PATH}/{code.lower()}"


def _nearby_towns(gazetteer: Gazetteer, town: Place, found: Results) -> Sequence[Place]:
    """Return the largest other towns of the state that are near enough to have listings nearby themselves."""
    if found.total == 0:
        return ()
    reach = NEAR_MILES - (found.hits[0].miles or 0.0)
    others = (other for other in gazetteer.towns(town.state or "") if other != town)
    return [other for other in others if miles_between(town.point, other.point) < reach][:MAX_NEARBY_TOWNS]


def _count_text(total: int, town: Place) -> str:
    circle = f"within {NEAR_MILES:g} miles of {town.label}"
    if total == 0:
        return f"No one is listed {circle}."
    return f"{'1 provider' if total == 1 else f'{total:,} providers'} {circle}"


def _group_by_letter(links: Iterator[Link]) -> tuple[Group, ...]:
    def letter(link: Link) -> str:
        return fold(link.text)[:1].upper()

    ordered = sorted(links, key=lambda link: (fold(link.text), link.text))
    return tuple(Group(first, tuple(among)) for first, among in groupby(ordered, letter))


def _without_state(town: Place) -> str:
    return town.label.replace(f", {town.state}", "", 1)


def _state_code(state: str) -> str:
    if state.upper() not in STATES:
        raise NotFound("We know no state with these letters.")
    return state.upper()


def _base() -> str:
    return services().settings.base_url


def _render_page(template: str, page: Page) -> Response:
    return make_response(render(template, page))
