"""The same rows in the same run with what others use: PostGIS' nearest neighbours, and datasette over an R*Tree."""

import json
import math
import os
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from nation import Nation
from questions import places
from stopwatch import Times, timed

from directory.geography.box import box_around
from directory.geography.point import Point

ASKED = 15
"""Questions of each kind: some of these take seconds."""

MILES = 50
METERS = MILES * 1609.344
WANTED = 20

FILTERS = {
    "no filter": "",
    "6 %": "volume <= 20",
    "0.6 %": "ct",
    "0.002 %": "bone = 'calcaneus' AND ct AND person",
}
"""By the names of the search's own filters, on the columns of `ROWS`."""

ROWS = """
SELECT location.id, location.lat, location.lon, listing.kind = 'person' AS person,
    CASE json_type(answers, '$.volume_per_site_ml') WHEN 'array' THEN json_extract(answers, '$.volume_per_site_ml[1]')
        ELSE json_extract(answers, '$.volume_per_site_ml') END AS volume,
    coalesce(answers LIKE '%"ct"%', 0) AS ct, json_extract(answers, '$.harvest_bone') AS bone
FROM locations AS location JOIN listings AS listing ON listing.id = location.listing_id
LEFT JOIN attestations AS signed ON signed.listing_id = listing.id AND signed.valid_until > datetime('now')
"""
"""What the peers are given: a row for each location, with the answers that count as plain columns."""

Measured = Iterator[tuple[str, Times]]


def postgis(nation: Nation, connection: psycopg.Connection[Any]) -> Measured:
    """The nearest by GiST and within a circle, and the nearest again with an index on each column of a filter."""
    _fill_postgis(nation, connection)
    yield from _near("PostGIS, nearest", connection, "ORDER BY spot <-> %s::geography")
    yield from _near("PostGIS, circle", connection, "ORDER BY ST_Distance(spot, %s::geography)", circle=True)
    for column in ("volume", "ct", "bone"):
        connection.execute(f"CREATE INDEX ON provider ({column})")
    connection.execute("ANALYZE provider")
    yield from _near("PostGIS, nearest, filters indexed", connection, "ORDER BY spot <-> %s::geography")


def _near(name: str, connection: psycopg.Connection[Any], order: str, *, circle: bool = False) -> Measured:
    for place, origins in places(ASKED).items():
        for share, condition in FILTERS.items():
            if place == "anywhere":
                continue
            conditions = [f"ST_DWithin(spot, %s::geography, {METERS})"] * circle + [condition] * bool(condition)
            kept = f"WHERE {' AND '.join(conditions)}" if conditions else ""
            text = f"SELECT id FROM provider {kept} {order} LIMIT {WANTED}"  # noqa: S608  constants
            yield f"{name}, {place}, {share}", _asked_postgis(connection, text, origins, 1 + circle)


def _asked_postgis(connection: psycopg.Connection[Any], text: str, origins: list[Point], times: int) -> Times:
    def ask(origin: Point) -> None:
        spot = f"SRID=4326;POINT({origin.lon} {origin.lat})"
        connection.execute(text, [spot] * times).fetchall()

    return timed(ask, origins)


def _fill_postgis(nation: Nation, connection: psycopg.Connection[Any]) -> None:
    connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    connection.execute(
        "CREATE TABLE provider (id bigint, lat float8, lon float8, person bool, volume float8, ct bool, bone text)"
    )
    with connection.cursor().copy("COPY provider FROM STDIN") as copy:
        for id_, lat, lon, person, volume, ct, bone in _rows(nation):
            copy.write_row((id_, lat, lon, bool(person), volume, bool(ct), bone))
    connection.execute("ALTER TABLE provider ADD COLUMN spot geography(Point, 4326)")
    connection.execute("UPDATE provider SET spot = ST_MakePoint(lon, lat)::geography")
    connection.execute("CREATE INDEX ON provider USING gist (spot)")
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM FULL ANALYZE provider")


