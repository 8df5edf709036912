"""Measures the CPU time of every public GET and prints the ten slowest.

Run from the root:
    PYTHONPATH=tests:. .venv/bin/python tests/benchmarks/bench_requests.py [--rows 10000] [--home FOLDER]
Each address is requested several times; a page about a place or a provider is each time about another one. Addresses
that need a stored badge, draw or report are requested for one that does not exist: the nation has none. The median of
each must be at most `LIMIT_MS`.
"""

import argparse
import gc
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa
from benchmarks import queries
from benchmarks.installation import Installation
from flask import Flask
from flask.testing import FlaskClient

from directory import transaction
from directory.geocoding.browse import town_slug
from directory.listings.tables import Listing
from directory.web.public.town_directory import towns_with_listings
from directory.web.support.requests import services

LIMIT_MS = 50.0
"""CPU milliseconds that a public GET may take, with a million listings."""

TIMES, SLOWEST = 15, 10

NOT_PUBLIC = {"account", "claims", "console", "portal", "security", "signin"}
"""Blueprints of pages for people with an account."""

COUNTRY, MANHATTAN = "bbox=-125,24,-66,50&zoom=4", "bbox=-74.02,40.7,-73.93,40.8"

ABSENT = "absent"
"""The identifier of what the nation does not have."""

Choose = Callable[[], str]


class Addresses:
    """Random values for the variable parts of the addresses, and the queries of pages that need one."""

    def __init__(self, app: Flask) -> None:
        rng = random.Random(queries.SEED)
        with app.app_context():
            session = transaction.session()
            last = session.scalar(sa.select(sa.func.max(Listing.id))) or 1
            some = rng.sample(range(1, last + 1), min(last, 400))
            slugs = list(session.scalars(sa.select(Listing.slug).where(Listing.id.in_(some))))
            towns = rng.sample(towns_with_listings(session, services().gazetteer, services().index), 400)
            files = services().index.snapshot(session).page_files
            ruleset = services().rulesets.current.id
        codes = queries.zip_codes(2_000)
        self.variables: dict[str, Choose] = {
            "slug": lambda: rng.choice(slugs),
            "ruleset_id": lambda: ruleset,
            "name": lambda: "about",
            "filename": lambda: "dist/manifest.json",
            "number": lambda: str(rng.choice(files)),
        }
        self.towns = lambda: rng.choice(towns)
        near = lambda: f"near={rng.choice(codes)}"  # noqa: E731  a value like the others
        self.queries: dict[str, tuple[Choose, ...]] = {
            "public.search": (
                near,
                lambda: f"{near()}&within=any",
                lambda: f"{near()}&within=250&imaging=any&accepting=1",
                lambda: f"{near()}&within=any&page=500",
                lambda: f"{near()}&q=smith",
                lambda: f"{near()}&badge=1&bone=calcaneus&language=es&q=nobody",
            ),
            "public.suggest": (lambda: "q=spr",),
            "public.compare": (lambda: "names=" + ",".join(rng.sample(slugs, 3)),),
            "public.find_listing": (lambda: "q=smith", lambda: "q=" + rng.choice(codes)),
            "api.providers": (near, lambda: f"{near()}&within=any&page=500", lambda: "q=smith&page=500"),
            "api.features": (near,),
            "api.groups": (lambda: COUNTRY, lambda: f"{COUNTRY}&imaging=any"),
            "api.members": (lambda: MANHATTAN, lambda: f"{MANHATTAN}&page=100"),
            "api.places": (lambda: "q=springfield",),
        }

    def of(self, rule: str, endpoint: str) -> Iterator[tuple[str, Choose]]:
        """Yield each kind of address of a rule: a name, and a function that chooses one."""
        for number, query in enumerate(self.queries.get(endpoint, (lambda: "",))):
            yield f"{rule} ({number + 1})", lambda query=query: f"{self._path(rule)}?{query()}"

    def _path(self, rule: str) -> str:
        town = self.towns()
        known = {"state": (town.state or "").lower(), "town": town_slug(town)}
        parts = []
        for part in rule.split("/"):
            before, _, variable = part.partition("<")
            name, _, after = variable.partition(">")
            name = name.rpartition(":")[2]
            value = known.get(name) or (self.variables.get(name, lambda: ABSENT)() if name else "")
            parts.append(f"{before}{value}{after}")
        return "/".join(parts)


def cpu_ms(client: FlaskClient, path: str) -> tuple[float, int]:
    """The CPU time of a request, with its whole body, and its status."""
    begun = time.process_time()
    with client.get(path) as response:
        _ = response.data
        return (time.process_time() - begun) * 1000, response.status_code


def measure(app: Flask) -> list[tuple[float, float, set[int], str]]:
    """Median and maximum of each kind of address, with the statuses, slowest first."""
    addresses, client, found = Addresses(app), app.test_client(), []
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint.partition(".")[0] in NOT_PUBLIC:
            continue
        for name, choose in addresses.of(rule.rule, rule.endpoint):
            cpu_ms(client, choose())
            times, statuses = zip(*(cpu_ms(client, choose()) for _ in range(TIMES)), strict=True)
            found.append((statistics.median(times), max(times), set(statuses), name))
    return sorted(found, key=lambda one: one[0], reverse=True)


def main() -> None:
    """Make the nation and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000, help="how many listings")
    parser.add_argument("--home", type=Path, help="keeps the nation, or has it already")
    parser.add_argument("--all", action="store_true", help="print all, not only the slowest")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(options.home or Path(folder) / "home")
        installation.make_nation(options.rows)
        installation.run("search", "rebuild")
        with installation.application() as app:
            gc.freeze()  # as “serve” does
            found = measure(app)
    for median, most, statuses, name in found if options.all else found[:SLOWEST]:
        print(f"{median:8.1f} ms  at most {most:8.1f} ms  {' '.join(map(str, sorted(statuses)))}  {name}")
    slow = [name for median, _, _, name in found if median > LIMIT_MS]
    if slow:
        raise SystemExit(f"Over {LIMIT_MS:g} ms: {', '.join(slow)}.")


if __name__ == "__main__":
    main()
