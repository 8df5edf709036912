"""SQLite's R*Tree as a peer, queried directly and through datasette's JSON."""

import json
import math
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.peers.postgis import AT_MOST, Measured
from benchmarks.peers.rows import CONDITIONS, PeerRow
from benchmarks.queries import origins
from benchmarks.stopwatch import timed

from directory.geography.box import box_around
from directory.geography.point import Point

QUERIES = 25
MILES = 50
"""An R*Tree has no nearest-neighbor search in SQL, so the query looks in a box of this radius."""

PORT = 18_473
START_SECONDS = 20


def install_datasette(folder: Path) -> str:
    """Install datasette into a virtual environment of its own. Returns why it is missing, or an empty text."""
    home = folder / "datasette"
    if (home / "bin" / "datasette").exists():
        return ""
    for command in ([sys.executable, "-m", "venv", home], [home / "bin" / "pip", "install", "--quiet", "datasette"]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"datasette could not be installed: {(done.stderr or done.stdout).strip().splitlines()[-1]}"
    return ""


def datasette(rows: Iterable[PeerRow], folder: Path) -> Measured:
    """The 20 nearest of the rows within `MILES`. The times are wall times."""
    file = folder / "rtree.sqlite"
    _load(rows, file)
    points = {name: found for name, found in origins(QUERIES).items() if name != "small towns"}
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection, _served(folder, file) as address:
        for place, found in points.items():
            for selectivity, condition in CONDITIONS.items():
                statement = _statement(condition)

                def query(origin: Point, statement: str = statement) -> None:
                    connection.execute(statement, _parameters(origin)).fetchall()

                def fetch(origin: Point, statement: str = statement) -> None:
                    text = urllib.parse.urlencode({"sql": statement, "_shape": "array", **_parameters(origin)})
                    with urllib.request.urlopen(f"{address}?{text}") as response:  # noqa: S310  our own server
                        json.load(response)

                yield "SQLite R*Tree", place, selectivity, timed(query, found, at_most=AT_MOST)
                yield "datasette", place, selectivity, timed(fetch, found, at_most=AT_MOST)
    file.unlink()


def _statement(condition: str) -> str:
    also = f"AND {condition}" if condition else ""
    return (
        "SELECT provider.id, provider.lat, provider.lon FROM spot JOIN provider ON provider.id = spot.id "  # noqa: S608  constants
        f"WHERE north >= :south AND south <= :north AND east >= :west AND west <= :east {also} "
        "ORDER BY (lat - :lat) * (lat - :lat) + (lon - :lon) * (lon - :lon) * :scale LIMIT 20"
    )


def _parameters(origin: Point) -> dict[str, float]:
    box = box_around(origin, MILES)
    return {
        "south": box.south, "north": box.north, "west": box.west, "east": box.east, "lat": origin.lat,
        "lon": origin.lon, "scale": math.cos(math.radians(origin.lat)) ** 2,
    }  # fmt: skip


def _load(rows: Iterable[PeerRow], file: Path) -> None:
    file.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE provider (id INTEGER PRIMARY KEY, lat, lon, volume, ct, bone)")
        connection.executemany("INSERT INTO provider VALUES (?, ?, ?, ?, ?, ?)", rows)
        for column in ("volume", "ct", "bone"):
            connection.execute(f"CREATE INDEX provider_{column} ON provider ({column})")
        connection.execute("CREATE VIRTUAL TABLE spot USING rtree(id, south, north, west, east)")
        connection.execute("INSERT INTO spot SELECT id, lat, lat, lon, lon FROM provider")
        connection.execute("ANALYZE")
        connection.commit()


@contextmanager
def _served(folder: Path, file: Path) -> Iterator[str]:
    process = subprocess.Popen(
        [folder / "datasette" / "bin" / "datasette", "serve", file, "--port", str(PORT),
         "--setting", "sql_time_limit_ms", "600000", "--setting", "num_sql_threads", "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        begun = time.monotonic()
        while not _answers() and time.monotonic() - begun < START_SECONDS:
            time.sleep(0.2)
        yield f"http://127.0.0.1:{PORT}/{file.stem}.json"
    finally:
        process.terminate()
        process.wait()


def _answers() -> bool:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{PORT}/-/versions.json").close()
    except OSError:
        return False
    return True
