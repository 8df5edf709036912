"""How many attestations are graded a second, against a bare loop with the same thresholds written out.

Run it with `python tests/benchmarks/bench_grading.py`; it prints the median of several rounds in one process.
"""

import random
import statistics
import time
from collections.abc import Callable, Sequence

from directory.certification.answers import Answers, answers_from_json
from directory.certification.ruleset import Ruleset, bundled_rulesets
from directory.certification.scoring import assess

ATTESTATIONS = 100_000
ROUNDS = 7
SEED = 20261122

BareAnswers = tuple[float, int, int, str, str]


def random_answers(ruleset: Ruleset) -> tuple[list[Answers], list[BareAnswers]]:
    """The same attestations twice: typed for the rules, and as bare values for the loop."""
    chance = random.Random(SEED)
    bones = [option.value for option in ruleset.criteria[3].options]
    typed, bare = [], []
    for _ in range(ATTESTATIONS):
        volume, sites = chance.randint(1, 600) / 10, chance.randint(1, 20)
        most = min(60, sites + chance.randint(0, 5))
        often, bone = chance.choice(["always", "sometimes", ""]), chance.choice(bones)
        imaging = {"methods": ["ultrasound"], "how_often": often} if often else {"methods": []}
        typed.append(
            answers_from_json(
                ruleset,
                {
                    "volume_per_site_ml": volume,
                    "distinct_sites": [sites, most],
                    "imaging_guidance": imaging,
                    "harvest_bone": bone,
                },
            )
        )
        bare.append((volume, sites, most, often, bone))
    return typed, bare


def count_badges(ruleset: Ruleset, attestations: Sequence[Answers]) -> int:
    """How many badges the ruleset gives, with every finding and its sentence made."""
    return sum(assess(ruleset, answers).badge_earned for answers in attestations)


def count_badges_bare(attestations: Sequence[BareAnswers]) -> int:
    """How many badges the same thresholds give, written out, with no finding and no sentence."""
    badges = 0
    for volume, low, high, often, bone in attestations:
        badges += (
            volume <= 10
            and low >= 5
            and high <= 15
            and often == "always"
            and bone in {"posterior_iliac_crest", "anterior_iliac_crest"}
        )
    return badges


def median_seconds(run: Callable[[], int]) -> float:
    """The median time of the rounds."""
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    """Print the figures."""
    ruleset = bundled_rulesets().load("bma-2021.1")
    typed, bare = random_answers(ruleset)
    if count_badges(ruleset, typed) != count_badges_bare(bare):
        raise SystemExit("The rules and the loop do not agree.")
    graded, looped = (
        median_seconds(lambda: count_badges(ruleset, typed)),
        median_seconds(lambda: count_badges_bare(bare)),
    )
    print(f"graded with findings: {ATTESTATIONS / graded:>12,.0f} attestations a second")
    print(f"bare loop:            {ATTESTATIONS / looped:>12,.0f} attestations a second")
    print(f"ratio: {graded / looped:.1f} times the bare loop (median of {ROUNDS} rounds of {ATTESTATIONS:,})")


if __name__ == "__main__":
    main()
