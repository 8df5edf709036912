"""Review decisions on disputes: check the policy, change the state, revoke answers if needed, queue email."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationTransition
from directory.certification.ruleset import Rulesets
from directory.disputes import commands
from directory.disputes.lifecycle import (
    DECISIONS,
    Move,
    Remedy,
    possible_remedies,
    require_answered_or_overdue,
    require_heard,
)
from directory.disputes.queries import askable_listings
from directory.disputes.tables import Dispute
from directory.errors import Conflict, FieldError, Invalid, NotAllowed
from directory.listings.revision_lifecycle import RevisionState
from directory.listings.tables import ListingRevision
from directory.listings.text_limits import check_text
from directory.review.commands import MAX_REASON, decide_attestation
from directory.review.decisions import group_decision, keep_for_undo

MAX_LINE = 200
"""Maximum length of a public outcome in characters: one line, short enough for a timeline."""

REMEDY_WORDS = {
    Remedy.REVOKED: "revoked",
    Remedy.CORRECTED: "put right by the provider",
    Remedy.CORRECTED_BY_US: "corrected by us",
    Remedy.COULD_NOT_REACH: "could not reach the provider",
}
"""What became of a dispute that was upheld, for reviewers."""

_CLOSINGS = frozenset({Move.UPHOLD, Move.DECLINE, Move.WITHDRAW})

TextField = tuple[str, str, int]
"""A field name, its label in error messages, and its maximum length in characters."""


def decision_field(move: Move) -> TextField:
    """Return which text a decision needs: a question to the provider, a public outcome, or an internal reason."""
    if move is Move.OPEN:
        return "asked", "What we ask the provider", MAX_REASON
    return ("line", "The outcome", MAX_LINE) if move in _CLOSINGS else ("reason", "The reason", MAX_REASON)


def decide_dispute(  # noqa: PLR0913  the only function for these decisions; each argument is part of one
    session: Session,
    dispute: Dispute,
    move: Move,
    *,
    text: str,
    by: Actor,
    now: datetime,
    rulesets: Rulesets,
    remedy: Remedy | None = None,
    version: int | None = None,
) -> None:
    """Open a dispute, which asks the provider, or close it as upheld, not upheld, withdrawn or dismissed.

    `text` is the question to the provider when opening, the public outcome when closing, and the reason when
    dismissing. Upholding needs a `remedy`: this function revokes the answers, or the rest was done before. If nobody
    manages the listing, nobody is asked and nothing has to wait.

    Raises:
        NotAllowed: `by` is not a reviewer, they manage the listing, or the move is not a reviewer's.
        Invalid: the text or the remedy is missing, or the text is too long.
        Conflict: the dispute's state does not allow the move, it has been changed since, nobody can be asked, the
            provider can still answer, or what the remedy says has not been done.
    """
    require(by, Action.DECIDE_DISPUTE, right=dispute.listing.right_of(by.id))
    if move not in DECISIONS:
        raise NotAllowed(f"To {move.value} a report is for the provider.")
    commands.require_version(dispute, version)
    text = _validate_text(move, text)
    can_be_asked = dispute.listing_id in askable_listings(session, [dispute.listing_id])
    require_heard(dispute.state, move, can_be_asked=can_be_asked)
    with group_decision(session, dispute.listing, by=by, now=now) as decision:
        keep_for_undo(decision, f"dispute:{dispute.id}", reply_to=dispute.reply_to)
        if move is Move.UPHOLD:
            chosen = _require_remedy(dispute, remedy, can_be_asked=can_be_asked, now=now)
            _apply_remedy(session, dispute, chosen, text, by=by, now=now, rulesets=rulesets)
        if move in _CLOSINGS:
            commands.notify_reporter(session, dispute, move, text, now=now)
        commands.move(session, dispute, move, by=by, now=now, reason=text)
        _notify_provider(session, dispute, move, text, rulesets, now=now)


def _notify_provider(
    session: Session, dispute: Dispute, move: Move, text: str, rulesets: Rulesets, *, now: datetime
) -> None:
    """Tell the provider, unless the report came to nothing or the decision on the answers says it already."""
    if move is not Move.DISMISS and dispute.remedy is not Remedy.REVOKED:
        ruleset = rulesets.load(dispute.attestation.ruleset_id) if dispute.attestation else None
        commands.notify_provider(session, dispute, ruleset, move, text, now=now)


def remedies(dispute: Dispute, *, can_be_asked: bool) -> tuple[Remedy, ...]:
    """Return the possible remedies if the dispute is upheld now."""
    return possible_remedies(
        dispute.state, is_about_answers=dispute.attestation_id is not None, can_be_asked=can_be_asked
    )


def _require_time_to_answer(dispute: Dispute, remedy: Remedy, now: datetime) -> None:
    if remedy is Remedy.REVOKED:
        require_answered_or_overdue(dispute.state, dispute.answer_by, now)
    if remedy is Remedy.COULD_NOT_REACH:
        act = "you say that you could not reach them"
        require_answered_or_overdue(dispute.state, dispute.answer_by, now, before=act)


def _apply_remedy(
    session: Session, dispute: Dispute, remedy: Remedy, line: str, *, by: Actor, now: datetime, rulesets: Rulesets
) -> None:
    """Revoke the disputed attestation, or check that what the remedy says was done."""
    attestation = dispute.attestation
    counts = attestation is not None and attestation.state is AttestationState.ACCEPTED
    if remedy is Remedy.CORRECTED and counts:
        raise Conflict("The answers in question still count. Accept corrected ones first, or revoke these.")
    if remedy is Remedy.CORRECTED_BY_US and not _was_corrected(session, dispute):
        raise Conflict("No reviewer has corrected the listing since this report came in. Correct it first.")
    if remedy is Remedy.REVOKED:
        if attestation is None or not counts:
            raise Conflict("The answers in question count no more, so there is nothing to revoke.")
        reason = f"A report about these answers was upheld. {line}"
        decide_attestation(
            session, attestation, AttestationTransition.REVOKE, by=by, now=now, rulesets=rulesets, reason=reason
        )
    dispute.remedy = remedy


def _was_corrected(session: Session, dispute: Dispute) -> bool:
    """Return whether somebody who does not manage the listing changed it since the report: that is a reviewer."""
    managers = [row.account_id for row in dispute.listing.managers]
    changed = sa.exists().where(
        ListingRevision.listing_id == dispute.listing_id,
        ListingRevision.state == RevisionState.ACCEPTED,
        ListingRevision.updated_at >= dispute.reported_at,
        ListingRevision.by_id.not_in(managers),
    )
    return bool(session.scalar(sa.select(changed)))


def _require_remedy(dispute: Dispute, remedy: Remedy | None, *, can_be_asked: bool, now: datetime) -> Remedy:
    possible = remedies(dispute, can_be_asked=can_be_asked)
    if remedy not in possible:
        words = ", or ".join(REMEDY_WORDS[each] for each in possible)
        raise Invalid([FieldError("remedy", f"Say what became of it: {words}.")])
    if can_be_asked:
        _require_time_to_answer(dispute, remedy, now)
    return remedy


def _validate_text(move: Move, text: str) -> str:
    field, label, most = decision_field(move)
    text = text.strip()
    faults = [*check_text(field, label, text, least=1, most=most, lines=move not in _CLOSINGS)]
    if faults:
        raise Invalid(faults)
    return text
