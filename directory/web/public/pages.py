"""View models for the patients' templates: one frozen dataclass for each page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from directory.badges.listing_standing import CurrentStanding
from directory.basemap.static_map import StaticMap
from directory.certification.ruleset import Ruleset
from directory.geocoding.place import Place
from directory.geography.point import Point
from directory.settings.queries import StateNotice
from directory.web.public.cards import Card
from directory.web.public.directions import Directions
from directory.web.public.forms import NearMeForm
from directory.web.support.filter_form import FilterControls
from directory.web.support.findings import FindingRow
from directory.web.support.listing_facts import Fact
from directory.web.support.search_form import SearchForm


@dataclass(frozen=True, slots=True)
class HomePage:
    """`public/home.html`: the search box, what this directory is, and the questions to ask."""

    form: SearchForm
    ruleset: Ruleset


@dataclass(frozen=True, slots=True)
class RetiredPage:
    """`public/retired.html`: the URL of a listing that is closed."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class PlacePromptPage:
    """`public/ask.html`: no results yet, because the place is missing, unknown or ambiguous."""

    form: SearchForm
    title: str
    sentence: str = ""
    question: str = ""
    places: tuple[Place, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def filters(self) -> FilterControls:
        """The filter controls with the values that were sent."""
        return self.form.controls()


@dataclass(frozen=True, slots=True)
class SearchLink:
    """A link to another search; with `fields` it is a button that posts them to `href`."""

    text: str
    href: str
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Pagination:
    """The number of the current page, and links to the previous and next page; None if there is no such page."""

    page: int
    nearer: SearchLink | None
    farther: SearchLink | None


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """`public/results.html`: the list of results and the map of the same providers.

    Attributes:
        refine: the form of a search by position, which is posted; None for a place name, which uses the search box.
        chosen: for each active filter, a link to the search without it.
        cleared: a link to the search without any filter; None with fewer than two filters.
        way_out: if nothing was found, a link to the search with fewer filters.
        named: the place as it may appear in a URL; empty for a precise point.
        more: the API URL that groups all results of this search for the map.
    """

    form: SearchForm
    refine: NearMeForm | None
    filters: FilterControls
    title: str
    count: str
    state_notices: tuple[StateNotice, ...]
    notes: tuple[str, ...]
    measured: str
    others: tuple[Place, ...]
    kept: Mapping[str, str]
    chosen: tuple[SearchLink, ...]
    cleared: SearchLink | None
    way_out: SearchLink | None
    cards: tuple[Card, ...]
    paging: Pagination
    picture: StaticMap | None
    origin: Point
    miles: float | None
    named: str
    more: str | None


@dataclass(frozen=True, slots=True)
class PracticeLocation:
    """A practice location on a provider's page; `anchor` is its HTML id."""

    number: int
    anchor: str
    line1: str
    line2: str
    city: str
    state: str
    postal_code: str
    phone: str
    facts: tuple[Fact, ...]
    directions: Directions
    placed: str
    lat: float | None
    lon: float | None


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """`public/provider.html`: the listing and its answers.

    `claim` is where to claim a listing that nobody manages; `is_preview` if only the owner sees the page.
    """

    slug: str
    name: str
    credential: str
    practice: str
    specialty: str
    is_person: bool
    npi: str
    state_notices: tuple[StateNotice, ...]
    phone: str
    links: tuple[Fact, ...]
    today: CurrentStanding
    answers: tuple[FindingRow, ...]
    tally: str
    details: tuple[tuple[str, str], ...]
    spots: tuple[PracticeLocation, ...]
    picture: StaticMap | None
    facts: tuple[Fact, ...]
    in_short: tuple[str, ...]
    last_confirmed: date | None
    source_note: str
    claim: str
    json: str
    verify: str
    is_preview: bool = False

    @property
    def changes_at(self) -> datetime | None:
        """When the page changes by itself, because the attestation expires; None without one."""
        return self.today.technique.valid_until if self.today.technique else None
