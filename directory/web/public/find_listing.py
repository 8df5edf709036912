"""The search in which providers find their own listing, public or not, by name, NPI, ZIP code or town."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from wtforms import Form, SelectField, StringField
from wtforms.fields import SelectChoice

from directory.claims.queries import unclaimed_imports
from directory.errors import FieldError, Invalid
from directory.geocoding.gazetteer import Ambiguous, Found, Gazetteer
from directory.geocoding.place import Place, Precision
from directory.geocoding.us_states import STATES
from directory.listings.lifecycle import ListingState
from directory.listings.name_words import town_word, zip_word
from directory.listings.npi import NPI_LENGTH, is_valid_npi
from directory.listings.queries import claimable_listing, ids_in_state, listings_by_id
from directory.listings.tables import Listing, ListingSource
from directory.search.filters import Filters, declared
from directory.search.query import MAX_PAGE, MAX_PER_PAGE, SearchQuery
from directory.web.public.pages import Pagination, SearchLink
from directory.web.support.requests import now, services, session

PER_PAGE = 25

MAX_UNPUBLISHED = 500
"""How many listings that are not public are read; arbitrary, more than a name and a state have."""

MAX_IN_STATE = 1_000
"""How many public listings with a name are read to find those in a state; arbitrary."""

MILES = 25
"""How far from a ZIP code or town a listing may be if no name is given; arbitrary."""

MAX_PAGE_DIGITS = 4

_PLACES = frozenset({Precision.POSTAL, Precision.PREFIX, Precision.CITY})

NEXT_STEP = "add another word of the name, or your ZIP code"


_STATES = [SelectChoice("", "Any state"), *(SelectChoice(code, name) for code, name in STATES.items())]


class FindListingForm(Form):  # type: ignore[misc]  # WTForms has no types
    """Finds one's own listing by name, practice or NPI, and by a place and a state."""

    q = StringField("Your name, practice or NPI")
    zip = StringField("ZIP or town")
    state = SelectField("State", choices=_STATES, validate_choice=False)
    page = StringField("Page")

    @property
    def text(self) -> str:
        """The typed words."""
        return (self.q.data or "").strip()

    @property
    def npi(self) -> str:
        """The typed text without spaces if it has the form of an NPI, or else an empty string."""
        digits = "".join(self.text.split())
        return digits if len(digits) == NPI_LENGTH and digits.isascii() and digits.isdigit() else ""

    @property
    def page_number(self) -> int:
        """The number of the page; the first for anything that is none."""
        text = self.page.data or ""
        number = int(text) if len(text) <= MAX_PAGE_DIGITS and text.isascii() and text.isdigit() else 1
        return max(1, min(number, MAX_PAGE))

    def place(self, gazetteer: Gazetteer) -> Place | None:
        """Return the ZIP code or town that was typed, None if there is none.

        Raises:
            Invalid: there is no such place, several have the name, or it is neither a ZIP code nor a town.
        """
        typed = (self.zip.data or "").strip()
        if not typed:
            return None
        answer = gazetteer.look_up(typed, coordinates=False)
        if isinstance(answer, Ambiguous) and self.state.data:
            answer = gazetteer.look_up(f"{typed}, {self.state.data}", coordinates=False)
        if isinstance(answer, Ambiguous):
            raise Invalid([FieldError("zip", "Several towns have this name. Choose the state too.")])
        if not isinstance(answer, Found) or answer.place.precision not in _PLACES:
            raise Invalid([FieldError("zip", "We know no such ZIP code or town. Type 80021, or Broomfield, CO.")])
        return answer.place

    def check(self) -> None:
        """Check what does not need the gazetteer.

        Raises:
            Invalid: neither a name nor a place was typed, or the state is not one of those offered.
        """
        if self.state.data not in {None, "", *STATES}:
            raise Invalid([FieldError("state", "Choose a state from the list.")])
        if not self.text and not (self.zip.data or "").strip():
            raise Invalid([FieldError("q", "Enter your name, the name of your practice, your NPI, or a ZIP or town.")])
        if self.npi and not is_valid_npi(self.npi):
            raise Invalid(
                [FieldError("q", f"{self.npi} is not a valid NPI: its last digit does not fit. Compare it with yours.")]
            )


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
class FoundListings:
    """A page of the listings found. `total` counts all of them, or as many as were read if `is_cut`."""

    rows: tuple[FoundListing, ...]
    total: int
    is_cut: bool
    paging: Pagination

    @property
    def summary(self) -> str:
        """How many listings were found, in a sentence."""
        if not self.total:
            return "We found no listing. Try fewer words, a town near you, or your NPI."
        counted = f"{self.total:,} {'listing' if self.total == 1 else 'listings'}"
        return f"More than {counted}: {NEXT_STEP}." if self.is_cut else f"{counted}."


