"""Six-digit codes: drawn at random, stored as a salted hash, valid for 30 minutes and five tries."""

import enum
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.claims.tables import MAX_TRIES, Claim, ClaimCode

VALID_FOR = timedelta(minutes=30)
DIGITS = 6
_COST = 2**14
"""The cost of scrypt: about 50 ms, so that the million codes cannot be tried in half an hour on a copy."""


class CodeResult(enum.StrEnum):
    """What became of a typed code."""

    RIGHT = "right"
    WRONG = "wrong"
    ENDED = "ended"


def issue_code(session: Session, claim: Claim, *, now: datetime) -> str:
    """Return a new code for the claim; earlier codes count no more."""
    session.execute(
        sa.update(ClaimCode).where(ClaimCode.claim_id == claim.id, ClaimCode.expires_at > now).values(expires_at=now)
    )
    code, salt = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", secrets.token_hex(16)
    made = ClaimCode(
        claim_id=claim.id, hashed=f"{salt}${_hash(code, salt)}", created_at=now, expires_at=now + VALID_FOR
    )
    session.add(made)
    session.flush()
    return code


def try_code(session: Session, claim: Claim, typed: str, *, now: datetime) -> CodeResult:
    """Compare a typed code with the claim's current one. Commit the result: each try counts, also a wrong one."""
    current = (
        sa.select(ClaimCode.id)
        .where(ClaimCode.claim_id == claim.id, ClaimCode.expires_at > now, ClaimCode.tries < MAX_TRIES)
        .order_by(ClaimCode.id.desc())
        .limit(1)
    )
    # Counted in the statement, so that tries at the same time all count.
    counted = session.execute(
        sa.update(ClaimCode)
        .where(ClaimCode.id == current.scalar_subquery(), ClaimCode.tries < MAX_TRIES)
        .values(tries=ClaimCode.tries + 1)
        .returning(ClaimCode.id, ClaimCode.hashed)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if counted is None:
        return CodeResult.ENDED
    salt, _, hashed = counted.hashed.partition("$")
    if not hmac.compare_digest(hashed, _hash("".join(typed.split()), salt)):
        return CodeResult.WRONG
    session.execute(
        sa.update(ClaimCode)
        .where(ClaimCode.id == counted.id)
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )
    return CodeResult.RIGHT


def _hash(code: str, salt: str) -> str:
    return hashlib.scrypt(code.encode(), salt=bytes.fromhex(salt), n=_COST, r=8, p=1).hex()
