"""A rebuild beside a directory that is searched and changed all the while: nobody sees half of it, nothing is lost."""

import contextlib
import itertools
import os
import signal
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa
from any_search import Asking, crowd, near, places
from brute_force import BruteForce
from held_to_truth import assert_truth
from listings_by_point import NOW, MadeUp, differences, indexed, rebuild, refresh, seeded, store
from sqlalchemy.orm import Session

from directory.errors import Conflict
from directory.geography.box import box_around
from directory.geography.point import Point
from directory.listings.lifecycle import State
from directory.listings.tables import Listing, Location
from directory.search import index, rebuilding
from directory.search.clusters import clusters
from directory.search.facets import facets
from directory.search.query import Filters, SearchQuery

BOULDER = Point(40.015, -105.2705)
CHEYENNE = Point(41.14, -104.8202)
MANY = 900
"""Under a thousand, so that facets are exact."""

SOME_WAY = 9
"""Statements from one death to the next; to die before each would take minutes."""


@pytest.fixture
def in_boulder(session: Session) -> None:
    """Everybody lives in Boulder, speaks Spanish, and is so in the index."""
    indexed(session, [MadeUp((BOULDER, BOULDER), ("ct",), languages=("es",), name="Spanish")] * MANY)
    session.commit()


def move_behind_its_back(session: Session, to: Point, language: str, name: str) -> None:
    """Change everybody, and tell the index nothing."""
    session.execute(sa.update(Location).values(lat=to.lat, lon=to.lon))
    session.execute(sa.update(Listing).values(languages=[language], name=name))
    session.commit()


