"""The index of what is public: kept with every change, and searched nearest first."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.search.counting import Count, tally
from directory.search.documents import locked, replace_documents
from directory.search.leading import steadily
from directory.search.nearest import Near, nearest
from directory.search.query import MAX_PAGE, After, SearchQuery
from directory.search.reading import Reader

FEWEST = 10
"""A search that finds fewer goes on to so many, and says which of them lie outside the radius."""

BATCH = 500
"""Listings worked on at a time; arbitrary, some hundred kilobytes."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A listing found, at its nearest location; great-circle miles from the place asked for."""

    listing_id: int
    location_id: int
    miles: float
    outside_radius: bool


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits, nearest first. `total` counts the listings within the radius.

    There may be more where it is not `complete`, because they were too many to count. Where they are fewer than
    `FEWEST`, the nearest ones outside follow them and are not in `total`. `after` is where the next page begins, if
    there is one. `rows_read` is what the search cost: rows of the database that were fetched.
    """

    hits: tuple[Hit, ...]
    total: int
    has_next: bool
    after: After | None = None
    rows_read: int = field(default=0, compare=False)
    complete: bool = True


def find(session: Session, query: SearchQuery, *, now: datetime, counted: Count | None = None) -> Found:
    """The page of listings that the query asks for, nearest first, equals by listing id.

    A listing with several locations appears once, at its nearest. A page past the end has no hits and the
    right total. Whoever has the facets of the search has `counted` them, so that it is not done once more.
    """
    nothing = Found((), 0, has_next=False)
    return steadily(session.connection(), query.filters, now, lambda way: _found(way, query, counted), nothing=nothing)


def count(session: Session, query: SearchQuery, *, now: datetime) -> int:
    """How many listings lie within the radius: exactly, or at least so many where they are too many to count."""

    def total(way: Reader) -> int:
        return tally(way, query.origin, query.reach, facets=False).listings

    return steadily(session.connection(), query.filters, now, total, nothing=0)


def refresh(session: Session, listing_ids: Iterable[int], *, rulesets: Rulesets, now: datetime) -> None:
    """Bring the index of some listings up to date, in the caller's transaction and after all its changes.

    Raises:
        NotFound: an accepted attestation was signed under rules that are not published.
        Invalid: an accepted answer breaks the rules that it was signed under.
    """
    session.flush()
    wanted = sorted(set(listing_ids))
    if wanted:
        state = locked(session.connection())
        for start in range(0, len(wanted), BATCH):
            replace_documents(session, wanted[start : start + BATCH], state, rulesets=rulesets, now=now)


def _found(way: Reader, query: SearchQuery, counted: Count | None) -> Found:
    page, total = _page(way, query, counted)
    hits = tuple(_hit(near, query) for near in page[: query.per_page])
    more = len(page) > query.per_page and query.page < MAX_PAGE
    after = After(hits[-1].miles, hits[-1].listing_id) if more else None
    return Found(hits, total.listings, more, after, way.rows_read, total.complete)


def _page(way: Reader, query: SearchQuery, counted: Count | None) -> tuple[list[Near], Count]:
    """The hits of the page and one more, if there is one; and how many there are within the radius."""
    after = query.after
    wanted = query.per_page if after else query.offset + query.per_page
    ranked = nearest(way, query.origin, wanted + 1, reach=query.reach, after=after)
    total = _total(way, query, ranked, counted)
    if total.listings < FEWEST and query.within_miles is not None:
        ranked = nearest(way, query.origin, FEWEST)
        if after:
            ranked = [near for near in ranked if (near.miles, near.listing_id) > (after.miles, after.listing_id)]
    return ranked if after else ranked[query.offset :], total


def _total(way: Reader, query: SearchQuery, ranked: list[Near], counted: Count | None) -> Count:
    if not query.after and len(ranked) <= query.offset + query.per_page:
        return Count(len(ranked))
    total = counted or tally(way, query.origin, query.reach, facets=False).count
    seen = len(ranked) + (query.offset if query.after else 0)
    return total if total.complete else Count(max(total.listings, seen), complete=False)


def _hit(near: Near, query: SearchQuery) -> Hit:
    return Hit(near.listing_id, near.location_id, near.miles, near.miles > query.reach)
