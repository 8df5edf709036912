"""Reads US states and counties (Census Bureau) from the TopoJSON in the npm package `us-atlas`."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

Ring = list[tuple[float, float]]
"""A closed ring or open line of longitudes and latitudes; in a ring, the last point equals the first."""


@dataclass(frozen=True, slots=True)
class State:
    """A state or territory: its name, its two-digit FIPS code and the rings of its polygons."""

    name: str
    number: str
    polygons: tuple[tuple[Ring, ...], ...]


@dataclass(frozen=True, slots=True)
class Atlas:
    """The states' polygons, the lines between states, and the lines between counties of a state; each line once."""

    states: tuple[State, ...]
    state_lines: tuple[Ring, ...]
    county_lines: tuple[Ring, ...]


def read_atlas(node_modules: Path) -> Atlas:
    """Read the states and border lines from `us-atlas`.

    Raises:
        FileNotFoundError: the npm packages are not installed there.
    """
    path = node_modules / "us-atlas" / "counties-10m.json"
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no us-atlas in {node_modules}. Run `npm ci --ignore-scripts` first, "
            "or say with --node-modules where the npm packages are."
        )
    topology = json.loads(path.read_text(encoding="utf-8"))
    arcs = [_decode_arc(arc, topology["transform"]) for arc in topology["arcs"]]
    users = _states_by_arc(topology["objects"]["counties"]["geometries"])
    between = {number: set(states) for number, states in sorted(users.items()) if len(states) > 1}
    return Atlas(
        states=tuple(_read_state(shape, arcs) for shape in topology["objects"]["states"]["geometries"]),
        state_lines=_merge_lines(arcs[number] for number, states in between.items() if len(states) > 1),
        county_lines=_merge_lines(arcs[number] for number, states in between.items() if len(states) == 1),
    )


def _merge_lines(lines: Iterable[Ring]) -> tuple[Ring, ...]:
    """Join lines end to end; in a border of short pieces, those too small to draw would leave gaps."""
    from shapely import MultiLineString, get_parts, line_merge

    return tuple(list(line.coords) for line in get_parts(line_merge(MultiLineString(list(lines)))))


def _decode_arc(packed: list[list[int]], transform: dict[str, list[float]]) -> Ring:
    (scale_x, scale_y), (move_x, move_y) = transform["scale"], transform["translate"]
    xs = accumulate(step[0] for step in packed)
    ys = accumulate(step[1] for step in packed)
    return [(round(x * scale_x + move_x, 5), round(y * scale_y + move_y, 5)) for x, y in zip(xs, ys, strict=True)]


def _arc_numbers(shape: dict[str, Any]) -> list[list[list[int]]]:
    """Return the arc numbers by polygon and ring; ~n is arc n reversed."""
    if shape["type"] == "Polygon":
        return [shape["arcs"]]
    return list(shape["arcs"])


def _states_by_arc(counties: list[dict[str, Any]]) -> dict[int, list[str]]:
    """Map each arc to the state of each county that it bounds: one county at a shore, two inland."""
    users: dict[int, list[str]] = {}
    for county in counties:
        numbers = {arc if arc >= 0 else ~arc for rings in _arc_numbers(county) for ring in rings for arc in ring}
        for number in numbers:
            users.setdefault(number, []).append(str(county["id"])[:2])
    return users


def _read_state(shape: dict[str, Any], arcs: list[Ring]) -> State:
    return State(
        name=shape["properties"]["name"],
        number=str(shape["id"]),
        polygons=tuple(tuple(_assemble_ring(ring, arcs) for ring in rings) for rings in _arc_numbers(shape)),
    )


def _assemble_ring(numbers: list[int], arcs: list[Ring]) -> Ring:
    parts = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
    ring = parts[0][:]
    for before, part in pairwise(parts):
        assert before[-1] == part[0]  # noqa: S101 - a break here would be drawn as a line across the country
        ring += part[1:]
    return ring