def seen(session: Session) -> list[tuple[str, int]]:
    """What each kind of question finds of those in Boulder, who speak Spanish: by its name."""
    there = SearchQuery(BOULDER, 5)
    page = index.find(session, there, now=NOW)
    speakers = index.find(session, replace(there, filters=Filters(language="es")), now=NOW)
    named = index.find(session, replace(there, filters=Filters(q="spanish", kind="person")), now=NOW)
    deep = index.find(session, replace(there, page=MANY // 20), now=NOW)
    found = [
        ("page", page.total),
        ("hits", sum(not hit.outside_radius for hit in page.hits) * MANY // 20),
        ("deep", len(deep.hits) * MANY // 20),
        ("speakers", speakers.total),
        ("named", named.total),
        ("count", index.count(session, there, now=NOW)),
        ("facet", facets(session, there, now=NOW).counts.get("language", {}).get("es", 0)),
    ]
    told = clusters(session, Filters(), box_around(BOULDER, 5), 12, now=NOW)
    return [*found, ("clusters", sum(cluster.count for cluster in told) // 2)]


@pytest.mark.usefixtures("in_boulder")
def test_who_searches_while_a_rebuild_runs_sees_the_old_or_the_new_index_and_never_half(session, monkeypatch):
    monkeypatch.setattr(rebuilding, "BATCH", 50)
    engine, over, faults, looks = session.get_bind(), threading.Event(), [], []

    def look() -> None:
        while not over.is_set():
            with Session(engine) as other:
                for name, number in seen(other):
                    looks.append(number)
                    if number not in {0, MANY}:
                        faults.append((name, number))

    watchers = [threading.Thread(target=look) for _ in range(2)]
    for watcher in watchers:
        watcher.start()
    try:
        for to, language, name in [(CHEYENNE, "hi", "Hindi"), (BOULDER, "es", "Spanish")] * 3:
            move_behind_its_back(session, to, language, name)
            rebuild(engine)
    finally:
        over.set()
        for watcher in watchers:
            watcher.join()
    assert faults == []
    assert {0, MANY} == set(looks), "a look before and one after each rebuild"
    assert differences(session) == []


def rebuild_and_die(url: sa.URL, at: int) -> None:
    """Rebuild, and be killed before the statement of that number."""
    engine = sa.create_engine(url)
    points = itertools.count(1)

    def tick(*_: object) -> None:
        if next(points) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    sa.event.listen(engine, "before_cursor_execute", tick)
    sa.event.listen(engine, "commit", tick)
    rebuild(engine)


def killed_at(url: sa.URL, at: int) -> bool:
    """Whether a rebuild was killed there; it had fewer statements if not."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            rebuild_and_die(url, at)
            code = 0
        finally:
            os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in {0, -signal.SIGKILL}
    return code != 0


@pytest.mark.usefixtures("in_boulder")
def test_a_rebuild_that_is_killed_wherever_leaves_an_index_that_is_whole(session, monkeypatch):
    monkeypatch.setattr(rebuilding, "BATCH", 200)
    url = session.get_bind().url
    move_behind_its_back(session, CHEYENNE, "hi", "Hindi")
    deaths = 0
    for at in itertools.count(1, SOME_WAY):
        died = killed_at(url, at)
        numbers = {number for _, number in seen(session)}
        session.rollback()
        assert numbers in ({MANY}, {0}), f"half of it, after a death at {at}"
        if not died:
            break
        deaths += 1
    assert deaths > 1
    assert numbers == {0}
    assert differences(session) == []


@pytest.mark.usefixtures("in_boulder")
def test_what_is_changed_after_a_rebuild_died_is_in_the_index_and_the_next_rebuild_is_whole(session, monkeypatch):
    monkeypatch.setattr(rebuilding, "BATCH", 200)
    assert killed_at(session.get_bind().url, 2 * SOME_WAY)
    gone = session.scalars(sa.select(Listing.id).order_by(Listing.id).limit(MANY // 2)).all()
    session.execute(sa.update(Listing).where(Listing.id.in_(gone)).values(state=State.SUSPENDED))
    refresh(session, gone)
    session.commit()
    assert index.count(session, SearchQuery(BOULDER, 5), now=NOW) == MANY - len(gone)
    assert differences(session) == []
    rebuild(session.get_bind())
    assert index.count(session, SearchQuery(BOULDER, 5), now=NOW) == MANY - len(gone)
    assert differences(session) == []


def change_some(engine, one_at_a_time, rng, ids, spots) -> None:
    """Change six listings and add two, in a transaction of their own."""
    with one_at_a_time, Session(engine) as other:
        chosen = rng.sample(ids, 6)
        for listing in other.scalars(sa.select(Listing).where(Listing.id.in_(chosen))):
            listing.state = rng.choice([State.PUBLISHED, State.SUSPENDED])
            listing.name, listing.languages = rng.choice([("Renamed Meanwhile", ["hmn"]), ("Back Again", [])])
            for location in listing.locations[1:]:
                other.delete(location)
            spot = near(rng, rng.choice(spots), 1.0)
            listing.locations[0].lat, listing.locations[0].lon = spot.lat, spot.lon
        other.flush()
        new = store(other, crowd(rng, spots, 2))
        refresh(other, [*chosen, *new])
        other.commit()


def test_what_is_changed_while_a_rebuild_runs_is_in_the_new_index(session, monkeypatch):
    """Before, within and after the batch that is being written: moved, renamed, suspended, published and new."""
    monkeypatch.setattr(rebuilding, "BATCH", 40)
    rng = seeded(77)
    spots = places(rng, 200)
    stored = indexed(session, crowd(rng, spots, 400))
    session.commit()
    engine, ids = session.get_bind(), sorted(stored)
    one_at_a_time = threading.Lock()
    threads: list[threading.Thread] = []

    def between(_: int) -> None:
        """Called within the transaction of a batch: what is changed here has to wait for its end."""
        threads.append(threading.Thread(target=change_some, args=(engine, one_at_a_time, rng, ids, spots)))
        threads[-1].start()

    rebuild(engine, progress=between)
    for thread in threads:
        thread.join()
    assert len(threads) >= 5
    assert differences(session) == []
    brute = BruteForce.of(session)
    asking = Asking(rng, spots, brute.vocabulary)
    for _ in range(60):
        assert_truth(session, brute, asking.query())


@pytest.mark.usefixtures("in_boulder")
@pytest.mark.parametrize("dies", [False, True])
def test_a_rebuild_that_another_one_overtakes_gives_up_and_the_index_is_whole(session, monkeypatch, dies):
    """Both would write the same rows, or the first take over what the second has cleared up."""
    monkeypatch.setattr(rebuilding, "BATCH", 200)
    engine, overtaken = session.get_bind(), []

    def die(_: int) -> None:
        raise KeyboardInterrupt

    def overtake(_: int) -> None:
        if len(overtaken) == 2:
            with contextlib.suppress(KeyboardInterrupt):
                rebuild(engine, progress=die if dies else None)
        overtaken.append(True)

    with pytest.raises(Conflict, match="Another rebuild"):
        rebuild(engine, progress=overtake)
    assert {number for _, number in seen(session)} == {MANY}
    assert differences(session) == []
    session.rollback()
    rebuild(engine)
    assert differences(session) == []


def test_of_two_rebuilds_at_once_one_is_whole_and_the_index_is_right(session):
    rng = seeded(78)
    indexed(session, crowd(rng, places(rng, 100), 300))
    session.commit()
    outcomes: list[BaseException | None] = []

    def run() -> None:
        try:
            rebuild(session.get_bind())
            outcomes.append(None)
        except Exception as fault:  # noqa: BLE001  whatever it is, the test looks at it
            outcomes.append(fault)

    both = [threading.Thread(target=run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert None in outcomes
    assert len(outcomes) == 2
    assert differences(session) == []
