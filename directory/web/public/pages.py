"""View models for the patients' templates: one frozen dataclass for each page."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from directory.badges.listing_standing import CurrentStanding
from directory.basemap.static_map import StaticMap
from directory.certification.ruleset import Ruleset
from directory.geocoding.place import Place
from directory.geography.point import Point
from directory.web.public.cards import Card
from directory.web.public.directions import Directions
from directory.web.public.forms import NearMeForm
from directory.web.support.filter_form import FilterControls
from directory.web.support.findings import FindingRow
from directory.web.support.listing_facts import Fact
from directory.web.support.search_form import SearchForm


@dataclass(frozen=True, slots=True)
class HomePage:
    """`public/home.html`: where, what this is, and what to ask."""

    form: SearchForm
    ruleset: Ruleset


@dataclass(frozen=True, slots=True)
class PlacePromptPage:
    """`public/ask.html`: no list yet, because the place is missing, unknown, or one of several."""

    form: SearchForm
    title: str
    sentence: str = ""
    question: str = ""
    places: tuple[Place, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def filters(self) -> FilterControls:
        """The filters as they were sent."""
        return self.form.controls()


@dataclass(frozen=True, slots=True)
class SearchLink:
    """Another search, one press away: at an address, or behind a button that posts `fields` there."""

    text: str
    href: str
    fields: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Pagination:
    """Where the pages before and after this one are, as far as there are any."""

    page: int
    nearer: SearchLink | None
    farther: SearchLink | None


@dataclass(frozen=True, slots=True)
class ResultsPage:
    """`public/results.html`: the list, and the map beside it that says the same.

    `refine` is the form of a search by position, which is posted; by name it is None and the search box does it.
    `named` is the place where it may stand in an address: never a point. `chosen` are the filters, each with the
    search without it, and `cleared` is the one without any; `way_out` leads to somebody where nobody was found.
    """

    form: SearchForm
    refine: NearMeForm | None
    filters: FilterControls
    title: str
    count: str
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
    """A practice address on a provider's page; `anchor` is its id there."""

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
    """`public/provider.html`: the entry, answer by answer."""

    slug: str
    name: str
    credential: str
    practice: str
    specialty: str
    is_person: bool
    npi: str
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
    json: str
    verify: str

    @property
    def changes_at(self) -> datetime | None:
        """When the page says something else without anybody doing anything: the end of what was signed."""
        return self.today.technique.valid_until if self.today.technique else None
