"""The chain: the bytes of an entry, and every way in which somebody might touch a log that was written."""

import hashlib
import json
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.audit.chain import (
    GENESIS,
    MAX_SAFE_INTEGER,
    CanonicalizationError,
    ChainBroken,
    LogEntry,
    StoredEntry,
    canonicalize,
    digest,
    format_timestamp,
    hash_entry,
    to_json_lines,
    verify_chain,
)

WHEN = "2026-11-22T12:00:00.000000Z"
ENTRIES = 5
FIELDS = ("at", "actor", "action", "object", "before", "after", "prev_hash", "hash")

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


def written(count: int, *, begin: int = 0) -> list[StoredEntry]:
    """A log as the command writes it; another `begin` tells of other things."""
    rows: list[StoredEntry] = []
    for seq in range(1, count + 1):
        what = digest([begin, seq])
        entry = LogEntry(seq, WHEN, seq % 3 or None, "attestation.accept", f"attestation:{begin + seq}", None, what)
        before = rows[-1].hash if rows else GENESIS
        rows.append(StoredEntry(entry, before, hash_entry(before, entry)))
    return rows


def changed(row: StoredEntry, field: str, value: object) -> StoredEntry:
    """The row with one column overwritten."""
    if field in {"prev_hash", "hash"}:
        return replace(row, **{field: value})
    return replace(row, entry=replace(row.entry, **{field: value}))


def first_wrong(rows: list[StoredEntry]) -> int:
    with pytest.raises(ChainBroken) as broken:
        list(verify_chain(rows))
    assert f" {broken.value.seq} " in f" {broken.value.sentence} "
    return broken.value.seq


# ---- the bytes ----


def test_the_canonical_form_is_that_of_rfc_8785() -> None:
    text = '\u20ac$\u000f\nA\'B"\\\\"/'
    said = {"\u20ac": text, "\r": None, "1": [True, False, 0, -7], "\U0001f600": "", "\ufb33": {"b": 1}}
    # Keys as in RFC 8785, 3.2.3: the emoji comes before the Hebrew letter. The text is that of 3.2.2.
    expected = (
        r"""{"\r":null,"1":[true,false,0,-7],"€":"€$\u000f\nA'B\"\\\\\"/","X":"","Y":{"b":1}}"""
        .replace("X", "\U0001f600").replace("Y", "\ufb33")
    )  # fmt: skip
    assert canonicalize(said).decode() == expected


def test_a_number_is_whole_to_the_largest_that_every_reader_knows_exactly() -> None:
    for number in (9007199254740991, -9007199254740991):
        assert canonicalize(number) == str(number).encode()


@given(plain)
def test_the_canonical_form_says_the_same_and_is_written_in_one_way(value: object) -> None:
    text = canonicalize(value)
    assert json.loads(text) == value
    assert canonicalize(json.loads(text)) == text


@pytest.mark.parametrize(
    "value",
    [1.5, 1.0, float("nan"), 2**53, -(2**53), b"a", {1: "a"}, {"a": {2.5}}, "\ud800", {"\udc00": 1}],
    ids=range(10),
)
def test_what_two_programs_could_write_in_two_ways_is_refused(value: object) -> None:
    with pytest.raises(CanonicalizationError):
        canonicalize(value)


def test_a_hash_is_made_as_the_page_says() -> None:
    row = written(1)[0]
    said = (
        '{"action":"attestation.accept","actor":1,"after":"' + digest([0, 1]) + '","at":"2026-11-22T12:00:00.000000Z",'
        '"before":null,"object":"attestation:1","seq":1}'
    )
    assert row.hash == hashlib.sha256(b"\x00" + bytes(32) + said.encode()).hexdigest()


def test_a_moment_is_written_in_one_way_wherever_it_was_taken() -> None:
    moments = [datetime(2026, 11, 22, 12, tzinfo=UTC), datetime(2026, 11, 22, 5, tzinfo=timezone(-timedelta(hours=7)))]
    assert {format_timestamp(value) for value in moments} == {WHEN}
    with pytest.raises(CanonicalizationError):
        format_timestamp(datetime(2026, 11, 22, 12))  # noqa: DTZ001  the naive one is what is refused


def test_the_lines_that_are_published_hold_all_it_takes_to_check_them() -> None:
    rows, prev_hash = written(ENTRIES), GENESIS
    lines = to_json_lines(rows).splitlines()
    assert len(lines) == len(rows)
    for line in lines:
        said = json.loads(line)
        claimed = said.pop("hash")
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        prev_hash = hashlib.sha256(b"\x00" + bytes.fromhex(prev_hash) + text.encode()).hexdigest()
        assert prev_hash == claimed


# ---- planted faults ----


@pytest.mark.parametrize("count", [0, 1, ENTRIES])
def test_a_log_as_it_was_written_is_whole(count: int) -> None:
    assert list(verify_chain(written(count))) == written(count)


