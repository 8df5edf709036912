"""What an import keeps from one batch to the next."""

import gc
import tracemalloc

from support.factories import NOW
from support.nppes_files import random_rows, write_nppes_file

from directory.imports import nppes_reader
from directory.imports.apply import apply_plan
from directory.imports.effect import Effect
from directory.imports.nppes_reader import read_batches
from directory.imports.planner import Planner
from directory.imports.report import ImportReport
from directory.search.changes import record_changes


def test_nothing_is_kept_from_one_batch_to_the_next(session, tmp_path, monkeypatch, gazetteer):
    monkeypatch.setattr(nppes_reader, "BATCH_SIZE", 100)
    file = write_nppes_file(tmp_path / "npidata.csv", random_rows(1_000, listed=1))
    planner, report = Planner(gazetteer, publish=True, now=NOW), ImportReport()
    kept = []
    tracemalloc.start()
    try:
        for batch in read_batches(file):
            plan = planner.plan(session, batch)
            record_changes(session, apply_plan(session, plan, now=NOW))
            session.commit()
            planner.remember(plan)
            report.add(plan)
            del batch, plan
            gc.collect()
            kept.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert report.effects[Effect.CREATED] == 1_000
    # The first batches fill the caches of statements, types and places.
    assert len(kept) == 10
    assert kept[-2] - kept[3] < 100_000
