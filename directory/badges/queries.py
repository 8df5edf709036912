"""Database queries for badges and credentials."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, contains_eager

from directory.attestations.lifecycle import AttestationState
from directory.attestations.queries import displayed_attestation_id
from directory.attestations.tables import Attestation
from directory.badges.badge_text import BadgeText, badge_text
from directory.badges.credential import CredentialData
from directory.badges.listing_standing import Technique, current_standing
from directory.badges.tables import Credential
from directory.certification.ruleset import Rulesets
from directory.certification.standing import grade_stored
from directory.certification.wording import Standing, standing_words
from directory.errors import NotFound
from directory.evidence.queries import inspections
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing

_ABSENT = {ListingState.SUSPENDED: Standing.SUSPENDED, ListingState.RETIRED: Standing.RETIRED}
_WAS_PUBLIC = (ListingState.PUBLISHED, *_ABSENT)
_REVOKES = (ListingState.SUSPENDED, ListingState.RETIRED, ListingState.REJECTED)


@dataclass(frozen=True, slots=True)
class DisplayedBadge:
    """What the badge of a listing shows at a given time; `public_id` is that of the displayed attestation."""

    slug: str
    face: BadgeText
    technique: Technique | None = None
    public_id: str | None = None

    @property
    def changes_at(self) -> datetime | None:
        """The time at which the badge changes by itself: the end of its answers' validity, or None."""
        return self.technique.valid_until if self.technique else None


def displayed_badge(session: Session, slug: str, *, rulesets: Rulesets, now: datetime) -> DisplayedBadge:
    """The badge of a listing that is or was public, including suspended and retired ones.

    Raises:
        NotFound: there is no such listing, or it was never public.
    """
    row = session.execute(
        sa.select(Listing, Attestation)
        .outerjoin(Attestation, Attestation.id == displayed_attestation_id(Listing.__table__.c.id))
        .where(Listing.slug == _without_nul(slug), Listing.state.in_(_WAS_PUBLIC))
    ).first()
    if row is None:
        raise NotFound("There is no listing at this address, so there is no badge.")
    listing, attestation = row
    if listing.state in _ABSENT:
        return DisplayedBadge(slug, badge_text(standing_words(_ABSENT[listing.state]), name="", slug=slug))
    found = current_standing(attestation, rulesets, now, inspections(session, attestation.id) if attestation else None)
    public_id = attestation.public_id if attestation else None
    name = (attestation.subject_name if attestation else None) or listing.name
    if found.technique is None or found.standing is Standing.NOT_STATED:
        return DisplayedBadge(slug, badge_text(found.words, name=name, slug=slug), public_id=public_id)
    face = badge_text(found.words, found.technique.ruleset.id, name=name, slug=slug)
    return DisplayedBadge(slug, face, found.technique, public_id)


def accepted_public_id(session: Session, slug: str) -> str | None:
    """The public id of the accepted attestation of a listing; None without one, or if the listing is retired.

    Raises:
        NotFound: there is no such listing, or it was never public.
    """
    accepted = sa.and_(
        Attestation.listing_id == Listing.id,
        Attestation.state == AttestationState.ACCEPTED,
        Listing.state != ListingState.RETIRED,
    )
    row = session.execute(
        sa.select(Listing.id, Attestation.public_id)
        .outerjoin(Attestation, accepted)
        .where(Listing.slug == _without_nul(slug), Listing.state.in_(_WAS_PUBLIC))
    ).first()
    if row is None:
        raise NotFound("There is no listing at this address, so there is no badge.")
    return cast(str | None, row.public_id)


def credential_data(session: Session, public_id: str, *, rulesets: Rulesets) -> CredentialData:
    """The content of the newest credential of an attestation.

    Raises:
        NotFound: no credential was issued for it, or its listing was never public.
    """
    first = aliased(Credential)
    awarded = sa.select(sa.func.min(first.issued_at)).where(first.attestation_id == Credential.attestation_id)
    row = session.execute(
        sa.select(Credential, awarded.scalar_subquery())
        .join(Credential.attestation)
        .join(Attestation.listing)
        .where(Attestation.public_id == _without_nul(public_id), Listing.state.in_(_WAS_PUBLIC))
        .options(contains_eager(Credential.attestation).contains_eager(Attestation.listing))
        .order_by(Credential.id.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound("There is no credential at this address.")
    return _credential_data(row[0], row[1], rulesets)


def _without_nul(name: str) -> str:
    """The name, or an empty text that matches nothing, because PostgreSQL rejects text with a NUL character."""
    return "" if "\0" in name else name


def _credential_data(issued: Credential, awarded_at: datetime, rulesets: Rulesets) -> CredentialData:
    attestation = issued.attestation
    listing, signed_at, valid_until = attestation.listing, attestation.signed_at, attestation.valid_until
    if signed_at is None or valid_until is None:
        raise ValueError(f"attestation {attestation.id} has a credential and was never signed")
    graded = grade_stored(rulesets, attestation.ruleset_id, attestation.answers)
    return CredentialData(
        public_id=attestation.public_id,
        slug=listing.slug,
        provider=attestation.subject_name or listing.name,
        digest=attestation.digest or "",
        ruleset=graded.ruleset,
        assessment=graded.assessment,
        signed_at=signed_at,
        awarded_at=awarded_at,
        issued_at=issued.issued_at,
        valid_until=graded.counts_until(valid_until),
        status_list=issued.status_list,
        status_index=issued.status_index,
    )


def revoked_indexes(session: Session, status_list: int, *, rulesets: Rulesets, now: datetime) -> list[int]:
    """The sorted indexes of the bits of a list that are set.

    A bit is clear while the attestation is accepted, the listing is not suspended, retired or rejected, no later
    credential of the attestation was issued, and no newer rules have ended it early.

    Raises:
        NotFound: there is no such list; the first list exists even without credentials.
    """
    later = aliased(Credential)
    ends = {rules.id: rulesets.superseded_at(rules.id) for rules in rulesets.newest_first}
    ended = [ruleset_id for ruleset_id, end in ends.items() if end is not None and now > end]
    counts = sa.and_(
        Attestation.state == AttestationState.ACCEPTED,
        Attestation.ruleset_id.not_in(ended),
        Listing.state.not_in(_REVOKES),
        ~sa.exists().where(later.attestation_id == Credential.attestation_id, later.id > Credential.id),
    )
    of_list = sa.select(Credential.status_index).where(Credential.status_list == status_list)
    revoked = session.scalars(
        of_list.join(Credential.attestation)
        .join(Attestation.listing)
        .where(sa.not_(counts))
        .order_by(Credential.status_index)
    ).all()
    if not revoked and status_list != 1 and session.scalar(of_list.limit(1)) is None:
        raise NotFound("There is no such list.")
    return list(revoked)
