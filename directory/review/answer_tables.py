"""The tables of attestations, of reports and of audited attestations for reviewers: their filters and orders."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.attestations.validity import effective_valid_until
from directory.certification.ruleset import Rulesets
from directory.disputes.lifecycle import ANSWER_WITHIN, WAITING, DisputeState
from directory.disputes.report import ENTRY
from directory.disputes.tables import Dispute
from directory.listings.tables import Listing
from directory.review.badge_holders import matching_attestations
from directory.review.record_table import Choice, Condition, RecordTable, TableFilter, TableOrder, contains, is_one_of
from directory.review.tables import AuditDraw, DrawnAttestation

T = TypeVar("T", bound=str)

EXPIRING_WITHIN = (30, 60)
"""Days before answers run out, as the reminders to providers."""


def attestation_table(
    session: Session, text: str, *, labels: Mapping[AttestationState, str], rulesets: Rulesets, now: datetime
) -> RecordTable:
    """Return the table of all signed attestations; `text` is searched in listings, signers and subjects."""
    signed = Attestation.state != AttestationState.DRAFT
    names = (Listing.name, Attestation.signer_name, Attestation.subject_name)
    states = (state for state in AttestationState if state is not AttestationState.DRAFT)
    return RecordTable(
        Attestation,
        filters=(
            TableFilter("state", "State", tuple(_choices(Attestation.state.__eq__, states, labels))),
            TableFilter("grade", "Answers", _grade_choices(session, rulesets), counted=False),
            TableFilter("until", "Count until", tuple(_expiry_choices(rulesets, now))),
            TableFilter("rules", "Rules", tuple(_ruleset_choices(rulesets))),
        ),
        orders={
            "signed": TableOrder("Signed last", (Attestation.signed_at.desc(), Attestation.id.desc())),
            "oldest": TableOrder("Signed first", (Attestation.signed_at.asc(), Attestation.id.asc())),
            "expiry": TableOrder("Running out first", (Attestation.valid_until.asc(), Attestation.id.asc())),
        },
        joins=(Attestation.listing,),
        options=(joinedload(Attestation.listing),),
        searched=sa.and_(signed, contains(text, *names)),
    )


def dispute_table(text: str, *, labels: Mapping[DisputeState, str], now: datetime) -> RecordTable:
    """Return the table of all reports, those that wait first; `text` is searched in listings and reports."""
    waits, late = Dispute.state.in_(WAITING), Dispute.updated_at < now - ANSWER_WITHIN
    subjects = {"entry": "The listing", "answer": "An answer"}
    return RecordTable(
        Dispute,
        filters=(
            TableFilter("state", "State", tuple(_choices(Dispute.state.__eq__, DisputeState, labels))),
            TableFilter("due", "Due", (Choice("late", "Late", lambda: sa.and_(waits, late)),)),
            TableFilter("about", "About", tuple(_choices(_is_about, subjects, subjects))),
        ),
        orders={
            "waiting": TableOrder(
                "Waiting longest", (sa.not_(waits).asc(), Dispute.updated_at.asc(), Dispute.id.asc())
            ),
            "changed": TableOrder("Changed last", (Dispute.updated_at.desc(), Dispute.id.desc())),
        },
        joins=(Dispute.listing,),
        options=(joinedload(Dispute.listing), joinedload(Dispute.attestation)),
        searched=contains(text, Listing.name, Dispute.what_happened),
    )


def audit_table(session: Session, text: str, *, labels: Mapping[AttestationState, str]) -> RecordTable:
    """Return the table of all attestations that were drawn for a random audit."""
    drawn, answers = DrawnAttestation, Attestation
    quarters = session.execute(sa.select(AuditDraw.quarter, AuditDraw.id).order_by(AuditDraw.quarter.desc())).all()
    ids = {quarter: draw_id for quarter, draw_id in quarters}  # noqa: C416  rows are typed by unpacking
    return RecordTable(
        DrawnAttestation,
        filters=(
            TableFilter("quarter", "Quarter", tuple(_choices(lambda key: drawn.draw_id == ids[key], ids, {}))),
            TableFilter("looked", "Looked at", (
                Choice("yes", "Looked at", lambda: drawn.looked_at.is_not(None)),
                Choice("no", "Not yet", lambda: drawn.looked_at.is_(None)),
            )),
            TableFilter("state", "State", tuple(_choices(answers.state.__eq__, AttestationState, labels))),
        ),
        orders={
            "drawn": TableOrder("Drawn last", (drawn.draw_id.desc(), drawn.ordinal.asc(), drawn.id.asc())),
            "oldest": TableOrder("Drawn first", (drawn.draw_id.asc(), drawn.ordinal.asc(), drawn.id.asc())),
        },
        joins=(DrawnAttestation.attestation, Attestation.listing),
        options=(
            joinedload(DrawnAttestation.attestation).joinedload(Attestation.listing),
            joinedload(DrawnAttestation.draw),
        ),
        searched=contains(text, Listing.name, DrawnAttestation.finding),
    )  # fmt: skip  # the filters read better in few lines


def _is_about(subject: str) -> Condition:
    return Dispute.about == ENTRY if subject == "entry" else Dispute.about != ENTRY


def _choices(condition: Callable[[Any], Condition], values: Iterable[T], labels: Mapping[T, str]) -> Iterator[Choice]:
    for value in values:
        yield Choice(str(value), labels.get(value, value), partial(condition, value))


def _grade_choices(session: Session, rulesets: Rulesets) -> tuple[Choice, ...]:
    @cache
    def matches() -> Condition:
        matching = matching_attestations(session, (), rulesets=rulesets)
        return is_one_of(session, Attestation.id, (each for each, _ in matching), "matching")

    return Choice("match", "All match", matches), Choice("other", "Do not all match", lambda: ~matches())


def _expiry_choices(rulesets: Rulesets, now: datetime) -> Iterator[Choice]:
    until, accepted = effective_valid_until(rulesets), Attestation.state == AttestationState.ACCEPTED
    yield Choice("counts", "Count now", lambda: sa.and_(accepted, until >= now))
    for days in EXPIRING_WITHIN:
        soon = sa.and_(accepted, until >= now, until < now + timedelta(days=days))
        yield Choice(f"{days}", f"Run out within {days} days", partial(sa.and_, soon))
    yield Choice("expired", "Ran out", lambda: sa.and_(accepted, until < now))


def _ruleset_choices(rulesets: Rulesets) -> Iterator[Choice]:
    for ruleset in rulesets.newest_first:
        yield Choice(ruleset.id, ruleset.id, partial(Attestation.ruleset_id.__eq__, ruleset.id))
