"""The synthetic nation: same for the same seed in both databases, with the distribution that benchmarks rely on."""

from collections import Counter
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from benchmarks.attestations import RULESET, AttestationFactory
from benchmarks.nation import BATCH, LARGEST_BUILDING, Batch, Nation
from benchmarks.nation_tables import insert_nation
from benchmarks.population import BOROUGHS, PopulatedPlace, gazetteer_file, populated_places
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import make_listing
from support.page_text import visible_text

from directory import clock
from directory.attestations.digest import verify
from directory.attestations.tables import Attestation, AttestationMove
from directory.certification.answers import answers_from_json
from directory.certification.cross_checks import find_contradictions
from directory.certification.ruleset import bundled_rulesets
from directory.certification.scoring import assess
from directory.geography.point import Point, miles_between
from directory.listings.fields import STATES
from directory.listings.kinds import ListingKind
from directory.listings.languages import LANGUAGES
from directory.listings.npi import is_valid_npi
from directory.listings.specialties import SPECIALTIES
from directory.listings.tables import Listing, ListingMove, ListingSource, Location

TODAY = datetime(2026, 11, 22, tzinfo=UTC)
MANHATTAN = Point(40.7834, -73.9663)
TABLES = {
    Listing: "id",
    Location: "listing_id",
    ListingMove: "listing_id",
    Attestation: "id",
    AttestationMove: "attestation_id",
}
"""The tables of the nation, and the column that its rows are sorted by."""


@pytest.fixture(scope="module")
def places() -> tuple[PopulatedPlace, ...]:
    return populated_places(gazetteer_file())


@pytest.fixture(scope="module")
def nation(places) -> Nation:
    return Nation(places, AttestationFactory(bundled_rulesets().load(RULESET), TODAY), seed=1)


@pytest.fixture(scope="module")
def batch(nation) -> Batch:
    return nation.batch(0)


def test_populated_places_add_up_to_the_population_of_the_country(places):
    population = Counter()
    for place in places:
        population[place.state] += place.population
        assert place.population > 0
        assert len(place.postal_code) == 5
    assert 25e7 < population.total() < 34e7
    assert population["CA"] > population["TX"] > population["OH"] > population["MT"] > population["WY"] > 4e5
    assert set(population) >= STATES
    boroughs = sum(place.population for place in places if place.state == "NY" and place.city in BOROUGHS)
    assert boroughs < 9e6, "the boroughs of New York are counted once"


def test_a_batch_is_reproducible_and_differs_from_the_others(nation, batch):
    assert nation.batch(0) == batch
    other = nation.batch(1)
    assert other.listings.id[0] == BATCH + 1
    assert len(set(other.listings.name) & set(batch.listings.name)) < BATCH / 20


def test_a_few_listings_have_two_or_three_locations(batch):
    assert 0.76 < Counter(batch.listings.kind)[ListingKind.PERSON] / BATCH < 0.80
    locations = Counter(Counter(batch.locations.listing_id).values())
    assert set(locations) == {1, 2, 3}
    assert 0.02 < (locations[2] + locations[3]) / BATCH < 0.04
    pairs = zip(batch.locations.listing_id, batch.locations.ordinal, strict=True)
    assert [listing for listing, ordinal in pairs if not ordinal] == batch.listings.id


def test_buildings_are_shared_and_the_largest_holds_150(nation, batch):
    points = list(zip(batch.locations.lat, batch.locations.lon, batch.locations.line1, strict=True))
    buildings = Counter(points)
    (largest, size), *_ = buildings.most_common(1)
    assert (nation.places[batch.locations.place[points.index(largest)]].postal_code, size) == LARGEST_BUILDING
    shared = sum(count for count in buildings.values() if count > 1)
    assert 0.3 < shared / len(points) < 0.7


def test_locations_are_distributed_like_the_population(nation, batch):
    states = Counter(nation.places[place].state for place in batch.locations.place)
    assert states["CA"] > states["FL"] > states["CO"] > states["MT"] > 0
    points = [Point(*pair) for pair in zip(batch.locations.lat, batch.locations.lon, strict=True)]
    assert 50 < sum(miles_between(MANHATTAN, point) < 5 for point in points) < 400
    found = [nation.places[place] for place in batch.locations.place]
    within = [
        miles_between(point, Point(place.lat, place.lon)) <= place.miles
        for point, place in zip(points, found, strict=True)
    ]
    assert sum(within) / len(within) > 0.9


