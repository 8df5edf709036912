"""Commands of claimants: make, prove and withdraw a claim; and what becomes of them when an account is closed."""

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.accounts.tables import Account
from directory.claims import codes, notices, tokens
from directory.claims.codes import CodeResult
from directory.claims.lifecycle import OPEN, ClaimState, Move
from directory.claims.managers import end_rights_of
from directory.claims.moves import dispute_if_contested, move_claim, record_claim
from directory.claims.proofs import proof_offers
from directory.claims.request import ClaimRequest
from directory.claims.tables import Claim, ClaimCode, Proof
from directory.claims.tokens import TokenResult
from directory.errors import Conflict, NotAllowed
from directory.listings.lifecycle import OPEN as LISTING_OPEN
from directory.listings.tables import Listing
from directory.listings.unfinished import discard_unfinished

MAX_OPEN_CLAIMS = 5
"""How many open claims an account may have; arbitrary, enough for a practice with several listings."""

CODE_PROOFS = frozenset({Proof.MAIL, Proof.PHONE})
"""Proofs by a code that the claimant types."""

MAX_CODES_A_DAY = 5
"""How many codes are mailed to a practice in a day, over all claims; arbitrary, so that it is not flooded."""


def make_claim(
    session: Session,
    listing: Listing,
    request: ClaimRequest,
    *,
    by: Actor,
    now: datetime,
    checks_domains: bool = False,
) -> Claim:
    """Claim a listing. With a mailed code or a domain, the claim waits for its proof, else for a reviewer.

    Raises:
        NotAllowed: the account is not a provider's, or manages the listing already.
        Invalid: a field is invalid, or the proof is not possible for this listing.
        Conflict: the account has a claim on it or too many others, or the listing is no longer in the directory.
    """
    require(by, Action.CLAIM_LISTING, right=listing.right_of(by.id))
    if listing.state not in LISTING_OPEN:
        raise Conflict(f"This listing is {listing.state.value}, so nobody can claim it.")
    _require_room(session, listing, by)
    target = request.target(proof_offers(session, listing, checks_domains=checks_domains))
    claim = Claim(
        listing=listing,
        account_id=by.id,
        role=request.role.strip(),
        contact=request.contact.strip(),
        proof=request.proof,
        target=target,
        created_at=now,
        updated_at=now,
        state=ClaimState.DRAFT,
    )
    _prepare_proof(claim, request, now=now)
    session.add(claim)
    session.flush()
    if request.proof is Proof.MAIL:
        send_code(session, claim, by=by, now=now)
    elif request.proof is not Proof.DOMAIN:
        _submit(session, claim, by=by, now=now)
    return claim


def send_code(session: Session, claim: Claim, *, by: Actor, now: datetime) -> None:
    """Mail a new code to the practice's address; earlier codes count no more.

    Raises:
        Conflict: the claim does not wait for a mailed code, or the practice got too many codes today.
    """
    _require_claimant(claim, by)
    if claim.state is not ClaimState.DRAFT or claim.proof is not Proof.MAIL:
        raise Conflict("This claim does not wait for a code by mail.")
    day_start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    sent = session.scalar(
        sa.select(sa.func.count())
        .select_from(ClaimCode)
        .join(Claim, Claim.id == ClaimCode.claim_id)
        .where(Claim.listing_id == claim.listing_id, Claim.proof == Proof.MAIL, ClaimCode.created_at >= day_start)
    )
    if (sent or 0) >= MAX_CODES_A_DAY:
        raise Conflict(f"This practice got {MAX_CODES_A_DAY} codes today. Try again tomorrow, or use another proof.")
    notices.mail_code(session, claim, codes.issue_code(session, claim, now=now), now=now)


def enter_code(session: Session, claim: Claim, typed: str, *, by: Actor, now: datetime) -> CodeResult:
    """Try a code that the claimant typed; the right one proves the claim. Commit also after a wrong one.

    Raises:
        Conflict: the claim does not wait for a code.
    """
    _require_claimant(claim, by)
    if claim.state not in OPEN or claim.proof not in CODE_PROOFS or claim.proved_at is not None:
        raise Conflict("This claim does not wait for a code.")
    result = codes.try_code(session, claim, typed, now=now)
    if result is CodeResult.RIGHT:
        claim.proved_at = claim.updated_at = now
        if claim.state is ClaimState.DRAFT:
            _submit(session, claim, by=by, now=now)
        else:
            session.flush()
            record_claim(session, claim, "prove", by=by, now=now)
    return result


