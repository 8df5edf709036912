"""Measures the search of a synthetic nation, and peers on the same rows in the same run; prints one table.

Run from the root:
    PYTHONPATH=tests .venv/bin/python tests/benchmarks/bench_search.py [--rows 10000,1000000] [--keep FOLDER]
With `--keep`, nations and figures stay in FOLDER for the next run, and the table has the figures of all runs.
PostgreSQL is a temporary cluster of the machine's own, or `--postgresql postgresql://…` names an empty database.
"""

import argparse
import os
import platform
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import peers
import postgresql_cluster
import psycopg
from bare import bare_seconds
from figures import Column, column, making, save, table
from measuring import search_times
from nation import Nation
from postgresql_cluster import SERVER_OPTIONS, Cluster
from stopwatch import Times

SERVER = (*SERVER_OPTIONS, "shared_buffers=1GB", "maintenance_work_mem=512MB", "max_wal_size=8GB")
"""Like the tests' cluster, with the memory that a server for a nation would be given."""


def on_sqlite(nation: Nation, folder: Path, *, with_peers: bool) -> Column:
    cost = nation.make()
    bare = bare_seconds(nation, folder)
    times = list(search_times(nation))
    if with_peers:
        times += _unless_missing(peers.install_datasette(folder), lambda: peers.datasette(nation, folder))
    return column(nation.listings, "SQLite", times, making(cost, bare))


def on_postgresql(nation: Nation, twin: Nation, cluster: Cluster | None) -> Column:
    cost = nation.make()
    times = list(search_times(nation))
    if cluster:
        times += _unless_missing(peers.install_postgis(), lambda: _postgis(twin, cluster))
    return column(nation.listings, "PostgreSQL", times, making(cost, None))


def _postgis(twin: Nation, cluster: Cluster) -> Iterator[tuple[str, Times]]:
    cluster.create("peers")
    with psycopg.connect(f"host={cluster.socket} user=bma dbname=peers") as connection:
        yield from peers.postgis(twin, connection)
    cluster.drop("peers")


def _unless_missing(why_not: str, measured: Callable[[], Iterator[tuple[str, Times]]]) -> list[tuple[str, Times]]:
    if why_not:
        print(f"{why_not} So it is not in the table.")
        return []
    return list(measured())


@contextmanager
def _cluster(url: str | None) -> Iterator[Cluster | None]:
    programs = postgresql_cluster.programs()
    if url or programs is None:
        yield None
        return
    with postgresql_cluster.running(programs, SERVER) as cluster:
        yield cluster


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="10000,1000000", help="sizes of the nation, separated by commas")
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--postgresql", metavar="URL", help="an empty database, for one size; without peers")
    parser.add_argument("--keep", type=Path, metavar="FOLDER")
    parser.add_argument("--without-peers", action="store_true")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        folder = chosen.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        columns: list[Column] = []
        for rows in map(int, chosen.rows.split(",")):
            twin = Nation(folder / f"sqlite-{rows}", rows)
            if "sqlite" in chosen.databases:
                done = on_sqlite(twin, folder, with_peers=not chosen.without_peers)
                columns = save(folder / "figures.json", done)
            if "postgresql" in chosen.databases:
                with _cluster(chosen.postgresql) as cluster, tempfile.TemporaryDirectory() as home:
                    if cluster:
                        cluster.create("nation")
                    url = chosen.postgresql or (cluster and cluster.url("nation"))
                    if not url:
                        print("This machine has no PostgreSQL, so it is not in the table.")
                        continue
                    twin.make()
                    nation = Nation(Path(home), rows, url)
                    done = on_postgresql(nation, twin, None if chosen.without_peers else cluster)
                    columns = save(folder / "figures.json", done)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}")
    print(table(columns))


if __name__ == "__main__":
    main()
