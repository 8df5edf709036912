"""A published head: what it must say, and that it gives away a log that was cut short or rewritten whole."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.audit.chain import GENESIS, ChainBroken, LogEntry, StoredEntry, hash_entry, verify_chain
from directory.audit.heads import Head, parse_unverified, verify_heads
from directory.audit.merkle import merkle_root
from directory.errors import Invalid

COUNT = 9
ISSUER = "https://directory.example.org"


def written(count: int, *, changed: int | None = None) -> list[StoredEntry]:
    """A whole chain; with `changed`, one that somebody rewrote from that entry on."""
    rows: list[StoredEntry] = []
    for seq in range(1, count + 1):
        actor = 7 if seq == changed else 1
        entry = LogEntry(seq, "2026-11-22T12:00:00.000000Z", actor, "listing.publish", f"listing:{seq}", None, None)
        before = rows[-1].hash if rows else GENESIS
        rows.append(StoredEntry(entry, before, hash_entry(before, entry)))
    return rows


def head_of(rows: list[StoredEntry], day: int = 1) -> Head:
    last = rows[-1] if rows else None
    top = merkle_root(bytes.fromhex(row.hash) for row in rows).hex()
    at = f"2026-11-{day:02}T03:00:00.000000Z"
    return Head(last.seq if last else 0, last.hash if last else GENESIS, top, at, ISSUER)


def jws_of(payload: object) -> str:
    parts = ({"alg": "RS256"}, payload, "signature")
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def hold(rows: list[StoredEntry], heads: list[Head]) -> ChainBroken:
    with pytest.raises(ChainBroken) as broken:
        list(verify_heads(verify_chain(rows), heads))
    return broken.value


def test_a_log_agrees_with_every_head_it_ever_had() -> None:
    rows = written(COUNT)
    heads = [head_of(rows[:size], size + 1) for size in range(COUNT + 1)]
    assert list(verify_heads(rows, [*reversed(heads), heads[3]])) == rows


@pytest.mark.parametrize("kept", range(COUNT))
def test_entries_taken_from_the_end_are_missed(kept: int) -> None:
    broken = hold(written(COUNT)[:kept], [head_of(written(COUNT), 21)])
    assert broken.seq == kept + 1
    assert broken.sentence == f"Entry {kept + 1} is missing: the head of 2026-11-21 counts 9 entries."


@pytest.mark.parametrize("changed", range(1, COUNT + 1))
def test_a_log_rewritten_whole_is_given_away_between_two_heads(changed: int) -> None:
    honest = written(COUNT)
    heads = [head_of(honest[:3], 3), head_of(honest[:6], 6), head_of(honest, 9)]
    broken = hold(written(COUNT, changed=changed), heads)
    assert broken.seq == (changed - 1) // 3 * 3 + 1
    assert f"head of 2026-11-0{broken.seq + 2} " in broken.sentence


@pytest.mark.parametrize("field", ["hash", "merkle_root"])
@pytest.mark.parametrize("size", [0, 1, COUNT])
def test_a_head_that_says_something_else_is_not_agreed_with(field: str, size: int) -> None:
    rows = written(size)
    assert hold(rows, [replace(head_of(rows), **{field: "ab" * 32})]).seq <= max(size, 1)


def test_a_head_is_read_from_what_was_signed() -> None:
    head = head_of(written(COUNT), 21)
    assert parse_unverified(jws_of(head.payload)) == head
    assert head.day == "2026-11-21"


@pytest.mark.parametrize(
    "wrong",
    [
        {"seq": None}, {"seq": "9"}, {"seq": -1}, {"seq": True}, {"seq": 1.5}, {"hash": "ab"}, {"hash": None},
        {"merkle_root": "G" * 64}, {"at": "yesterday"}, {"at": "2026-11-21"}, {"issuer": 5},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_no_head_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        parse_unverified(jws_of(head_of(written(1)).payload | wrong))


@given(st.text(max_size=60) | st.text("abcAZ09-_.", max_size=60) | st.builds(jws_of, st.none() | st.integers()))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        parse_unverified(text)
