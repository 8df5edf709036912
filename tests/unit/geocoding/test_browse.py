"""The addresses of towns: each leads to one town, and each town has one."""

import pytest

from directory.geocoding.browse import town_slug
from directory.geocoding.us_states import STATES


def test_every_town_has_an_address_of_its_own_that_leads_to_it(gazetteer):
    count = 0
    for state in STATES:
        towns = gazetteer.towns(state)
        slugs = [town_slug(town) for town in towns]
        assert len(set(slugs)) == len(slugs), [slug for slug in slugs if slugs.count(slug) > 1]
        assert all(slug and slug.replace("-", "").isalnum() and slug.isascii() for slug in slugs)
        astray = [slug for slug, town in zip(slugs, towns, strict=True) if gazetteer.town(state, slug) != town]
        assert not astray
        count += len(towns)
    assert count > 20_000


def test_the_largest_town_comes_first(gazetteer):
    assert [town.city for town in gazetteer.towns("CO")[:2]] == ["Denver", "Colorado Springs"]


@pytest.mark.parametrize(
    ("state", "typed", "meant"),
    [
        ("MO", "st-louis", "saint-louis"),
        ("MO", "O'Fallon", "ofallon"),
        ("NC", "WinstonSalem", "winston-salem"),
        ("CO", "BROOMFIELD", "broomfield"),
    ],
)
def test_another_spelling_is_the_same_town(gazetteer, state, typed, meant):
    assert town_slug(gazetteer.town(state, typed)) == meant


@pytest.mark.parametrize(
    ("state", "slug"),
    [
        ("CO", "no-such-town"),
        ("CO", ""),
        ("CO", "80021"),
        ("CO", "broomfield" * 50),
        ("AL", "hollywood"),
        ("AL", "hollywood-near-nowhere"),
        ("XX", "broomfield"),
        ("NY", "broomfield"),
        ("CO", "%00"),
        ("CO", "\x00"),
        ("CO", "💥"),
    ],
)
def test_what_is_no_towns_address_leads_nowhere(gazetteer, state, slug):
    assert gazetteer.town(state, slug) is None


def test_a_state_that_is_none_has_no_towns(gazetteer):
    assert gazetteer.towns("XX") == ()
