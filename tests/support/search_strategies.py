"""Listings and searches of every kind for hypothesis: stacks, poles, the antimeridian, and all filters."""

from datetime import timedelta

from hypothesis import strategies as st

from directory.attestations.lifecycle import AttestationState
from directory.geography.point import Point
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.search.filters import Filters
from directory.search.query import MAX_MILES, MIN_MILES, SearchQuery
from support.brute_force import BONES, IMAGING, KINDS, LANGUAGES
from support.random_searches import CITIES, COMMON_SPECIALTIES, NAMES, PRACTICES, UNUSED_SPECIALTY
from support.synthetic_listings import NOW, SyntheticListing

MICROSECOND = timedelta(microseconds=1)
SHARED_POINTS = [
    Point(40, -105),
    Point(0, 180),
    Point(0, -180),
    Point(65, 179.999),
    Point(90, 0),
    Point(-90, 77),
    Point(0, 0),
]
"""Places to stack entries on: points that are equal, at the antimeridian and at the poles."""

places = st.one_of(
    st.sampled_from(SHARED_POINTS),
    st.builds(Point, st.floats(-90, 90), st.floats(-180, 180)),
    st.builds(Point, st.floats(39.9, 40.1), st.floats(-105.1, -104.9)),
    st.builds(Point, st.floats(-1, 1), st.one_of(st.floats(179.5, 180), st.floats(-180, -179.5))),
    st.builds(Point, st.floats(85, 90), st.floats(-180, 180)),
)
confirmation_dates = st.sampled_from([None, *(NOW.date() - timedelta(days=days) for days in (0, 364, 365, 366))])
expiry_times = st.sampled_from([NOW, NOW + timedelta(days=1), NOW - MICROSECOND])
some_languages = st.lists(st.sampled_from(LANGUAGES[:4]), max_size=2, unique=True).map(tuple)
detail_strategies = {
    "specialty": st.sampled_from(["", *COMMON_SPECIALTIES[:3]]),
    "languages": some_languages,
    "accepting": st.sampled_from([None, False, True, True]),
    "kind": st.sampled_from(ListingKind),
    "confirmed": confirmation_dates,
    "name": st.sampled_from(NAMES),
    "practice": st.sampled_from(PRACTICES),
    "cities": st.lists(st.sampled_from(CITIES), min_size=1, max_size=3).map(tuple),
}
listing_strategy = st.builds(
    SyntheticListing,
    st.lists(st.one_of(places, places, st.none()), min_size=1, max_size=4).map(tuple),
    methods=st.sampled_from([None, (), ("ct",), ("fluoroscopy", "ultrasound")]),
    how_often=st.sampled_from(["always", "sometimes"]),
    volume=st.sampled_from([None, 5, 8, 10.1, (5, 20)]),
    sites=st.sampled_from([None, 3, 6, (4, 6)]),
    bone=st.sampled_from([None, BONES[0], BONES[3]]),
    valid_until=expiry_times,
    state=st.sampled_from([ListingState.PUBLISHED] * 3 + [ListingState.DRAFT]),
    attestation=st.sampled_from([AttestationState.ACCEPTED] * 3 + [AttestationState.REVOKED]),
    **detail_strategies,
)
words = st.sampled_from(["", "", "", "mar", "marr", "jose", "SAN josé", "ortho", "lee den", "li", "3", "zz"])


def optional(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.one_of(st.none(), st.none(), st.none(), values)


any_filters = st.builds(
    Filters,
    badge=optional(st.just("1")),
    imaging=optional(st.sampled_from(IMAGING)),
    volume=optional(st.sampled_from([4.9, 5, 7.5, 8, 10, 10.1, 20, 30])),
    sites=optional(st.sampled_from([1, 3, 4, 5, 6, 10, 11])),
    bone=optional(st.sampled_from(BONES[:4])),
    specialty=optional(st.sampled_from([*COMMON_SPECIALTIES[:3], UNUSED_SPECIALTY])),
    language=optional(st.sampled_from(LANGUAGES[:4])),
    accepting=optional(st.just("1")),
    kind=optional(st.sampled_from(KINDS)),
    confirmed=optional(st.just("1")),
    q=words,
)
by_distance = st.builds(
    SearchQuery,
    places,
    st.one_of(st.none(), st.floats(MIN_MILES, MAX_MILES)),
    any_filters,
    st.integers(1, 4),
    st.sampled_from([1, 3, 20]),
)
by_name = st.builds(
    SearchQuery,
    st.none(),
    st.none(),
    any_filters.filter(lambda filters: filters.words),
    st.integers(1, 3),
    st.sampled_from([1, 3, 20]),
)
queries = st.one_of(by_distance, by_distance, by_distance, by_name)
