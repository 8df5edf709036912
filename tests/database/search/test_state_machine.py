"""Listings are published, changed and withdrawn in any order, and each search after it equals the oracle."""

import tempfile
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy.orm import Session
from support.brute_force import BruteForce
from support.oracle import assert_search
from support.random_searches import CITIES
from support.search_strategies import (
    any_filters,
    confirmation_dates,
    detail_strategies,
    listing_strategy,
    places,
    queries,
    some_languages,
)
from support.synthetic_listings import NOW, empty_engine, insert_listings, make_search_index

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, Location
from directory.search.changes import record_bulk_change, record_changes
from directory.search.query import SearchQuery

STATES = [AttestationState.ACCEPTED, AttestationState.REVOKED, AttestationState.SUPERSEDED]


class AnyOrder(RuleBasedStateMachine):
    """Publishes, edits, moves, withdraws, suspends, accepts, rolls back, rebuilds, and lets time pass."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = empty_engine()
        self.session = Session(self.engine)
        self.folder = tempfile.TemporaryDirectory()
        # Two servers with a snapshot each, and a second worker of the first one.
        self.indexes = [make_search_index(Path(self.folder.name) / name) for name in ("one", "other", "one")]
        self.ids: list[int] = []
        self.now = NOW

    def chosen(self, data: st.DataObject) -> Listing:
        return self.session.get_one(Listing, data.draw(st.sampled_from(self.ids)))

    def record(self, *listing_ids: int) -> None:
        record_changes(self.session, listing_ids)
        self.session.commit()

    @initialize(listed=st.lists(listing_strategy, min_size=1, max_size=5))
    def begin(self, listed):
        self.ids = list(insert_listings(self.session, listed))
        self.record(*self.ids)

    @rule(made=st.lists(listing_strategy, min_size=1, max_size=4))
    def publish(self, made):
        new = insert_listings(self.session, made)
        self.ids += new
        self.record(*new)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), state=st.sampled_from([ListingState.PUBLISHED, *ListingState]))
    def move(self, data, state):
        """Published, suspended, retired, back in a draft."""
        listing = self.chosen(data)
        listing.state = state
        self.record(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), said=st.fixed_dictionaries(detail_strategies))
    def edit(self, data, said):
        listing = self.chosen(data)
        listing.name, listing.practice, listing.kind = said["name"], said["practice"], said["kind"]
        listing.specialty_code, listing.last_confirmed = said["specialty"], said["confirmed"]
        listing.accepts_new_patients, listing.languages = said["accepting"], list(said["languages"])
        for location in listing.locations:
            location.city = said["cities"][0]
        self.record(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), place=st.one_of(places, places, st.none()), city=st.sampled_from(CITIES))
    def move_address(self, data, place, city):
        listing = self.chosen(data)
        if listing.locations:
            location = data.draw(st.sampled_from(listing.locations))
            location.lat, location.lon, location.city = place and place.lat, place and place.lon, city
        self.record(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), place=places)
    def add_address(self, data, place):
        listing = self.chosen(data)
        ordinal = max((location.ordinal for location in listing.locations), default=0) + 1
        listing.locations.append(
            Location(ordinal=ordinal, line1="2 Made Up Street", city="Maryville", state="CO", postal_code="80021",
                     lat=place.lat, lon=place.lon)
        )  # fmt: skip
        self.record(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def remove_address(self, data):
        listing = self.chosen(data)
        if listing.locations:
            listing.locations.remove(data.draw(st.sampled_from(listing.locations)))
        self.record(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), state=st.sampled_from(STATES))
    def judge(self, data, state):
        """Accepted, revoked, superseded."""
        listing = self.chosen(data)
        self.session.execute(sa.update(Attestation).where(Attestation.listing_id == listing.id).values(state=state))
        self.record(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), hours=st.integers(-48, 24 * 400))
    def change_the_end(self, data, hours):
        listing = self.chosen(data)
        until = NOW + timedelta(hours=hours)
        self.session.execute(
            sa.update(Attestation).where(Attestation.listing_id == listing.id).values(valid_until=until)
        )
        self.record(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), day=confirmation_dates, languages=some_languages)
    def confirm(self, data, day, languages):
        listing = self.chosen(data)
        listing.last_confirmed, listing.languages = day, list(languages)
        self.record(listing.id)

    @rule(hours=st.integers(1, 24 * 30))
    def wait(self, hours):
        """No job runs when something expires."""
        self.now += timedelta(hours=hours)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), query=queries)
    def roll_back(self, data, query):
        """A search within a transaction sees its changes, and nobody sees them after it."""
        listing = self.chosen(data)
        listing.state = data.draw(st.sampled_from(ListingState))
        listing.name = "Rolled Back"
        record_changes(self.session, [listing.id])
        assert_search(self.session, self.indexes[0], BruteForce.of(self.session), query, self.now)
        self.session.rollback()
        self.assert_found(query)

    @rule(number=st.integers(0, 2))
    def rebuild(self, number):
        assert self.indexes[number].rebuild(self.session) == len(BruteForce.of(self.session))

    @rule(made=st.lists(listing_strategy, min_size=1, max_size=4))
    def import_rows(self, made):
        """Rows of a bulk change are found after the next rebuild of each server."""
        self.ids += insert_listings(self.session, made)
        record_bulk_change(self.session)
        self.session.commit()
        for index in self.indexes[:2]:
            index.rebuild(self.session)

    @precondition(lambda self: self.ids)
    @rule(query=queries)
    def ask(self, query):
        self.assert_found(query)

    @precondition(lambda self: self.ids)
    @rule(filters=any_filters, place=places)
    def walk(self, filters, place):
        self.assert_found(SearchQuery(place, None, filters, per_page=2))

    def assert_found(self, query: SearchQuery) -> None:
        brute = BruteForce.of(self.session)
        for index in self.indexes:
            assert_search(self.session, index, brute, query, self.now)

    @invariant()
    def the_index_is_as_the_tables_say(self):
        for index in self.indexes:
            assert list(index.verify(self.session)) == []

    def teardown(self):
        self.session.close()
        self.engine.dispose()
        self.folder.cleanup()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=30, stateful_step_count=15)
