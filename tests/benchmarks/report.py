"""The results of the search benchmark as Markdown: measured values beside their limits, and beside the peers."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.stopwatch import Quantiles, Timing


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table. The limits are CPU milliseconds: the median, and the 99th percentile if it has one.

    `is_database` marks work that waits for the database, so that its wall time is told too.
    """

    text: str
    p50: float
    p99: float | None
    is_database: bool = False

    @property
    def limit(self) -> str:
        """The limit as the table shows it."""
        return f"{self.p50:g}" + (f" / {self.p99:g}" if self.p99 else "")

    def is_met(self, cpu: Quantiles) -> bool:
        """Whether the measured values are within the limits."""
        return cpu.p50 <= self.p50 and (self.p99 is None or cpu.p99 <= self.p99)


LINES = {
    "nearest": Line("20 nearest, any filter, anywhere", 0.4, 0.8),
    "find 25": Line("page, total and facets: one filter, 25 miles", 1.5, 4),
    "find 250": Line("– one filter, 250 miles", 1.5, 4),
    "find any": Line("– one filter, any distance", 1.5, 4),
    "odd volume": Line("– at most 17.5 mL, any distance", 4, 5),
    "two common": Line("– two common filters, any distance", 4, 6),
    "one word": Line("– one word and a place", 1, 1.5),
    "two words": Line("– two words and a place", 1, 1.5),
    "clusters city": Line("clusters of a city view", 0.5, 1.5),
    "clusters state": Line("clusters of a state view", 0.5, 1.5),
    "clusters country": Line("clusters of a country view", 0.5, 1.5),
    "publish": Line("publish one listing: index work in its transaction", 1, 3, is_database=True),
    "first search": Line("first search after a change", 4, 10, is_database=True),
    "json": Line("JSON of a new place", 4, None, is_database=True),
    "page": Line("results page of a new place, 20 cards", 6, None, is_database=True),
}

MEMORY_MB = 110
DISK_MB = 300
"""For each million locations."""

LUCENE_SLACK = 0.4
"""Milliseconds by which Lucene may be faster where at most 1 % match."""

COMMON = (", 100 %", ", 6 %")
"""Selectivities above 1 %."""

PEERS = (
    ("Lucene, distance sort", "cpu"), ("Lucene, distance feature", "cpu"), ("PostGIS", "wall"),
    ("PostGIS, filters indexed", "wall"), ("SQLite R*Tree", "wall"), ("datasette", "wall"),
)  # fmt: skip


@dataclass(slots=True)
class Result:
    """What was measured of one nation in one database. Memory and disk are in MB.

    `nearest` is keyed by "place, selectivity", and `peers` by the name of the peer and then the same.
    """

    listings: int
    locations: int
    database: str
    timings: dict[str, Timing] = field(default_factory=dict)
    nearest: dict[str, Timing] = field(default_factory=dict)
    peers: dict[str, dict[str, Timing]] = field(default_factory=dict)
    memory_mb: float = 0.0
    disk_mb: float = 0.0
    rebuild_cpu: float = 0.0
    rebuild_peak_mb: float = 0.0

    @property
    def title(self) -> str:
        """The head of the column."""
        size = f"{self.listings / 1e6:g} M" if self.listings >= 1_000_000 else f"{self.listings / 1000:g} k"
        return f"{size} {self.database}"


def limits_table(results: Iterable[Result]) -> str:
    """CPU milliseconds, p50 / p99; values over the limit are bold."""
    columns = list(results)
    rows = [["CPU ms, p50 / p99", "limit", *(one.title for one in columns)], ["---"] * (2 + len(columns))]
    rows += [[line.text, line.limit, *(_cell(key, line, one) for one in columns)] for key, line in LINES.items()]
    rows.append(["private memory of a worker, MB", str(MEMORY_MB), *(_memory(one) for one in columns)])
    rows.append(["snapshot on the disk, MB", f"{DISK_MB} a million", *(_disk(one) for one in columns)])
    rows.append(["rebuild, CPU s", "", *(f"{one.rebuild_cpu:,.1f}" for one in columns)])
    rows.append(["rebuild, peak memory, MB", "", *(f"{one.rebuild_peak_mb:,.0f}" for one in columns)])
    return _markdown(rows)


