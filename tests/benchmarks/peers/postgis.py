"""PostGIS as a peer: nearest neighbors by its GiST index, without and with indexes on the filters' columns."""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psycopg
from benchmarks.peers.rows import CONDITIONS, PeerRow
from benchmarks.queries import origins
from benchmarks.stopwatch import Timing, timed

from directory.geography.point import Point

PACKAGE = "postgresql-15-postgis-3"
QUERIES = 50
AT_MOST = 20.0
"""Seconds for each line of the table: with rare filters a query can take seconds."""

Measured = Iterator[tuple[str, str, str, Timing]]
"""The peer, the place, the selectivity and the times."""


def install_postgis() -> str:
    """Install PostGIS for PostgreSQL 15 with apt-get. Returns why it is missing, or an empty text."""
    if list(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        return ""
    return apt_install(PACKAGE)


def apt_install(*packages: str) -> str:
    """Install Debian packages. Returns why they are missing, or an empty text."""
    if os.geteuid() or not shutil.which("apt-get"):
        return f"Only root can install {' '.join(packages)}, with apt-get."
    command = [
        "apt-get", "install", "-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=600", *packages,
    ]  # fmt: skip
    done = subprocess.run(
        command, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, capture_output=True, text=True, check=False
    )
    if not done.returncode:
        return ""
    return f"apt-get could not install {' '.join(packages)}: {(done.stderr or done.stdout).strip().splitlines()[-1]}"


def postgis(rows: Iterable[PeerRow], connection: psycopg.Connection[Any]) -> Measured:
    """The 20 nearest of the rows. The times are wall times, as the work is done by the server."""
    _load(rows, connection)
    yield from _nearest("PostGIS", connection)
    for column in ("volume", "ct", "bone"):
        connection.execute(f"CREATE INDEX ON provider ({column})")
    connection.execute("ANALYZE provider")
    yield from _nearest("PostGIS, filters indexed", connection)


def _load(rows: Iterable[PeerRow], connection: psycopg.Connection[Any]) -> None:
    connection.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    connection.execute("CREATE TABLE provider (id bigint, lat float8, lon float8, volume float8, ct bool, bone text)")
    with connection.cursor().copy("COPY provider FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    connection.execute("ALTER TABLE provider ADD COLUMN spot geography(Point, 4326)")
    connection.execute("UPDATE provider SET spot = ST_MakePoint(lon, lat)::geography")
    connection.execute("CREATE INDEX ON provider USING gist (spot)")
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM FULL ANALYZE provider")


def _nearest(name: str, connection: psycopg.Connection[Any]) -> Measured:
    for place, points in origins(QUERIES).items():
        if place == "small towns":
            continue
        for selectivity, condition in CONDITIONS.items():
            where = f"WHERE {condition}" if condition else ""
            statement = f"SELECT id FROM provider {where} ORDER BY spot <-> %s::geography LIMIT 20"  # noqa: S608  constants

            def query(origin: Point, statement: str = statement) -> None:
                connection.execute(statement, [f"SRID=4326;POINT({origin.lon} {origin.lat})"]).fetchall()

            yield name, place, selectivity, timed(query, points, at_most=AT_MOST)
