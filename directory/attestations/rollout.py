"""Queues emails that announce new rules, one for each attestation that still counts, in batches."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.attestations.notices import not_yet_queued, record_notice, select_attestations
from directory.attestations.renewal import convert_answers
from directory.attestations.tables import Attestation
from directory.attestations.validity import effective_valid_until
from directory.certification.ruleset import Ruleset, Rulesets
from directory.certification.ruleset_diff import diff_rulesets
from directory.certification.scoring import Grade, assess
from directory.listings.notices import notify_owners


def queue_announcements(
    session: Session, newer: Ruleset, *, rulesets: Rulesets, home: str, now: datetime, limit: int
) -> int:
    """Queue an email to the owners of each attestation that counts under rules older than `newer`; return how many.

    The email says what is new, until when the answers count, and which of them no longer match.

    Args:
        session: its transaction covers both the queued emails and the records of them.
        newer: the rules to announce, which are published.
        rulesets: the published rules.
        home: the base URL of this directory, such as `https://directory.example`.
        now: the current time.
        limit: the maximum number of emails to queue; the next run continues.
    """
    older = [ruleset.id for ruleset in rulesets.newest_first[rulesets.newest_first.index(newer) + 1 :]]
    until, occasion = effective_valid_until(rulesets), f"rules {newer.id}"
    wanted = (
        select_attestations(until.label("until"))
        .where(Attestation.ruleset_id.in_(older), until >= now, not_yet_queued(occasion))
        .order_by(until, Attestation.id)
        .limit(limit)
    )
    promised = 0
    for attestation, ends in session.execute(wanted).all():
        if record_notice(session, attestation, occasion, now=now):
            signed_under = rulesets.load(attestation.ruleset_id)
            _queue_announcement(session, attestation, (signed_under, newer), until=ends, home=home, now=now)
            promised += 1
    return promised


def _queue_announcement(
    session: Session,
    attestation: Attestation,
    versions: tuple[Ruleset, Ruleset],
    *,
    until: datetime,
    home: str,
    now: datetime,
) -> None:
    older, newer = versions
    assessment = assess(newer, convert_answers(newer, attestation.answers))
    short = {criterion.key: criterion.short for criterion in newer.criteria}
    notify_owners(
        session,
        attestation.listing_id,
        "rules_changed",
        now=now,
        listing=attestation.listing,
        until=until,
        by_newer_rules=attestation.valid_until is not None and until < attestation.valid_until,
        newer=newer,
        changes=diff_rulesets(older, newer),
        missed=[short[finding.criterion] for finding in assessment.findings if finding.grade is not Grade.RIGHT],
        rules_address=f"{home}/rules/{newer.id}",
        address=f"{home}/portal/listings/{attestation.listing_id}/attestation",
    )