def install_postgis() -> str:
    """Get PostGIS for the machine's PostgreSQL 15 from Debian; why that cannot be, or nothing."""
    if list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        return ""
    if os.geteuid() or not shutil.which("apt-get"):
        return "PostGIS is not installed, and only root can install it with apt-get."
    done = subprocess.run(
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", "postgresql-15-postgis-3"],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return f"apt-get could not install PostGIS: {done.stderr.strip().splitlines()[-1]}" if done.returncode else ""


def _rows(nation: Nation) -> Iterator[tuple[Any, ...]]:
    connection = sqlite3.connect(f"file:{nation.home / 'directory.sqlite'}?mode=ro", uri=True)
    try:
        yield from connection.execute(ROWS)
    finally:
        connection.close()


def datasette(nation: Nation, folder: Path) -> Measured:
    """SQLite's R*Tree of the positions joined with the rows, asked bare and through datasette's JSON."""
    file = folder / f"peer-{nation.listings}.sqlite"
    _fill_sqlite(nation, file)
    points = {name: found for name, found in places(ASKED).items() if name != "anywhere"}
    bare = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    with _served(folder, file) as address:
        for place, origins in points.items():
            for share, condition in FILTERS.items():
                text = _in_the_box(condition)

                def ask(origin: Point, text: str = text) -> None:
                    bare.execute(text, _box(origin)).fetchall()

                def fetch(origin: Point, text: str = text) -> None:
                    query = urllib.parse.urlencode({"sql": text, "_shape": "array", **_box(origin)})
                    with urllib.request.urlopen(f"{address}?{query}") as answer:  # noqa: S310  our own server
                        json.load(answer)

                yield f"R*Tree in SQLite, {place}, {share}", timed(ask, origins)
                yield f"datasette, {place}, {share}", timed(fetch, origins)
    bare.close()
    file.unlink()


def _in_the_box(condition: str) -> str:
    also = f"AND {condition}" if condition else ""
    return (
        "SELECT provider.id, provider.lat, provider.lon FROM spot JOIN provider ON provider.id = spot.id "  # noqa: S608  constants
        f"WHERE north >= :south AND south <= :north AND east >= :west AND west <= :east {also} "
        "ORDER BY (lat - :lat) * (lat - :lat) + (lon - :lon) * (lon - :lon) * :across "
        f"LIMIT {WANTED}"
    )


def _box(origin: Point) -> dict[str, float]:
    box = box_around(origin, MILES)
    return {
        "south": box.south, "north": box.north, "west": box.west, "east": box.east, "lat": origin.lat,
        "lon": origin.lon, "across": math.cos(math.radians(origin.lat)) ** 2,
    }  # fmt: skip


def _fill_sqlite(nation: Nation, file: Path) -> None:
    file.unlink(missing_ok=True)
    connection = sqlite3.connect(file)
    connection.execute("ATTACH ? AS nation", [str(nation.home / "directory.sqlite")])
    rows = ROWS.replace("FROM locations", "FROM nation.locations").replace("JOIN listings", "JOIN nation.listings")
    rows = rows.replace("JOIN attestations", "JOIN nation.attestations")
    connection.execute("CREATE TABLE provider (id INTEGER PRIMARY KEY, lat, lon, person, volume, ct, bone)")
    connection.execute(f"INSERT INTO provider {rows}")
    for column in ("volume", "ct", "bone"):
        connection.execute(f"CREATE INDEX provider_{column} ON provider ({column})")
    connection.execute("CREATE VIRTUAL TABLE spot USING rtree(id, south, north, west, east)")
    connection.execute("INSERT INTO spot SELECT id, lat, lat, lon, lon FROM provider")
    connection.commit()
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


@contextmanager
def _served(folder: Path, file: Path) -> Iterator[str]:
    port = 18_473
    process = subprocess.Popen(
        [folder / "datasette" / "bin" / "datasette", "serve", file, "--port", str(port),
         "--setting", "sql_time_limit_ms", "600000", "--setting", "num_sql_threads", "1"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}/{file.stem}.json"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/-/versions.json").close()
                break
            except OSError:
                time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait()


def install_datasette(folder: Path) -> str:
    """Get datasette into a virtual environment of its own; why that cannot be, or nothing."""
    home = folder / "datasette"
    if (home / "bin" / "datasette").exists():
        return ""
    for command in ([sys.executable, "-m", "venv", home], [home / "bin" / "pip", "install", "--quiet", "datasette"]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"datasette could not be installed: {done.stderr.strip().splitlines()[-1]}"
    return ""
