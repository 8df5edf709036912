"""Queues the emails about claims, to the claimant and to the owners of the listing."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.claims.lifecycle import Move
from directory.claims.tables import Claim, ClaimNotice
from directory.listings.queries import owner_contacts
from directory.listings.tables import Listing
from directory.outbox.queue import enqueue_email


def mail_code(session: Session, claim: Claim, code: str, *, now: datetime) -> None:
    """Mail a code to the address of the practice that the claim names; the outbox forgets it after sending."""
    facts = {"listing": claim.listing, "code": code}
    enqueue_email(session, "claim_code", to=claim.target, now=now, listing_id=claim.listing_id, **facts).forget = True


def tell_received(session: Session, claim: Claim, *, now: datetime) -> None:
    """Tell the claimant that a reviewer looks at the claim."""
    claimant = _claimant(session, claim)
    facts = {"recipient": claimant.name, "listing": claim.listing, "proof": claim.proof.value}
    enqueue_email(session, "claim_received", to=claimant.email, now=now, listing_id=claim.listing_id, **facts)


def tell_owners(session: Session, claim: Claim, *, now: datetime) -> None:
    """Tell the owners of the listing that somebody else claims it: in at most one email a day."""
    owners = owner_contacts(session, claim.listing_id)
    if not owners:
        return
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"listing_id": claim.listing_id, "day": now.astimezone(UTC).date()}
    first = session.execute(insert(ClaimNotice).values(row).on_conflict_do_nothing().returning(ClaimNotice.listing_id))
    if first.scalar() is None:
        return
    for address, name in owners:
        facts = {"recipient": name, "listing": claim.listing}
        enqueue_email(session, "claim_made", to=address, now=now, listing_id=claim.listing_id, **facts)


def other_owners(session: Session, claim: Claim) -> Sequence[tuple[str, str]]:
    """Return the address and name of each owner of the listing, apart from the claimant."""
    claimant = _claimant(session, claim).email
    return [owner for owner in owner_contacts(session, claim.listing_id) if owner[0] != claimant]


def tell_decision(
    session: Session,
    claim: Claim,
    move: Move,
    reason: str,
    *,
    others: Sequence[tuple[str, str]],
    replaced: bool,
    now: datetime,
) -> None:
    """Tell both sides of a decision: the claimant, and the other owners of the listing."""
    about, facts = claim.listing_id, {"listing": claim.listing, "move": move.value, "reason": reason}
    claimant = _claimant(session, claim)
    enqueue_email(
        session, "claim_decided", to=claimant.email, now=now, listing_id=about, recipient=claimant.name, **facts
    )
    for address, name in others:
        told = {"recipient": name, "replaced": replaced, **facts}
        enqueue_email(session, "claim_decided_owner", to=address, now=now, listing_id=about, **told)


def tell_right_ended(session: Session, account_id: int, listing: Listing, reason: str, *, now: datetime) -> None:
    """Tell somebody who managed a listing that their right to it ended, unless their account is closed."""
    account = session.get_one(Account, account_id)
    if account.active:
        facts = {"recipient": account.name, "name": listing.name, "reason": reason}
        enqueue_email(session, "right_ended", to=account.email, now=now, listing_id=listing.id, **facts)


def tell_right_changed(
    session: Session, listing: Listing, account_id: int, told: Collection[int], right: Right, *, now: datetime
) -> None:
    """Tell these accounts that the right of one account to the listing changed, unless they are closed."""
    person = session.get_one(Account, account_id)
    for account in session.scalars(sa.select(Account).where(Account.id.in_(told), Account.active).order_by(Account.id)):
        facts = {
            "recipient": account.name,
            "listing": listing,
            "right": right.value,
            "person": person,
            "is_own": account is person,
        }
        enqueue_email(session, "right_changed", to=account.email, now=now, listing_id=listing.id, **facts)


def active_accounts(session: Session, rights: Mapping[int, str]) -> dict[int, str]:
    """Return those of the rights whose account is not closed."""
    active = set(session.scalars(sa.select(Account.id).where(Account.id.in_(list(rights)), Account.active)))
    return {account_id: right for account_id, right in rights.items() if account_id in active}


def _claimant(session: Session, claim: Claim) -> Account:
    return session.get_one(Account, claim.account_id)
