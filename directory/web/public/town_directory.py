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
"""Towns near by that a page leads to; arbitrary."""


@dataclass(frozen=True, slots=True)
class Link:
    """A place with its address here."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Group:
    """Places whose names begin with the same letter."""

    letter: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class PlacesPage:
    """`public/places.html`: the states, or the towns of one (`state`), near which somebody is listed."""

    state: str
    groups: tuple[Group, ...]
    canonical: str

    @property
    def is_empty(self) -> bool:
        """Whether nobody is listed near any of them, so that search engines need not keep the page."""
        return not self.groups


@dataclass(frozen=True, slots=True)
class NearPage:
    """`public/near.html`: the nearest to the middle of a town; `search` is where the whole list is, with filters."""

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
        """When the first of the cards says something else without anybody doing anything."""
        return min(
            (card.changes_at for card in self.cards if card.changes_at and card.changes_at > self.at), default=None
        )


@blueprint.get(TOWN_DIRECTORY_PATH)
def states() -> Response:
    """The states in which somebody is listed near a town."""
    return cache_publicly(
        _render_page("public/places.html", states_page(session(), services().gazetteer, services().index, _base()))
    )


@blueprint.get(f"{TOWN_DIRECTORY_PATH}/<state>")
def towns(state: str) -> AnyResponse:
    """The towns of a state near which somebody is listed."""
    code = _state_code(state)
    if state != code.lower():
        return redirect(state_path(code), 301)
    page = towns_page(session(), services().gazetteer, services().index, code, _base())
    return cache_publicly(_render_page("public/places.html", page))


@blueprint.get(f"{TOWN_DIRECTORY_PATH}/<state>/<town>")
def near(state: str, town: str) -> AnyResponse:
    """Who is listed near a town; it says whether badges show, so it is kept as briefly as they are."""
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
    """Every state that has a town with somebody near; its first such town is enough to know."""
    listed = {town.state for town in towns_with_listings(session, gazetteer, index)}
    return PlacesPage(
        "",
        _group_by_letter(Link(STATES[code], state_path(code)) for code in STATES if code in listed),
        base + TOWN_DIRECTORY_PATH,
    )


def towns_page(session: Session, gazetteer: Gazetteer, index: SearchIndex, code: str, base: str) -> PlacesPage:
    """Every town of a state with somebody near."""
    offered = (town for town in towns_with_listings(session, gazetteer, index) if town.state == code)
    links = (Link(_without_state(town), town_path(town)) for town in offered)
    return PlacesPage(STATES[code], _group_by_letter(links), base + state_path(code))


def towns_with_listings(session: Session, gazetteer: Gazetteer, index: SearchIndex) -> list[Place]:
    """Every town near which anybody is listed, state by state, as of the snapshot."""
    return list(compress(gazetteer.all_towns(), index.towns_with_listings(session)))


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
    """The first page of the list around a town, as a search for its name gives it."""
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
    """Where the page of a town is."""
    return f"{state_path(town.state or '')}/{town_slug(town)}"


def state_path(code: str) -> str:
    """Where the page of a state is."""
    return f"{TOWN_DIRECTORY_PATH}/{code.lower()}"


def _nearby_towns(gazetteer: Gazetteer, town: Place, found: Results) -> Sequence[Place]:
    """The largest other towns of the state so near that somebody is near them too."""
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
