"""The random draw, from nothing but a seed and a list: anybody gets the same, and nobody can steer it."""

import hashlib
import math
import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import Invalid
from directory.review.sample import Quarter, format_candidates, hash_candidates, rank, select_sample

IDS = st.lists(st.text("0123456789abcdef", min_size=32, max_size=32), max_size=60, unique=True)
SEEDS = st.text(min_size=1, max_size=40).filter(lambda text: text.encode(errors="ignore").decode() == text)


@given(seed=SEEDS, ids=IDS)
def test_one_in_ten_is_drawn_rounded_up_each_at_most_once_and_from_the_list(seed: str, ids: list[str]) -> None:
    chosen = select_sample(seed, ids)
    assert len(chosen) == math.ceil(len(ids) / 10)
    assert len(set(chosen)) == len(chosen)
    assert set(chosen) <= set(ids)


@given(seed=SEEDS, ids=IDS, shuffled=st.randoms(use_true_random=False))
def test_neither_the_order_nor_a_doubled_id_changes_anything(
    seed: str, ids: list[str], shuffled: random.Random
) -> None:
    others = [*ids, *ids[:3]]
    shuffled.shuffle(others)
    assert select_sample(seed, others) == select_sample(seed, ids)
    assert hash_candidates(format_candidates(others)) == hash_candidates(format_candidates(ids))


@given(seed=SEEDS, ids=IDS.filter(bool))
def test_whoever_was_drawn_ranks_below_whoever_was_not(seed: str, ids: list[str]) -> None:
    chosen = select_sample(seed, ids)
    by_hand = {text: hashlib.sha256(seed.encode() + text.encode()).hexdigest() for text in ids}
    assert [by_hand[text] for text in chosen] == sorted(by_hand.values())[: len(chosen)]


@given(seed=SEEDS, ids=IDS.filter(lambda ids: len(ids) > 20))
def test_who_leaves_without_being_drawn_changes_nothing_for_the_first_of_the_others(seed: str, ids: list[str]) -> None:
    chosen = select_sample(seed, ids)
    left = [text for text in ids if text != max(ids, key=lambda text: rank(seed, text))]
    assert select_sample(seed, left)[:1] == chosen[:1]


def test_a_seed_draws_fairly_enough_over_many_quarters() -> None:
    """1,000 draws of 10 from 100: each id is expected 100 times, with a deviation of about 9.5."""
    ids = [hashlib.md5(str(n).encode(), usedforsecurity=False).hexdigest() for n in range(100)]
    counts = dict.fromkeys(ids, 0)
    for seed in range(1000):
        for text in select_sample(f"seed {seed}", ids):
            counts[text] += 1
    assert sum(counts.values()) == 10_000
    assert 55 < min(counts.values()) < max(counts.values()) < 145


def test_a_draw_worked_out_elsewhere() -> None:
    """The first line: `printf %s "marrow$id" | sha256sum`, for the ids 00…0 to 0b…b."""
    ids = [f"{n:032x}" for n in range(12)]
    assert rank("marrow", ids[0]) == hashlib.sha256(b"marrow" + b"0" * 32).hexdigest()
    assert hash_candidates(format_candidates(ids[:1])) == hashlib.sha256(b"0" * 32 + b"\n").hexdigest()
    assert select_sample("marrow", []) == ()
    assert hash_candidates(format_candidates([])) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_quarter_holds_its_first_moment_and_not_the_one_before(number: int) -> None:
    quarter = Quarter(2026, number)
    assert quarter.first_day == date(2026, {1: 1, 2: 4, 3: 7, 4: 10}[number], 1)
    assert quarter.following.first_day == date(2026 + number // 4, {1: 4, 2: 7, 3: 10, 4: 1}[number], 1)
    begins = datetime.combine(quarter.first_day, datetime.min.time(), UTC)
    assert Quarter.of(begins) == quarter
    assert Quarter.of(begins - timedelta(microseconds=1)) < quarter


@given(moment=st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001  hypothesis adds the zone
def test_a_quarter_reads_as_it_is_written(moment: datetime) -> None:
    assert Quarter.read(str(Quarter.of(moment))) == Quarter.of(moment)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-0", "2026-5", "2026-04", "1999-1", "26-1", "2026-1\n", "٢٠٢٦-1", "2026–1"]
)
def test_what_names_no_quarter_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="2026-4"):
        Quarter.read(text)
