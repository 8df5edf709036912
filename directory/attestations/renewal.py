"""Copies a listing's last signed answers into a new draft and tracks which of them the signer must confirm."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.answers import (
    Answer,
    answers_from_json,
    answers_to_json,
    details_from_json,
    without_stray_frequency,
)
from directory.certification.criteria import Criterion, Question
from directory.certification.ruleset import Ruleset
from directory.errors import FieldError, Invalid

FIELD_PREFIX = "confirm_"
"""Prefix of the form fields in which a signer confirms an earlier answer; the answer's key follows."""

_CORRECTABLE = frozenset({AttestationState.RETURNED, AttestationState.WITHDRAWN})
"""States whose answers are being corrected, not renewed; their signer confirmed them when signing."""


def carry_over(session: Session, into: Attestation, ruleset: Ruleset) -> None:
    """Copy the last signed answers of the listing into a new draft, where these rules accept them."""
    signed = sa.select(Attestation).where(
        Attestation.listing_id == into.listing_id, Attestation.state != AttestationState.DRAFT
    )
    last = session.scalar(signed.order_by(Attestation.id.desc()).limit(1))
    if last is None:
        return
    into.answers = answers_to_json(ruleset, convert_answers(ruleset, last.answers))
    into.details = answers_to_json(ruleset, _convert_details(ruleset, last.details))
    same_rules = last.ruleset_id == ruleset.id
    corrected = same_rules and last.state in _CORRECTABLE
    into.unconfirmed = [] if corrected else sorted(into.answers)
    into.replies = dict(last.replies) if last.state is AttestationState.WITHDRAWN else {}


def still_unconfirmed(attestation: Attestation, said: Mapping[str, Any]) -> list[str]:
    """Return the keys to confirm after the draft was saved with the answers `said`.

    A changed answer counts as newly given and needs no confirmation.
    """
    before = attestation.answers
    return [key for key in attestation.unconfirmed if key in said and said[key] == before.get(key)]


def to_confirm(ruleset: Ruleset, unconfirmed: Collection[str]) -> tuple[Criterion, ...]:
    """Return the questions whose answers were carried over.

    Each graded answer is confirmed by itself. The signature alone confirms the details, which drafts of earlier
    versions name as well.
    """
    return tuple(criterion for criterion in ruleset.criteria if criterion.key in unconfirmed)


def check_confirmed(ruleset: Ruleset, unconfirmed: Collection[str], confirmed: Collection[str]) -> Iterator[FieldError]:
    """Yield an error for each answer that was carried over and not confirmed."""
    for criterion in to_confirm(ruleset, unconfirmed):
        if criterion.key not in confirmed:
            yield FieldError(
                f"{FIELD_PREFIX}{criterion.key}", f"{criterion.short}: say that it is still so, or change the answer."
            )


def convert_answers(ruleset: Ruleset, stored: Mapping[str, Any]) -> dict[str, Answer | None]:
    """Convert stored answers to this ruleset; answers that it does not ask for or does not accept become None.

    Answers that say none with a how-often, as earlier versions accepted them, keep only the none.
    """
    return _convert(partial(answers_from_json, stored=True), ruleset, ruleset.criteria, stored)


def _convert_details(ruleset: Ruleset, stored: Mapping[str, Any]) -> dict[str, Answer | None]:
    return _convert(partial(details_from_json, stored=True), ruleset, ruleset.details, stored)


def _convert(
    parse: Callable[[Ruleset, object], dict[str, Answer | None]],
    ruleset: Ruleset,
    questions: Iterable[Question],
    stored: Mapping[str, Any],
) -> dict[str, Answer | None]:
    known = {question.key: stored[question.key] for question in questions if question.key in stored}
    try:
        answers = parse(ruleset, known)
    except Invalid as refusal:
        answers = parse(ruleset, _drop_rejected(known, refusal))
    return {key: without_stray_frequency(answer) for key, answer in answers.items()}


def _drop_rejected(known: Mapping[str, Any], refusal: Invalid) -> dict[str, Any]:
    """Return the answers that were not rejected; an error's field is a pointer such as `/answers/distinct_sites`."""
    refused = {fault.field.rpartition("/")[2] for fault in refusal.faults}
    return {key: value for key, value in known.items() if key not in refused}
