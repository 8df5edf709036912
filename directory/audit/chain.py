"""The hash chain of the audit log: how entries are serialized, hashed onto the previous one, and verified."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

GENESIS = "0" * 64
"""The previous hash of the first entry, in hexadecimal: 32 zero bytes."""

MAX_SAFE_INTEGER = 2**53 - 1
"""The largest integer that RFC 8785 allows: JavaScript engines read larger ones with rounding."""

_ENTRY_PREFIX = b"\x00"


class CanonicalizationError(ValueError):
    """A value has no canonical form: a float, bytes, a lone surrogate, a too large integer or another Python object."""


class ChainBroken(Exception):
    """The log was changed; `seq` is the number of the first wrong entry."""

    def __init__(self, seq: int, sentence: str) -> None:
        super().__init__(sentence)
        self.seq = seq
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class LogEntry:
    """The content of an entry, in column order; `at` is formatted by `format_timestamp`, digests are hexadecimal."""

    seq: int
    at: str
    actor: int | None
    action: str
    object: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One row of the log as stored, unverified."""

    entry: LogEntry
    prev_hash: str
    hash: str

    @property
    def seq(self) -> int:
        """The entry's number in the log."""
        return self.entry.seq


def format_timestamp(value: datetime) -> str:
    """Format a timestamp for the log: UTC with microseconds, always 27 characters.

    Raises:
        CanonicalizationError: the timestamp has no time zone.
    """
    if value.tzinfo is None:
        raise CanonicalizationError("a moment without a time zone has no place in the log")
    return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def canonicalize(value: object) -> bytes:
    """Serialize a value as canonical JSON (RFC 8785), so that equal values give equal bytes.

    Supports text, integers, true, false and null, in lists and objects.

    Raises:
        CanonicalizationError: the value contains anything else.
    """
    text = json.dumps(_sort_keys(value), ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError as half:
        raise CanonicalizationError("half a character cannot be written in UTF-8") from half


def _sort_keys(value: object) -> object:
    match value:
        case None | bool() | str():
            return value
        case int() if abs(value) <= MAX_SAFE_INTEGER:
            return value
        case list() | tuple():
            return [_sort_keys(item) for item in value]
        case dict() if all(isinstance(key, str) for key in value):
            # RFC 8785 sorts by UTF-16 code units, which orders emoji differently from Python's string comparison.
            return {key: _sort_keys(value[key]) for key in sorted(value, key=_utf_16_sort_key)}
    raise CanonicalizationError(f"{type(value).__name__} {value!r:.60} has no canonical form here")


def _utf_16_sort_key(key: str) -> bytes:
    return key.encode("utf-16-be", "surrogatepass")


def digest(value: object) -> str:
    """Return the SHA-256 of the canonical form, in hexadecimal.

    Raises:
        CanonicalizationError: as in `canonicalize`.
    """
    return hashlib.sha256(canonicalize(value)).hexdigest()


def hash_entry(prev_hash: str, entry: LogEntry) -> str:
    """Return the hash of an entry that follows the one with `prev_hash`.

    It is SHA256(0x00 ‖ prev_hash ‖ canonicalize(entry)), in hexadecimal.

    Raises:
        CanonicalizationError: as in `canonicalize`.
    """
    return hashlib.sha256(_ENTRY_PREFIX + bytes.fromhex(prev_hash) + canonicalize(asdict(entry))).hexdigest()


def verify_chain(rows: Iterable[StoredEntry]) -> Iterator[StoredEntry]:
    """Yield the rows, which must be in log order, each after checking that it follows the previous one.

    Raises:
        ChainBroken: at the first row that was changed, or that is not in its original place.
    """
    last_seq, last_hash = 0, GENESIS
    for row in rows:
        _require_next(row, last_seq)
        if row.prev_hash != last_hash:
            raise ChainBroken(row.seq, f"Entry {row.seq} does not follow the entry before it.")
        if row.hash != _hash_or_none(row):
            raise ChainBroken(row.seq, f"Entry {row.seq} is not as it was written.")
        last_seq, last_hash = row.seq, row.hash
        yield row


def _require_next(row: StoredEntry, last_seq: int) -> None:
    """Check that the row has the next number; numbers have no gaps, so a missing entry is detected."""
    expected = last_seq + 1
    if row.seq > expected:
        raise ChainBroken(expected, f"Entry {expected} is missing.")
    if row.seq < expected:
        raise ChainBroken(row.seq, f"Entry {row.seq} stands where entry {expected} should.")


def _hash_or_none(row: StoredEntry) -> str | None:
    try:
        return hash_entry(row.prev_hash, row.entry)
    except CanonicalizationError:
        return None


def to_json_lines(rows: Sequence[StoredEntry]) -> bytes:
    """Serialize rows for publication: canonical JSON, one row per line, each with its hash."""
    return b"".join(canonicalize(asdict(row.entry) | {"hash": row.hash}) + b"\n" for row in rows)
