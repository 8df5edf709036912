"""The index is what the tables say after every change, in the same transaction, and can be checked and rebuilt."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from listings_by_point import LAST_MONTH, NOW, MadeUp, assert_as_brute_force, at, indexed, store
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import shipped
from directory.errors import Invalid, NotFound
from directory.geography.point import Point
from directory.listings.lifecycle import State
from directory.listings.tables import Listing, Location
from directory.search import index
from directory.search.index import Difference, Trouble
from directory.search.keys import Key
from directory.search.query import Filters, SearchQuery
from directory.search.tables import search_cells

DENVER = Point(39.7392, -104.9903)
BOULDER = Point(40.015, -105.2705)


def total(session: Session, within_miles: float | None = None, **asked) -> int:
    return index.find(session, SearchQuery(DENVER, within_miles, Filters(**asked)), now=NOW).total


def differences(session: Session) -> list[Difference]:
    return list(index.verify(session, rulesets=shipped()))


def refresh(session: Session, *ids: int) -> None:
    index.refresh(session, ids, rulesets=shipped())


def stored_rows(session: Session) -> list[tuple]:
    return session.execute(sa.select(search_cells).order_by(*search_cells.primary_key)).all()


@pytest.fixture
def badge_bearer(session) -> int:
    """The id of a listing with two locations and a badge."""
    (listing_id,) = indexed(session, [MadeUp((DENVER, BOULDER), ("ct",))])
    session.commit()
    return listing_id


@pytest.mark.usefixtures("badge_bearer")
def test_a_listing_is_written_once_for_each_place_and_each_key_it_satisfies(session):
    keys = sorted(row.key for row in stored_rows(session))
    assert keys == [Key.ANY, Key.ANY, Key.IMAGING, Key.IMAGING, Key.BADGE, Key.BADGE]


@pytest.mark.parametrize("state", [state for state in State if state is not State.PUBLISHED])
def test_a_listing_that_leaves_the_public_leaves_the_index(session, badge_bearer, state):
    session.get_one(Listing, badge_bearer).state = state
    refresh(session, badge_bearer)
    assert stored_rows(session) == []


def test_a_listing_that_comes_back_is_as_it_was(session, badge_bearer):
    before = stored_rows(session)
    for state in (State.SUSPENDED, State.PUBLISHED):
        session.get_one(Listing, badge_bearer).state = state
        refresh(session, badge_bearer)
    assert stored_rows(session) == before


@pytest.mark.parametrize("state", [AttestationState.REVOKED, AttestationState.SUPERSEDED])
def test_an_attestation_that_counts_no_more_takes_its_keys_along(session, badge_bearer, state):
    session.scalars(sa.select(Attestation)).one().state = state
    refresh(session, badge_bearer)
    assert {row.key for row in stored_rows(session)} == {Key.ANY}
    assert (total(session), total(session, badge=True), total(session, imaging="ct")) == (1, 0, 0)


def test_a_change_that_is_not_flushed_yet_is_in_the_index(session, badge_bearer):
    place = session.scalars(sa.select(Location).where(Location.ordinal == 0)).one()
    with session.no_autoflush:
        place.lat, place.lon = 10.0, 20.0
        refresh(session, badge_bearer)
    assert index.find(session, SearchQuery(Point(10.0, 20.0), 5), now=NOW).total == 1


def test_a_location_that_is_removed_or_loses_its_place_is_found_no_more(session, badge_bearer):
    listing = session.get_one(Listing, badge_bearer)
    listing.locations.pop(0)
    refresh(session, badge_bearer)
    assert total(session, within_miles=5) == 0
    listing.locations[0].lat = listing.locations[0].lon = None
    refresh(session, badge_bearer)
    assert stored_rows(session) == []


def test_what_is_rolled_back_never_reaches_the_index(session, badge_bearer):
    before = stored_rows(session)
    session.get_one(Listing, badge_bearer).state = State.SUSPENDED
    refresh(session, badge_bearer)
    session.rollback()
    assert stored_rows(session) == before


def test_a_refresh_touches_only_the_listings_it_names(session, badge_bearer):
    (other,) = store(session, at([BOULDER]))
    session.get_one(Listing, badge_bearer).state = State.SUSPENDED
    refresh(session, other)
    assert total(session) == 2


@pytest.mark.usefixtures("badge_bearer")
def test_a_refresh_of_nothing_or_of_nobody_changes_nothing(session):
    before = stored_rows(session)
    refresh(session)
    refresh(session, 10**6)
    assert stored_rows(session) == before


def test_thousands_are_refreshed_in_batches_and_twice_changes_nothing(session):
    stored = indexed(session, at(Point(30 + i / 100, -100) for i in range(2 * index.BATCH + 1)))
    before = stored_rows(session)
    refresh(session, *stored, *stored)
    assert stored_rows(session) == before
    assert len(before) == len(stored)


def test_a_rebuild_gives_the_same_index_whatever_was_in_it(session):
    made = [replace(made, methods=("ct",)) for made in at(Point(30 + i / 100, -100) for i in range(700))]
    stored = indexed(session, [*made, MadeUp((DENVER,), state=State.DRAFT)])
    before = stored_rows(session)
    session.execute(sa.update(search_cells).where(search_cells.c.listing_id < 300).values(flags=0))
    session.execute(sa.delete(search_cells).where(search_cells.c.listing_id.between(300, 400)))
    session.execute(sa.insert(search_cells), dict(before[0]._mapping) | {"listing_id": 9999, "location_id": 9999})
    written = []
    assert index.rebuild(session, rulesets=shipped(), progress=written.append) == len(before)
    assert stored_rows(session) == before
    assert sum(written) == len(before)
    assert len(written) == 2
    assert_as_brute_force(session, stored, SearchQuery(DENVER, filters=Filters(imaging="ct")))


@pytest.mark.usefixtures("badge_bearer")
def test_a_rebuild_is_seen_by_nobody_until_it_is_committed(session):
    before = stored_rows(session)
    with Session(session.get_bind()) as other:
        session.execute(sa.update(Listing).values(state=State.SUSPENDED))
        index.rebuild(session, rulesets=shipped())
        assert stored_rows(session) == []
        assert stored_rows(other) == before


def test_a_sound_index_has_no_differences(session):
    indexed(session, [MadeUp((DENVER, BOULDER), ("ct",)), MadeUp((DENVER,), valid_until=LAST_MONTH), MadeUp((None,))])
    assert differences(session) == []


@pytest.mark.parametrize(
    ("damage", "trouble"),
    [
        (sa.delete(search_cells).where(search_cells.c.key == 2), Trouble.MISSING),
        (sa.update(search_cells).where(search_cells.c.key == 2).values(flags=0), Trouble.OUT_OF_DATE),
        (sa.update(search_cells).where(search_cells.c.key == 2).values(live_until=1), Trouble.OUT_OF_DATE),
        (sa.update(search_cells).where(search_cells.c.key == 2).values(lat=1.0), Trouble.OUT_OF_DATE),
    ],
)
def test_a_damaged_row_is_reported(session, badge_bearer, damage, trouble):
    session.execute(damage)
    places = session.scalars(sa.select(Location.id).order_by(Location.id)).all()
    assert differences(session) == [Difference(badge_bearer, place, Key.BADGE, trouble) for place in places]


@pytest.mark.usefixtures("badge_bearer")
def test_a_row_in_the_wrong_square_is_missing_in_one_and_left_over_in_the_other(session):
    session.execute(sa.update(search_cells).where(search_cells.c.key == 2).values(code=7))
    assert sorted(found.trouble for found in differences(session)) == [Trouble.LEFT_OVER] * 2 + [Trouble.MISSING] * 2


@pytest.mark.usefixtures("badge_bearer")
@pytest.mark.parametrize("lost", [10**6, 2**31 - 1])
def test_a_row_of_a_listing_that_does_not_exist_is_reported_and_rebuilt_away(session, lost):
    row = dict(stored_rows(session)[0]._mapping) | {"listing_id": lost, "location_id": lost}
    session.execute(sa.insert(search_cells), row)
    assert differences(session) == [Difference(lost, lost, Key.ANY, Trouble.LEFT_OVER)]
    index.rebuild(session, rulesets=shipped())
    assert differences(session) == []


def test_a_change_without_a_refresh_is_reported(session, badge_bearer):
    session.get_one(Listing, badge_bearer).state = State.SUSPENDED
    assert {found.trouble for found in differences(session)} == {Trouble.LEFT_OVER}


def test_an_attestation_under_unknown_rules_stops_the_refresh_instead_of_losing_a_badge_in_silence(session):
    with pytest.raises(NotFound):
        indexed(session, [MadeUp((DENVER,), ("ct",), ruleset_id="bma-1999.1")])


def test_a_stored_answer_that_breaks_its_own_rules_stops_the_refresh(session):
    with pytest.raises(Invalid):
        indexed(session, [MadeUp((DENVER,), ("ct",), volume=-1)])
