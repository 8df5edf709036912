"""Review decisions on disputes: check the policy, change the state, revoke answers if needed, queue email."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationTransition
from directory.certification.ruleset import Rulesets
from directory.disputes import commands
from directory.disputes.lifecycle import DECISIONS, Move, Remedy, require_answered_or_overdue
from directory.disputes.tables import Dispute
from directory.errors import Conflict, FieldError, Invalid, NotAllowed
from directory.listings.text_limits import check_text
from directory.review.commands import MAX_REASON, decide_attestation

MAX_LINE = 200
"""Characters of a public outcome: one line, that a timeline can show."""

_CLOSINGS = frozenset({Move.UPHOLD, Move.DECLINE, Move.WITHDRAW})

TextField = tuple[str, str, int]
"""A field, what sentences call it, and how many characters it may have."""


def decision_field(move: Move) -> TextField:
    """Which text a decision needs: for the provider, for everybody, or for the record."""
    if move is Move.OPEN:
        return "asked", "What we ask the provider", MAX_REASON
    return ("line", "The outcome", MAX_LINE) if move in _CLOSINGS else ("reason", "The reason", MAX_REASON)


def decide_dispute(  # noqa: PLR0913  one door, and a decision is all of this
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
    """Ask the provider, or close it: upheld, not upheld, withdrawn or dismissed.

    `text` is what the provider is told when it is opened, the public line when it is closed, and the reason when it
    is dismissed. Upholding takes a `remedy`: the answers are revoked here, or were corrected by the provider.

    Raises:
        NotAllowed: not a reviewer, the listing is their own, or the move is no reviewer's.
        Invalid: a text or the remedy is missing, or breaks a limit.
        Conflict: it is in no state for that, was changed in the meantime, the provider can still answer, or the
            answers are not in the state that the remedy needs.
    """
    require(by, Action.DECIDE_DISPUTE, owner_id=dispute.listing.owner_id)
    if move not in DECISIONS:
        raise NotAllowed(f"To {move.value} a report is for the provider.")
    commands.require_version(dispute, version)
    text = _validate_text(move, text)
    if move is Move.UPHOLD:
        _apply_remedy(session, dispute, _require_remedy(dispute, remedy), text, by=by, now=now, rulesets=rulesets)
    if move in _CLOSINGS:
        commands.notify_reporter(session, dispute, move, text, now=now)
    commands.move(session, dispute, move, by=by, now=now, reason=text)
    if move is not Move.DISMISS and dispute.remedy is not Remedy.REVOKED:
        ruleset = rulesets.load(dispute.attestation.ruleset_id) if dispute.attestation else None
        commands.notify_provider(session, dispute, ruleset, move, text, now=now)


def remedies(dispute: Dispute) -> tuple[Remedy, ...]:
    """What can become of the answers when it is upheld: an entry has none to revoke."""
    return tuple(Remedy) if dispute.attestation_id is not None else (Remedy.CORRECTED,)


def _apply_remedy(
    session: Session, dispute: Dispute, remedy: Remedy, line: str, *, by: Actor, now: datetime, rulesets: Rulesets
) -> None:
    """Revoke what was disputed, or see that it does not count any more."""
    attestation = dispute.attestation
    counts = attestation is not None and attestation.state is AttestationState.ACCEPTED
    if remedy is Remedy.CORRECTED and counts:
        raise Conflict("The answers in question still count. Accept corrected ones first, or revoke these.")
    if remedy is Remedy.REVOKED:
        require_answered_or_overdue(dispute.state, dispute.answer_by, now)
        if attestation is None or not counts:
            raise Conflict("The answers in question count no more, so there is nothing to revoke.")
        reason = f"A report about these answers was upheld. {line}"
        decide_attestation(
            session, attestation, AttestationTransition.REVOKE, by=by, now=now, rulesets=rulesets, reason=reason
        )
    dispute.remedy = remedy


def _require_remedy(dispute: Dispute, remedy: Remedy | None) -> Remedy:
    if remedy not in remedies(dispute):
        raise Invalid([FieldError("remedy", "Say what became of it: revoked, or put right by the provider.")])
    return remedy


def _validate_text(move: Move, text: str) -> str:
    field, label, most = decision_field(move)
    text = text.strip()
    faults = [*check_text(field, label, text, least=1, most=most, lines=move not in _CLOSINGS)]
    if faults:
        raise Invalid(faults)
    return text
