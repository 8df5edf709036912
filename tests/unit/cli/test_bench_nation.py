"""What the synthetic nation is like, held on one part of it: ten thousand listings."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from directory import resources
from directory.certification.answers import from_json
from directory.certification.crosschecks import contradictions
from directory.certification.ruleset import shipped
from directory.certification.scoring import assess
from directory.cli.bench_answers import RULESET, Answering
from directory.cli.bench_nation import PART, TOWER, Nation, Part
from directory.geocoding.homes import BOROUGHS, Home, homes
from directory.geography.point import Point, miles_between
from directory.listings.entry import STATES
from directory.listings.specialties import SPECIALTIES
from directory.listings.tables import Kind
from directory.search.query import LANGUAGES

TODAY = datetime(2026, 11, 22, tzinfo=UTC)
MANHATTAN = Point(40.7834, -73.9663)


@pytest.fixture(scope="module")
def country() -> tuple[Home, ...]:
    return homes(resources.folder("data") / "places.sqlite")


@pytest.fixture(scope="module")
def nation(country) -> Nation:
    return Nation(country, Answering(shipped().load(RULESET), TODAY), seed=1)


@pytest.fixture(scope="module")
def part(nation) -> Part:
    return nation.part(0)


def test_the_country_has_as_many_people_as_its_towns(country):
    people = Counter()
    for home in country:
        people[home.state] += home.people
        assert home.people > 0
        assert len(home.postal_code) == 5
        assert home.city
    assert 25e7 < people.total() < 34e7
    assert people["CA"] > people["TX"] > people["OH"] > people["MT"] > people["WY"] > 4e5
    assert set(people) >= STATES
    in_boroughs = sum(home.people for home in country if home.state == "NY" and home.city in BOROUGHS)
    assert in_boroughs < 9e6, "nobody in New York is counted twice"


def test_a_part_is_the_same_again_and_no_other_part_is(nation, part):
    assert nation.part(0) == part
    other = nation.part(1)
    assert other.listings.number[0] == PART + 1
    assert len(set(other.listings.name) & set(part.listings.name)) < PART / 20
    assert max(Counter(zip(other.locations.lat, other.locations.lon, strict=True)).values()) < TOWER[1]


def test_most_are_persons_and_a_few_have_two_or_three_places(part):
    kinds = Counter(part.listings.kind)
    assert 0.76 < kinds[Kind.PERSON] / PART < 0.80
    places = Counter(Counter(part.locations.number).values())
    assert set(places) == {1, 2, 3}
    assert 0.02 < (places[2] + places[3]) / PART < 0.04
    first = [
        number for number, ordinal in zip(part.locations.number, part.locations.ordinal, strict=True) if not ordinal
    ]
    assert first == part.listings.number, "everybody has a first address"


def test_some_work_together_and_150_at_one_address(nation, part):
    points = list(zip(part.locations.lat, part.locations.lon, part.locations.line1, strict=True))
    stacks = Counter(points)
    (top, most), *_ = stacks.most_common(1)
    assert most == TOWER[1]
    assert nation.homes[part.locations.home[points.index(top)]].postal_code == TOWER[0]
    together = sum(count for count in stacks.values() if count > 1)
    assert 0.3 < together / len(points) < 0.7
    assert len(set(stacks.values())) > 20, "stacks of many sizes"


def test_they_live_where_people_live(nation, part):
    states = Counter(nation.homes[home].state for home in part.locations.home)
    assert states["CA"] > states["FL"] > states["CO"] > states["MT"] > 0
    points = [Point(*pair) for pair in zip(part.locations.lat, part.locations.lon, strict=True)]
    near = sum(miles_between(MANHATTAN, point) < 5 for point in points)
    assert 50 < near < 400
    middles = [Point(nation.homes[home].lat, nation.homes[home].lon) for home in part.locations.home]
    away = [miles_between(a, b) for a, b in zip(points, middles, strict=True)]
    assert sum(map(float.__le__, away, [nation.homes[home].miles for home in part.locations.home])) / len(away) > 0.9
    assert max(away) < 400


def test_filters_match_much_little_and_next_to_nothing(nation):
    ruleset = shipped().load(RULESET)
    signed = [one for index in range(5) for one in nation.part(index).signed]
    of = 5 * PART
    live = [one for one in signed if one.valid_until >= TODAY]
    assert 0.065 < len(signed) / of < 0.075
    assert 0.8 < len(live) / len(signed) < 0.95
    answers = [from_json(ruleset, one.answers) for one in live]
    badges = sum(assess(ruleset, said).badge_earned for said in answers)
    scans = [said for said in answers if said["imaging_guidance"] and "ct" in said["imaging_guidance"].methods]
    heels = [said for said in answers if said["harvest_bone"] and said["harvest_bone"].value == "calcaneus"]
    assert 0.02 < badges / of < 0.035
    assert 0.004 < len(scans) / of < 0.009
    assert 0.00015 < len(heels) / of < 0.0006
    assert not any(contradictions(ruleset, said, {}) for said in answers)


def test_facts_are_such_as_a_listing_may_state(part):
    assert set(part.listings.specialty_code) == set(SPECIALTIES)
    common = Counter(part.listings.specialty_code).most_common()
    assert common[0][1] > 10 * common[-1][1]
    assert {code for codes in part.listings.languages for code in codes} == set(LANGUAGES)
    assert set(part.listings.accepting) == {True, False, None}
    assert max(day for day in part.listings.confirmed if day) < TODAY.date()
    assert None in part.listings.confirmed


def test_a_part_is_cut_with_all_that_belongs_to_it(part):
    cut = part.between(101, 300)
    assert cut.listings.number == list(range(101, 301))
    assert set(cut.locations.number) == set(cut.listings.number)
    assert cut.signed == [one for one in part.signed if 101 <= one.number <= 300]
    assert cut.listings.name == part.listings.name[100:300]