@dataclass(frozen=True, slots=True)
class _Public:
    """The ids of the public listings on a page, and how many there are in all."""

    ids: tuple[int, ...]
    total: int
    is_cut: bool = False


def find_listings(form: FindListingForm) -> FoundListings:
    """Return the page of listings that a form asks for, public ones first; the number of statements is fixed.

    Raises:
        Invalid: a field is missing or invalid.
    """
    form.check()
    if form.npi:
        listing = claimable_listing(session(), form.npi)
        rows = tuple(_rows([listing] if listing else []))
        return FoundListings(rows, len(rows), is_cut=False, paging=Pagination(1, None, None))
    place, filters = form.place(services().gazetteer), Filters(q=declared("q").parse(form.text))
    query = SearchQuery(place.point if place else None, None if form.text else MILES, filters, per_page=PER_PAGE)
    public = _in_state(query, form) if form.state.data else _public(query, form.page_number)
    unpublished = unclaimed_imports(
        session(),
        form.text,
        place="" if form.text or place is None else _place_word(place),
        state=form.state.data or "",
        near=query.origin,
        limit=MAX_UNPUBLISHED + 1,
    )
    skipped = max(0, (form.page_number - 1) * PER_PAGE - public.total)
    ids = (*public.ids, *unpublished[:MAX_UNPUBLISHED][skipped : skipped + PER_PAGE - len(public.ids)])
    stored = listings_by_id(session(), ids)
    total = public.total + min(len(unpublished), MAX_UNPUBLISHED)
    return FoundListings(
        tuple(_rows(stored[each] for each in ids if each in stored)),
        total,
        is_cut=public.is_cut or len(unpublished) > MAX_UNPUBLISHED,
        paging=_paging(form, total),
    )


def _public(query: SearchQuery, page: int) -> _Public:
    asked = SearchQuery(query.origin, query.within_miles, query.filters, page=page, per_page=PER_PAGE)
    found = services().index.find(session(), asked, now=now(), facets=False)
    return _Public(tuple(hit.listing_id for hit in found.hits if not hit.outside_radius), found.total)


def _in_state(query: SearchQuery, form: FindListingForm) -> _Public:
    """Return the public listings of a state; the index knows no states, so at most `MAX_IN_STATE` are compared."""
    ids: list[int] = []
    total = 0
    for page in range(1, MAX_IN_STATE // MAX_PER_PAGE + 1):
        asked = SearchQuery(query.origin, query.within_miles, query.filters, page=page, per_page=MAX_PER_PAGE)
        found = services().index.find(session(), asked, now=now(), facets=False)
        ids += [hit.listing_id for hit in found.hits if not hit.outside_radius]
        total = found.total
        if not found.has_next:
            break
    inside = ids_in_state(session(), ids, form.state.data)
    kept = [each for each in ids if each in inside]
    first = (form.page_number - 1) * PER_PAGE
    return _Public(tuple(kept[first : first + PER_PAGE]), len(kept), is_cut=total > len(ids))


def _place_word(place: Place) -> str:
    if place.postal_code and place.precision is Precision.POSTAL:
        return zip_word(place.postal_code)
    return town_word(place.city or "", place.state or "")


def _paging(form: FindListingForm, total: int) -> Pagination:
    page = form.page_number
    sent = {"q": form.text, "zip": form.zip.data or "", "state": form.state.data or ""}
    return Pagination(
        page,
        _step("Previous", sent, page - 1) if page > 1 else None,
        _step("Next", sent, page + 1) if page * PER_PAGE < total and page < MAX_PAGE else None,
    )


def _step(text: str, sent: Mapping[str, str], page: int) -> SearchLink:
    kept = {name: value for name, value in {**sent, "page": str(page)}.items() if value}
    return SearchLink(text, f"/for-providers/find?{urlencode(kept)}#find")


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
