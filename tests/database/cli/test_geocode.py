"""`places geocode`: what the gazetteer of this installation finds."""

from collections.abc import Callable

import pytest
from geopy.distance import great_circle

Command = Callable[..., str]


def positions(printed: str) -> list[tuple[float, float]]:
    pairs = [line.split("\t")[1].split(",") for line in printed.splitlines()]
    return [(float(lat), float(lon)) for lat, lon in pairs]


def test_a_place_is_printed_with_its_position_and_how_exact_it_is(run_command: Command) -> None:
    label, position, exactness = run_command("places", "geocode", "Denver, CO").rstrip("\n").split("\t")
    assert (label, position) == ("Denver, CO", "39.73915,-104.98470")
    assert exactness.startswith("city, within ")


def test_all_places_of_a_name_are_printed(run_command: Command) -> None:
    labels = [line.split("\t")[0] for line in run_command("places", "geocode", "Portland").splitlines()]
    assert labels[0] == "Portland, OR"
    assert "Portland, ME" in labels


def test_a_position_is_told_by_the_town_near_it(run_command: Command) -> None:
    printed = run_command("places", "geocode", "--reverse", "39.74,-104.98")
    assert "near Denver, CO" in printed
    (found,) = positions(printed)
    assert great_circle(found, (39.74, -104.98)).miles < 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["asdfgh qwerty"], "no place for “asdfgh qwerty”"),
        (["--reverse", "0,0"], "no place for “0,0”"),
        (["--reverse", "Denver"], "latitude"),
        ([""], "Error: "),
    ],
)
def test_what_is_not_found_ends_with_a_sentence_and_status_1(
    run_command: Command, arguments: list[str], said: str
) -> None:
    assert said in run_command("places", "geocode", *arguments, code=1)
