"""Measures how well duplicates are found: precision and recall on a labelled set, beside simple rules.

Run from the root:
    PYTHONPATH=tests:. .venv/bin/python tests/benchmarks/bench_duplicates.py --data FOLDER
The folder has the files that `duplicate_set.py` reads. Without --data nothing is measured, since the records of such a
set are public but not ours. Status 1 if a goal is missed.

A pair counts if its score is positive. Precision is the share of those pairs that are the same provider, recall the
share of all pairs of one provider that count; behind each stands its 95 % interval (Wilson). The false pairs are
counted among people who do not exist, and scaled to a million listings: they grow with the square of the listings.
"""

import argparse
import math
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from benchmarks.duplicate_set import DuplicateSet, Pair, read_set
from benchmarks.simulated_people import NATION, SAMPLE_SIZE, simulated_people
from rapidfuzz import fuzz

from directory.duplicates.blocking import pairs_to_compare
from directory.duplicates.clinic_names import WordWeights
from directory.duplicates.score import compare

OTHER_SEED = 2
MAX_FALSE = 10.0
"""False pairs for 1,000 listings of a million."""


@dataclass(frozen=True, slots=True)
class Goal:
    """The least precision and recall of a group of pairs."""

    precision: float
    recall: float


GOALS = {
    "people, real": Goal(0.99, 0.96),
    "people, derived": Goal(0.97, 0.78),
    "clinics": Goal(0.97, 0.87),
}


@dataclass(frozen=True, slots=True)
class Result:
    """How many of the pairs that count are right, of how many that should count."""

    right: int
    chosen: int
    total: int

    @property
    def precision(self) -> float:
        """The share of the chosen pairs that are right."""
        return self.right / self.chosen if self.chosen else 0.0

    @property
    def recall(self) -> float:
        """The share of the right pairs that were chosen."""
        return self.right / self.total if self.total else 0.0

    def __str__(self) -> str:
        low, high = interval(self.right, self.chosen)
        least, most = interval(self.right, self.total)
        precision = f"precision {self.precision:.3f} ({low:.3f}-{high:.3f})"
        return f"{precision}, recall {self.recall:.3f} ({least:.3f}-{most:.3f})"


def interval(count: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson's)."""
    if not total:
        return 0.0, 1.0
    z, share = 1.96, count / total
    middle = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (middle - spread) / (1 + z * z / total), (middle + spread) / (1 + z * z / total)


def main() -> int:
    """Measure, print, and return the status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    arguments = parser.parse_args()
    if arguments.data is None:
        print("Give a labelled set with --data FOLDER.")
        return 0
    labelled = read_set(arguments.data)
    words = WordWeights(record.names for record in labelled.records if record.names)
    compared = [(one.id, other.id) for one, other in pairs_to_compare(labelled.records, words)]
    chosen = {pair for pair in compared if _is_match(labelled, pair, words)}
    print(f"{len(labelled.records):,} listings, {len(compared):,} pairs compared, {len(chosen):,} counted")
    missed = [*_missed(labelled, chosen)]
    for name, rule in RULES.items():
        ruled = {pair for pair in _wide_pairs(labelled) if rule(labelled, pair)}
        for group, result in results(labelled, ruled).items():
            print(f"  {name} | {group}: {result}")
    false = false_pairs(labelled)
    print(f"false pairs for 1,000 people in a directory of {NATION:,}: {false:.1f} (at most {MAX_FALSE})")
    if false > MAX_FALSE:
        missed.append("false pairs")
    print(f"Missed: {', '.join(missed)}." if missed else "Every goal is reached.")
    return 1 if missed else 0


def results(labelled: DuplicateSet, chosen: Collection[Pair]) -> dict[str, Result]:
    """Return the result of each group, without the pairs that nobody can tell."""
    found = {}
    for group in GOALS:
        counted = {pair for pair in chosen if labelled.group(pair) == group and pair not in labelled.undecided}
        same = {pair for pair in labelled.same if labelled.group(pair) == group}
        found[group] = Result(len(counted & same), len(counted), len(same))
    return found


def false_pairs(labelled: DuplicateSet) -> float:
    """Return how many pairs of different people count for each 1,000 listings in a directory of a million."""
    people = simulated_people(labelled.records, SAMPLE_SIZE, seed=OTHER_SEED)
    words = WordWeights(())
    count = sum(compare(one, other, words).score > 0 for one, other in pairs_to_compare(people, words))
    return count / SAMPLE_SIZE * 1000 * NATION / SAMPLE_SIZE


def _missed(labelled: DuplicateSet, chosen: Collection[Pair]) -> Iterator[str]:
    for group, result in results(labelled, chosen).items():
        goal = GOALS[group]
        print(f"{group}: {result}; goal {goal.precision} / {goal.recall}")
        if result.precision < goal.precision or result.recall < goal.recall:
            yield group
    named = {pair for pair in labelled.same if labelled.group(pair) == "people, real" and _name_differs(labelled, pair)}
    print(f"people, real, with other names: recall {len(named & set(chosen))} of {len(named)}")


def _is_match(labelled: DuplicateSet, pair: Pair, words: WordWeights) -> bool:
    one, other = (labelled.records[index] for index in pair)
    return (one.person is None) == (other.person is None) and compare(one, other, words).score > 0


def _name(labelled: DuplicateSet, index: int) -> str:
    row = labelled.rows[index]
    return " ".join((row["org_name"] or f"{row['first_name']} {row['last_name']}").lower().split())


def _name_differs(labelled: DuplicateSet, pair: Pair) -> bool:
    return _name(labelled, pair[0]) != _name(labelled, pair[1])


def _is_same_city(labelled: DuplicateSet, pair: Pair) -> bool:
    one, other = (labelled.rows[index] for index in pair)
    return (one["city"], one["state"]) == (other["city"], other["state"])


def _is_alike(labelled: DuplicateSet, pair: Pair) -> bool:
    is_same_state = labelled.rows[pair[0]]["state"] == labelled.rows[pair[1]]["state"]
    return is_same_state and fuzz.token_sort_ratio(*(_name(labelled, index) for index in pair)) >= 90


def _wide_pairs(labelled: DuplicateSet) -> Iterator[Pair]:
    """Yield the pairs that the simple rules look at: all pairs of one kind with an equal name or state."""
    blocks: defaultdict[tuple[bool, str], set[int]] = defaultdict(set)
    for index, record in enumerate(labelled.records):
        for key in (_name(labelled, index), labelled.rows[index]["state"]):
            blocks[record.person is None, key].add(index)
    return (pair for block in blocks.values() for pair in combinations(sorted(block), 2))


RULES: dict[str, Callable[[DuplicateSet, Pair], bool]] = {
    "equal name": lambda labelled, pair: not _name_differs(labelled, pair),
    "equal name and city": lambda labelled, pair: not _name_differs(labelled, pair) and _is_same_city(labelled, pair),
    "token sort 90 and state": _is_alike,
}

if __name__ == "__main__":
    sys.exit(main())
