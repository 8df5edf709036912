"""Three hundred pairs of towns share a name and a state: nobody guesses between them unless one is far larger."""

import sqlite3
from collections import defaultdict
from contextlib import closing

import pytest

from directory import resources
from directory.geocoding.names import name_key
from directory.geocoding.results import Ambiguous, Found
from directory.geography.point import miles_between


@pytest.fixture(scope="module")
def towns():
    """Name, state, what it lies beside and weight of every town in the file."""
    with closing(sqlite3.connect(resources.folder("data") / "places.sqlite")) as file:
        return file.execute("SELECT name, state, beside, weight FROM town").fetchall()


def test_twins_are_asked_about_unless_one_has_five_times_the_people(gazetteer, towns):
    alike, weights = defaultdict(list), defaultdict(list)
    for name, state, _, weight in sorted(towns, key=lambda town: -town[3]):
        alike[name_key(name), state].append(name)
        weights[name_key(name), state].append(weight)
    twins = [(names[0], state, len(names)) for (_, state), names in alike.items() if len(names) > 1]
    assert len(twins) > 300
    for name, state, count in twins:
        answer = gazetteer.look_up(f"{name}, {state}")
        if isinstance(answer, Found):
            largest, *others = weights[name_key(name), state]
            assert largest >= 5 * max(others), (name, state)
            candidates = (answer.place, *answer.others)
        else:
            assert isinstance(answer, Ambiguous), (name, state)
            assert "More than one town" in answer.sentence
            candidates = answer.candidates
        assert len(candidates) >= count
        for candidate in candidates:
            again = gazetteer.look_up(candidate.label)
            assert isinstance(again, Found)
            assert again.place == candidate


def test_twins_lie_apart_or_they_would_be_one_town(gazetteer):
    answer = gazetteer.look_up("Hollywood, AL")
    assert isinstance(answer, Ambiguous)
    first, second = answer.candidates
    assert miles_between(first.point, second.point) > 50


def test_the_label_of_every_town_finds_that_town_again(gazetteer, towns):
    astray = []
    for name, state, beside, _ in towns:
        label = f"{name}, {state}" + (f" (near {beside})" if beside else "")
        answer = gazetteer.look_up(label)
        if not isinstance(answer, Found) or answer.place.label != label:
            astray.append(label)
    assert not astray
