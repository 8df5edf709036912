"""All figures as one table: a line for each question, a column for each size of the nation and each database."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from nation import Making
from stopwatch import Times

MUST = {
    "find,": "p99 ≤ 3",
    "page 50": "p99 ≤ 3",
    "rows read": "≤ 2,000",
    "exact count": "≤ 15",
    "find with facets": "≤ 10",
    "clusters": "≤ 1",
    "word and place": "≤ 5",
    "suggestions": "≤ 5",
    "index work": "p99 ≤ 5",
    "rebuild of": "≤ 60 a million",
    "rows a second": "≥ 50,000",
    "bench make, times": "or ≤ 3×",
    "PostGIS, nearest": "≥ 1×; under 1 %, ≥ 50×",
    "datasette": "≥ 100× in Manhattan",
}
"""What must be reached, by how the line's name begins."""

PEERS = ("PostGIS", "R*Tree", "datasette", "every row", "a plain box")


@dataclass(frozen=True, slots=True)
class Column:
    """What was measured of one nation in one database."""

    listings: int
    database: str
    times: dict[str, Times]
    plain: dict[str, str]

    @property
    def title(self) -> str:
        """For the head of the table."""
        size = f"{self.listings // 1_000_000} M" if self.listings >= 1_000_000 else f"{self.listings // 1000} k"
        return f"{size} {self.database}"

    def cell(self, name: str) -> str:
        """One figure; nothing where it was not measured."""
        if name in self.plain:
            return self.plain[name]
        if name not in self.times:
            return ""
        one = self.times[name]
        if not name.startswith(PEERS):
            return one.cpu
        ours = self.times.get(_ours(name))
        return f"{one.wall} · {_times(one.wall50 / ours.wall50)}×" if ours else one.wall


def _ours(peer: str) -> str:
    """The line of ours that answers the same question as a peer's."""
    if peer.startswith(("every row", "a plain box")):
        return "find, anywhere, no filter"
    place, share = peer.rsplit(", ", 2)[1:]
    return f"find, {place}, {share}"


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"


def making(cost: Making, bare: float | None) -> dict[str, str]:
    """The figures of making a nation."""
    seconds = cost.tables + cost.index
    found = {
        "bench make, s · of the processor": f"{seconds:,.0f} · {cost.cpu:,.0f}",
        "rows a second into the tables": f"{cost.rows / cost.tables:,.0f}",
        "rebuild of the index, s": f"{cost.index:,.0f}",
        "most memory of bench make, MB": f"{cost.megabytes:,.0f}",
    }
    if bare:
        found["bench make, times the same rows bare"] = f"{seconds / bare:.1f}×"
    return found


def column(listings: int, database: str, times: Iterable[tuple[str, Times]], plain: dict[str, str]) -> Column:
    """All that was measured of one nation."""
    measured = dict(times)
    finds = [one for name, one in measured.items() if name.startswith(("find", "page", "word"))]
    wall = {
        f"{name}, on the clock": measured[name].wall for name in measured if name.startswith("find, ") and "no" in name
    }
    return Column(
        listings, database, measured, {**plain, **wall, "rows read, most": f"{max(one.most for one in finds):,}"}
    )


def save(path: Path, one: Column) -> list[Column]:
    """Keep a column beside those of other runs in the same folder; all of them, smallest nation first."""
    kept = {(old.listings, old.database): old for old in _load(path)} | {(one.listings, one.database): one}
    columns = [kept[key] for key in sorted(kept, key=lambda key: (key[0], key[1] != "SQLite"))]
    path.write_text(json.dumps([asdict(old) for old in columns], indent=1))
    return columns


def _load(path: Path) -> list[Column]:
    rows = json.loads(path.read_text()) if path.exists() else []
    return [Column(**{**row, "times": {name: Times(**one) for name, one in row["times"].items()}}) for row in rows]


def table(columns: list[Column]) -> str:
    """Markdown: milliseconds p50 / p99, of the processor in Python; of peers on the clock, and how many times ours."""
    names = list(dict.fromkeys(name for one in columns for name in (*one.times, *one.plain)))
    lines = [["", "must", *(one.title for one in columns)], ["---"] * (2 + len(columns))]
    for name in sorted(names, key=lambda name: name.startswith(PEERS)):
        must = next((limit for start, limit in MUST.items() if name.startswith(start)), "")
        lines.append([name, must, *(one.cell(name) for one in columns)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
