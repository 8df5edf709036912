"""Fits the weights of the score for duplicates to a labelled set, and writes them to `directory/duplicates/`.

Run from the root:
    PYTHONPATH=tests:. .venv/bin/python tests/benchmarks/fit_duplicates.py --data FOLDER
The folder has the layout that `duplicate_set.py` reads. The weights are those of a logistic regression with a penalty
on large ones (L2). People are fitted together with people who do not exist, so that the threshold holds for a million.
"""

import argparse
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from benchmarks.duplicate_set import DuplicateSet, Pair, read_set
from benchmarks.simulated_people import SAMPLE_SIZE, simulated_people

from directory.duplicates.blocking import pairs_to_compare
from directory.duplicates.clinic_names import WordWeights
from directory.duplicates.comparison import compare_clinics, compare_people
from directory.duplicates.features import Features, clinic_features, people_features
from directory.duplicates.record import Record

TARGET = Path(__file__).parents[2] / "directory" / "duplicates"
PENALTY = {"people": 3.3, "clinics": 5.0}
SIMULATED_WEIGHT = 0.5
"""What a pair of people who do not exist counts, against 1 for a labelled pair."""
THRESHOLDS = {"people": 1.1, "clinics": 0.5}
"""The score from which a pair counts, chosen by cross-validation; it is taken off the constant, so that 0 remains."""
FOLDS = 8
SMALLEST = 0.005
"""Smaller weights are left out of the files."""

Array = np.ndarray


def main() -> None:
    """Fit both kinds, print what cross-validation finds, and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--dry-run", action="store_true", help="only print what cross-validation finds")
    arguments = parser.parse_args()
    labelled = read_set(arguments.data)
    words = WordWeights(record.names for record in labelled.records if record.names)
    compared = _compared(labelled, words)
    simulated = _simulated_features(labelled.records, words)
    for kind in ("people", "clinics"):
        pairs = [pair for pair in compared if (labelled.records[pair[0]].person is not None) == (kind == "people")]
        rows = [compared[pair] for pair in pairs]
        labels = np.array([pair in labelled.same for pair in pairs], dtype=float)
        extra = simulated if kind == "people" else []
        _cross_validate(labelled, kind, pairs, rows, labels, extra)
        if not arguments.dry_run:
            _write(kind, *_fit(rows, labels, extra, PENALTY[kind]))


def _compared(labelled: DuplicateSet, words: WordWeights) -> dict[Pair, Features]:
    """Return the features of each pair that has a key in common, without those that are undecided."""
    found = {}
    for one, other in pairs_to_compare(labelled.records, words):
        pair = (one.id, other.id)
        features = _features(one, other, words) if pair not in labelled.undecided else None
        if features is not None:
            found[pair] = features
    return found


def _features(one: Record, other: Record, words: WordWeights) -> Features | None:
    """Return the features of a pair; none for a father and a son, which no weights decide."""
    if (one.person is None) != (other.person is None):
        return None
    if one.person is None:
        return clinic_features(compare_clinics(one, other, words))
    people = compare_people(one, other)
    return None if people.suffix == "conflict" else people_features(people)


def _simulated_features(records: Sequence[Record], words: WordWeights) -> list[Features]:
    people = simulated_people(records, SAMPLE_SIZE, seed=1)
    found = (_features(one, other, words) for one, other in pairs_to_compare(people, words))
    return [features for features in found if features is not None]


def _fit(
    rows: Sequence[Features], labels: Array, negatives: Sequence[Features], penalty: float
) -> tuple[list[str], Array]:
    """Return the names of the features, the constant's empty one last, and their weights (Newton's method)."""
    everything = [*rows, *negatives]
    names = sorted({name for row in everything for name in row})
    column = {name: index for index, name in enumerate(names)}
    table = np.zeros((len(everything), len(names) + 1))
    table[:, -1] = 1.0
    for index, row in enumerate(everything):
        for name, value in row.items():
            table[index, column[name]] = value
    target = np.concatenate([labels, np.zeros(len(negatives))])
    counts = np.concatenate([np.ones(len(rows)), np.full(len(negatives), SIMULATED_WEIGHT)])
    ridge = np.full(len(names) + 1, penalty)
    ridge[-1] = 1e-6
    weights = np.zeros(len(names) + 1)
    for _ in range(40):
        chance = 1 / (1 + np.exp(-np.clip(table @ weights, -30, 30)))
        slope = table.T @ (counts * (chance - target)) + ridge * weights
        curve = (table * (counts * np.maximum(chance * (1 - chance), 1e-9))[:, None]).T @ table + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    return [*names, ""], weights


def _cross_validate(
    labelled: DuplicateSet,
    kind: str,
    pairs: Sequence[Pair],
    rows: Sequence[Features],
    labels: Array,
    negatives: Sequence[Features],
) -> None:
    """Print precision and recall of weights that were fitted without the entities of the pair's fold."""
    fold = np.array([zlib.crc32(min(labelled.entities[each] for each in pair).encode()) % FOLDS for pair in pairs])
    scores = np.zeros(len(rows))
    for part in range(FOLDS):
        inside = np.flatnonzero(fold != part)
        names, weights = _fit([rows[index] for index in inside], labels[inside], negatives, PENALTY[kind])
        of = dict(zip(names, weights, strict=True))
        for index in np.flatnonzero(fold == part):
            scores[index] = of[""] + sum(of.get(name, 0.0) * value for name, value in rows[index].items())
    groups = np.array([labelled.group(pair) for pair in pairs])
    for group in sorted(set(groups)):
        total = sum(labelled.group(pair) == group for pair in labelled.same)
        for threshold in np.arange(-0.5, 2.1, 0.25):
            chosen = (groups == group) & (scores >= threshold)
            right = (chosen & (labels == 1)).sum()
            print(f"{group}: from {threshold:5.2f} precision {right / chosen.sum():.3f} recall {right / total:.3f}")


def _write(kind: str, names: Sequence[str], weights: Array) -> None:
    weights[-1] -= THRESHOLDS[kind]
    lines = [f"{name}\t{weight:.3f}" for name, weight in zip(names, weights, strict=True) if abs(weight) >= SMALLEST]
    (TARGET / f"{kind}.tsv").write_text("\n".join(sorted(lines)) + "\n", encoding="utf-8")
    print(f"Wrote {len(lines)} weights for {kind}.")


if __name__ == "__main__":
    main()
