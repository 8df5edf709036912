"""The work on a drawn attestation: attempts to contact its provider, the outcome, and the list of what is to do."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from directory.accounts.policy import Action, Actor, require
from directory.attestations.tables import Attestation
from directory.audit.chain import digest
from directory.audit.commands import record
from directory.errors import Conflict, FieldError, Invalid
from directory.listings.text_limits import check_text
from directory.review.audit_outcome import AuditOutcome, ContactChannel
from directory.review.case_changes import note_listings
from directory.review.commands import MAX_REASON
from directory.review.tables import AuditContact, AuditDraw, DrawnAttestation

MIN_ATTEMPTS = 2
"""Attempts to contact a provider before the outcome may be “could not be reached”; arbitrary, more than one."""

TO_DO, EARLIER = "to_do", "earlier"
"""The filters beside the outcomes: not looked at yet, and looked at before outcomes were recorded."""

_CONDITIONS: Mapping[str, sa.ColumnElement[bool]] = {
    TO_DO: DrawnAttestation.looked_at.is_(None),
    **{outcome.value: DrawnAttestation.outcome == outcome for outcome in AuditOutcome},
    EARLIER: sa.and_(DrawnAttestation.looked_at.is_not(None), DrawnAttestation.outcome.is_(None)),
}
FILTERS = tuple(_CONDITIONS)
"""The filters of the list of drawn attestations, by the value in the URL."""


def record_contact(
    session: Session, row: DrawnAttestation, channel: ContactChannel | None, note: str, *, by: Actor, now: datetime
) -> None:
    """Record an attempt to contact the provider of a drawn attestation.

    Raises:
        NotAllowed: `by` is not a reviewer, or the listing is their own.
        Invalid: the channel is missing, or the note is empty or too long.
        Conflict: the outcome is already recorded.
    """
    require(by, Action.DECIDE, right=row.attestation.listing.right_of(by.id))
    note = note.strip()
    faults = list(check_text("contact_note", "What came of it", note, least=1, most=MAX_REASON, lines=True))
    if channel is None:
        faults.append(FieldError("channel", "Choose how you tried to contact them."))
    if faults or channel is None:
        raise Invalid(faults)
    if row.looked_at is not None:
        raise Conflict("The outcome is already written down, so no more attempts are added.")
    session.add(AuditContact(drawn_id=row.id, channel=channel, note=note, at=now, by_id=by.id))
    session.flush()
    hashed = digest({"channel": channel.value, "drawn": row.id, "note": note})
    record(session, action="draw.contact", target=f"drawn:{row.id}", before=None, after=hashed, by=by.id, now=now)


def record_outcome(
    session: Session, row: DrawnAttestation, outcome: AuditOutcome | None, note: str, *, by: Actor, now: datetime
) -> None:
    """Record the outcome of a closer review; decisions on the attestation are made in `review.commands`.

    The log entry's hash is that of the public outcome, so that anybody can check that it was not changed later.

    Raises:
        NotAllowed: `by` is not a reviewer, or the listing is their own.
        Invalid: the outcome is missing, the note is empty or too long, or too few attempts were made to reach them.
        Conflict: an outcome is already recorded.
    """
    require(by, Action.DECIDE, right=row.attestation.listing.right_of(by.id))
    note = note.strip()
    faults = [*_outcome_faults(session, row, outcome)]
    faults += check_text("finding", "What you found", note, least=1, most=MAX_REASON, lines=True)
    if faults or outcome is None:
        raise Invalid(faults)
    taken = sa.update(DrawnAttestation).where(DrawnAttestation.id == row.id, DrawnAttestation.looked_at.is_(None))
    written = session.execute(
        taken.values(outcome=outcome, finding=note, looked_at=now, looked_by_id=by.id).returning(DrawnAttestation.id)
    )
    if written.scalar() is None:
        raise Conflict("Somebody has already written down what was found here.")
    note_listings(session, [row.attestation.listing_id])
    hashed = digest({"attestation": row.attestation.public_id, "outcome": outcome.value, "quarter": row.draw.quarter})
    record(session, action="draw.look", target=f"drawn:{row.id}", before=None, after=hashed, by=by.id, now=now)


def _outcome_faults(session: Session, row: DrawnAttestation, outcome: AuditOutcome | None) -> list[FieldError]:
    if outcome is None:
        return [FieldError("outcome", "Choose what came of it.")]
    if outcome is not AuditOutcome.NOT_REACHED:
        return []
    tried = session.scalar(sa.select(sa.func.count()).where(AuditContact.drawn_id == row.id)) or 0
    if tried >= MIN_ATTEMPTS:
        return []
    return [
        FieldError(
            "outcome",
            f"Write down at least {MIN_ATTEMPTS} attempts to reach them first. There {_attempts(tried)} so far.",
        )
    ]


def _attempts(count: int) -> str:
    return f"{'is' if count == 1 else 'are'} {count}"


def count_drawn(session: Session, quarter: str | None = None) -> dict[str, int]:
    """Return the number of drawn attestations for each filter, of one quarter or of all."""
    counts = [sa.func.count().filter(condition) for condition in _CONDITIONS.values()]
    of_quarter = sa.select(AuditDraw.id).where(AuditDraw.quarter == quarter)
    rows = (
        sa.select(*counts)
        .select_from(DrawnAttestation)
        .where(DrawnAttestation.draw_id.in_(of_quarter) if quarter else sa.true())
    )
    return dict(zip(_CONDITIONS, session.execute(rows).one(), strict=True))


def count_drawn_by_quarter(session: Session) -> dict[str, tuple[int, int]]:
    """Return for each quarter how many attestations were drawn, and how many of them are still to do."""
    rows = session.execute(
        sa.select(AuditDraw.quarter, sa.func.count(), sa.func.count().filter(_CONDITIONS[TO_DO]))
        .join(DrawnAttestation, DrawnAttestation.draw_id == AuditDraw.id)
        .group_by(AuditDraw.quarter)
    )
    return {quarter: (total, to_do) for quarter, total, to_do in rows}


def drawn_page(
    session: Session, *, wanted: str, quarter: str | None, offset: int, limit: int
) -> Sequence[DrawnAttestation]:
    """Return drawn attestations with their draw and listing; the oldest draw first, then by rank.

    Args:
        session: the session.
        wanted: one of `FILTERS`, or an empty text for all.
        quarter: a quarter, or None for all.
        offset: the number of rows to leave out.
        limit: the largest number of rows.
    """
    rows = sa.select(DrawnAttestation).join(AuditDraw)
    if wanted:
        rows = rows.where(_CONDITIONS[wanted])
    if quarter:
        rows = rows.where(AuditDraw.quarter == quarter)
    listing = joinedload(DrawnAttestation.attestation).joinedload(Attestation.listing)
    return session.scalars(
        rows.options(joinedload(DrawnAttestation.draw), listing)
        .order_by(AuditDraw.quarter, DrawnAttestation.ordinal)
        .offset(offset)
        .limit(limit)
    ).all()
