"""Answers that are not signed can be discarded, a renewal that was begun among them; what is signed stays."""

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, make_attestation, make_listing
from support.http_client import Browser

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.audit.tables import AuditEntry
from directory.evidence.tables import Evidence, EvidenceKind
from directory.listings.tables import Listing

DROP, DISCARD = "Drop the renewal", "Discard the answers"


@pytest.fixture
def mine(session: Session, provider: Account) -> Listing:
    listing = make_listing(session, provider)
    session.commit()
    return listing


def states(session: Session) -> list[AttestationState]:
    session.expire_all()
    return list(session.scalars(sa.select(Attestation.state).order_by(Attestation.id)))


def address(listing: Listing) -> str:
    return f"/portal/listings/{listing.id}"


@pytest.mark.parametrize("place", ["listing", "review"])
def test_a_renewal_that_was_begun_is_dropped_and_logged(
    session: Session, provider: Account, as_provider: Browser, mine: Listing, place: str
) -> None:
    accepted = make_attestation(session, mine)
    before = (accepted.public_id, dict(accepted.answers), accepted.digest)
    session.commit()
    review = as_provider.press(as_provider.open(f"{address(mine)}/badge"), "Renew now")
    assert states(session) == [AttestationState.ACCEPTED, AttestationState.DRAFT]
    draft = session.scalars(sa.select(Attestation).where(Attestation.state == AttestationState.DRAFT)).one()
    target = f"attestation:{draft.public_id}"
    page = as_provider.press(review if place == "review" else as_provider.open(address(mine)), DROP)
    assert "What you signed stays as it is." in page.text
    assert states(session) == [AttestationState.ACCEPTED]
    kept = session.scalars(sa.select(Attestation)).one()
    assert (kept.public_id, kept.answers, kept.digest) == before
    entry = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert entry is not None
    assert (entry.action, entry.object, entry.actor) == ("attestation.discard", target, provider.id)
    assert "Renew now" in as_provider.open(address(mine)).text
    assert DROP not in str(as_provider.open(address(mine)).forms)


def test_first_answers_are_discarded_with_their_evidence(
    session: Session, provider: Account, as_provider: Browser, mine: Listing
) -> None:
    draft = make_attestation(session, mine, state=AttestationState.DRAFT)
    key = next(iter(draft.answers))
    facts: dict[str, Any] = {"kind": EvidenceKind.NOTE, "text": "A note", "by_id": provider.id, "at": NOW}
    session.add(Evidence(attestation_id=draft.id, criterion=key, **facts))
    session.commit()
    as_provider.press(as_provider.open(address(mine)), DISCARD)
    assert states(session) == []
    assert session.query(Evidence).count() == 0


def test_what_was_changed_or_signed_meanwhile_is_not_discarded(
    session: Session, as_provider: Browser, mine: Listing
) -> None:
    draft = make_attestation(session, mine, state=AttestationState.DRAFT)
    session.commit()
    page = as_provider.open(address(mine))
    draft.answers = {}
    session.commit()
    assert as_provider.press(page, DISCARD).status == 409
    assert states(session) == [AttestationState.DRAFT]
    sent = {**page.form(DISCARD).fields, "version": str(draft.version)}
    session.delete(session.scalars(sa.select(Attestation)).one())
    signed = make_attestation(session, mine, state=AttestationState.SUBMITTED)
    session.commit()
    refused = as_provider.client.post(f"/portal/attestations/{signed.id}/discard", data=sent)
    assert (refused.status_code, "stay on file" in refused.text) == (409, True)
    assert states(session) == [AttestationState.SUBMITTED]


def test_nobody_discards_the_answers_of_somebody_else(
    session: Session, as_other_provider: Browser, mine: Listing
) -> None:
    draft = make_attestation(session, mine, state=AttestationState.DRAFT)
    session.commit()
    token = as_other_provider.open("/portal/listings/new").form("Finish later").fields["csrf_token"]
    sent = {"csrf_token": token, "version": str(draft.version)}
    assert as_other_provider.client.post(f"/portal/attestations/{draft.id}/discard", data=sent).status_code == 404
    assert states(session) == [AttestationState.DRAFT]
