"""The quarterly random audit: draws attestations for a closer review and records the findings."""

from collections.abc import Sequence
from datetime import UTC, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from directory.accounts.policy import Action, Actor, require
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.attestations.validity import effective_valid_until
from directory.audit import heads
from directory.audit.chain import digest
from directory.audit.commands import record
from directory.audit.queries import find_head
from directory.certification.ruleset import Rulesets
from directory.errors import Conflict, FieldError, Invalid, NotFound
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.listings.text_limits import check_text
from directory.review import sample
from directory.review.case_changes import note_listings
from directory.review.commands import MAX_REASON
from directory.review.sample import Quarter
from directory.review.tables import MAX_SEED, AuditDraw, DrawnAttestation

FROM_LOG, GIVEN = "audit log", "operator"
"""The possible sources of a seed."""


def run_draw(session: Session, quarter: Quarter, *, seed: str | None, rulesets: Rulesets, now: datetime) -> AuditDraw:
    """Return the draw of a quarter; run it if there is none yet.

    Without `seed`, the seed is the hash in the audit log head that was published on the quarter's first day.

    Raises:
        Invalid: the seed is too long, empty, or begins or ends with a blank.
        Conflict: the quarter has not begun, it was drawn with another seed, or no head was published on that day.
    """
    held = session.scalar(sa.select(AuditDraw).where(AuditDraw.quarter == str(quarter)))
    if held is not None:
        if seed is not None and seed != held.seed:
            raise Conflict(f"The draw of {quarter} was held with another seed, and a draw is never held twice.")
        return held
    if now < datetime.combine(quarter.first_day, time(), UTC):
        raise Conflict(f"Quarter {quarter} begins on {quarter.first_day}, so nothing is drawn for it yet.")
    source = FROM_LOG if seed is None else GIVEN
    seed = _seed_from_log(session, quarter) if seed is None else _validate_seed(seed)
    return _create_draw(session, quarter, seed, source, _draw_candidates(session, rulesets, now), now)


def record_finding(session: Session, row: DrawnAttestation, finding: str, *, by: Actor, now: datetime) -> None:
    """Record the finding of a closer review; decisions on the attestation are made in `review.commands`.

    Raises:
        NotAllowed: `by` is not a reviewer, or the listing is their own.
        Invalid: the finding is empty or too long.
        Conflict: a finding is already recorded.
    """
    require(by, Action.DECIDE, right=row.attestation.listing.right_of(by.id))
    finding = finding.strip()
    faults = [*check_text("finding", "What you found", finding, least=1, most=MAX_REASON, lines=True)]
    if faults:
        raise Invalid(faults)
    taken = sa.update(DrawnAttestation).where(DrawnAttestation.id == row.id, DrawnAttestation.looked_at.is_(None))
    written = session.execute(
        taken.values(finding=finding, looked_at=now, looked_by_id=by.id).returning(DrawnAttestation.id)
    )
    if written.scalar() is None:
        raise Conflict("Somebody has already written down what was found here.")
    note_listings(session, [row.attestation.listing_id])
    hashed = digest({"drawn": row.id, "looked": True})
    record(session, action="draw.look", target=f"drawn:{row.id}", before=None, after=hashed, by=by.id, now=now)


def draws(session: Session) -> Sequence[AuditDraw]:
    """Return every draw, the latest first."""
    return session.scalars(sa.select(AuditDraw).order_by(AuditDraw.quarter.desc())).all()


def draw_of_quarter(session: Session, quarter: str) -> AuditDraw:
    """Return the draw of a quarter.

    Raises:
        NotFound: there was none.
    """
    is_quarter = quarter.isascii() and quarter.isprintable()
    found = session.scalar(sa.select(AuditDraw).where(AuditDraw.quarter == quarter)) if is_quarter else None
    if found is None:
        raise NotFound("There was no draw in that quarter. The page of draws lists those there were.")
    return found


def drawn_attestations(session: Session, held: AuditDraw) -> Sequence[DrawnAttestation]:
    """Return the drawn attestations of a draw, lowest rank first, with attestation and listing loaded."""
    whole = joinedload(DrawnAttestation.attestation).joinedload(Attestation.listing)
    return session.scalars(
        sa.select(DrawnAttestation)
        .where(DrawnAttestation.draw_id == held.id)
        .order_by(DrawnAttestation.ordinal)
        .options(whole)
    ).all()


def drawn_attestation(session: Session, drawn_id: int) -> DrawnAttestation:
    """Return one drawn attestation, with attestation, listing and draw loaded.

    Raises:
        NotFound: there is none with that id.
    """
    whole = joinedload(DrawnAttestation.attestation).joinedload(Attestation.listing)
    found = session.get(DrawnAttestation, drawn_id, options=[whole, joinedload(DrawnAttestation.draw)])
    if found is None:
        raise NotFound("Nothing of that number was drawn.")
    return found


def _create_draw(
    session: Session, quarter: Quarter, seed: str, source: str, ids: dict[str, int], now: datetime
) -> AuditDraw:
    listed = sample.format_candidates(ids)
    held = AuditDraw(
        quarter=str(quarter),
        seed=seed,
        seed_source=source,
        at=now,
        candidate_count=len(ids),
        candidates_digest=sample.hash_candidates(listed),
        candidates=listed,
    )
    session.add(held)
    session.flush()
    chosen = sample.select_sample(seed, ids)
    session.add_all(
        DrawnAttestation(draw_id=held.id, attestation_id=ids[public_id], ordinal=ordinal)
        for ordinal, public_id in enumerate(chosen, 1)
    )
    session.flush()
    hashed = digest({"candidates": held.candidates_digest, "drawn": list(chosen), "seed": seed})
    record(session, action="draw.hold", target=f"draw:{quarter}", before=None, after=hashed, by=None, now=now)
    return held


def _draw_candidates(session: Session, rulesets: Rulesets, now: datetime) -> dict[str, int]:
    """Return the attestations that count at this moment, as a mapping from public id to database id."""
    rows = session.execute(
        sa.select(Attestation.public_id, Attestation.id)
        .join(Listing)
        .where(
            Attestation.state == AttestationState.ACCEPTED,
            effective_valid_until(rulesets) >= now,
            Listing.state == ListingState.PUBLISHED,
        )
    )
    return {public_id: attestation_id for public_id, attestation_id in rows}  # noqa: C416  rows are typed by unpacking


def _seed_from_log(session: Session, quarter: Quarter) -> str:
    head = find_head(session, quarter.first_day)
    if head is None:
        raise Conflict(
            f"No head of the audit log was published on {quarter.first_day}, so there is no seed. Give one that "
            "anybody can look up and nobody here can choose, with --seed."
        )
    return heads.parse_unverified(head.jws).hash


def _validate_seed(seed: str) -> str:
    faults = [*check_text("seed", "The seed", seed, least=1, most=MAX_SEED)]
    if seed != seed.strip():
        faults.append(
            FieldError("seed", "The seed begins or ends with a blank, which nobody who repeats this would see.")
        )
    if faults:
        raise Invalid(faults)
    return seed
