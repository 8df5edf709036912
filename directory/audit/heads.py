"""The signed daily head of the audit log, and how the log is verified against it."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from directory.audit.chain import GENESIS, ChainBroken, StoredEntry
from directory.audit.merkle import IncrementalTree
from directory.errors import FieldError, Invalid

_HEX = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


@dataclass(frozen=True, slots=True)
class Head:
    """A summary of the log: the number and hash of its last entry, and the Merkle root of all entry hashes."""

    seq: int
    hash: str
    merkle_root: str
    at: str
    issuer: str

    @property
    def payload(self) -> dict[str, Any]:
        """The signed payload."""
        return {
            "at": self.at,
            "hash": self.hash,
            "issuer": self.issuer,
            "merkle_root": self.merkle_root,
            "seq": self.seq,
        }

    @property
    def day(self) -> str:
        """The day for which the head is published, in UTC."""
        return self.at[:10]

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> "Head":
        """Return the head in a payload.

        Raises:
            Invalid: a field is missing or has an invalid value.
        """
        seq, issuer = payload.get("seq"), payload.get("issuer")
        last, top, at = (str(payload.get(name)) for name in ("hash", "merkle_root", "at"))
        shaped = _HEX.fullmatch(last) and _HEX.fullmatch(top) and _MOMENT.fullmatch(at)
        if type(seq) is not int or seq < 0 or not isinstance(issuer, str) or not shaped:
            raise _invalid_head()
        return cls(seq, last, top, at, issuer)


def parse_unverified(jws: str) -> Head:
    """Return the head in a compact JWS without verifying the signature.

    Raises:
        Invalid: the JWS contains no head.
    """
    parts = jws.split(".")
    try:
        body = parts[1] if len(parts) == 3 else ""
        payload = json.loads(base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as unreadable:
        raise _invalid_head() from unreadable
    if not isinstance(payload, dict):
        raise _invalid_head()
    return Head.of(payload)


def head_document(jws: str) -> dict[str, Any]:
    """Return a head as a JSON document: its fields in plain form, and the JWS that proves them."""
    return {**parse_unverified(jws).payload, "jws": jws}


def extract_jws(text: str) -> str:
    """Return the JWS in a saved head.json; a text that is not a JSON object is returned as the JWS itself.

    Raises:
        Invalid: the JSON is unreadable or contains no JWS.
    """
    if not text.lstrip().startswith("{"):
        return text.strip()
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as unreadable:
        raise _invalid_head() from unreadable
    if not isinstance(said.get("jws"), str):
        raise _invalid_head()
    return str(said["jws"])


def _invalid_head() -> Invalid:
    return Invalid(
        [FieldError("head", "This is no head of the log: it lacks seq, hash, merkle_root, at, issuer or its form.")]
    )


def verify_heads(rows: Iterable[StoredEntry], heads: Iterable[Head]) -> Iterator[StoredEntry]:
    """Yield the rows of a verified chain while checking the heads; the check is complete when all rows are read.

    Raises:
        ChainBroken: a head does not match the log, or counts entries that are missing.
    """
    waiting = sorted(heads, key=lambda head: head.seq)
    tree, last_seq, last_hash, proved = IncrementalTree(), 0, GENESIS, 0
    while waiting and waiting[0].seq == 0:
        _require_match(waiting.pop(0), GENESIS, tree.root().hex(), proved)
    for row in rows:
        tree.add(bytes.fromhex(row.hash))
        last_seq, last_hash = row.seq, row.hash
        while waiting and waiting[0].seq == last_seq:
            _require_match(waiting.pop(0), last_hash, tree.root().hex(), proved)
            proved = last_seq
        yield row
    for head in waiting:
        raise ChainBroken(
            last_seq + 1, f"Entry {last_seq + 1} is missing: the head of {head.day} counts {head.seq} entries."
        )


def _require_match(head: Head, last_hash: str, top: str, proved: int) -> None:
    if (head.hash, head.merkle_root) != (last_hash, top):
        raise ChainBroken(
            min(proved + 1, head.seq),
            f"Entries {proved + 1} to {head.seq} are not those that the head of {head.day} was signed over.",
        )
