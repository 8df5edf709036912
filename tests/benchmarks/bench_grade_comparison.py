"""How fast all attestations are graded by two versions of the rules, and how much memory that needs.

Run it with `python tests/benchmarks/bench_grade_comparison.py [ROWS]`. The rows are made in SQL, so that
making them costs
little; the answers are as various as real ones: every amount in tenths, every range, every imaging, every bone.
"""

import json
import multiprocessing
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sqlalchemy as sa
from sqlalchemy.orm import Session
from support import databases
from support.two_rulesets import FIRST, both_versions, second_version

from directory.attestations.grade_comparison import compare_attestations
from directory.certification.ruleset import bundled_rulesets

ROWS = 1_000_000
BATCH = 20_000
DISTINCT_ANSWERS = 40_000
"""Different answers among all; a million real ones would hold fewer, as most say 5 or 10 mL and 6 or 8 places."""

BONES = ("posterior_iliac_crest", "posterior_iliac_crest", "anterior_iliac_crest", "vertebra", "tibia", "sternum")
SEED = 20261122

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SIGNED = "2026-11-22 12:00:00.000000"
LISTING = f"""
INSERT INTO listings (id, slug, kind, source, state, name, credential, practice, specialty_code, phone, website,
    created_at, updated_at, version)
VALUES (?, ?, 'person', 'provider', 'published', 'Ann Example', 'MD', '', '', '', '', '{SIGNED}', '{SIGNED}', 1)
"""  # noqa: S608  constants of this file
ATTESTATION = f"""
INSERT INTO attestations (id, listing_id, public_id, answers, ruleset_id, state, details, explanations, statement,
    signer_name, signer_role, signed_at, valid_until, created_at, updated_at, version, digest, subject_name)
VALUES (?, ?, ?, ?, '{FIRST}', 'accepted', '{{}}', '{{}}', 'I am authorised.', 'Ann Example', 'Medical director',
    '{SIGNED}', '2027-11-22 12:00:00.000000', '{SIGNED}', '{SIGNED}', 1, '{"0" * 64}', 'Ann Example')
"""  # noqa: S608  constants of this file


def random_answers(chance: random.Random) -> dict[str, object]:
    """What one provider might say."""
    low = chance.randint(1, 20)
    often = chance.choice(["always", "always", "sometimes", ""])
    methods = chance.sample(["fluoroscopy", "ultrasound", "ct"], k=chance.randint(1, 2)) if often else []
    return {
        "volume_per_site_ml": chance.choice([5, 8, 10, chance.randint(1, 600) / 10]),
        "distinct_sites": chance.choice([6, 8, [low, min(60, low + chance.randint(0, 5))]]),
        "imaging_guidance": {"methods": sorted(methods), **({"how_often": often} if often else {})},
        "harvest_bone": chance.choice(
            ["posterior_iliac_crest", "anterior_iliac_crest", "vertebra", "tibia", "sternum"]
        ),
    }


def insert_attestations(url: str, rows: int) -> None:
    """Published entries, each with one accepted attestation."""
    chance = random.Random(SEED)
    pool = [json.dumps(random_answers(chance)) for _ in range(DISTINCT_ANSWERS)]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database, database:
        for start in range(1, rows + 1, BATCH):
            ids = range(start, min(start + BATCH, rows + 1))
            database.executemany(LISTING, [(number, f"ann-{number}") for number in ids])
            database.executemany(
                ATTESTATION, [(number, number, f"{number:032d}", chance.choice(pool)) for number in ids]
            )


def main() -> None:
    """Fill a file in another process, grade it in this one, and print the figures."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/regrading.sqlite"
        for work, facts in ((databases.migrate, (Path(folder), url)), (insert_attestations, (url, rows))):
            process = multiprocessing.get_context("spawn").Process(target=work, args=facts)
            process.start()
            process.join()
        outcomes: Counter[str] = Counter()
        start, cpu, before = time.perf_counter(), time.process_time(), peak_memory_mb()
        engine = sa.create_engine(url)
        with Session(engine) as session:
            for row in compare_attestations(
                session, bundled_rulesets().load(FIRST), second_version(), rulesets=both_versions(), now=NOW
            ):
                outcomes[row.verdict.outcome.value] += 1
        engine.dispose()
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
    if sum(outcomes.values()) != rows:
        raise SystemExit("Not every row was graded.")
    print(f"regraded {rows:,} attestations by two versions in {took:.1f} s ({cpu:.1f} s of CPU)")
    print(f"rows a second: {rows / took:,.0f} ({rows / cpu:,.0f} a second of CPU)")
    print(f"peak memory: {peak_memory_mb():.0f} MiB, of which {peak_memory_mb() - before:.0f} MiB since it began")
    print(dict(outcomes))


def peak_memory_mb() -> float:
    """The most memory that this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
