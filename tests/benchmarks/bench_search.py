"""Measures the search engine on a synthetic nation, and peers on the same rows in the same run; prints Markdown tables.

Run from the root:
    PYTHONPATH=tests .venv/bin/python tests/benchmarks/bench_search.py [--rows 10000,1000000] [--keep FOLDER]
With `--keep`, nations and results stay in FOLDER for the next run, and the tables show the results of all runs.
PostgreSQL is a temporary cluster of this machine, or `--database-url` names an empty database.
"""

import argparse
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import sqlalchemy as sa
from benchmarks.installation import Installation
from benchmarks.memory import worker_private_mb
from benchmarks.peers.datasette import datasette, install_datasette
from benchmarks.peers.lucene import install_lucene, lucene
from benchmarks.peers.postgis import Measured, install_postgis, postgis
from benchmarks.peers.rows import PeerRow, peer_rows
from benchmarks.report import Result, limits_table, merge, peers_table
from benchmarks.search_timings import nearest_timings, search_timings
from support import postgresql
from support.postgresql import SERVER_OPTIONS, Cluster

from directory.listings.tables import Location

CLUSTER_OPTIONS = (*SERVER_OPTIONS, "shared_buffers=1GB", "maintenance_work_mem=512MB", "max_wal_size=8GB")
"""The options of the tests' cluster, with the memory that a server for a nation would have."""

PEERS = ("lucene", "postgis", "datasette")


def measure(installation: Installation, listings: int, database: str) -> Result:
    """Make the nation, build the snapshot and measure everything but the peers."""
    installation.make_nation(listings)
    cost = installation.run("search", "rebuild")
    with installation.engine() as engine, engine.connect() as connection:
        locations = connection.scalar(sa.select(sa.func.count()).select_from(Location)) or 0
    result = Result(listings, locations, database, rebuild_cpu=cost.cpu, rebuild_peak_mb=cost.peak_mb)
    result.disk_mb = installation.search_mb
    result.memory_mb = worker_private_mb(installation)
    result.nearest = {f"{place}, {selectivity}": timing for place, selectivity, timing in nearest_timings(installation)}
    # Last, because it changes listings.
    result.timings = dict(search_timings(installation, listings))
    return result


def measure_peers(installation: Installation, folder: Path, names: list[str]) -> dict[str, dict[str, object]]:
    """The peers' times on the same rows; a peer that cannot be installed is left out with a message."""
    with installation.engine() as engine:
        rows = list(peer_rows(engine))
    peers: dict[str, tuple[Callable[[], str], Callable[[], Measured]]] = {
        "lucene": (install_lucene, lambda: lucene(rows, folder)),
        "postgis": (install_postgis, lambda: _postgis(rows)),
        "datasette": (lambda: install_datasette(folder), lambda: datasette(rows, folder)),
    }
    found: dict[str, dict[str, object]] = {}
    for name in names:
        install, timings = peers[name]
        if reason := install():
            print(f"{reason} The table does not have it.")
            continue
        for peer, place, selectivity, timing in timings():
            found.setdefault(peer, {})[f"{place}, {selectivity}"] = timing
    return found


def _postgis(rows: list[PeerRow]) -> Measured:
    with _cluster() as cluster:
        if cluster is None:
            print("This machine has no PostgreSQL. The table does not have PostGIS.")
            return
        cluster.create("peers")
        with psycopg.connect(f"host={cluster.socket} user=bma dbname=peers") as connection:
            yield from postgis(rows, connection)


@contextmanager
def _cluster() -> Iterator[Cluster | None]:
    programs = postgresql.find_programs()
    if programs is None:
        yield None
        return
    with postgresql.run_cluster(programs, CLUSTER_OPTIONS) as cluster:
        yield cluster


def _on_sqlite(folder: Path, rows: int, peers: list[str]) -> Result:
    installation = Installation(folder / f"sqlite-{rows}")
    result = measure(installation, rows, "SQLite")
    result.peers = measure_peers(installation, folder, peers)
    return result


def _on_postgresql(rows: int, url: str | None) -> Result | None:
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if url is None:
            cluster = stack.enter_context(_cluster())
            if cluster is None:
                print("This machine has no PostgreSQL. The table does not have it.")
                return None
            cluster.create("nation")
            url = cluster.url("nation")
        return measure(Installation(home, url), rows, "PostgreSQL")


def main() -> None:
    """Measure all sizes and databases that were asked for, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="10000", help="sizes of the nation, separated by commas")
    parser.add_argument("--databases", default="sqlite,postgresql", help="separated by commas")
    parser.add_argument("--database-url", help="an empty PostgreSQL database, for one size")
    parser.add_argument("--peers", default=",".join(PEERS), help="separated by commas; empty for none")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    options = parser.parse_args()
    peers = [name for name in options.peers.split(",") if name]
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        results: list[Result] = []
        for rows in map(int, options.rows.split(",")):
            for database in options.databases.split(","):
                found = (
                    _on_sqlite(folder, rows, peers)
                    if database == "sqlite"
                    else _on_postgresql(rows, options.database_url)
                )
                if found:
                    results = merge(folder / "results.json", found)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}\n")
    print(limits_table(results))
    for result in results:
        if result.peers:
            print(f"\n{result.title}\n\n{peers_table(result)}")


if __name__ == "__main__":
    main()
