"""How the names of two people relate."""

import pytest

from directory.duplicates.person_names import (
    FirstNames,
    MiddleNames,
    PersonName,
    Surnames,
    compare_first_names,
    compare_middle_names,
    compare_surnames,
    first_name_share,
    is_swapped,
    parse_person_name,
    person_name,
    surname_share,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada Hazelgrove", PersonName("ada", "", ("hazelgrove",))),
        ("Maria L. de la Cruz Jr.", PersonName("maria", "l", ("de", "la", "cruz"), "jr")),
        ("José Ñíguez-O’Neil, III", PersonName("jose", "", ("niguez", "oneil"), "iii")),
        ("Jan van der Berg", PersonName("jan", "", ("van", "der", "berg"))),
        ("Cher", PersonName("", "", ("cher",))),
        ("Anna Maria Sofia Lund", PersonName("anna", "mariasofia", ("lund",))),
    ],
)
def test_a_name_in_one_line_is_read_in_parts(text, name):
    assert parse_person_name(text) == name


def test_a_suffix_sticks_to_the_surname():
    assert person_name("Ada", "", "Hazelgrove Sr.") == PersonName("ada", "", ("hazelgrove",), "sr")


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        (("Ada", ""), ("ADA", ""), FirstNames.EQUAL),
        (("William", ""), ("Bill", ""), FirstNames.NICKNAME),
        (("Maryy", ""), ("Mary", ""), FirstNames.MISSPELLED),
        (("Dion", ""), ("Dino", ""), FirstNames.SIMILAR),
        (("Bernadetta", ""), ("Bernad", ""), FirstNames.PREFIX),
        (("Paul", "E"), ("Paule", ""), FirstNames.JOINED),
        (("William", "Howard"), ("Howard", ""), FirstNames.MIDDLE),
        (("H.", ""), ("Heather", ""), FirstNames.INITIAL),
        (("H", ""), ("H", ""), FirstNames.INITIALS),
        (("Ada", ""), ("Grace", ""), FirstNames.DIFFERENT),
        (("", ""), ("Grace", ""), FirstNames.MISSING),
    ],
)
def test_first_names(one, other, match):
    left, right = (person_name(first, middle, "Lund") for first, middle in (one, other))
    assert compare_first_names(left, right) is match
    assert compare_first_names(right, left) is match


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        (("", "Hazelgrove"), ("", "HAZELGROVE"), Surnames.EQUAL),
        (("", "Hazelgrove"), ("", "Hazelgrrove"), Surnames.MISSPELLED),
        (("", "Dorsey"), ("", "Dorset"), Surnames.SIMILAR),
        (("", "Szumigala"), ("", "Farkas-Szumigala"), Surnames.COMPOUND),
        (("Adcock", "Beard"), ("", "Adcock"), Surnames.MAIDEN),
        (("P", "Walston"), ("W", "Kobos"), Surnames.MAIDEN_INITIAL),
        (("", "Hazelgrove"), ("", "Lund"), Surnames.DIFFERENT),
    ],
)
def test_surnames(one, other, match):
    left, right = (person_name("Ada", middle, last) for middle, last in (one, other))
    assert compare_surnames(left, right) is match
    assert compare_surnames(right, left) is match


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        ("ann", "ann", MiddleNames.EQUAL),
        ("anne", "ann", MiddleNames.EQUAL),
        ("ann", "a", MiddleNames.INITIAL),
        ("a", "a", MiddleNames.INITIALS),
        ("ann", "", MiddleNames.ONE_MISSING),
        ("", "", MiddleNames.MISSING),
        ("ann", "beth", MiddleNames.CONFLICT),
        ("alice", "arthur", MiddleNames.CONFLICT),
    ],
)
def test_middle_names(one, other, match):
    assert compare_middle_names(one, other) is match
    assert compare_middle_names(other, one) is match


def test_first_name_and_surname_may_be_swapped():
    assert is_swapped(person_name("Alison", "", "Perley"), person_name("Perley", "", "Alison"))
    assert not is_swapped(person_name("Alison", "", "Perley"), person_name("Alison", "", "Perley"))


def test_common_names_are_had_by_more_people():
    assert surname_share("smith") > 0.005 > surname_share("hazelgrove") > 0
    assert first_name_share("james") > 0.005 > first_name_share("gwethanne") > 0
