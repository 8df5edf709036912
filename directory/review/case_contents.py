"""What waits for a decision about one listing."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.claims.lifecycle import WAITING as WAITING_CLAIMS
from directory.claims.lifecycle import RemovalState
from directory.claims.tables import Claim, Removal
from directory.disputes.lifecycle import WAITING as WAITING_DISPUTES
from directory.disputes.tables import Dispute
from directory.listings.revision_lifecycle import RevisionState
from directory.listings.revision_store import find_revision
from directory.listings.tables import Listing, ListingRevision


@dataclass(frozen=True, slots=True)
class CaseContents:
    """The parts of a case; the listing itself waits if it is submitted."""

    revision: ListingRevision | None
    attestation: Attestation | None
    claims: Sequence[Claim]
    removals: Sequence[Removal]
    disputes: Sequence[Dispute]


def case_contents(session: Session, listing: Listing) -> CaseContents:
    """Return what waits for a decision about a listing; runs five statements."""
    waiting = sa.select(Attestation).where(
        Attestation.listing_id == listing.id, Attestation.state == AttestationState.SUBMITTED
    )
    claims = sa.select(Claim).where(Claim.listing_id == listing.id, Claim.state.in_(WAITING_CLAIMS))
    removals = sa.select(Removal).where(Removal.listing_id == listing.id, Removal.state == RemovalState.REQUESTED)
    disputes = sa.select(Dispute).where(Dispute.listing_id == listing.id, Dispute.state.in_(WAITING_DISPUTES))
    return CaseContents(
        find_revision(session, listing, RevisionState.SUBMITTED),
        session.scalar(waiting),
        session.scalars(claims.order_by(Claim.id).options(joinedload(Claim.account))).all(),
        session.scalars(removals.order_by(Removal.id)).all(),
        session.scalars(disputes.order_by(Dispute.id)).all(),
    )
