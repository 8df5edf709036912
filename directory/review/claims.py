"""Review decisions on claims: decide, and move the claimant's answers to where they belong then."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.accounts.policy import Actor
from directory.certification.ruleset import Rulesets
from directory.claims import decisions
from directory.claims.lifecycle import Move
from directory.claims.tables import Claim, ClaimAnswers
from directory.review.answer_drafts import settle_claim_answers
from directory.review.decisions import group_decision, keep_for_undo

DOCUMENT = ("document_name", "sha256", "media_type")
"""The columns of a claim's document, which a decision clears."""


def decide_claim(  # noqa: PLR0913  the only function for these decisions; each argument is part of one
    session: Session,
    claim: Claim,
    move: Move,
    *,
    by: Actor,
    now: datetime,
    rulesets: Rulesets,
    reason: str = "",
    replace_others: bool = False,
    version: int | None = None,
) -> None:
    """Approve, refuse or reopen a claim as `claims.decisions.decide` does, and settle the claimant's answers."""
    answers = session.get(ClaimAnswers, claim.id)
    kept = {"document": {name: getattr(claim, name) for name in DOCUMENT}, "answers": answers.texts if answers else {}}
    with group_decision(session, claim.listing, by=by, now=now) as decision:
        keep_for_undo(decision, f"claim:{claim.id}", **kept)
        decisions.decide(
            session, claim, move, by=by, now=now, reason=reason, replace_others=replace_others, version=version
        )
        settle_claim_answers(session, claim, rulesets, by=by, now=now)
