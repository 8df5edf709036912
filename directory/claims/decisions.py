"""Decisions of reviewers on claims: approve, refuse or reopen one, and read out a code over the phone."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, Right, require
from directory.claims import codes, notices
from directory.claims.lifecycle import DECISIONS, NEEDS_REASON, OPEN, WAITING, ClaimState, Move
from directory.claims.managers import end_unmanaged, release_listing
from directory.claims.moves import dispute_if_contested, move_claim, record_claim
from directory.claims.tables import Claim, ClaimMove, Proof
from directory.errors import Conflict, FieldError, Invalid, NotAllowed
from directory.listings.managers import end_right, grant_right
from directory.listings.text_limits import check_text

MAX_REASON = 2000
"""Maximum length of a reason in characters; arbitrary, about a page."""


def decide(
    session: Session,
    claim: Claim,
    move: Move,
    *,
    by: Actor,
    now: datetime,
    reason: str = "",
    replace_others: bool = False,
    version: int | None = None,
) -> None:
    """Approve, refuse or reopen a claim. On approval the claimant becomes an owner of the listing.

    `replace_others` ends the rights of everybody else who manages the listing. Reopening undoes the decision: the
    claimant's right ends, and those rights are restored.

    Raises:
        NotAllowed: `by` is not a reviewer, made the claim, or manages the listing.
        Invalid: the reason is missing or too long.
        Conflict: the claim is not proved, its state does not allow the move, or it was changed since.
    """
    _require_impartial(claim, by)
    if move not in DECISIONS:
        raise NotAllowed(f"To {move.value} a claim is not for a reviewer.")
    if version is not None and claim.version != version:
        raise Conflict("This claim was changed in the meantime. Look at it as it is now, then decide again.")
    disputed = claim.state is ClaimState.DISPUTED
    reason = _checked_reason(reason, needed=move in NEEDS_REASON or replace_others or disputed)
    told = notices.other_owners(session, claim)
    if move is Move.APPROVE:
        _approve(session, claim, by=by, now=now, reason=reason, replace_others=replace_others)
    elif move is Move.REFUSE:
        move_claim(session, claim, move, by=by, now=now, reason=reason)
        _forget_document(claim)
    else:
        reopen_claim(session, claim, by=by, now=now, reason=reason)
    session.flush()
    notices.tell_decision(session, claim, move, reason, others=told, replaced=replace_others, now=now)


def read_out_code(session: Session, claim: Claim, *, by: Actor, now: datetime) -> str:
    """Return a new code for a reviewer to read out over the listing's published number.

    Raises:
        NotAllowed: `by` is not a reviewer, or has an interest in the claim.
        Conflict: the claim does not wait for a call.
    """
    _require_impartial(claim, by)
    if claim.proof is not Proof.PHONE or claim.state not in WAITING or claim.proved_at is not None:
        raise Conflict("This claim does not wait for a code by phone.")
    record_claim(session, claim, "read_code", by=by, now=now)
    return codes.issue_code(session, claim, now=now)


def _approve(session: Session, claim: Claim, *, by: Actor, now: datetime, reason: str, replace_others: bool) -> None:
    if claim.proof is Proof.DOCUMENT and claim.sha256 is not None:
        claim.proved_at = now
    if claim.proved_at is None:
        raise Conflict("Nothing proves this claim yet: the code was not entered, or the document is gone.")
    if not claim.account.active:
        raise Conflict("The account that made this claim is closed.")
    listing = claim.listing
    others = {row.account_id: row.right for row in listing.managers if row.account_id != claim.account_id}
    ended = others if replace_others else {}
    comments = {str(account_id): right.value for account_id, right in ended.items()}
    move_claim(session, claim, Move.APPROVE, by=by, now=now, reason=reason, comments=comments)
    grant_right(session, listing, claim.account_id, Right.OWNER, by=by, now=now)
    for account_id in ended:
        end_right(session, listing, account_id, by=by, now=now)
    end_unmanaged(session, listing, now=now)
    _forget_document(claim)


def reopen_claim(session: Session, claim: Claim, *, by: Actor, now: datetime, reason: str) -> None:
    """Undo a decision without telling anybody; the caller has checked that `by` may do so.

    Raises:
        Conflict: the claimant's account is closed, the claimant made another claim, or the claim is not decided.
    """
    if not claim.account.active:
        raise Conflict("The account that made this claim is closed.")
    _require_no_other_claim(session, claim)
    listing, was_approved = claim.listing, claim.state is ClaimState.APPROVED
    move_claim(session, claim, Move.REOPEN, by=by, now=now, reason=reason)
    if was_approved:
        restored = notices.active_accounts(session, _ended_rights(session, claim))
        for account_id, right in restored.items():
            if listing.right_of(account_id) is None:
                grant_right(session, listing, account_id, Right(right), by=by, now=now)
        release_listing(session, listing, claim.account_id, by=by, now=now, reason="A claim was reopened.")
    dispute_if_contested(session, claim, now=now)


def _ended_rights(session: Session, claim: Claim) -> dict[int, str]:
    last = session.scalars(
        sa.select(ClaimMove)
        .where(ClaimMove.claim_id == claim.id, ClaimMove.move == Move.APPROVE.value)
        .order_by(ClaimMove.id.desc())
        .limit(1)
    ).one()
    return {int(account_id): right for account_id, right in last.comments.items()}


def _require_no_other_claim(session: Session, claim: Claim) -> None:
    other = sa.select(Claim.id).where(
        Claim.account_id == claim.account_id,
        Claim.listing_id == claim.listing_id,
        Claim.id != claim.id,
        Claim.state.in_(OPEN),
    )
    if session.scalar(other) is not None:
        raise Conflict("The claimant made another claim to this listing meanwhile. Decide on that one.")


def _require_impartial(claim: Claim, by: Actor) -> None:
    require(by, Action.DECIDE, right=claim.listing.right_of(by.id))
    if claim.account_id == by.id:
        raise NotAllowed("This claim is your own, so somebody else has to decide on it.")


def _checked_reason(text: str, *, needed: bool) -> str:
    text = text.strip()
    if needed and not text:
        raise Invalid([FieldError("reason", "Give the reason: both sides are told, and it stays on the record.")])
    if faults := list(check_text("reason", "A reason", text, most=MAX_REASON, lines=True)):
        raise Invalid(faults)
    return text


def _forget_document(claim: Claim) -> None:
    """Forget the document of a decided claim; its file is deleted with the other orphans."""
    claim.document_name = claim.sha256 = claim.media_type = None
