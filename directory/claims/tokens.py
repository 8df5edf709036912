"""Tokens that a claimant publishes at the practice's own domain: random, bound to one claim, valid for seven days."""

import enum
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from directory.claims.tables import Claim

VALID_FOR = timedelta(days=7)
"""Long enough to ask the person who keeps the web pages; arbitrary."""

PREFIX = "bma-directory-"


class TokenResult(enum.StrEnum):
    """What was found at a domain."""

    RIGHT = "right"
    OTHER = "other"
    NOTHING = "nothing"


def issue_token(claim: Claim, *, now: datetime) -> None:
    """Give the claim a new token; the one before counts no more."""
    claim.token, claim.token_expires_at = PREFIX + secrets.token_hex(16), now + VALID_FOR


def is_expired(claim: Claim, *, now: datetime) -> bool:
    """Whether the token of the claim no longer counts."""
    return claim.token_expires_at is not None and claim.token_expires_at <= now


def find_token(claim: Claim, published: Collection[str]) -> TokenResult:
    """Return whether the claim's token is among the texts that a domain publishes."""
    if claim.token and claim.token in published:
        return TokenResult.RIGHT
    return TokenResult.OTHER if any(PREFIX in text for text in published) else TokenResult.NOTHING
