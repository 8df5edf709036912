"""Commands that write the audit log: one entry for each decision or signature, and one signed head a day."""

import re
from dataclasses import asdict
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.audit import chain, queries
from directory.audit.chain import LogEntry
from directory.audit.tables import AuditEntry, AuditHead
from directory.signing import jws
from directory.signing.keys import Key

HEAD_TYPE = "audit-head+jws"
"""The `typ` header of a signed head, so that a signed credential cannot be mistaken for one."""

ADVISORY_LOCK_ID = 0x626D612D61756469
"""The key of the log's advisory lock in PostgreSQL: “bma-audi” in ASCII."""

_ACTION = re.compile(r"[a-z_]{1,29}\.[a-z_]{1,30}")
_OBJECT = re.compile(r"[a-z_]{1,29}:[A-Za-z0-9_-]{1,90}")
_HASH = re.compile(r"[0-9a-f]{64}")


def record(
    session: Session,
    *,
    action: str,
    target: str,
    before: str | None,
    after: str | None,
    by: int | None,
    now: datetime,
) -> AuditEntry:
    """Append one entry in the transaction of the change that it records; other writers wait for that transaction.

    Args:
        session: its transaction contains the change.
        action: what was done, such as `attestation.accept`.
        target: what it was done to, by id, such as `listing:7`.
        before: the digest of the previous content, never the content itself; None if there was none.
        after: the digest of the new content, never the content itself; None if there is none.
        by: the id of the account that did it, or None for the program itself.
        now: the current time.

    Raises:
        ValueError: an argument is not of the form of an action, an id or a hash.
    """
    _require_ids_and_hashes(action, target, before, after)
    _lock_log(session)
    last = queries.last_entry(session)
    seq, prev_hash = (last.seq + 1, last.hash) if last else (1, chain.GENESIS)
    said = LogEntry(seq, chain.format_timestamp(now), by, action, target, before, after)
    entry = AuditEntry(**asdict(said), prev_hash=prev_hash, hash=chain.hash_entry(prev_hash, said))
    session.add(entry)
    session.flush()
    return entry


def publish_head(session: Session, *, key: Key, issuer: str, now: datetime) -> AuditHead:
    """Return today's head (UTC); create and sign it if there is none yet.

    `issuer` is the base URL of this directory, under which its public keys are served.
    """
    today = now.astimezone(UTC).date()
    if found := queries.find_head(session, today):
        return found
    # Entries never change, so computing the head needs no lock, however long it takes.
    head = queries.current_head(session, issuer=issuer, now=now)
    headers = {"kid": f"{issuer}/.well-known/keys/{key.thumbprint}", "typ": HEAD_TYPE}
    made = AuditHead(day=today, jws=jws.sign(head.payload, key, headers=headers))
    _lock_log(session)
    if found := queries.find_head(session, today):
        return found
    session.add(made)
    session.flush()
    return made


def _require_ids_and_hashes(action: str, target: str, before: str | None, after: str | None) -> None:
    """Check the form of the arguments, so that names, addresses and reasons never get into the log."""
    if not _ACTION.fullmatch(action) or not _OBJECT.fullmatch(target):
        raise ValueError(f"the log takes an action like 'a.b' and a target like 'a:1', not {action!r} and {target!r}")
    if any(hashed is not None and not _HASH.fullmatch(hashed) for hashed in (before, after)):
        raise ValueError("the log takes hashes of 64 hexadecimal characters, or None")


def _lock_log(session: Session) -> None:
    """Lock the log against other writers until this transaction ends, so that the last entry stays the last."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK_ID)))
        return
    # SQLite begins a transaction at the first write, not at the first read. This write changes nothing but takes the
    # write lock before the last entry is read.
    session.execute(sa.delete(AuditEntry).where(sa.false()))
