"""Disputes in whatever state a test needs, made by the product's own commands; commit what a request shall see."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.tables import Account
from directory.attestations.queries import accepted_attestations
from directory.audit.tables import AuditEntry
from directory.certification.ruleset import bundled_rulesets
from directory.disputes import commands
from directory.disputes.lifecycle import DisputeState, Move, Remedy
from directory.disputes.report import Report
from directory.disputes.tables import Dispute
from directory.listings.tables import Listing
from directory.outbox.tables import Email
from directory.review.disputes import decide_dispute
from support.factories import NOW, get_reviewer, owner_of

DISPUTE_MOVES: Mapping[DisputeState, Sequence[Move]] = {
    DisputeState.REPORTED: (),
    DisputeState.OPEN: (Move.OPEN,),
    DisputeState.ANSWERED: (Move.OPEN, Move.ANSWER),
    DisputeState.UPHELD: (Move.OPEN, Move.ANSWER, Move.UPHOLD),
    DisputeState.NOT_UPHELD: (Move.OPEN, Move.ANSWER, Move.DECLINE),
    DisputeState.WITHDRAWN: (Move.OPEN, Move.WITHDRAW),
    DisputeState.DISMISSED: (Move.DISMISS,),
}
"""How a dispute comes into each state."""

REPORT_TEXT = "They took 60 mL from one spot, with one syringe."
OUTCOME_LINE = "More was taken from one place than was stated."


def make_report(**changes: Any) -> Report:
    """What a patient says."""
    facts: dict[str, Any] = {"about": "volume_per_site_ml", "what_happened": REPORT_TEXT, "reply_to": "joe@example.com"}
    return Report(**facts | changes)


def make_dispute(
    session: Session,
    on: Listing,
    *,
    state: DisputeState = DisputeState.REPORTED,
    reviewer: Account | None = None,
    now: datetime = NOW,
    remedy: Remedy = Remedy.REVOKED,
    **changes: Any,
) -> Dispute:
    """A dispute about what a listing shows; `changes` go into the report."""
    attestation = accepted_attestations(session, [on.id]).get(on.id)
    ruleset = bundled_rulesets().load(attestation.ruleset_id) if attestation else None
    said, number = make_report(**changes), uuid.uuid4().hex
    made = commands.create_dispute(session, on, attestation, ruleset, said, number=number, now=now)
    for move in DISPUTE_MOVES[state]:
        move_dispute(session, made, move, reviewer=reviewer, now=now, remedy=remedy)
    return made


def move_dispute(
    session: Session,
    dispute: Dispute,
    move: Move,
    *,
    reviewer: Account | None = None,
    now: datetime = NOW,
    text: str = OUTCOME_LINE,
    remedy: Remedy | None = None,
) -> None:
    """One move, by whom it takes."""
    if move is Move.ANSWER:
        owner = owner_of(session, dispute.listing).actor
        commands.answer(session, dispute, "We take 8 mL.", version=dispute.version, by=owner, now=now)
        return
    by = (reviewer or get_reviewer(session)).actor
    chosen = remedy if move is Move.UPHOLD else None
    decide_dispute(session, dispute, move, text=text, by=by, now=now, rulesets=bundled_rulesets(), remedy=chosen)


def queued_emails(session: Session) -> list[Email]:
    """All that was promised, oldest first."""
    session.flush()
    return list(session.scalars(sa.select(Email).order_by(Email.id)))


def logged_actions(session: Session) -> list[str]:
    """What the log says was done to disputes, oldest first."""
    rows = session.scalars(sa.select(AuditEntry).where(AuditEntry.object.like("dispute:%")).order_by(AuditEntry.seq))
    return [row.action for row in rows]
