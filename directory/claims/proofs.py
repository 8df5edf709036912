"""Which proofs a claimant of a listing can choose from: only contacts that a reviewer or a register supplied count."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Actor
from directory.claims.domain import practice_domain
from directory.claims.managers import lost_its_managers
from directory.claims.tables import AcceptedContact, ContactKind, Proof
from directory.listings.field_types import URLField
from directory.listings.fields import LISTING_FIELDS
from directory.listings.phone_numbers import normalize
from directory.listings.tables import Listing, ListingSource

Contacts = Collection[tuple[ContactKind, str]]
"""The contacts of a listing that a reviewer accepted."""


@dataclass(frozen=True, slots=True)
class ProofOffer:
    """A proof that a claimant can choose; `target` is the domain or the telephone number."""

    proof: Proof
    target: str = ""


def proof_offers(session: Session, listing: Listing, *, checks_domains: bool = False) -> tuple[ProofOffer, ...]:
    """Return the proofs for a listing, the fastest first. A document is always possible.

    `checks_domains` says whether the operator allows requests to the domains of practices.
    """
    rows = session.execute(
        sa.select(AcceptedContact.kind, AcceptedContact.value).where(AcceptedContact.listing_id == listing.id)
    )
    contacts: set[tuple[ContactKind, str]] = {(kind, value) for kind, value in rows}
    if _is_from_register(session, listing):
        # The listing is as the register has it, because nobody ever managed it.
        contacts |= {(ContactKind.PHONE, listed_phone(listing))}
    offered = offers(listed_url(listing), listed_phone(listing), contacts)
    return tuple(offer for offer in offered if checks_domains or offer.proof is not Proof.DOMAIN)


def offers(url: str, phone: str, contacts: Contacts) -> tuple[ProofOffer, ...]:
    """Return the proofs for a listing with this web address and phone, given its accepted contacts."""
    made = []
    domain = practice_domain(url) if (ContactKind.URL, url) in contacts else None
    if domain:
        made.append(ProofOffer(Proof.MAIL, domain))
    numbers = {normalize(value) for kind, value in contacts if kind is ContactKind.PHONE}
    if phone and normalize(phone) in numbers:
        made.append(ProofOffer(Proof.PHONE, phone))
    if domain:
        made.append(ProofOffer(Proof.DOMAIN, domain))
    return (*made, ProofOffer(Proof.DOCUMENT))


def listed_phone(listing: Listing) -> str:
    """Return the telephone number of a listing, or else of its first location that has one."""
    return listing.phone or next((row.phone for row in listing.locations if row.phone), "")


def listed_url(listing: Listing) -> str:
    """Return the first public web address of a listing, or an empty string."""
    urls = (getattr(listing, each.name) for each in LISTING_FIELDS if isinstance(each, URLField) and each.is_public)
    return next((url for url in urls if url), "")


def accept_contacts(session: Session, listing: Listing, *, by: Actor | None, now: datetime) -> None:
    """Record the contacts of a listing that a reviewer published; from now on they can prove a claim."""
    listed = {ContactKind.PHONE: listed_phone(listing), ContactKind.URL: listed_url(listing)}
    for kind, value in listed.items():
        if value and session.get(AcceptedContact, (listing.id, kind, value)) is None:
            session.add(
                AcceptedContact(listing_id=listing.id, kind=kind, value=value, by_id=by.id if by else None, at=now)
            )
    session.flush()


def _is_from_register(session: Session, listing: Listing) -> bool:
    if listing.source is not ListingSource.NPPES or listing.managers:
        return False
    return not lost_its_managers(session, listing)