def test_filters_match_common_and_rare_listings(nation):
    ruleset, count = bundled_rulesets().load(RULESET), 5 * BATCH
    attestations = [one for index in range(5) for one in nation.batch(index).attestations]
    assert 0.065 < len(attestations) / count < 0.075
    live = [one for one in attestations if one.valid_until >= TODAY]
    assert 0.8 < len(live) / len(attestations) < 0.95
    answers = [answers_from_json(ruleset, one.answers) for one in live]
    badges = sum(assess(ruleset, given).badge_earned for given in answers)
    ct = sum("ct" in given["imaging_guidance"].methods for given in answers if given["imaging_guidance"])
    calcaneus = sum(given["harvest_bone"].value == "calcaneus" for given in answers if given["harvest_bone"])
    assert 0.02 < badges / count < 0.035
    assert 0.004 < ct / count < 0.009
    assert 0.00015 < calcaneus / count < 0.0006
    assert not any(find_contradictions(ruleset, given, {}) for given in answers)


def test_every_specialty_and_language_occurs(batch):
    assert set(batch.listings.specialty_code) == set(SPECIALTIES)
    assert {code for codes in batch.listings.languages for code in codes} == set(LANGUAGES)
    assert set(batch.listings.accepting) == {True, False, None}
    assert max(day for day in batch.listings.confirmed if day) < TODAY.date()
    assert None in batch.listings.confirmed
    assert not any(is_valid_npi(f"0{number:09d}") for number in batch.listings.id[:100])


def test_a_batch_is_cut_with_its_locations_and_attestations(batch):
    cut = batch.up_to(200)
    assert cut.listings.id == list(range(1, 201))
    assert set(cut.locations.listing_id) == set(cut.listings.id)
    assert cut.attestations == [one for one in batch.attestations if one.listing_id <= 200]


def rows(session: Session) -> dict[str, list[tuple]]:
    """All rows of the nation's tables, without ids that nothing refers to."""
    found = {}
    for table, key in TABLES.items():
        columns = table.__table__.columns
        wanted = [column for column in columns if column.name in (key, "ordinal") or not column.primary_key]
        found[table.__tablename__] = [
            tuple(row) for row in session.execute(sa.select(*wanted).order_by(columns[key], columns.id))
        ]
    return found


@pytest.fixture(scope="module")
def sqlite_rows(sqlite_databases) -> dict[str, list[tuple]]:
    with sqlite_databases() as url:
        engine = sa.create_engine(url)
        insert_nation(engine, 100, TODAY)
        with Session(engine) as session:
            found = rows(session)
        engine.dispose()
    return found


def test_a_nation_is_the_same_in_both_databases(session, sqlite_rows):
    insert_nation(session.get_bind(), 100, TODAY)
    assert rows(session) == sqlite_rows
    assert len(sqlite_rows["listings"]) == 100


def test_a_later_listing_takes_the_next_id(session, provider):
    insert_nation(session.get_bind(), 5, TODAY)
    assert make_listing(session, provider).id == 6


def test_pages_of_a_listing_work(client: FlaskClient, session: Session):
    insert_nation(session.get_bind(), 100, clock.now().replace(hour=0, minute=0, second=0, microsecond=0))
    attestations = session.scalars(sa.select(Attestation).order_by(Attestation.id)).all()
    live = next(one for one in attestations if one.valid_until > clock.now())
    not_attested = session.scalar(
        sa.select(Listing).where(Listing.id.not_in([one.listing_id for one in attestations])).limit(1)
    )
    for listing in (live.listing, not_attested):
        assert listing.source == ListingSource.DEMO
        page = client.get(f"/providers/{listing.slug}")
        assert page.status_code == 200
        assert listing.name in visible_text(page)
        assert client.get(f"/api/v1/providers/{listing.slug}").status_code == 200
    assert client.get(f"/verify/{live.public_id}").status_code == 200
    assert all(verify(one) for one in attestations), "the digests are valid"
