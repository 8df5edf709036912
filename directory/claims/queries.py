"""Database queries for claims, requests to take a listing down, listings that nobody manages, and invitations."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from directory.accounts.tables import Account
from directory.claims.lifecycle import OPEN, WAITING
from directory.claims.tables import (
    Claim,
    ClaimMove,
    ManagerInvitation,
    Removal,
    RemovalMoveRecord,
    UnmanagedListing,
)
from directory.errors import NotFound
from directory.geography.point import Point, miles_between
from directory.listings.lifecycle import OPEN as LISTING_OPEN
from directory.listings.lifecycle import ListingState
from directory.listings.name_words import listing_ids
from directory.listings.queries import HistoryEntry
from directory.listings.tables import Listing, ListingManager, ListingSource, Location


def claimable_listing(session: Session, slug: str) -> Listing:
    """Return a listing in any state in which it can be claimed.

    Raises:
        NotFound: there is no such listing, or it is closed.
    """
    wanted = sa.select(Listing).where(Listing.slug == slug, Listing.state.in_(LISTING_OPEN))
    whole = (selectinload(Listing.locations), selectinload(Listing.managers))
    found = None if "\0" in slug else session.scalar(wanted.options(*whole))
    if found is None:
        raise NotFound("There is no such provider in this directory, or it is no longer listed.")
    return found


def unclaimed_imports(
    session: Session, text: str, *, place: str = "", state: str = "", near: Point | None = None, limit: int
) -> list[int]:
    """Return the ids of imported listings that are not public and that nobody ever managed, by name or distance.

    Args:
        session: the session.
        text: words of the name.
        place: the word of a ZIP code or town, see `name_words`.
        state: the two-letter abbreviation.
        near: where the nearest are wanted first.
        limit: how many are read at most.
    """
    found = listing_ids(text, place=place, state=state)
    if found is None:
        return []
    was_managed = sa.exists().where(UnmanagedListing.listing_id == Listing.id)
    rows = session.execute(
        sa.select(Listing.id, Location.lat, Location.lon)
        .outerjoin(Location, sa.and_(Location.listing_id == Listing.id, Location.ordinal == 0))
        .where(Listing.id.in_(found.limit(limit).subquery().select()), Listing.source == ListingSource.NPPES)
        .where(Listing.state == ListingState.DRAFT, ~Listing.managers.any(), ~was_managed)
        .order_by(Listing.name, Listing.id)
    ).all()
    if near is None:
        return [row.id for row in rows]
    miles = {row.id: math.inf if row.lat is None else miles_between(near, Point(row.lat, row.lon)) for row in rows}
    return sorted(miles, key=miles.__getitem__)


def open_claim(session: Session, listing_id: int, account_id: int) -> Claim | None:
    """Return the open claim of an account on a listing."""
    return session.scalar(
        sa.select(Claim).where(Claim.listing_id == listing_id, Claim.account_id == account_id, Claim.state.in_(OPEN))
    )


def open_claims_of(session: Session, account_id: int) -> Sequence[Claim]:
    """Return the open claims of an account, oldest first."""
    return session.scalars(
        sa.select(Claim)
        .where(Claim.account_id == account_id, Claim.state.in_(OPEN))
        .order_by(Claim.id)
        .options(joinedload(Claim.listing))
    ).all()


def claim(session: Session, claim_id: int) -> Claim:
    """Return a claim with its listing and its account.

    Raises:
        NotFound: there is no claim with that id.
    """
    found = session.get(Claim, claim_id, options=[joinedload(Claim.listing), joinedload(Claim.account)])
    if found is None:
        raise NotFound("There is no such claim.")
    return found


def waiting_claims(session: Session) -> Sequence[Claim]:
    """Return the claims that wait for a reviewer, the longest waiting first."""
    return session.scalars(
        sa.select(Claim)
        .where(Claim.state.in_(WAITING))
        .order_by(Claim.updated_at, Claim.id)
        .options(joinedload(Claim.listing), joinedload(Claim.account))
    ).all()


def competing_claims(session: Session, claim: Claim) -> Sequence[Claim]:
    """Return the other claims on the listing that wait for a reviewer."""
    return [row for row in waiting_claims(session) if row.listing_id == claim.listing_id and row.id != claim.id]


def claim_history(session: Session, claim_id: int) -> list[HistoryEntry]:
    """Return every move of a claim, newest first."""
    return _history(session, ClaimMove, ClaimMove.claim_id == claim_id)


def removal(session: Session, removal_id: int) -> Removal:
    """Return a request to take a listing down, with the listing.

    Raises:
        NotFound: there is no request with that id.
    """
    found = session.get(Removal, removal_id, options=[joinedload(Removal.listing)])
    if found is None:
        raise NotFound("There is no such request.")
    return found


def removal_by_number(session: Session, number: str, slug: str) -> Removal:
    """Return the request with a number that only its sender knows.

    Raises:
        NotFound: there is no request with that number about that listing.
    """
    wanted = sa.select(Removal).join(Listing).where(Removal.public_id == number, Listing.slug == slug)
    found = None if "\0" in slug + number else session.scalar(wanted.options(joinedload(Removal.listing)))
    if found is None:
        raise NotFound("There is no request of that number. Look whether the whole address was copied.")
    return found


def removal_history(session: Session, removal_id: int) -> list[HistoryEntry]:
    """Return every decision on a request, newest first."""
    return _history(session, RemovalMoveRecord, RemovalMoveRecord.removal_id == removal_id)


def managers_of(session: Session, listing_id: int) -> Sequence[tuple[ListingManager, Account]]:
    """Return who manages a listing, the first one first."""
    return managers_of_listings(session, [listing_id])[listing_id]


def managers_of_listings(
    session: Session, listing_ids: Sequence[int]
) -> dict[int, list[tuple[ListingManager, Account]]]:
    """Return who manages each listing, the first one first, by listing id."""
    rows = session.execute(
        sa.select(ListingManager, Account)
        .join(Account, Account.id == ListingManager.account_id)
        .where(ListingManager.listing_id.in_(listing_ids))
        .order_by(ListingManager.since, Account.id)
    )
    found: dict[int, list[tuple[ListingManager, Account]]] = {listing_id: [] for listing_id in listing_ids}
    for manager, account in rows:
        found[manager.listing_id].append((manager, account))
    return found


@dataclass(frozen=True, slots=True)
class OwnListings:
    """Listings on which an account may not decide: the first by name, as pairs of id and name, and how many in all."""

    first: tuple[tuple[int, str], ...] = ()
    total: int = 0


def own_listings_of_accounts(session: Session, account_ids: Sequence[int], *, limit: int) -> dict[int, OwnListings]:
    """Return the listings that each account manages or has claimed, at most `limit` of each, by account id."""
    own = sa.union(
        sa.select(ListingManager.account_id, ListingManager.listing_id).where(
            ListingManager.account_id.in_(account_ids)
        ),
        sa.select(Claim.account_id, Claim.listing_id).where(Claim.account_id.in_(account_ids)),
    ).subquery()
    account = own.c.account_id
    numbered = (
        sa.select(
            account,
            Listing.id,
            Listing.name,
            sa.func.row_number().over(partition_by=account, order_by=(Listing.name, Listing.id)).label("number"),
            sa.func.count().over(partition_by=account).label("total"),
        )
        .join(Listing, Listing.id == own.c.listing_id)
        .subquery()
    )
    rows = session.execute(
        sa.select(numbered).where(numbered.c.number <= limit).order_by(numbered.c.account_id, numbered.c.number)
    )
    found = dict.fromkeys(account_ids, OwnListings())
    for row in rows:
        found[row.account_id] = OwnListings((*found[row.account_id].first, (row.id, row.name)), row.total)
    return found


def pending_invitations(session: Session, listing_id: int) -> Sequence[ManagerInvitation]:
    """Return the invitations to a listing that were neither accepted nor withdrawn, also expired ones."""
    return session.scalars(
        sa.select(ManagerInvitation)
        .where(ManagerInvitation.listing_id == listing_id, ManagerInvitation.ended_at.is_(None))
        .order_by(ManagerInvitation.id)
    ).all()


def _history(session: Session, moves: Any, condition: sa.ColumnElement[bool]) -> list[HistoryEntry]:
    rows = session.execute(
        sa.select(moves, Account.name)
        .outerjoin(Account, Account.id == moves.by_id)
        .where(condition)
        .order_by(moves.id.desc())
    )
    return [HistoryEntry(row.move, row.to_state, row.reason, {}, name or "", row.at) for row, name in rows]
