"""At a million locations no question reads more than 2,000 rows of the index: wherever, however wide, whatever else.

Rows are counted where the driver hands them over, not by the search's own books. SQLite only: on both databases the
same statements bring the same rows, and filling the other one takes minutes.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from held_to_truth import READ_AT_MOST
from listings_by_point import NOW, seeded
from million import TOWER, TOWNS, fill
from sqlalchemy.orm import Session

from directory.geography.box import box_around
from directory.geography.point import Point
from directory.search import index
from directory.search.clusters import clusters
from directory.search.facets import facets, hindrance
from directory.search.query import MAX_PAGE, After, Filters, SearchQuery

MILLION = 1_000_000

FILTERS = [
    Filters(),
    Filters(kind="person"),
    Filters(kind="clinic"),
    Filters(language="en"),
    Filters(language="hmn"),
    Filters(accepting=True),
    Filters(confirmed=True),
    Filters(specialty="207LP2900X"),
    Filters(specialty="000000000X"),
    Filters(badge=True),
    Filters(imaging="any"),
    Filters(imaging="ct"),
    Filters(bone="tibia"),
    Filters(volume=5),
    Filters(volume=7),
    Filters(volume=200),
    Filters(sites=1),
    Filters(sites=7),
    Filters(kind="person", language="en"),
    Filters(kind="clinic", accepting=True),
    Filters(kind="person", language="en", accepting=True),
    Filters(kind="clinic", language="es", confirmed=True),
    Filters(badge=True, language="hmn"),
    Filters(badge=True, imaging="ct", volume=10, sites=5, accepting=True),
    Filters(q="springfield"),
    Filters(q="marson"),
    Filters(q="rare1"),
    Filters(q="rare99"),
    Filters(q="marson springfield"),
    Filters(badge=True, q="marl"),
    Filters(q="town"),
    Filters(q="town0 rare"),
    Filters(q="fair", badge=True),
    Filters(q="mark", kind="person", language="en"),
    Filters(q="nobody"),
]
"""From what all state to what none does, one at a time and together, and words from common to rare."""

ORIGINS = {
    "dense": TOWNS[0],
    "at the edge of town": Point(40.95, -74.3),
    "beside a tower": TOWER,
    "sparse": Point(47.0, -109.0),
    "at sea": Point(36.0, -66.0),
    "far": Point(48.85, 2.35),
    "pole": Point(90.0, 0.0),
    "opposite": Point(-39.0, 104.0),
}
RADII = (5, 100, None)


def asked_for(filters: Filters) -> str:
    return " ".join(f"{name}={getattr(filters, name)}" for name in filters.names) or "nothing"


class Rows:
    """How many rows the driver handed over since the last look."""

    def __init__(self) -> None:
        self.many = 0

    def note(self, _cursor: object, row: tuple) -> tuple:
        self.many += 1
        return row

    def of(self, ask: Callable[[], object]) -> int:
        self.many = 0
        ask()
        return self.many


@pytest.fixture(scope="module")
def rows() -> Rows:
    return Rows()


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory, rows: Rows) -> Iterator[Session]:
    folder: Path = tmp_path_factory.mktemp("million")
    engine = sa.create_engine(f"sqlite:///{folder / 'index.sqlite'}")
    fill(engine, MILLION)

    def count_rows(connection, _record) -> None:
        connection.row_factory = rows.note

    engine.dispose()
    sa.event.listen(engine, "connect", count_rows)
    with Session(engine) as session:
        yield session
    engine.dispose()


def greedy(reads: dict[str, int]) -> dict[str, int]:
    """Who read too much, the worst first."""
    return {name: many for name, many in sorted(reads.items(), key=lambda read: -read[1]) if many > READ_AT_MOST}


@pytest.mark.parametrize("filters", FILTERS, ids=asked_for)
def test_no_question_reads_more_than_two_thousand_rows(nation, rows, filters):
    reads: dict[str, int] = {}
    for place, origin in ORIGINS.items():
        for within in RADII:
            query = SearchQuery(origin, within, filters)
            at = f"{place}, {within} miles"
            reads[f"find, {at}"] = rows.of(lambda query=query: index.find(nation, query, now=NOW))
            reads[f"count, {at}"] = rows.of(lambda query=query: index.count(nation, query, now=NOW))
            reads[f"facets, {at}"] = rows.of(lambda query=query: facets(nation, query, now=NOW))
    assert greedy(reads) == {}


@pytest.mark.parametrize("filters", FILTERS, ids=asked_for)
def test_no_later_page_reads_more_than_two_thousand_rows(nation, rows, filters):
    """By cursor, however deep; and by number as far as a hundred to a page go."""
    reads: dict[str, int] = {}
    for place, origin in ORIGINS.items():
        for miles in (1.0, 20.0, 240.0, 3000.0):
            query = SearchQuery(origin, None, filters, page=2, after=After(miles, 1))
            reads[f"after {miles}, {place}"] = rows.of(lambda query=query: index.find(nation, query, now=NOW))
        for page in (2, 20):
            query = SearchQuery(origin, None, filters, page=page)
            reads[f"page {page}, {place}"] = rows.of(lambda query=query: index.find(nation, query, now=NOW))
    assert greedy(reads) == {}


@pytest.mark.parametrize("filters", FILTERS, ids=asked_for)
def test_no_map_reads_more_than_two_thousand_rows(nation, rows, filters):
    reads: dict[str, int] = {}
    for place, origin in ORIGINS.items():
        for zoom in (0, 3, 5, 7, 9, 11, 14, 18, 24):
            box = box_around(origin, 12_000 / 2**zoom)
            reads[f"{place}, zoom {zoom}"] = rows.of(
                lambda box=box, zoom=zoom: clusters(nation, filters, box, zoom, now=NOW)
            )
    assert greedy(reads) == {}


def test_what_hinders_most_is_found_by_as_many_counts_as_there_are_filters(nation, rows):
    reads: dict[str, int] = {}
    for filters in FILTERS:
        for place, origin in ORIGINS.items():
            query = SearchQuery(origin, 100, filters)
            read = rows.of(lambda query=query: hindrance(nation, query, now=NOW))
            reads[f"{asked_for(filters)}, {place}"] = read // (len(filters.names) + 1)
    assert greedy(reads) == {}


def test_the_books_of_the_search_agree_with_the_driver(nation, rows):
    rng = seeded(5)
    for _ in range(60):
        filters, origin = rng.choice(FILTERS), rng.choice(list(ORIGINS.values()))
        found = []
        query = SearchQuery(origin, rng.choice(RADII), filters)
        read = rows.of(lambda query=query, found=found: found.append(index.find(nation, query, now=NOW)))
        assert found[0].rows_read <= read
    assert MAX_PAGE * 20 <= MILLION
