"""Listings come, change and go in any order, and the index follows each step: on paper, and in what it answers."""

from datetime import timedelta

import sqlalchemy as sa
from any_search import CITIES
from brute_force import BruteForce
from held_to_truth import assert_truth
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from listings_by_point import NOW, differences, empty_engine, indexed, rebuild, refresh, store
from search_strategies import any_filters, days, made_up, places, queries, some_languages, stated
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import State as AttestationState
from directory.attestations.tables import Attestation
from directory.listings.lifecycle import State
from directory.listings.tables import Listing, Location
from directory.search.query import SearchQuery

STATES = [AttestationState.ACCEPTED, AttestationState.REVOKED, AttestationState.SUPERSEDED]


class Keeping(RuleBasedStateMachine):
    """Publishes, edits, moves, withdraws, suspends, accepts, and lets time go by."""

    def __init__(self) -> None:
        super().__init__()
        self.engine = empty_engine()
        self.session = Session(self.engine)
        self.ids: list[int] = []
        self.now = NOW

    def chosen(self, data: st.DataObject) -> Listing:
        return self.session.get_one(Listing, data.draw(st.sampled_from(self.ids)))

    def refresh(self, *listing_ids: int) -> None:
        refresh(self.session, listing_ids, self.now)

    @initialize(listed=st.lists(made_up, min_size=1, max_size=5))
    def begin(self, listed):
        self.ids = list(indexed(self.session, listed))

    @rule(made=st.lists(made_up, min_size=1, max_size=4))
    def publish(self, made):
        new = store(self.session, made)
        self.ids += new
        self.refresh(*new)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), state=st.sampled_from([State.PUBLISHED, *State]))
    def move(self, data, state):
        """Published, suspended, retired, back in a draft."""
        listing = self.chosen(data)
        listing.state = state
        self.refresh(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), said=st.fixed_dictionaries(stated))
    def edit(self, data, said):
        listing = self.chosen(data)
        listing.name, listing.practice, listing.kind = said["name"], said["practice"], said["kind"]
        listing.specialty_code, listing.last_confirmed = said["specialty"], said["confirmed"]
        listing.accepts_new_patients, listing.languages = said["accepting"], list(said["languages"])
        for location in listing.locations:
            location.city = said["cities"][0]
        self.refresh(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), place=st.one_of(places, places, st.none()), city=st.sampled_from(CITIES))
    def move_address(self, data, place, city):
        listing = self.chosen(data)
        if listing.locations:
            location = data.draw(st.sampled_from(listing.locations))
            location.lat, location.lon, location.city = place and place.lat, place and place.lon, city
        self.refresh(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), place=places)
    def add_address(self, data, place):
        listing = self.chosen(data)
        ordinal = max((location.ordinal for location in listing.locations), default=0) + 1
        listing.locations.append(
            Location(ordinal=ordinal, line1="2 Made Up Street", city="Maryville", state="CO", postal_code="80021",
                     lat=place.lat, lon=place.lon)
        )  # fmt: skip
        self.refresh(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def remove_address(self, data):
        listing = self.chosen(data)
        if listing.locations:
            listing.locations.remove(data.draw(st.sampled_from(listing.locations)))
        self.refresh(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), state=st.sampled_from(STATES))
    def judge(self, data, state):
        """Accepted, revoked, overtaken."""
        listing = self.chosen(data)
        self.session.execute(sa.update(Attestation).where(Attestation.listing_id == listing.id).values(state=state))
        self.refresh(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), hours=st.integers(-48, 24 * 400))
    def change_the_end(self, data, hours):
        listing = self.chosen(data)
        until = NOW + timedelta(hours=hours)
        self.session.execute(
            sa.update(Attestation).where(Attestation.listing_id == listing.id).values(valid_until=until)
        )
        self.refresh(listing.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data(), day=days, languages=some_languages)
    def confirm(self, data, day, languages):
        listing = self.chosen(data)
        listing.last_confirmed, listing.languages = day, list(languages)
        self.refresh(listing.id)

    @rule(hours=st.integers(1, 24 * 30))
    def wait(self, hours):
        """Nobody touches the index when something expires."""
        self.now += timedelta(hours=hours)

    @rule()
    def rebuild(self):
        self.session.commit()
        rebuild(self.engine, self.now)

    @precondition(lambda self: self.ids)
    @rule(query=queries)
    def ask(self, query):
        self.assert_answers(query)

    @precondition(lambda self: self.ids)
    @rule(filters=any_filters, place=places)
    def walk(self, filters, place):
        self.assert_answers(SearchQuery(place, None, filters, per_page=2))

    def assert_answers(self, query: SearchQuery) -> None:
        assert_truth(self.session, BruteForce.of(self.session), query, self.now)

    @invariant()
    def the_index_is_as_the_tables_say(self):
        assert differences(self.session, self.now) == []

    def teardown(self):
        self.session.close()
        self.engine.dispose()


TestKeeping = Keeping.TestCase
TestKeeping.settings = settings(max_examples=30, stateful_step_count=15)
