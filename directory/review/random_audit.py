"""The quarterly random audit: draws attestations for a closer review, and finds what was drawn."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from directory.accounts.policy import Action, Actor, require
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.attestations.validity import effective_valid_until
from directory.audit import heads
from directory.audit.chain import digest
from directory.audit.commands import record
from directory.audit.queries import find_head, first_head
from directory.audit.tables import AuditHead
from directory.certification.ruleset import Rulesets
from directory.errors import Conflict, FieldError, Invalid, NotFound
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, Location
from directory.listings.text_limits import check_text
from directory.review import sample
from directory.review.audit_outcome import AuditOutcome
from directory.review.sample import Quarter
from directory.review.tables import MAX_SEED, AuditDraw, DrawnAttestation

FROM_LOG, FROM_FIRST_HEAD, GIVEN = "audit log", "first head", "operator"
"""The possible sources of a seed."""

DUE_DAYS = 90
"""The number of days after a draw until when its audits are due: about a quarter."""


class DrawnCandidate(NamedTuple):
    """An attestation that may be drawn: its id, and the state of the listing's first location or an empty text."""

    attestation_id: int
    state: str


class PublicOutcome(NamedTuple):
    """What everybody may read of one drawn attestation; the reviewer's note is not public."""

    public_id: str
    state: str
    outcome: AuditOutcome | None
    looked_at: datetime | None


def run_draw(
    session: Session,
    quarter: Quarter,
    *,
    seed: str | None,
    rulesets: Rulesets,
    now: datetime,
    by: Actor | None = None,
) -> AuditDraw:
    """Return the draw of a quarter; run it if there is none yet.

    Without `seed`, the seed is the hash in the audit log head that was published on the quarter's first day. A
    directory that began later in the quarter uses the first head that it ever published. `by` is None for the command,
    which only the operator can run.

    Raises:
        NotAllowed: `by` is not a reviewer.
        Invalid: the seed is too long, empty, or begins or ends with a blank.
        Conflict: the quarter has not begun, it was drawn with another seed, or no head was published on that day.
    """
    if by is not None:
        require(by, Action.HOLD_DRAW)
    held = session.scalar(sa.select(AuditDraw).where(AuditDraw.quarter == str(quarter)))
    if held is not None:
        if seed is not None and seed != held.seed:
            raise Conflict(f"The draw of {quarter} was held with another seed, and a draw is never held twice.")
        return held
    if now < datetime.combine(quarter.first_day, time(), UTC):
        raise Conflict(f"Quarter {quarter} begins on {quarter.first_day}, so nothing is drawn for it yet.")
    seed, source = _seed_from_log(session, quarter) if seed is None else (_validate_seed(seed), GIVEN)
    held = _create_draw(session, quarter, seed, source, _draw_candidates(session, rulesets, now), now)
    record(
        session, action="draw.hold", target=f"draw:{quarter}", before=None, after=_digest_of(session, held),
        by=by.id if by else None, now=now,
    )  # fmt: skip  # two lines read better than eight
    return held


def seed_day(session: Session, held: AuditDraw) -> date | None:
    """Return the day of the audit log head whose hash is the seed of a draw; None if the operator gave the seed."""
    if held.seed_source == GIVEN:
        return None
    if held.seed_source == FROM_LOG:
        return Quarter.read(held.quarter).first_day
    first = first_head(session)
    return first.day if first else None


def due_at(held: AuditDraw) -> datetime:
    """Return until when the audits of a draw are due."""
    return held.at + timedelta(days=DUE_DAYS)


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


def count_drawn_in(session: Session, held: AuditDraw) -> int:
    """Return the number of drawn attestations of a draw."""
    return session.scalar(sa.select(sa.func.count()).where(DrawnAttestation.draw_id == held.id)) or 0


def public_outcomes(session: Session, held: AuditDraw, *, limit: int | None = None) -> list[PublicOutcome]:
    """Return what everybody may read of the drawn attestations of a draw, lowest rank first; at most `limit`."""
    rows = session.execute(
        sa.select(Attestation.public_id, DrawnAttestation.state, DrawnAttestation.outcome, DrawnAttestation.looked_at)
        .join(Attestation, Attestation.id == DrawnAttestation.attestation_id)
        .where(DrawnAttestation.draw_id == held.id)
        .order_by(DrawnAttestation.ordinal)
        .limit(limit)
    )
    return [PublicOutcome(*row) for row in rows]


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
    session: Session, quarter: Quarter, seed: str, source: str, found: Mapping[str, DrawnCandidate], now: datetime
) -> AuditDraw:
    listed = sample.format_candidates(found)
    held = AuditDraw(
        quarter=str(quarter),
        seed=seed,
        seed_source=source,
        at=now,
        candidate_count=len(found),
        candidates_digest=sample.hash_candidates(listed),
        candidates=listed,
    )
    session.add(held)
    session.flush()
    session.add_all(
        DrawnAttestation(
            draw_id=held.id,
            attestation_id=found[public_id].attestation_id,
            state=found[public_id].state,
            ordinal=ordinal,
        )
        for ordinal, public_id in enumerate(sample.select_sample(seed, found), 1)
    )
    session.flush()
    return held


def _digest_of(session: Session, held: AuditDraw) -> str:
    drawn = [row.public_id for row in public_outcomes(session, held)]
    return digest({"candidates": held.candidates_digest, "drawn": drawn, "seed": held.seed})


def _draw_candidates(session: Session, rulesets: Rulesets, now: datetime) -> dict[str, DrawnCandidate]:
    """Return the attestations that count at this moment, by public id."""
    rows = session.execute(
        sa.select(Attestation.public_id, Attestation.id, Location.state)
        .select_from(Attestation)
        .join(Listing)
        .outerjoin(Location, sa.and_(Location.listing_id == Listing.id, Location.ordinal == 0))
        .where(
            Attestation.state == AttestationState.ACCEPTED,
            effective_valid_until(rulesets) >= now,
            Listing.state == ListingState.PUBLISHED,
        )
    )
    return {public_id: DrawnCandidate(attestation_id, state or "") for public_id, attestation_id, state in rows}


def _seed_from_log(session: Session, quarter: Quarter) -> tuple[str, str]:
    """Return the seed that the audit log gives for a quarter, and its source."""
    head, source = find_head(session, quarter.first_day), FROM_LOG
    if head is None:
        head, source = _first_head_within(session, quarter), FROM_FIRST_HEAD
    if head is None:
        raise Conflict(
            f"No head of the audit log was published on {quarter.first_day}, so there is no seed. Give one that "
            "anybody can look up and nobody here can choose, with --seed."
        )
    return heads.parse_unverified(head.jws).hash, source


def _first_head_within(session: Session, quarter: Quarter) -> AuditHead | None:
    """Return the first head ever published, if it was published in this quarter: the directory began in it."""
    first = first_head(session)
    begins = first is not None and quarter.first_day < first.day < quarter.following.first_day
    return first if begins else None


def _validate_seed(seed: str) -> str:
    faults = [*check_text("seed", "The seed", seed, least=1, most=MAX_SEED)]
    if seed != seed.strip():
        faults.append(
            FieldError("seed", "The seed begins or ends with a blank, which nobody who repeats this would see.")
        )
    if faults:
        raise Invalid(faults)
    return seed
