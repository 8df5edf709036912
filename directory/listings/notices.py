"""Queues email to the owners and other managers of a listing."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from directory.accounts.policy import RIGHTS, Action
from directory.listings.queries import contacts, owner_contacts
from directory.listings.tables import Listing
from directory.outbox.queue import enqueue_email


def notify_owners(session: Session, listing_id: int, letter: str, *, now: datetime, **facts: Any) -> None:
    """Queue the email `letter` to each owner of a listing who has an active account."""
    for address, name in owner_contacts(session, listing_id):
        enqueue_email(session, letter, to=address, now=now, listing_id=listing_id, recipient=name, **facts)


def notify_managers(
    session: Session, listing_id: int, letter: str, action: Action, *, now: datetime, **facts: Any
) -> None:
    """Queue the email `letter` to each active account whose right to the listing allows `action`."""
    for address, name in contacts(session, listing_id, RIGHTS[action]):
        enqueue_email(session, letter, to=address, now=now, listing_id=listing_id, recipient=name, **facts)


def tell_decision(session: Session, listing: Listing, move: str, reason: str, *, now: datetime) -> None:
    """Tell the owners about a lifecycle move of their listing that they did not make."""
    notify_owners(session, listing.id, "listing_decided", now=now, listing=listing, move=move, reason=reason)
