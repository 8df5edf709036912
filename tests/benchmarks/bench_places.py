"""How near real addresses are placed, and how many look-ups a second, against a bare read of one row.

Run it with `python tests/benchmarks/bench_places.py`; it prints the median of several rounds in one process.
The real addresses are found through BMA_REAL_DATA, by default beside the repository.
"""

import csv
import gc
import math
import os
import random
import resource
import sqlite3
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from directory import resources
from directory.geocoding.gazetteer import Gazetteer
from directory.geography.point import Point, miles_between

ROOT = Path(__file__).resolve().parents[2]


ROUNDS = 7
QUERIES = 3_000
SEED = 20261122

Row = dict[str, str]


def real_data_folder() -> Path:
    """The folder of real public records, which is no part of the project."""
    return Path(os.environ.get("BMA_REAL_DATA") or ROOT / ".." / "shared" / "data")


def real_addresses() -> list[Row]:
    """The addresses whose coordinates are known; none where they are not on this machine."""
    file = real_data_folder() / "geocode_truth_5982.csv"
    if not file.is_file():
        return []
    with file.open() as lines:
        return [row for row in csv.DictReader(lines) if row["suspect"] == "0"]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which that share of the values lies."""
    return sorted(values)[math.ceil(share * len(values)) - 1]


def print_accuracy(gazetteer: Gazetteer, rows: Sequence[Row]) -> None:
    """Miles between where an address is placed and where it is."""
    by_precision: dict[str, list[float]] = {}
    elsewhere = within = 0
    for row in rows:
        place = gazetteer.place_address(row["line1"], row["city"], row["state"], row["zip5"])
        if place is None:
            continue
        off = miles_between(place.point, Point(float(row["lat"]), float(row["lon"])))
        by_precision.setdefault(place.precision, []).append(off)
        elsewhere += place.state != row["state"]
        within += off <= place.uncertainty_miles
    miles = [off for kind in by_precision.values() for off in kind]
    print(f"{len(rows)} real addresses: {len(miles)} placed, {elsewhere} in another state")
    for kind, found in [("all", miles), *sorted(by_precision.items())]:
        middle, most = statistics.median(found), percentile(found, 0.95)
        print(f"  {kind:8} {len(found):5}  median {middle:5.2f} miles, 95 % {most:6.2f}")
    print(f"  within the uncertainty that is stated: {within / len(miles):.1%}")


def calls_per_second(ask: Callable[[str], object], texts: Sequence[str]) -> float:
    """Questions answered a second, the median of the rounds."""
    rates = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for text in texts:
            ask(text)
        rates.append(len(texts) / (time.perf_counter() - began))
    return statistics.median(rates)


def make_queries(path: Path) -> dict[str, list[str]]:
    """What patients type, of each kind, drawn from the gazetteer's own ZIPs and towns."""
    chance = random.Random(SEED)
    file = sqlite3.connect(path)
    zips = [row[0] for row in file.execute("SELECT zip FROM postal")]
    towns = file.execute("SELECT t.name, t.state, p.zip FROM town t JOIN postal p ON p.town = t.id").fetchall()
    file.close()
    some = [chance.choice(towns) for _ in range(QUERIES)]
    return {
        "ZIP": chance.choices(zips, k=QUERIES),
        "town, state": [f"{name}, {state}" for name, state, _ in some],
        "town": [name for name, _, _ in some],
        "address": [f"9035 Main St #100, {name}, {state} {zip_code}" for name, state, zip_code in some],
        "point": [f"{chance.uniform(30, 48):.2f},{chance.uniform(-120, -75):.2f}" for _ in range(QUERIES)],
        "typing slip, state": [f"{name[:2]}{name[3:]}x, {state}" for name, state, _ in some[:300] if len(name) > 5],
        "typing slip": [f"{name[:2]}{name[3:]}x" for name, _, _ in some[:300] if len(name) > 5],
    }


def print_speed(path: Path, gazetteer: Gazetteer) -> None:
    """Look-ups a second of each kind, and as a share of the bare read."""
    asked = make_queries(path)
    bare = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    one_row = "SELECT lat, lon FROM postal WHERE zip = ?"
    baseline = calls_per_second(lambda zip_code: bare.execute(one_row, (zip_code,)).fetchone(), asked["ZIP"])
    print(f"bare read of one row   {baseline:10,.0f} a second")
    for kind, texts in asked.items():
        gazetteer.look_up(texts[0])
        rate = calls_per_second(gazetteer.look_up, texts)
        print(
            f"look up: {kind:18} {rate:6,.0f} a second  {1000 / rate:7.3f} ms  1/{baseline / rate:.1f} of the bare read"
        )
    openings = [name[: 1 + place % 6] for place, name in enumerate(asked["town"])]
    rate = calls_per_second(gazetteer.suggest, openings)
    print(f"suggest, 1 to 6 letters     {rate:6,.0f} a second  {1000 / rate:7.3f} ms")
    bare.close()


def main() -> None:
    """Print the figures."""
    path = resources.folder("data") / "places.sqlite"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.perf_counter()
    gazetteer = Gazetteer(path)
    gazetteer.look_up("80021")
    opened = time.perf_counter() - began
    gc.collect()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(f"{path.stat().st_size / 1e6:.1f} MB, opened in {opened * 1000:.1f} ms with {grown / 1024:.1f} MB of memory")
    rows = real_addresses()
    if rows:
        print_accuracy(gazetteer, rows)
    else:
        print("no real data (BMA_REAL_DATA names its folder): accuracy not measured")
    print_speed(path, gazetteer)
    gazetteer.close()


if __name__ == "__main__":
    main()
