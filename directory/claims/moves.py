"""The functions that move a claim through its lifecycle: each move is in its history and in the audit log."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Actor
from directory.audit.chain import digest
from directory.audit.commands import record
from directory.claims.lifecycle import ENDED, WAITING, ClaimState, Move, next_state
from directory.claims.tables import Claim, ClaimAnswers, ClaimMove


def dispute_if_contested(session: Session, claim: Claim, *, now: datetime) -> None:
    """Mark claims as disputed where others manage the listing or claim it too; none of them wins by waiting."""
    others = session.scalars(
        sa.select(Claim).where(Claim.listing_id == claim.listing_id, Claim.id != claim.id, Claim.state.in_(WAITING))
    ).all()
    if not others and not claim.listing.managers:
        return
    for each in (claim, *others):
        if each.state is ClaimState.SUBMITTED:
            move_claim(session, each, Move.DISPUTE, by=None, now=now)


def move_claim(
    session: Session,
    claim: Claim,
    name: Move,
    *,
    by: Actor | None,
    now: datetime,
    reason: str = "",
    comments: dict[str, str] | None = None,
) -> None:
    """Make one move and record it in the history and the audit log; the caller has checked that `by` may do so.

    If the claim came to nothing, the answers that were prepared for it are deleted.

    Raises:
        Conflict: the lifecycle has no such move from the current state.
    """
    before, hashed = claim.state, _digest(claim)
    claim.state, claim.updated_at = next_state(before, name), now
    session.add(
        ClaimMove(
            claim_id=claim.id,
            move=name.value,
            from_state=before.value,
            to_state=claim.state.value,
            reason=reason,
            comments=comments or {},
            by_id=by.id if by else None,
            at=now,
        )
    )
    if claim.state in ENDED and (prepared := session.get(ClaimAnswers, claim.id)) is not None:
        session.delete(prepared)
    session.flush()
    record_claim(session, claim, name.value, by=by, now=now, before=hashed)


def record_claim(
    session: Session, claim: Claim, verb: str, *, by: Actor | None, now: datetime, before: str | None = None
) -> None:
    """Write an audit entry about a claim."""
    record(
        session,
        action=f"claim.{verb}",
        target=f"claim:{claim.id}",
        before=before,
        after=_digest(claim),
        by=by.id if by else None,
        now=now,
    )


def _digest(claim: Claim) -> str:
    """Return the hash of the claim's state, without anything that people wrote."""
    return digest(
        {
            "account": claim.account_id,
            "listing": claim.listing_id,
            "proof": claim.proof.value,
            "proved": claim.proved_at is not None,
            "state": claim.state.value,
        }
    )
