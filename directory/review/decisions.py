"""Decisions: what a reviewer decided with one press, whose email waits until the decision can no longer be undone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Actor
from directory.attestations.tables import Attestation, AttestationMove
from directory.claims.queries import open_claim
from directory.claims.tables import Claim, ClaimMove, Removal, RemovalMoveRecord
from directory.database import Base, MoveRecord
from directory.disputes.tables import Dispute, DisputeMove
from directory.errors import NotAllowed, NotFound
from directory.listings.tables import Listing, ListingMove, ListingRevision, ListingRevisionMove
from directory.outbox.queue import hold_until, merge_emails
from directory.outbox.tables import Email
from directory.review.tables import Decision, DecisionEmail, DecisionMove

UNDO_WITHIN = timedelta(minutes=10)
"""How long a decision can be undone, and how long its email waits."""

SUBJECTS: dict[str, type[Any]] = {
    "listing": Listing,
    "attestation": Attestation,
    "revision": ListingRevision,
    "claim": Claim,
    "removal": Removal,
    "dispute": Dispute,
}
"""The class of each kind of subject; each has a version, and its history names it in a column “<kind>_id”."""

_HISTORIES: dict[type[Base], str] = {
    ListingMove: "listing",
    AttestationMove: "attestation",
    ListingRevisionMove: "revision",
    ClaimMove: "claim",
    RemovalMoveRecord: "removal",
    DisputeMove: "dispute",
}

_CURRENT = "current decision"
"""The key in `Session.info` of the decision that is being made."""


@contextmanager
def group_decision(
    session: Session, listing: Listing, *, by: Actor, now: datetime, undoes: Decision | None = None
) -> Iterator[Decision]:
    """Group all moves made in the block into one decision and hold their email; a block inside another one joins it.

    Each recipient gets one email, whatever the number of moves. The caller checks that `by` may decide.

    Raises:
        NotAllowed: `by` has an open claim to the listing.
    """
    current: Decision | None = session.info.get(_CURRENT)
    if current is not None and current.listing_id == listing.id:
        yield current
        return
    if undoes is None and open_claim(session, listing.id, by.id) is not None:
        raise NotAllowed("You claim this listing, so somebody else has to decide on it.")
    until = now if undoes else now + UNDO_WITHIN
    made = Decision(listing_id=listing.id, by_id=by.id, at=now, undo_until=until, kept={})
    made.undoes_id = undoes.id if undoes else None
    session.add(made)
    session.flush()
    written: list[Base] = []

    def collect(_session: Session, instance: Base) -> None:
        written.append(instance)

    sa.event.listen(session, "pending_to_persistent", collect)
    session.info[_CURRENT] = made
    try:
        yield made
        session.flush()
    finally:
        session.info[_CURRENT] = current
        sa.event.remove(session, "pending_to_persistent", collect)
    _store_moves(session, made, written)
    _hold_emails(session, made, [row for row in written if isinstance(row, Email)])


def keep_for_undo(decision: Decision, subject: str, **facts: Any) -> None:
    """Note what a move of `subject` is about to overwrite, so that an undo can restore it."""
    decision.kept = {**decision.kept, subject: facts}


def forget_kept(session: Session, *, now: datetime) -> int:
    """Erase what decisions kept for an undo that is no longer possible, and return for how many."""
    past = sa.update(Decision).where(Decision.undo_until <= now, sa.cast(Decision.kept, sa.Text) != "{}")
    return len(session.scalars(past.values(kept={}).returning(Decision.id)).all())


def decision(session: Session, decision_id: int) -> Decision:
    """Return a decision.

    Raises:
        NotFound: there is none with that id.
    """
    found = session.get(Decision, decision_id)
    if found is None:
        raise NotFound("There is no such decision.")
    return found


def undoable_decision(session: Session, by: Actor, *, now: datetime) -> Decision | None:
    """Return the last decision of a reviewer if it can still be undone."""
    last = session.scalar(
        sa.select(Decision)
        .where(Decision.by_id == by.id, Decision.undoes_id.is_(None))
        .order_by(Decision.at.desc(), Decision.id.desc())
        .limit(1)
    )
    return last if last is not None and last.undone_at is None and now < last.undo_until else None


def emails_of(session: Session, decision: Decision) -> Sequence[Email]:
    """Return the email that a decision queued."""
    wanted = sa.select(Email).join(DecisionEmail, DecisionEmail.email_id == Email.id)
    return session.scalars(wanted.where(DecisionEmail.decision_id == decision.id).order_by(Email.id)).all()


def _store_moves(session: Session, made: Decision, written: Sequence[Base]) -> None:
    rows = [(kind, row) for row in written if (kind := _HISTORIES.get(type(row))) and isinstance(row, MoveRecord)]
    for kind, row in sorted(rows, key=lambda pair: written.index(pair[1])):
        subject_id = getattr(row, f"{kind}_id")
        version = session.get_one(SUBJECTS[kind], subject_id).version
        made.moves.append(
            DecisionMove(kind=kind, subject_id=subject_id, move=row.move, from_state=row.from_state, version=version)
        )
    session.flush()


def _hold_emails(session: Session, made: Decision, emails: Sequence[Email]) -> None:
    waiting = [mail for mail in emails if mail.cancelled_at is None]
    for mail in merge_emails(session, waiting, subject=f"{made.listing.name}: what was decided"):
        hold_until(session, mail, made.undo_until)
        session.add(DecisionEmail(decision_id=made.id, email_id=mail.id))
    session.flush()
