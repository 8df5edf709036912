"""A reviewer's comments on returned answers, the provider's replies to them, and what changed since."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.attestations import queries
from directory.attestations.diff import AnswerSet, Difference, diff_answers
from directory.attestations.draft_input import stored_answers
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.answers import format_answer
from directory.certification.criteria import Question
from directory.certification.ruleset import Ruleset, Rulesets
from directory.errors import Conflict, Invalid
from directory.listings.text_limits import check_text

MAX_REPLY = 500
"""Maximum length of a reply to one comment in characters; arbitrary, a few sentences."""

FIELD = "reply"


@dataclass(frozen=True, slots=True)
class ReturnDecision:
    """Why answers were returned, with the reviewer's comments by question key; empty if they were not."""

    reason: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CommentedAnswer:
    """A question that a reviewer commented on; `before` is the returned answer, or empty if it did not change."""

    short: str
    comment: str
    reply: str
    answer: str
    before: str


@dataclass(frozen=True, slots=True)
class ReturnedRound:
    """The last return of a listing's answers and what became of it; `other_changes` are without a comment."""

    decision: ReturnDecision
    answers: tuple[CommentedAnswer, ...]
    other_changes: tuple[Difference, ...]


def normalize_reply(text: str) -> str:
    """Return a typed reply as it is stored."""
    return text.strip().replace("\r\n", "\n")


def save_reply(session: Session, draft: Attestation, key: str, text: str, *, by: Actor, now: datetime) -> None:
    """Save the provider's reply to the comment on one question; an empty text removes it.

    Raises:
        Invalid: it is too long.
        Conflict: the answers are already signed.
    """
    require(by, Action.PREPARE_ANSWERS, right=draft.listing.right_of(by.id))
    if draft.state is not AttestationState.DRAFT:
        raise Conflict(f"This attestation is {draft.state.value}, so its replies are never changed.")
    text = normalize_reply(text)
    if faults := list(check_text(FIELD, "Your reply", text, most=MAX_REPLY, lines=True)):
        raise Invalid(faults)
    others = {name: reply for name, reply in draft.replies.items() if name != key}
    draft.replies, draft.updated_at = {**others, **({key: text} if text else {})}, now
    session.flush()


def return_decision(session: Session, attestation: Attestation | None) -> ReturnDecision:
    """Return the decision that returned these answers."""
    if attestation is None or attestation.state is not AttestationState.RETURNED:
        return ReturnDecision()
    returned = queries.history(session, attestation.id)[0]
    comments = {key: text for key, text in returned.comments.items() if text}
    return ReturnDecision(returned.reason, comments, returned.at)


def returned_round(session: Session, attestation: Attestation, rulesets: Rulesets) -> ReturnedRound | None:
    """Return what a reviewer said of the answers before these, if they were returned; skips those taken back."""
    earlier = session.scalar(
        sa.select(Attestation)
        .where(
            Attestation.listing_id == attestation.listing_id,
            Attestation.id < attestation.id,
            Attestation.state.not_in((AttestationState.DRAFT, AttestationState.WITHDRAWN)),
        )
        .order_by(Attestation.id.desc())
        .limit(1)
    )
    decision = return_decision(session, earlier)
    if earlier is None or decision == ReturnDecision():
        return None
    before, after = (_answer_set(one, rulesets.load(one.ruleset_id)) for one in (earlier, attestation))
    changes = diff_answers(before, after)
    commented = [question for question in before.ruleset.questions if question.key in decision.comments]
    shown = {question.short for question in commented}
    return ReturnedRound(
        decision,
        tuple(
            _commented_answer(question, decision.comments[question.key], attestation.replies, after, changes)
            for question in commented
        ),
        tuple(change for change in changes if change.short not in shown),
    )


def _commented_answer(
    question: Question, comment: str, replies: Mapping[str, str], after: AnswerSet, changes: Iterable[Difference]
) -> CommentedAnswer:
    change = next((change for change in changes if change.short == question.short), None)
    return CommentedAnswer(
        short=question.short,
        comment=comment,
        reply=replies.get(question.key, ""),
        answer=change.after if change else format_answer(question, after.answers.get(question.key)),
        before=change.before if change else "",
    )


def _answer_set(attestation: Attestation, ruleset: Ruleset) -> AnswerSet:
    return AnswerSet(ruleset, stored_answers(attestation, ruleset))
