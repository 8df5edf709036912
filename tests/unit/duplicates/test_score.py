"""Pairs of listings that are the same provider score above zero, others below."""

import pytest

from directory.duplicates.addresses import parse_address
from directory.duplicates.blocking import pairs_to_compare
from directory.duplicates.clinic_names import WordWeights, clinic_names
from directory.duplicates.person_names import person_name
from directory.duplicates.record import Record, phone_digits, professions
from directory.duplicates.score import NEVER, compare

BROOMFIELD = ("120 Flatiron Crossing Dr", "Ste 200", "Broomfield", "CO", "80021", 39.88, -105.1)
SAME_HOUSE = ("120 FLATIRON CROSSING DRIVE, SUITE 200", "", "BROOMFIELD", "CO", "80021-1234", 39.88, -105.1)
MIAMI = ("9 Biscayne Blvd", "", "Miami", "FL", "33132", 25.77, -80.19)


def address(line1, line2, city, state, zip_code, lat, lon):
    return parse_address(line1, line2, city, state, zip_code, lat=lat, lon=lon)


def person(name, place=BROOMFIELD, *, phone="", credentials="MD", specialty="207X00000X"):
    return Record(
        id=0,
        person=person_name(*name),
        names=(),
        professions=professions(credentials),
        specialty_code=specialty,
        specialty="",
        addresses=(address(*place),),
        phones=frozenset({phone_digits(phone)} if phone else ()),
    )


def clinic(name, place=BROOMFIELD, *, phone="", specialty=""):
    return Record(
        id=0,
        person=None,
        names=clinic_names(name),
        professions=frozenset(),
        specialty_code=specialty,
        specialty="",
        addresses=(address(*place),),
        phones=frozenset({phone_digits(phone)} if phone else ()),
    )


NAMES = WordWeights(
    clinic_names(f"{town} {field} {kind} LLC")
    for town in ("Aldane", "Belira", "Cassuna", "Doriel", "Eldenna", "Fenimar", "Galoa", "Halise")
    for field in ("Orthopedic", "Pain", "Spine", "Eye", "Dental")
    for kind in ("Clinic", "Center", "Associates")
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (person(("Ada", "Lynn", "Hazelgrove")), person(("ADA", "L", "HAZELGROVE"), SAME_HOUSE)),
        (person(("William", "", "Hazelgrove")), person(("Bill", "", "Hazelgrove"), SAME_HOUSE)),
        (
            person(("Ada", "L", "Hazelgrove"), phone="303-555-0100"),
            person(("Ada", "L", "Hazelgrrove"), phone="3035550100"),
        ),
        (clinic("Hazelgrove Orthopedic Center, Inc."), clinic("HAZELGROVE ORTHOPAEDIC CTR LLC", SAME_HOUSE)),
        (clinic("Hazelgrove Eye Clinic"), clinic("Hazelgrove Eye Clinic DBA Fairmont Vision", SAME_HOUSE)),
    ],
)
def test_the_same_provider(one, other):
    match = compare(one, other, NAMES)
    assert match.score > 0
    assert "Same street address" in match.reasons
    assert compare(other, one, NAMES).score == pytest.approx(match.score)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            person(("John", "A", "Smith")),
            person(("John", "B", "Smith"), MIAMI, specialty="1223G0001X", credentials="DDS"),
        ),
        (person(("Ada", "L", "Hazelgrove")), person(("Grace", "M", "Hazelgrove"), SAME_HOUSE)),
        (person(("Richard", "", "Lund")), person(("Richard", "", "Hazelgrove"), MIAMI)),
        (clinic("Hazelgrove Orthopedic Center"), clinic("Fairmont Dental Group", SAME_HOUSE)),
        (clinic("Hazelgrove Orthopedic Center"), clinic("Hazelgrove Orthopedic Center", MIAMI)),
    ],
)
def test_different_providers(one, other):
    assert compare(one, other, NAMES).score < 0


def test_father_and_son_are_never_the_same():
    father, son = (person(("Ada", "", "Hazelgrove", suffix), phone="303-555-0100") for suffix in ("Sr", "Jr"))
    assert compare(father, son, NAMES).score == NEVER


def test_pairs_have_a_key_in_common_and_are_found_once():
    records = [
        person(("Ada", "Lynn", "Hazelgrove")),
        person(("Ada", "L", "Hazelgrove"), MIAMI),
        person(("Grace", "", "Lund"), MIAMI),
        clinic("Hazelgrove Orthopedic Center"),
        clinic("Hazelgrove Orthopedic Ctr", MIAMI),
    ]
    assert list(pairs_to_compare(records, NAMES)) == [(records[0], records[1]), (records[3], records[4])]


def test_keys_that_too_many_share_are_left_out():
    records = [person(("Ada", "", "Hazelgrove")) for _ in range(5)]
    assert list(pairs_to_compare(records, NAMES, max_block=4)) == []
    assert len(list(pairs_to_compare(records, NAMES))) == 10


def test_no_listings_have_no_pairs():
    assert list(pairs_to_compare([], NAMES)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M.D., PhD", {"physician"}),
        ("M D", {"physician"}),
        ("PA-C", {"physician assistant"}),
        ("FNP-BC, APRN", {"nurse"}),
        ("DO", {"osteopath"}),
        ("", set()),
    ],
)
def test_credentials_stand_for_professions(text, expected):
    assert professions(text) == expected
