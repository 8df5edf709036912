"""Slips of the finger are offered, and never followed in silence."""

import random
import sqlite3
import string
from contextlib import closing

import pytest

from directory import resources
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.results import Found, Unknown
from directory.geocoding.typos import max_edits

SEED = 20261122


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Westminter", "Westminster, CO"),
        ("Westminter, CO", "Westminster, CO"),
        ("near Westminter CO", "Westminster, CO"),
        ("Dnever, CO", "Denver, CO"),
        ("Albuqerque", "Albuquerque, NM"),
        ("Pittsbrugh, PA", "Pittsburgh, PA"),
        ("Cincinnait, OH", "Cincinnati, OH"),
        ("Minneapols Minnesota", "Minneapolis, MN"),
        ("9035 Wadsworth Pkwy, Westminter, CO", "Westminster, CO"),
    ],
)
def test_a_slip_is_offered_and_not_taken(find_unknown, typed, first):
    answer = find_unknown(typed)
    assert answer.did_you_mean[0].label == first
    assert len(answer.did_you_mean) <= 8
    assert typed in answer.sentence


@pytest.mark.parametrize("typed", ["asdfgh qwerty", "xyz", "🦴🦴🦴x", "zzzzzzzzzzzzzzzzzzzz", "Невозможно", "骨髓"])
def test_nothing_is_offered_for_what_resembles_no_name(find_unknown, typed):
    answer = find_unknown(typed)
    assert answer.did_you_mean == ()
    assert "ZIP" in answer.sentence


def test_a_town_missing_in_its_state_is_offered_elsewhere(find_unknown):
    assert [place.city for place in find_unknown("Honolulu, CO").did_you_mean] == ["Honolulu"]


def test_with_a_zip_a_slip_does_no_harm(find_place):
    assert find_place("Westminter, CO 80021").postal_code == "80021"


@pytest.mark.parametrize(("length", "slips"), [(4, 1), (7, 1), (8, 2), (11, 2), (12, 3), (40, 3)])
def test_short_names_may_have_fewer_slips(length, slips):
    assert max_edits("x" * length) == slips


def _slip(chance: random.Random, name: str) -> str:
    """The name with one letter left out, doubled, swapped or replaced, after the first."""
    at = chance.randrange(1, len(name) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at] + name[at:]
    if kind == 2:
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + chance.choice(string.ascii_lowercase) + name[at + 1 :]


def test_nineteen_of_twenty_slips_with_a_state_are_offered(gazetteer: Gazetteer):
    with closing(sqlite3.connect(resources.folder("data") / "places.sqlite")) as file:
        towns = file.execute("SELECT id, name, state FROM town WHERE length(name) > 4 ORDER BY id").fetchall()
    chance = random.Random(SEED)
    silent, offered, tried = 0, 0, 0
    for _, name, state in chance.sample(towns, 1500):
        typed = f"{_slip(chance, name)}, {state}"
        answer = gazetteer.look_up(typed)
        if isinstance(answer, Found) and answer.place.city == name:
            continue  # the slip fell on a space or an accent
        tried += 1
        silent += isinstance(answer, Found)
        offered += isinstance(answer, Unknown) and any(place.city == name for place in answer.did_you_mean)
    assert tried > 1300
    assert offered > 0.95 * tried
    # A few slips make another town's name, as Dalton and Walton. That is no guess.
    assert silent < 0.005 * tried
