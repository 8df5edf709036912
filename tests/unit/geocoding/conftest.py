"""Three ways to ask the gazetteer."""

from collections.abc import Callable

import pytest

from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.place import Place
from directory.geocoding.results import Ambiguous, Found, Unknown


@pytest.fixture(scope="session")
def find_place(gazetteer: Gazetteer) -> Callable[[str], Place]:
    """The one place that a text finds."""

    def find(text: str) -> Place:
        answer = gazetteer.look_up(text)
        assert isinstance(answer, Found), answer
        return answer.place

    return find


@pytest.fixture(scope="session")
def find_ambiguous(gazetteer: Gazetteer) -> Callable[[str], Ambiguous]:
    """The question that a text leads to."""

    def ask(text: str) -> Ambiguous:
        answer = gazetteer.look_up(text)
        assert isinstance(answer, Ambiguous), answer
        return answer

    return ask


@pytest.fixture(scope="session")
def find_unknown(gazetteer: Gazetteer) -> Callable[[str], Unknown]:
    """The refusal to guess that a text meets."""

    def refuse(text: str) -> Unknown:
        answer = gazetteer.look_up(text)
        assert isinstance(answer, Unknown), answer
        return answer

    return refuse
