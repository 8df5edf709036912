"""Which answers earn the badge: graded from what is stored, because no column says so."""

from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.tables import Attestation
from directory.certification.ruleset import Rulesets
from directory.certification.standing import grade_stored


def matching_attestations(
    session: Session, conditions: Iterable[sa.ColumnElement[bool]], *, rulesets: Rulesets
) -> Collection[tuple[int, int]]:
    """Return the ids of the attestations, and of their listings, whose answers match every rule.

    `conditions` select the signed attestations that are graded, in one statement. Equal answers are graded once.
    """
    text = sa.cast(Attestation.answers, sa.Text)
    rows = session.execute(
        sa.select(Attestation.id, Attestation.listing_id, Attestation.ruleset_id, text.label("answers")).where(
            Attestation.signed_at.is_not(None), *conditions
        )
    )
    return [
        (row.id, row.listing_id)
        for row in rows
        if grade_stored(rulesets, row.ruleset_id, row.answers).assessment.badge_earned
    ]