def renew_token(session: Session, claim: Claim, *, by: Actor, now: datetime) -> None:
    """Give the claim a new token to publish; the one before counts no more.

    Raises:
        Conflict: the claim does not wait for a token.
    """
    _require_waiting_for_token(claim, by)
    tokens.issue_token(claim, now=now)
    session.flush()


def require_token(claim: Claim, *, by: Actor, now: datetime) -> None:
    """Check that the claim waits for a token that still counts; call it before looking its domain up.

    Raises:
        Conflict: the claim does not wait for a token, or the token is expired.
    """
    _require_waiting_for_token(claim, by)
    if tokens.is_expired(claim, now=now):
        raise Conflict("This token is expired. Make a new one, and publish that.")


def prove_domain(
    session: Session, claim: Claim, published: Collection[str], *, by: Actor, now: datetime
) -> TokenResult:
    """Compare the texts that the claim's domain publishes with its token; the right one proves the claim.

    Raises:
        Conflict: the claim does not wait for a token, or the token is expired.
    """
    require_token(claim, by=by, now=now)
    result = tokens.find_token(claim, published)
    if result is TokenResult.RIGHT:
        claim.proved_at = claim.updated_at = now
        _submit(session, claim, by=by, now=now)
    return result


def withdraw(session: Session, claim: Claim, *, by: Actor | None, now: datetime) -> None:
    """Withdraw an open claim; `by` is None when the claimant's account is closed.

    Raises:
        Conflict: the claim is decided.
    """
    if by is not None:
        _require_claimant(claim, by)
    move_claim(session, claim, Move.WITHDRAW, by=by, now=now)


def release_listings(session: Session, account: Account, *, now: datetime) -> None:
    """End all rights and open claims of an account that is being closed, and delete its unfinished listings.

    A listing that nobody owns any more becomes a case for reviewers.
    """
    discard_unfinished(session, account.id)
    for claim in session.scalars(sa.select(Claim).where(Claim.account_id == account.id, Claim.state.in_(OPEN))).all():
        withdraw(session, claim, by=None, now=now)
    end_rights_of(session, account.id, now=now)


def _prepare_proof(claim: Claim, request: ClaimRequest, *, now: datetime) -> None:
    """Add to a new claim what its proof needs: the document or the token."""
    if request.proof is Proof.DOMAIN:
        tokens.issue_token(claim, now=now)
    if request.proof is Proof.DOCUMENT and request.document is not None:
        document = request.document
        claim.document_name, claim.sha256, claim.media_type = document.name, document.sha256, document.media_type


def _submit(session: Session, claim: Claim, *, by: Actor, now: datetime) -> None:
    move_claim(session, claim, Move.SUBMIT, by=by, now=now)
    dispute_if_contested(session, claim, now=now)
    notices.tell_received(session, claim, now=now)
    notices.tell_owners(session, claim, now=now)


def _require_room(session: Session, listing: Listing, by: Actor) -> None:
    mine = session.scalars(sa.select(Claim.listing_id).where(Claim.account_id == by.id, Claim.state.in_(OPEN))).all()
    if listing.id in mine:
        raise Conflict("You have claimed this listing already.")
    if len(mine) >= MAX_OPEN_CLAIMS:
        raise Conflict(f"You have {MAX_OPEN_CLAIMS} open claims. Wait until one is decided, or withdraw one.")


def _require_waiting_for_token(claim: Claim, by: Actor) -> None:
    _require_claimant(claim, by)
    if claim.state is not ClaimState.DRAFT or claim.proof is not Proof.DOMAIN:
        raise Conflict("This claim does not wait for a token.")


def _require_claimant(claim: Claim, by: Actor) -> None:
    if claim.account_id != by.id:
        raise NotAllowed("This claim belongs to another account.")
