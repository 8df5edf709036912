"""The change feed: each search sees what is committed, and what its own transaction did, and nothing else."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.random_searches import random_listings, random_points
from support.search_race import record_with_token
from support.synthetic_listings import (
    NOW,
    SyntheticListing,
    assert_equals_brute_force,
    insert_and_rebuild,
    insert_and_record,
    insert_listings,
    listings_at,
    make_rng,
)

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.geography.point import Point
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, Location
from directory.search.changes import record_bulk_change, record_changes, state_of
from directory.search.filters import Filters
from directory.search.index import SearchIndex
from directory.search.query import SearchQuery
from directory.search.tables import search_changes

DENVER = Point(39.7392, -104.9903)
BOULDER = Point(40.015, -105.2705)


def total(session: Session, index: SearchIndex, within_miles: float | None = None, **asked) -> int:
    return index.find(session, SearchQuery(DENVER, within_miles, Filters(**asked)), now=NOW).total


@pytest.fixture
def with_badge(session, index) -> int:
    """The id of a listing with two locations and a badge, in the snapshot."""
    (listing_id,) = insert_and_rebuild(session, index, [SyntheticListing((DENVER, BOULDER), ("ct",))])
    return listing_id


@pytest.mark.parametrize("state", [state for state in ListingState if state is not ListingState.PUBLISHED])
def test_a_listing_that_is_no_longer_public_is_not_found(session, index, with_badge, state):
    session.get_one(Listing, with_badge).state = state
    record_changes(session, [with_badge])
    session.commit()
    assert (total(session, index), total(session, index, badge="1")) == (0, 0)
    assert list(index.verify(session)) == []


@pytest.mark.parametrize("state", [AttestationState.REVOKED, AttestationState.SUPERSEDED])
def test_answers_that_no_longer_count_match_no_filter(session, index, with_badge, state):
    session.scalars(sa.select(Attestation)).one().state = state
    record_changes(session, [with_badge])
    assert (total(session, index), total(session, index, badge="1"), total(session, index, imaging="ct")) == (1, 0, 0)
    assert list(index.verify(session)) == []


def test_a_change_that_is_not_flushed_yet_is_recorded(session, index, with_badge):
    place = session.scalars(sa.select(Location).where(Location.ordinal == 0)).one()
    with session.no_autoflush:
        place.lat, place.lon = 10.0, 20.0
        record_changes(session, [with_badge])
    assert index.find(session, SearchQuery(Point(10.0, 20.0), 5), now=NOW).total == 1


def test_what_is_rolled_back_is_found_by_nobody(session, index, with_badge):
    session.get_one(Listing, with_badge).state = ListingState.SUSPENDED
    record_changes(session, [with_badge])
    assert total(session, index) == 0
    session.rollback()
    assert total(session, index) == 1


@pytest.mark.parametrize("is_faulty", [False, True])
def test_a_version_that_repeats_after_a_rollback_is_told_apart_by_its_token(session, index, with_badge, is_faulty):
    """With tokens that are counters, the view of the transaction that was rolled back would be taken for this one."""
    record = record_with_token(lambda version: version) if is_faulty else record_changes
    (other,) = insert_and_rebuild(session, index, listings_at([DENVER]))
    session.get_one(Listing, with_badge).state = ListingState.SUSPENDED
    record(session, [with_badge])
    assert total(session, index) == 1
    version = state_of(session).version
    session.rollback()
    session.get_one(Listing, other).state = ListingState.SUSPENDED
    record(session, [other])
    session.commit()
    assert state_of(session).version == version
    found = [hit.listing_id for hit in index.find(session, SearchQuery(DENVER), now=NOW).hits]
    assert (found == [with_badge]) is not is_faulty


@pytest.mark.usefixtures("with_badge")
@pytest.mark.parametrize("ids", [[], [10**6]])
def test_a_change_of_nothing_or_of_a_listing_that_does_not_exist_changes_nothing(session, index, ids):
    record_changes(session, ids)
    session.commit()
    assert total(session, index) == 1
    assert list(index.verify(session)) == []


def test_thousands_of_changes_keep_one_row_of_each_listing(session, index):
    stored = insert_and_record(session, listings_at(Point(30 + number / 100, -100) for number in range(1201)))
    record_changes(session, [*stored, *stored])
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(search_changes)) == len(stored)
    assert total(session, index) == len(stored)


def test_a_deleted_listing_is_not_found(session, index):
    (listing_id,) = insert_and_rebuild(session, index, listings_at([DENVER]))
    session.execute(sa.delete(Location))
    session.execute(sa.delete(Listing))
    record_changes(session, [listing_id])
    session.commit()
    assert total(session, index) == 0


def test_rows_of_a_bulk_change_wait_for_the_snapshot_and_other_changes_do_not(session, index, with_badge):
    insert_listings(session, listings_at([DENVER] * 30))
    record_bulk_change(session)
    session.commit()
    assert index.is_due(session, now=NOW)
    assert total(session, index) == 1
    session.get_one(Listing, with_badge).state = ListingState.SUSPENDED
    record_changes(session, [with_badge])
    session.commit()
    assert total(session, index) == 0
    index.rebuild(session)
    assert total(session, index) == 30
    assert not index.is_due(session, now=NOW)


def test_a_change_without_a_record_is_reported(session, index, with_badge):
    missing, *_ = insert_listings(session, listings_at([DENVER]))
    session.get_one(Listing, with_badge).state = ListingState.SUSPENDED
    session.commit()
    assert dict(index.verify(session)) == {with_badge: "left over", missing: "missing"}
    index.rebuild(session)
    assert list(index.verify(session)) == []


def test_a_rebuild_gives_what_one_change_after_the_other_gave(session, index):
    rng = make_rng(9)
    stored = insert_and_record(session, random_listings(rng, random_points(rng, 200), 700))
    session.commit()
    query = SearchQuery(DENVER, filters=Filters(imaging="ct"), per_page=100)
    before = assert_equals_brute_force(session, index, stored, query)
    written: list[int] = []
    assert index.rebuild(session, written.append) == sum(written) == len(stored.brute(session))
    assert assert_equals_brute_force(session, index, stored, query) == before


@pytest.mark.parametrize(
    "made",
    [SyntheticListing((DENVER,), ("ct",), ruleset_id="bma-1999.1"), SyntheticListing((DENVER,), ("ct",), volume=-1)],
)
def test_answers_that_cannot_be_graded_count_as_not_given(session, index, made):
    insert_and_record(session, [made])
    session.commit()
    for _ in range(2):
        assert (total(session, index), total(session, index, imaging="ct")) == (1, 0)
        index.rebuild(session)
