"""How many cities that registries name with their ZIPs are found, asked about, unknown, or far from where they are.

Run it with `python tests/benchmarks/bench_place_pairs.py`. It reads `place_pairs.csv` and the Census's ZIP points from
the folder that BMA_REAL_DATA names, by default beside the repository.
"""

import csv
import os
import time
from collections import Counter
from pathlib import Path

from directory import resources
from directory.geocoding.gazetteer import Gazetteer
from directory.geocoding.results import Found, Unknown
from directory.geography.point import Point, miles_between

ROOT = Path(__file__).resolve().parents[2]
FAR_MILES = 25.0
"""A town found farther than this from all its ZIPs is the wrong one, or the register errs."""


def read_rows(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a file of real data."""
    with (folder / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def miles_off(found: Found, zips: list[str], census: dict[str, Point], gazetteer: Gazetteer) -> float | None:
    """Miles from the nearest point of the ZIPs, the Census's or the gazetteer's; None if neither knows one."""
    own = [answer.place.point for zip_code in zips if isinstance(answer := gazetteer.look_up(zip_code), Found)]
    points = [*own, *(census[zip_code] for zip_code in zips if zip_code in census)]
    return min((miles_between(found.place.point, point) for point in points), default=None)


def main() -> None:
    """Print the figures."""
    folder = Path(os.environ.get("BMA_REAL_DATA") or ROOT / ".." / "shared" / "data")
    if not (folder / "place_pairs.csv").is_file():
        print("no real data (BMA_REAL_DATA names its folder): pairs not measured")
        return
    census = {
        row["zcta"]: Point(float(row["latitude"]), float(row["longitude"]))
        for row in read_rows(folder, "census_zcta_centroids_33791.csv")
    }
    gazetteer = Gazetteer(resources.folder("data") / "places.sqlite")
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
            far.append(f"{text}: {miles:.0f} miles from {row['zips']}")
        if isinstance(answer, Unknown):
            print(f"  unknown: {text} {row['zips']}")
    gazetteer.close()
    print(f"{sum(kinds.values())} pairs of city and state: {dict(kinds)}")
    print(f"found more than {FAR_MILES:g} miles from all their ZIPs: {len(far)}", *far, sep="\n  ")
    milliseconds.sort()
    middle, most = (milliseconds[int(share * len(milliseconds))] for share in (0.5, 0.99))
    print(f"one look-up: median {middle:.3f} ms, p99 {most:.3f} ms")


if __name__ == "__main__":
    main()
