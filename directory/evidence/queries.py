"""Database queries for evidence and inspections; each function runs one statement."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from directory.accounts.tables import Account
from directory.attestations.tables import Attestation
from directory.claims.tables import Claim
from directory.errors import NotFound
from directory.evidence.labels import InspectionSummary
from directory.evidence.tables import Evidence, Inspection


@dataclass(frozen=True, slots=True)
class InspectionDetail:
    """An inspection as shown to reviewers, with the name of the reviewer."""

    what: str
    at: datetime
    by: str


def attachments_of(session: Session, attestation_id: int) -> dict[str, list[Evidence]]:
    """Return the attachments of an attestation by answer key, the oldest first."""
    rows = session.scalars(sa.select(Evidence).where(Evidence.attestation_id == attestation_id).order_by(Evidence.id))
    found: dict[str, list[Evidence]] = {}
    for row in rows:
        found.setdefault(row.criterion, []).append(row)
    return found


def added_after_signing(session: Session, attestation_ids: Iterable[int]) -> dict[tuple[int, str], list[Evidence]]:
    """Return what was added to signed answers, by attestation id and answer key, the oldest first."""
    rows = session.scalars(
        sa.select(Evidence)
        .where(Evidence.attestation_id.in_(list(attestation_ids)), Evidence.after_signing)
        .order_by(Evidence.id)
    )
    found: dict[tuple[int, str], list[Evidence]] = {}
    for row in rows:
        found.setdefault((row.attestation_id, row.criterion), []).append(row)
    return found


def attachment(session: Session, attestation_id: int, evidence_id: int) -> Evidence:
    """Return one attachment with its attestation and listing loaded.

    Raises:
        NotFound: the attestation has no attachment with that id.
    """
    found = session.get(
        Evidence, evidence_id, options=[joinedload(Evidence.attestation).joinedload(Attestation.listing)]
    )
    if found is None or found.attestation_id != attestation_id:
        raise NotFound("There is no such evidence.")
    return found


def inspections(session: Session, attestation_id: int) -> dict[str, InspectionSummary]:
    """Return the inspections of an attestation by answer key."""
    return inspections_by_attestation(session, [attestation_id]).get(attestation_id, {})


def inspections_by_attestation(
    session: Session, attestation_ids: Iterable[int]
) -> dict[int, dict[str, InspectionSummary]]:
    """Return the inspections of several attestations, by attestation id; those without any are left out."""
    added = (
        sa.select(sa.func.max(Evidence.at, type_=Evidence.at.type))
        .where(
            Evidence.attestation_id == Inspection.attestation_id,
            Evidence.criterion == Inspection.criterion,
            Evidence.after_signing,
            Evidence.at <= Inspection.at,
        )
        .correlate(Inspection)
        .scalar_subquery()
    )
    rows = session.execute(sa.select(Inspection, added).where(Inspection.attestation_id.in_(list(attestation_ids))))
    found: dict[int, dict[str, InspectionSummary]] = {}
    for row, added_at in rows:
        found.setdefault(row.attestation_id, {})[row.criterion] = InspectionSummary(row.what, row.at, added_at)
    return found


def inspection_details(session: Session, attestation_id: int) -> dict[str, InspectionDetail]:
    """Return the inspections of an attestation by answer key, with the reviewers' names."""
    rows = session.execute(
        sa.select(Inspection, Account.name)
        .join(Account, Account.id == Inspection.by_id)
        .where(Inspection.attestation_id == attestation_id)
    )
    return {row.criterion: InspectionDetail(row.what, row.at, name) for row, name in rows}


def stored_hashes(session: Session) -> frozenset[str]:
    """Return the hash of every file that a row refers to, those of undecided claims among them."""
    rows = sa.union(*(sa.select(column).where(column.is_not(None)) for column in (Evidence.sha256, Claim.sha256)))
    return frozenset(session.scalars(rows))
