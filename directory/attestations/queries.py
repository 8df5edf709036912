"""Database queries for attestations; each function runs one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, joinedload

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation, AttestationMove
from directory.certification.ruleset import Rulesets
from directory.claims.lifecycle import ClaimState
from directory.claims.tables import Claim
from directory.errors import NotFound
from directory.listings.queries import HistoryEntry
from directory.listings.tables import Listing


@dataclass(frozen=True, slots=True)
class Signer:
    """The name and role to fill in for a signature; `from_signature` is set if both come from an earlier one."""

    name: str
    role: str
    from_signature: bool


def remembered_signer(session: Session, listing_id: int, account: Account) -> Signer:
    """Return how an account signed last for a listing, or else its own name with the role it gave elsewhere.

    A name that it typed for another listing is not used: it may be that of another person.
    """
    signed = (
        sa.select(Attestation.signer_name, Attestation.signer_role)
        .where(Attestation.signed_by_id == account.id, Attestation.signed_at.is_not(None))
        .order_by(Attestation.signed_at.desc(), Attestation.id.desc())
        .limit(1)
    )
    here = session.execute(signed.where(Attestation.listing_id == listing_id)).one_or_none()
    if here is not None:
        return Signer(here.signer_name, here.signer_role, from_signature=True)
    own = session.execute(signed.where(Attestation.signer_name == account.name)).one_or_none()
    return Signer(account.name, own.signer_role if own else _claimed_role(session, account.id), from_signature=False)


def _claimed_role(session: Session, account_id: int) -> str:
    """Return the role in the last approved claim of an account."""
    approved = sa.select(Claim.role).where(Claim.account_id == account_id, Claim.state == ClaimState.APPROVED)
    return session.scalar(approved.order_by(Claim.id.desc()).limit(1)) or ""


def displayed_attestation_id(listing_id: sa.ColumnElement[int]) -> sa.ScalarSelect[int]:
    """SQL: the id of the attestation to show for a listing: the accepted one, or else the last revoked one.

    `listing_id` is the listing id column of the enclosing statement.
    """
    candidate = aliased(Attestation)
    return (
        sa.select(candidate.id)
        .where(
            candidate.listing_id == listing_id,
            candidate.state.in_((AttestationState.ACCEPTED, AttestationState.REVOKED)),
        )
        .order_by(candidate.state == AttestationState.REVOKED, candidate.id.desc())
        .limit(1)
        .correlate(Listing)
        .scalar_subquery()
    )


def displayed_attestations(session: Session, listing_ids: Iterable[int]) -> dict[int, Attestation]:
    """Return the attestation that pages show for each listing, by listing id; see `displayed_attestation_id`."""
    rows = session.scalars(
        sa.select(Attestation)
        .join(Listing, Attestation.id == displayed_attestation_id(Listing.__table__.c.id))
        .where(Listing.id.in_(list(listing_ids)))
    )
    return {row.listing_id: row for row in rows}


def accepted_attestations(session: Session, listing_ids: Iterable[int]) -> dict[int, Attestation]:
    """Return the accepted attestation of each listing that has one, expired or not, by listing id."""
    rows = session.scalars(
        sa.select(Attestation).where(
            Attestation.listing_id.in_(list(listing_ids)), Attestation.state == AttestationState.ACCEPTED
        )
    )
    return {row.listing_id: row for row in rows}


def attestation(session: Session, attestation_id: int) -> Attestation:
    """Return an attestation in any state with its listing, for signers and reviewers.

    Raises:
        NotFound: there is no attestation with that id.
    """
    found = session.get(Attestation, attestation_id, options=[joinedload(Attestation.listing)])
    if found is None:
        raise NotFound("There is no such attestation.")
    return found


def attestations_of(session: Session, listing_ids: Iterable[int]) -> Sequence[Attestation]:
    """Return all attestations of the given listings, newest first."""
    return session.scalars(
        sa.select(Attestation).where(Attestation.listing_id.in_(list(listing_ids))).order_by(Attestation.id.desc())
    ).all()


def history(session: Session, attestation_id: int) -> list[HistoryEntry]:
    """Return every move of an attestation, newest first."""
    rows = session.execute(
        sa.select(AttestationMove, Account.name)
        .outerjoin(Account, Account.id == AttestationMove.by_id)
        .where(AttestationMove.attestation_id == attestation_id)
        .order_by(AttestationMove.id.desc())
    )
    return [HistoryEntry(row.move, row.to_state, row.reason, row.comments, name or "", row.at) for row, name in rows]


def is_expired(attestation: Attestation, rulesets: Rulesets, now: datetime) -> bool:
    """Return whether a signed attestation is past its own expiry or past the end set for its ruleset."""
    if attestation.valid_until is None:
        return False
    return now > rulesets.counts_until(attestation.ruleset_id, attestation.valid_until)