def peers_table(result: Result) -> str:
    """The 20 nearest beside the peers that were measured. Values of ours that miss the goal are bold."""
    shown = [(name, kind) for name, kind in PEERS if name in result.peers]
    head = ["20 nearest, ms p50 / p99", "ours, CPU", *(name for name, kind in shown if kind == "cpu")]
    head += ["ours, wall", *(f"{name}, wall" for name, kind in shown if kind == "wall")]
    rows = [head, ["---"] * len(head)]
    for key, ours in result.nearest.items():
        if not any(key in timings for timings in result.peers.values()):
            continue
        cpu = [_peer(result, name, key, kind) for name, kind in shown if kind == "cpu"]
        wall = [_peer(result, name, key, kind) for name, kind in shown if kind == "wall"]
        rows.append(
            [
                key,
                _bold(str(ours.cpu), is_bold=is_behind_lucene(result, key)),
                *cpu,
                _bold(str(ours.wall), is_bold=is_behind_postgis(result, key)),
                *wall,
            ]
        )
    return _markdown(rows)


def is_behind_lucene(result: Result, key: str) -> bool:
    """Whether the better of Lucene's two ways is faster than the goal allows."""
    theirs = [
        timings[key].cpu.p50 for name, timings in result.peers.items() if name.startswith("Lucene") and key in timings
    ]
    slack = 0.0 if key.endswith(COMMON) else LUCENE_SLACK
    return bool(theirs) and result.nearest[key].cpu.p50 > min(theirs) + slack


def is_behind_postgis(result: Result, key: str) -> bool:
    """Whether PostGIS, with or without indexes on the filters, is faster."""
    theirs = [
        timings[key].wall.p50 for name, timings in result.peers.items() if name.startswith("PostGIS") and key in timings
    ]
    return bool(theirs) and result.nearest[key].wall.p50 > min(theirs)


def merge(file: Path, result: Result) -> list[Result]:
    """Store a result beside those of other runs in the same file; all of them, smallest nation first."""
    stored = {(one.listings, one.database): one for one in _load(file)} | {(result.listings, result.database): result}
    results = [stored[key] for key in sorted(stored, key=lambda key: (key[0], key[1] != "SQLite"))]
    file.write_text(json.dumps([asdict(one) for one in results], indent=1))
    return results


def _cell(key: str, line: Line, result: Result) -> str:
    if key not in result.timings:
        return ""
    timing = result.timings[key]
    text = _bold(str(timing.cpu), is_bold=not line.is_met(timing.cpu))
    return f"{text} (wall {timing.wall})" if line.is_database and result.database != "SQLite" else text


def _memory(result: Result) -> str:
    return _bold(f"{result.memory_mb:,.0f}", is_bold=result.memory_mb > MEMORY_MB)


def _disk(result: Result) -> str:
    # The smallest files have a floor that does not grow with the nation.
    limit = DISK_MB * max(result.locations, 100_000) / 1_000_000
    return _bold(f"{result.disk_mb:,.1f}", is_bold=result.disk_mb > limit)


def _peer(result: Result, name: str, key: str, kind: str) -> str:
    timing = result.peers[name].get(key)
    return str(getattr(timing, kind)) if timing else ""


def _bold(text: str, *, is_bold: bool) -> str:
    return f"**{text}**" if is_bold else text


def _markdown(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _load(file: Path) -> list[Result]:
    stored = json.loads(file.read_text()) if file.exists() else []
    for one in stored:
        one["timings"] = _timings(one["timings"])
        one["nearest"] = _timings(one["nearest"])
        one["peers"] = {name: _timings(timings) for name, timings in one["peers"].items()}
    return [Result(**one) for one in stored]


def _timings(stored: dict[str, dict[str, dict[str, float]]]) -> dict[str, Timing]:
    return {key: Timing(Quantiles(**one["cpu"]), Quantiles(**one["wall"])) for key, one in stored.items()}
