"""Three hundred pairs of towns share a name and a state: nobody guesses between them."""

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


def test_every_pair_of_twins_is_asked_about_and_each_answer_finds_one(gazetteer, towns):
    alike = defaultdict(list)
    for name, state, _, _ in towns:
        alike[name_key(name), state].append(name)
    twins = [(names[0], state, len(names)) for (_, state), names in alike.items() if len(names) > 1]
    assert len(twins) > 300
    for name, state, count in twins:
        answer = gazetteer.look_up(f"{name}, {state}")
        assert isinstance(answer, Ambiguous), (name, state)
        assert len(answer.candidates) == count
        assert "More than one town" in answer.sentence
        for candidate in answer.candidates:
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
