"""Lucene as a peer: the 20 nearest by its distance sort and by its distance feature query."""

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.peers.postgis import Measured, apt_install
from benchmarks.peers.rows import FACTS, PeerRow, facts
from benchmarks.queries import origins
from benchmarks.stopwatch import Quantiles, Timing

from directory.geography.point import Point, miles_between

QUERIES = 200
SOURCE = Path(__file__).resolve().parent.parent / "lucene" / "NearestBenchmark.java"
JARS = Path("/usr/share/java")
PACKAGES = ("liblucene8-java", "openjdk-17-jdk-headless")
WAYS = {"sort": "Lucene, distance sort", "feature": "Lucene, distance feature"}
TOLERANCE = 0.01
"""Miles: Lucene stores coordinates in 32 bits and ranks features by a 32-bit score."""


def install_lucene() -> str:
    """Install Lucene 8 and Java 17 with apt-get. Returns why they are missing, or an empty text."""
    missing = [
        package
        for package, present in zip(PACKAGES, (bool(_jars()), shutil.which("javac")), strict=True)
        if not present
    ]
    return apt_install(*missing) if missing else ""


def lucene(rows: Iterable[PeerRow], folder: Path) -> Measured:
    """The 20 nearest of the rows. The times are CPU times of the searching thread.

    Raises:
        ValueError: Lucene did not find the nearest rows, so that its times mean nothing.
    """
    given = list(rows)
    work = folder / "lucene"
    work.mkdir(exist_ok=True)
    groups = {
        (place, selectivity): points
        for place, points in origins(QUERIES).items()
        if place != "small towns"
        for selectivity in FACTS
    }
    with (work / "rows.tsv").open("w") as file:
        file.writelines(f"{row.id}\t{row.lat!r}\t{row.lon!r}\t{','.join(facts(row))}\n" for row in given)
    with (work / "queries.tsv").open("w") as file:
        for (place, selectivity), points in groups.items():
            name = f"{place}|{selectivity}"
            file.writelines(f"{name}\t{point.lat!r}\t{point.lon!r}\t{FACTS[selectivity]}\n" for point in points)
    for line in _run(work).splitlines():
        way, group, p50, p99, ids = line.split("\t")
        place, selectivity = group.split("|")
        _check(given, groups[place, selectivity][0], FACTS[selectivity], ids)
        times = Quantiles(float(p50), float(p99))
        yield WAYS[way], place, selectivity, Timing(cpu=times, wall=times)
    shutil.rmtree(work)


def _jars() -> list[Path]:
    return list(JARS.glob("lucene-core-8*.jar")) + list(JARS.glob("lucene-analyzers-common-8*.jar"))


def _run(work: Path) -> str:
    classpath = ":".join(str(path) for path in (*_jars(), work))
    subprocess.run(["javac", "-cp", classpath, "-d", work, SOURCE], check=True)
    command = [
        "java", "-Xmx2g", "-XX:+UseSerialGC", "-cp", classpath, "NearestBenchmark", work / "rows.tsv",
        work / "queries.tsv", work / "index",
    ]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _check(rows: Sequence[PeerRow], origin: Point, fact: str, ids: str) -> None:
    """Compare the distances that Lucene found with those of a full scan."""
    matching = {row.id: row for row in rows if not fact or fact in facts(row)}
    found = [matching[int(text)] for text in ids.split(",") if text]
    expected = sorted(miles_between(origin, Point(row.lat, row.lon)) for row in matching.values())[:20]
    actual = sorted(miles_between(origin, Point(row.lat, row.lon)) for row in found)
    if len(actual) != len(expected) or any(
        abs(one - other) > TOLERANCE for one, other in zip(actual, expected, strict=True)
    ):
        raise ValueError(f"Lucene did not find the nearest {fact or 'rows'} around {origin}.")
