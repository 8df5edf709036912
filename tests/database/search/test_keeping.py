"""The index is what the tables say after every change, in the same transaction, and can be checked and rebuilt."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from any_search import crowd, places
from listings_by_point import (
    LAST_MONTH,
    NOW,
    MadeUp,
    assert_as_brute_force,
    at,
    differences,
    indexed,
    rebuild,
    refresh,
    seeded,
    store,
)
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as AttestationState
from directory.attestations.tables import Attestation
from directory.errors import Invalid, NotFound
from directory.geography.point import Point
from directory.listings.lifecycle import State
from directory.listings.tables import Listing, Location
from directory.search import index
from directory.search.query import Filters, SearchQuery
from directory.search.tables import search_documents, search_keys, search_nodes, search_state, search_tiles
from directory.search.verifying import Difference, Trouble

DENVER = Point(39.7392, -104.9903)
BOULDER = Point(40.015, -105.2705)
DERIVED = (search_tiles, search_nodes, search_keys, search_documents)


def total(session: Session, within_miles: float | None = None, **asked) -> int:
    return index.find(session, SearchQuery(DENVER, within_miles, Filters(**asked)), now=NOW).total


def rows_of(session: Session, table: sa.Table) -> list[tuple]:
    return session.execute(sa.select(table).order_by(*table.primary_key)).all()


def everything(session: Session) -> dict[str, list[tuple]]:
    """All rows of the index, but for which generation they are and the counts of squares that are empty by now."""
    found = {}
    for table in DERIVED:
        rows = [row._asdict() for row in rows_of(session, table)]
        found[table.name] = [
            tuple(value for name, value in row.items() if name != "generation")
            for row in rows
            if row.get("locations") != 0 and row.get("packed") != b""
        ]
    return found


@pytest.fixture
def badge_bearer(session) -> int:
    """The id of a listing with two locations and a badge."""
    (listing_id,) = indexed(session, [MadeUp((DENVER, BOULDER), ("ct",))])
    session.commit()
    return listing_id


@pytest.mark.parametrize("state", [state for state in State if state is not State.PUBLISHED])
def test_a_listing_that_leaves_the_public_leaves_the_index(session, badge_bearer, state):
    session.get_one(Listing, badge_bearer).state = state
    refresh(session, [badge_bearer])
    assert not any(everything(session).values())
    assert (total(session), total(session, badge=True)) == (0, 0)


def test_a_listing_that_comes_back_is_as_it_was(session, badge_bearer):
    before = everything(session)
    for state in (State.SUSPENDED, State.PUBLISHED):
        session.get_one(Listing, badge_bearer).state = state
        refresh(session, [badge_bearer])
    assert everything(session) == before


@pytest.mark.parametrize("state", [AttestationState.REVOKED, AttestationState.SUPERSEDED])
def test_an_attestation_that_counts_no_more_takes_its_facts_along(session, badge_bearer, state):
    session.scalars(sa.select(Attestation)).one().state = state
    refresh(session, [badge_bearer])
    assert (total(session), total(session, badge=True), total(session, imaging="ct"), total(session, volume=20)) == (
        1, 0, 0, 0,
    )  # fmt: skip
    assert differences(session) == []


def test_a_change_that_is_not_flushed_yet_is_in_the_index(session, badge_bearer):
    place = session.scalars(sa.select(Location).where(Location.ordinal == 0)).one()
    with session.no_autoflush:
        place.lat, place.lon = 10.0, 20.0
        refresh(session, [badge_bearer])
    assert index.find(session, SearchQuery(Point(10.0, 20.0), 5), now=NOW).total == 1


def test_a_location_that_is_removed_or_loses_its_place_is_found_no_more(session, badge_bearer):
    listing = session.get_one(Listing, badge_bearer)
    listing.locations.pop(0)
    refresh(session, [badge_bearer])
    assert total(session, within_miles=5) == 0
    listing.locations[0].lat = listing.locations[0].lon = None
    refresh(session, [badge_bearer])
    assert not any(everything(session).values())


def test_what_is_rolled_back_never_reaches_the_index(session, badge_bearer):
    before = everything(session)
    session.get_one(Listing, badge_bearer).state = State.SUSPENDED
    refresh(session, [badge_bearer])
    session.rollback()
    assert everything(session) == before


def test_a_refresh_touches_only_the_listings_it_names(session, badge_bearer):
    (other,) = store(session, at([BOULDER]))
    session.get_one(Listing, badge_bearer).state = State.SUSPENDED
    refresh(session, [other])
    assert total(session) == 2


@pytest.mark.usefixtures("badge_bearer")
@pytest.mark.parametrize("ids", [[], [10**6]])
def test_a_refresh_of_nothing_or_of_nobody_changes_nothing(session, ids: Iterable[int]):
    before = everything(session)
    refresh(session, ids)
    assert everything(session) == before


def test_thousands_are_refreshed_in_batches_and_twice_changes_nothing(session):
    stored = indexed(session, at(Point(30 + i / 100, -100) for i in range(2 * index.BATCH + 1)))
    before = everything(session)
    refresh(session, [*stored, *stored])
    assert everything(session) == before
    assert len(before["search_documents"]) == len(stored)


def test_a_rebuild_gives_what_one_change_after_the_other_gave(session):
    """Tiles may be cut elsewhere, so it is what they hold that is compared, and what searches find."""
    rng = seeded(9)
    stored = indexed(session, crowd(rng, places(rng, 200), 700))
    session.commit()
    assert differences(session) == []
    documents = everything(session)["search_documents"]
    generation = session.scalar(sa.select(search_state.c.generation))
    session.commit()
    written: list[int] = []
    assert rebuild(session.get_bind(), progress=written.append) == len(documents) == sum(written)
    assert session.scalar(sa.select(search_state.c.generation)) == generation + 1
    assert everything(session)["search_documents"] == documents
    assert differences(session) == []
    assert_as_brute_force(session, stored, SearchQuery(DENVER, filters=Filters(imaging="ct")))


def test_a_rebuild_mends_whatever_was_in_the_index(session):
    indexed(session, [MadeUp((Point(30 + i / 100, -100),), ("ct",)) for i in range(700)])
    session.commit()
    session.execute(sa.update(search_documents).where(search_documents.c.listing_id < 300).values(packed=b""))
    session.execute(sa.delete(search_tiles).where(search_tiles.c.code > 0))
    session.execute(sa.delete(search_keys))
    session.commit()
    rebuild(session.get_bind())
    assert differences(session) == []
    assert total(session, imaging="ct") == 700


def test_a_rebuild_leaves_nothing_of_the_index_before(session, badge_bearer):
    indexed(session, at([DENVER] * 30))
    session.get_one(Listing, badge_bearer).state = State.SUSPENDED
    session.commit()
    for _ in range(3):
        rebuild(session.get_bind())
    generations = {table.name: set(session.scalars(sa.select(table.c.generation).distinct())) for table in DERIVED}
    now = session.scalar(sa.select(search_state.c.generation))
    assert all(there <= {now, now - 1} for there in generations.values()), (
        "old ones are dropped, the last but one aside"
    )
    assert total(session) == 30


def test_a_sound_index_has_no_differences(session):
    indexed(session, [MadeUp((DENVER, BOULDER), ("ct",)), MadeUp((DENVER,), valid_until=LAST_MONTH), MadeUp((None,))])
    assert differences(session) == []


def test_what_ended_since_is_no_difference(session):
    """Nobody has to touch the index when something expires; it is found by no filter, and that is all."""
    soon = NOW + timedelta(days=1)
    indexed(session, [MadeUp((DENVER,), ("ct",), valid_until=soon, confirmed=NOW.date() - timedelta(days=364))])
    for days in (0, 1, 2, 3, 400):
        assert differences(session, NOW + timedelta(days=days)) == []


def damages() -> dict[str, tuple[Any, set[Trouble]]]:
    tile, node = search_tiles.c, search_nodes.c
    everywhere = {Trouble.MISPLACED, Trouble.MISCOUNTED}
    return {
        "a tile is lost": (sa.delete(search_tiles).where(tile.key == 0), everywhere),
        "a tile is empty": (sa.update(search_tiles).where(tile.key == 0).values(packed=b""), everywhere),
        "a tile begins too late": (sa.update(search_tiles).where(tile.key == 0).values(code=7), everywhere),
        "a square is not counted": (sa.delete(search_nodes), {Trouble.MISCOUNTED}),
        "a square is counted wrongly": (
            sa.update(search_nodes).values(locations=node.locations + 1), {Trouble.MISCOUNTED},
        ),
        "a square lies elsewhere": (sa.update(search_nodes).values(lat_sum=0), {Trouble.MISCOUNTED}),
        "a square's answers count for longer": (
            sa.update(search_nodes).values(counts_until=2**62, facets_until=2**62), {Trouble.MISCOUNTED},
        ),
        "a total is wrong": (sa.update(search_keys).values(locations=9), {Trouble.MISCOUNTED}),
        "a location is lost": (sa.delete(search_documents), {Trouble.MISSING, *everywhere}),
        "a location has other words": (
            sa.update(search_documents).values(keys=b"\0\0\0\0"), {Trouble.OUT_OF_DATE, *everywhere},
        ),
    }  # fmt: skip


@pytest.mark.usefixtures("badge_bearer")
@pytest.mark.parametrize("name", list(damages()))
def test_damage_is_reported_as_what_it_is(session, name):
    damage, troubles = damages()[name]
    session.execute(damage)
    found = {difference.trouble for difference in differences(session)}
    assert found
    assert found <= troubles


@pytest.mark.usefixtures("badge_bearer")
@pytest.mark.parametrize("lost", [10**6, 2**31 - 1])
def test_a_location_of_a_listing_that_does_not_exist_is_reported_and_rebuilt_away(session, lost):
    row = rows_of(session, search_documents)[0]._asdict() | {"listing_id": lost, "location_id": lost}
    session.execute(sa.insert(search_documents), row)
    session.commit()
    assert Difference(lost, lost, None, Trouble.LEFT_OVER) in differences(session)
    session.commit()
    rebuild(session.get_bind())
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
