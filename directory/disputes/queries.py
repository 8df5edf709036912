"""Database queries for disputes; each function runs one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from directory.accounts.policy import Action, Right
from directory.accounts.tables import Account
from directory.disputes.lifecycle import DECIDED, WAITING, DisputeState, Remedy
from directory.disputes.report import is_report_number
from directory.disputes.tables import Dispute, DisputeMove
from directory.errors import NotFound
from directory.listings.queries import HistoryEntry, is_allowed
from directory.listings.tables import Listing, ListingManager


@dataclass(frozen=True, slots=True)
class PublicOutcome:
    """The public part of a closed dispute; `about` is the key of an answer, or `entry` for the listing itself.

    `asked_at` is when the provider was asked; None if nobody managed the listing, so that nobody could be asked.
    """

    outcome: DisputeState
    remedy: Remedy | None
    line: str
    at: datetime
    about: str
    reported_at: datetime
    asked_at: datetime | None
    attestation_id: int | None


def public_outcomes(session: Session, listing_id: int) -> tuple[PublicOutcome, ...]:
    """Return the outcomes of the closed disputes, the latest first.

    Disputes that still wait, were dismissed, or were withdrawn before the provider was asked are not public.
    """
    asked = sa.orm.aliased(DisputeMove)
    rows = session.execute(
        sa.select(Dispute, DisputeMove.reason, DisputeMove.at, asked.at.label("asked_at"))
        .join(DisputeMove, DisputeMove.dispute_id == Dispute.id)
        .outerjoin(asked, sa.and_(asked.dispute_id == Dispute.id, asked.to_state == DisputeState.OPEN.value))
        .where(
            Dispute.listing_id == listing_id,
            Dispute.state.in_(DECIDED) | (Dispute.state == DisputeState.WITHDRAWN) & asked.at.is_not(None),
            DisputeMove.to_state == Dispute.state,
        )
        .order_by(DisputeMove.at.desc(), DisputeMove.id.desc())
    )
    return tuple(
        PublicOutcome(row.state, row.remedy, line, at, row.about, row.reported_at, asked_at, row.attestation_id)
        for row, line, at, asked_at in rows
    )


def askable_listings(session: Session, listing_ids: Iterable[int]) -> frozenset[int]:
    """Return which of these listings have an active owner, who gets an email and can answer a report."""
    return frozenset(
        session.scalars(
            sa.select(ListingManager.listing_id)
            .join(Account, Account.id == ListingManager.account_id)
            .where(
                ListingManager.listing_id.in_(list(listing_ids)), ListingManager.right == Right.OWNER, Account.active
            )
        )
    )


def dispute(session: Session, dispute_id: int) -> Dispute:
    """Return a dispute in any state, with its listing and attestation loaded.

    Raises:
        NotFound: there is no dispute with that id.
    """
    whole = [joinedload(Dispute.listing), joinedload(Dispute.attestation)]
    found = session.get(Dispute, dispute_id, options=whole)
    if found is None:
        raise NotFound("There is no such report.")
    return found


def dispute_by_number(session: Session, number: str, slug: str) -> Dispute:
    """Return the dispute with a report number, which only its reporter knows.

    Raises:
        NotFound: there is no dispute with that number about that listing.
    """
    wanted = sa.select(Dispute).join(Listing).where(Dispute.public_id == number, Listing.slug == slug)
    found = (
        session.scalar(wanted.options(joinedload(Dispute.listing)))
        if is_report_number(number) and "\0" not in slug
        else None
    )
    if found is None:
        raise NotFound("There is no report of that number. Look whether the whole address was copied.")
    return found


def count_waiting(session: Session) -> int:
    """Return the number of disputes that are not closed."""
    return session.scalar(sa.select(sa.func.count()).where(Dispute.state.in_(WAITING))) or 0


def disputes_of_provider(session: Session, account_id: int) -> Sequence[Dispute]:
    """Return the disputes that a provider was asked about and may answer, the newest first; others stay hidden."""
    return session.scalars(
        sa.select(Dispute)
        .join(Listing)
        .where(is_allowed(account_id, Action.ANSWER_DISPUTE), Dispute.answer_by.is_not(None))
        .order_by(Dispute.answer_by.desc(), Dispute.id.desc())
        .options(joinedload(Dispute.listing), joinedload(Dispute.attestation))
    ).all()


def history(session: Session, dispute_id: int) -> list[HistoryEntry]:
    """Return every move of a dispute, newest first."""
    rows = session.execute(
        sa.select(DisputeMove, Account.name)
        .outerjoin(Account, Account.id == DisputeMove.by_id)
        .where(DisputeMove.dispute_id == dispute_id)
        .order_by(DisputeMove.id.desc())
    )
    return [HistoryEntry(row.move, row.to_state, row.reason, row.comments, name or "", row.at) for row, name in rows]
