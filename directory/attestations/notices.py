"""Selects the recipients of emails about current attestations and ensures that each email is sent only once."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, contains_eager

from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation, SentNotice
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingManager


def select_attestations(*columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    """Select accepted attestations of published listings that have an owner with an active account.

    The statement also selects `columns`. Superseded or revoked attestations and suspended listings get no email.
    PostgreSQL skips rows that another job has locked; SQLite allows only one writer.
    """
    owned = (
        sa.select(ListingManager.listing_id)
        .join(Account, Account.id == ListingManager.account_id)
        .where(ListingManager.right == Right.OWNER, Account.active)
    )
    return (
        sa.select(Attestation, *columns)
        .join(Listing, Listing.id == Attestation.listing_id)
        .where(
            Attestation.state == AttestationState.ACCEPTED,
            Listing.state == ListingState.PUBLISHED,
            Listing.id.in_(owned),
        )
        .options(contains_eager(Attestation.listing))
        .with_for_update(skip_locked=True, of=Attestation)
    )


def not_yet_queued(occasion: "str | sa.ColumnElement[str]") -> sa.ColumnElement[bool]:
    """SQL condition: no email for that occasion has been queued yet."""
    written = sa.select(SentNotice.attestation_id).where(
        SentNotice.attestation_id == Attestation.id, SentNotice.occasion == occasion
    )
    return ~written.exists()


def record_notice(session: Session, attestation: Attestation, occasion: str, *, now: datetime) -> bool:
    """Record that an email is queued, in the same transaction; return False if another job has recorded it first."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"attestation_id": attestation.id, "occasion": occasion, "promised_at": now}
    made = session.execute(insert(SentNotice).values(row).on_conflict_do_nothing().returning(SentNotice.attestation_id))
    return made.scalar() is not None
