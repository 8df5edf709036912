"""Holds the look-up of places to its limits, on cities that registries name with their ZIPs and on real addresses.

Run it with `PYTHONPATH=tests python tests/benchmarks/bench_place_pairs.py`; its status is 1 if a limit is missed.
It reads `place_pairs.csv`, `geocode_truth_5982.csv` and the Census's ZIP points from the folder that BMA_REAL_DATA
names, by default beside the repository, and builds a gazetteer in a temporary folder.
"""

import csv
import statistics
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.bench_places import ROOT, percentile, real_addresses, real_data_folder

from directory import resources
from directory.geocoding.build import build
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.results import Found, Unknown
from directory.geography.point import Point, miles_between

FAR_MILES = 25.0
"""A town found farther than this from all its ZIPs is the wrong one, or the register errs."""

ERRORS_OF_THE_REGISTER = {"CORINTH, TX", "GROVES, TX", "SEDRO-WOOLLEY, WA"}
"""Pairs whose only ZIP belongs to another city: 78465 is Corpus Christi, 76051 Grapevine and 98204 Everett."""

Figure = tuple[str, float, float]
"""What was measured, its value, and the most that it may be."""


def read_rows(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a file of real data."""
    with (folder / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def miles_off(found: Found, zips: list[str], census: dict[str, Point], gazetteer: Gazetteer) -> float | None:
    """Miles from the nearest point of the ZIPs, the Census's or the gazetteer's; None if neither knows one."""
    own = [answer.place.point for zip_code in zips if isinstance(answer := gazetteer.look_up(zip_code), Found)]
    points = [*own, *(census[zip_code] for zip_code in zips if zip_code in census)]
    return min((miles_between(found.place.point, point) for point in points), default=None)


def measure_pairs(folder: Path, gazetteer: Gazetteer) -> list[Figure]:
    """Look up every pair, print those that are unknown or far off, and return the figures."""
    census = {
        row["zcta"]: Point(float(row["latitude"]), float(row["longitude"]))
        for row in read_rows(folder, "census_zcta_centroids_33791.csv")
    }
    kinds: Counter[str] = Counter()
    far, milliseconds = [], []
    gazetteer.look_up("a misspeled town, CO")
    for row in read_rows(folder, "place_pairs.csv"):
        text = f"{row['city']}, {row['state']}"
        began = time.thread_time()
        answer = gazetteer.look_up(text)
        milliseconds.append(1000 * (time.thread_time() - began))
        kinds[type(answer).__name__.lower()] += 1
        miles = miles_off(answer, row["zips"].split(), census, gazetteer) if isinstance(answer, Found) else None
        if miles is not None and miles > FAR_MILES:
            far.append(text)
            print(f"  {miles:.0f} miles from {row['zips']}: {text}")
        if isinstance(answer, Unknown):
            print(f"  unknown: {text} {row['zips']}")
    print(f"{sum(kinds.values())} pairs of city and state: {dict(kinds)}")
    return [
        ("pairs that are unknown", kinds["unknown"], 60),
        ("pairs found far off that are no errors of the register", len(set(far) - ERRORS_OF_THE_REGISTER), 2),
        ("milliseconds of a look-up, p99", percentile(milliseconds, 0.99), 1.0),
    ]


def measure_addresses(gazetteer: Gazetteer) -> list[Figure]:
    """Place every real address, and return the figures."""
    miles, elsewhere, outside = [], 0, 0
    rows = real_addresses()
    for row in rows:
        place = gazetteer.place_address(row["line1"], row["city"], row["state"], row["zip5"])
        if place is None:
            continue
        miles.append(miles_between(place.point, Point(float(row["lat"]), float(row["lon"]))))
        elsewhere += place.state != row["state"]
        outside += miles[-1] > place.uncertainty_miles
    return [
        ("addresses that are not placed", len(rows) - len(miles), 0),
        ("addresses placed in another state", elsewhere, 0),
        ("miles from the address, median", statistics.median(miles), 1.15),
        ("miles from the address, 95 %", percentile(miles, 0.95), 4.3),
        ("percent of addresses outside the stated miles", 100 * outside / len(miles), 5),
    ]


def measure_build() -> list[Figure]:
    """Build a gazetteer, and return its seconds and megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "places.sqlite"
        began = time.perf_counter()
        build(target, node_modules=ROOT / "node_modules")
        seconds = time.perf_counter() - began
        return [("seconds of the build", seconds, 90), ("megabytes of the file", target.stat().st_size / 1e6, 10)]


def main() -> None:
    """Print each figure with its limit."""
    folder = real_data_folder()
    if not (folder / "place_pairs.csv").is_file():
        print("no real data (BMA_REAL_DATA names its folder): pairs not measured")
        return
    gazetteer = Gazetteer(resources.folder("data") / "places.sqlite")
    figures = [*measure_pairs(folder, gazetteer), *measure_addresses(gazetteer), *measure_build()]
    gazetteer.close()
    for what, value, most in figures:
        print(f"{'held  ' if value <= most else 'MISSED'} {value:8.2f} of {most:g}: {what}")
    sys.exit(any(value > most for _, value, most in figures))


if __name__ == "__main__":
    main()
