"""Tells providers that newer rules are out: once for each attestation that still counts, so many a run."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.attestations.letters import addressed, claim, not_written
from directory.attestations.renewing import as_far_as_asked
from directory.attestations.tables import Attestation
from directory.attestations.validity import last_moment
from directory.certification.changes import changes
from directory.certification.ruleset import Ruleset, Rulesets
from directory.certification.scoring import Grade, assess
from directory.outbox.queue import promise


def announce(session: Session, newer: Ruleset, *, rulesets: Rulesets, home: str, now: datetime, limit: int) -> int:
    """Promise a letter to the owner of each attestation that counts under rules older than `newer`; how many it was.

    The letter says what is new, until when the answers count, and which of them do not match any more.

    Args:
        session: whose transaction this is; what was promised and what was written down stand or fall together.
        newer: the rules to tell of, which are published.
        rulesets: the published rules.
        home: the address of this directory, such as `https://directory.example`.
        now: this moment.
        limit: promise no more letters than this; the rest are for the next run.
    """
    older = [ruleset.id for ruleset in rulesets.newest_first[rulesets.newest_first.index(newer) + 1 :]]
    until, occasion = last_moment(rulesets), f"rules {newer.id}"
    wanted = (
        addressed(until.label("until"))
        .where(Attestation.ruleset_id.in_(older), until >= now, not_written(occasion))
        .order_by(until, Attestation.id)
        .limit(limit)
    )
    promised = 0
    for attestation, email, ends in session.execute(wanted).all():
        if claim(session, attestation, occasion, now=now):
            signed_under = rulesets.load(attestation.ruleset_id)
            _write(session, attestation, email, (signed_under, newer), until=ends, home=home, now=now)
            promised += 1
    return promised


def _write(
    session: Session,
    attestation: Attestation,
    email: str,
    versions: tuple[Ruleset, Ruleset],
    *,
    until: datetime,
    home: str,
    now: datetime,
) -> None:
    older, newer = versions
    assessment = assess(newer, as_far_as_asked(newer, attestation.answers))
    short = {criterion.key: criterion.short for criterion in newer.criteria}
    promise(
        session,
        "rules_changed",
        to=email,
        now=now,
        listing=attestation.listing,
        until=until,
        by_newer_rules=attestation.valid_until is not None and until < attestation.valid_until,
        newer=newer,
        changes=changes(older, newer),
        missed=[short[finding.criterion] for finding in assessment.findings if finding.grade is not Grade.RIGHT],
        rules_address=f"{home}/rules/{newer.id}",
        address=f"{home}/portal/listings/{attestation.listing_id}/attestation",
    )