@given(st.integers(0, ENTRIES - 1), st.sampled_from(FIELDS), st.data())
def test_one_changed_byte_is_found_where_it_is(at: int, field: str, data: st.DataObject) -> None:
    rows = written(ENTRIES)
    old = (asdict(rows[at].entry) | {"prev_hash": rows[at].prev_hash, "hash": rows[at].hash})[field]
    if isinstance(old, str):
        place, byte = data.draw(st.integers(0, len(old) - 1)), data.draw(st.integers(0, 255))
        new: object = (old[:place].encode() + bytes([byte]) + old[place + 1 :].encode()).decode(
            errors="surrogateescape"
        )
    else:
        new = data.draw(st.none() | st.integers() | st.text(max_size=3) | st.binary(max_size=3) | st.floats())
    if type(new) is type(old) and new == old:
        return
    rows[at] = changed(rows[at], field, new)
    assert first_wrong(rows) == at + 1


@pytest.mark.parametrize("gone", range(1, ENTRIES))
def test_a_removed_entry_is_named(gone: int) -> None:
    assert first_wrong([row for row in written(ENTRIES) if row.seq != gone]) == gone


@pytest.mark.parametrize("gone", range(1, ENTRIES))
def test_closing_the_gap_hides_nothing(gone: int) -> None:
    rest = [row for row in written(ENTRIES) if row.seq != gone]
    assert first_wrong([changed(row, "seq", seq) for seq, row in enumerate(rest, 1)]) == gone


@pytest.mark.parametrize(("one", "other"), [(a, b) for a in range(ENTRIES) for b in range(a + 1, ENTRIES)])
@pytest.mark.parametrize("renumber", [True, False])
def test_two_swapped_entries_are_found_at_the_first(one: int, other: int, renumber: bool) -> None:
    rows = written(ENTRIES)
    rows[one], rows[other] = rows[other], rows[one]
    if renumber:
        rows = [changed(row, "seq", seq) for seq, row in enumerate(rows, 1)]
    assert first_wrong(rows) == one + 1


@pytest.mark.parametrize("at", range(ENTRIES))
@pytest.mark.parametrize("renumber", [True, False])
def test_an_inserted_entry_is_found(at: int, renumber: bool) -> None:
    rows = written(ENTRIES)
    forged = replace(rows[at].entry, object="attestation:forged")
    before = rows[at].prev_hash
    rows.insert(at, StoredEntry(forged, before, hash_entry(before, forged)))
    if renumber:
        rows = [changed(row, "seq", seq) for seq, row in enumerate(rows, 1)]
    # The forged one follows well; the one that it pushed aside does not.
    assert first_wrong(rows) in {at + 1, at + 2}


def test_an_entry_before_the_first_is_found() -> None:
    rows = written(ENTRIES)
    assert first_wrong([changed(rows[0], "seq", 0), *rows]) == 0


@pytest.mark.parametrize("begin", [0, 100])
def test_a_rewritten_chain_is_whole_and_only_a_published_head_can_tell(begin: int) -> None:
    assert list(verify_chain(written(ENTRIES, begin=begin)))[-1].hash == written(ENTRIES, begin=begin)[-1].hash


# ---- the words ----


def test_a_digest_is_that_of_the_canonical_form() -> None:
    assert digest({"b": [1, None], "a": "é"}) == hashlib.sha256('{"a":"é","b":[1,null]}'.encode()).hexdigest()


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (1.5, "float 1.5 has no canonical form here"), (b"a", "bytes b'a' has no canonical form here"),
        ([{1: 2}], "dict {1: 2} has no canonical form here"),
        (b"a" * 99, f"bytes b'{'a' * 58} has no canonical form here"),
        ("\ud800", "half a character cannot be written in UTF-8"),
    ],
    ids=range(5),
)  # fmt: skip
def test_a_value_without_a_canonical_form_is_refused_in_these_words(value: object, sentence: str) -> None:
    with pytest.raises(CanonicalizationError) as refused:
        canonicalize(value)
    assert str(refused.value) == sentence


def test_a_moment_without_a_zone_is_refused_in_these_words() -> None:
    with pytest.raises(CanonicalizationError, match=r"^a moment without a time zone has no place in the log$"):
        format_timestamp(datetime(2026, 11, 22, 12))  # noqa: DTZ001  the naive one is what is refused


def test_a_moment_is_the_same_wherever_the_server_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Kiritimati")
    time.tzset()
    try:
        assert format_timestamp(datetime(2026, 11, 22, 12, tzinfo=UTC)) == WHEN
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (written(3)[1:], "Entry 1 is missing."), ([*written(2), written(2)[0]], "Entry 1 stands where entry 3 should."),
        ([written(1)[0], changed(written(2)[1], "prev_hash", GENESIS)], "Entry 2 does not follow the entry before it."),
        ([changed(written(1)[0], "action", "x")], "Entry 1 is not as it was written."),
        ([changed(written(1)[0], "action", 1.5)], "Entry 1 is not as it was written."),
    ],
    ids=range(5),
)  # fmt: skip
def test_a_broken_log_is_told_in_these_words(rows: list[StoredEntry], sentence: str) -> None:
    with pytest.raises(ChainBroken) as broken:
        list(verify_chain(rows))
    assert str(broken.value) == broken.value.sentence == sentence
