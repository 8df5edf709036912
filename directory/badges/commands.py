"""Issues Open Badges credentials for accepted attestations."""

import secrets
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.attestations.lifecycle import AttestationState
from directory.attestations.queries import accepted_attestations, is_expired
from directory.attestations.tables import Attestation
from directory.badges.status_list import FULL_AT, LIST_SIZE
from directory.badges.tables import Credential
from directory.certification.ruleset import Rulesets
from directory.errors import Conflict


def issue(session: Session, attestation: Attestation, *, now: datetime) -> Credential:
    """Issue a credential for an attestation that was just accepted, with an unused bit of the status list.

    Nothing else is ever done to a credential: whether it is revoked follows from its attestation.

    Raises:
        Conflict: the attestation is not accepted.
    """
    if attestation.state is not AttestationState.ACCEPTED:
        raise Conflict(f"This attestation is {attestation.state.value}, so there is no credential for it.")
    number = _current_list(session)
    made = Credential(
        attestation_id=attestation.id, status_list=number, status_index=_unused_index(session, number), issued_at=now
    )
    session.add(made)
    session.flush()
    return made


def reissue(session: Session, listing_id: int, *, rulesets: Rulesets, now: datetime) -> Credential | None:
    """Issue a new credential when a suspended listing is reinstated, because a revoked bit is never cleared.

    Returns None if the listing has no accepted attestation or it has expired.
    """
    counts = accepted_attestations(session, [listing_id]).get(listing_id)
    if counts is None or is_expired(counts, rulesets, now):
        return None
    return issue(session, counts, now=now)


def _current_list(session: Session) -> int:
    """The number of the first list that is not full; list numbers start at one."""
    last = session.execute(
        sa.select(Credential.status_list, sa.func.count())
        .group_by(Credential.status_list)
        .order_by(Credential.status_list.desc())
        .limit(1)
    ).first()
    if last is None:
        return 1
    number, issued = last
    return int(number) if issued < FULL_AT else int(number) + 1


def _unused_index(session: Session, number: int) -> int:
    """A random unused index, so that adjacent bits of the list are unrelated."""
    while True:
        index = secrets.randbelow(LIST_SIZE)
        taken = sa.select(Credential.id).where(Credential.status_list == number, Credential.status_index == index)
        if session.scalar(taken) is None:
            return index
