"""Database queries for listings and their history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from directory.accounts.tables import Account
from directory.errors import NotFound
from directory.listings.facts import FactChange, ListingFacts, diff_facts
from directory.listings.lifecycle import EVER_PUBLIC, ListingState
from directory.listings.tables import Listing, ListingMove, ListingStatement


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One line of a history: what happened, when, why, and by whom (their name, for those who may see it)."""

    move: str
    to_state: str
    reason: str
    comments: dict[str, str]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnerStatement:
    """That the owner said an entry is right, with the facts of then; `by` is their name.

    `changed` are those that they had stated in another way, or not at all, before.
    """

    facts: ListingFacts
    changed: tuple[FactChange, ...]
    by: str
    at: datetime


def published_listing(session: Session, slug: str) -> Listing:
    """The public entry with its locations.

    Raises:
        NotFound: there is none, or it is not public.
    """
    wanted = sa.select(Listing).where(Listing.slug == slug, Listing.state == ListingState.PUBLISHED)
    # PostgreSQL cannot even be asked for a text with NUL in it, so nothing is called so.
    found = None if "\0" in slug else session.scalar(wanted.options(selectinload(Listing.locations)))
    if found is None:
        raise NotFound("There is no such provider in this directory, or it is no longer listed.")
    return found


def ever_public_listing(session: Session, slug: str) -> Listing:
    """An entry that is public or was, for its public record.

    Raises:
        NotFound: there is none, or it was never published.
    """
    wanted = sa.select(Listing).where(Listing.slug == slug, Listing.state.in_(EVER_PUBLIC))
    found = None if "\0" in slug else session.scalar(wanted)
    if found is None:
        raise NotFound("There is no such provider in this directory.")
    return found


def published_listings_by_slug(session: Session, slugs: Iterable[str]) -> dict[str, Listing]:
    """Public entries with their locations by slug; what is not public is left out."""
    rows = session.scalars(
        sa.select(Listing)
        .where(Listing.slug.in_([slug for slug in slugs if "\0" not in slug]), Listing.state == ListingState.PUBLISHED)
        .options(selectinload(Listing.locations))
    )
    return {row.slug: row for row in rows}


def published_listings(session: Session, ids: Iterable[int]) -> dict[int, Listing]:
    """Public entries with their locations by id; what is not public is left out."""
    rows = session.scalars(
        sa.select(Listing)
        .where(Listing.id.in_(list(ids)), Listing.state == ListingState.PUBLISHED)
        .options(selectinload(Listing.locations))
    )
    return {row.id: row for row in rows}


def unpublished_ids(session: Session, ids: Iterable[int]) -> set[int]:
    """Those of some listings that are not public."""
    return set(
        session.scalars(sa.select(Listing.id).where(Listing.id.in_(list(ids)), Listing.state != ListingState.PUBLISHED))
    )


def listing(session: Session, listing_id: int) -> Listing:
    """Any entry, for its owner and for reviewers.

    Raises:
        NotFound: there is none with that number.
    """
    found = session.get(Listing, listing_id, options=[selectinload(Listing.locations)])
    if found is None:
        raise NotFound("There is no such listing.")
    return found


def listings_of(session: Session, owner_id: int) -> Sequence[Listing]:
    """All entries of one account, newest first."""
    return session.scalars(
        sa.select(Listing)
        .where(Listing.owner_id == owner_id)
        .order_by(Listing.created_at.desc(), Listing.id.desc())
        .options(selectinload(Listing.locations))
    ).all()


def history(session: Session, listing_id: int) -> list[HistoryEntry]:
    """Every move of a listing, newest first."""
    rows = session.execute(
        sa.select(ListingMove, Account.name)
        .outerjoin(Account, Account.id == ListingMove.by_id)
        .where(ListingMove.listing_id == listing_id)
        .order_by(ListingMove.id.desc())
    )
    return [HistoryEntry(row.move, row.to_state, row.reason, row.comments, name or "", row.at) for row, name in rows]


def owner_statements(session: Session, listing_id: int) -> list[OwnerStatement]:
    """Each time that an entry was submitted or confirmed, oldest first."""
    rows = session.execute(
        sa.select(ListingStatement, Account.name)
        .join(Account, Account.id == ListingStatement.by_id)
        .where(ListingStatement.listing_id == listing_id)
        .order_by(ListingStatement.id)
    )
    said, before = [], ListingFacts()
    for row, name in rows:
        facts = ListingFacts.of(row)
        said.append(OwnerStatement(facts, diff_facts(before, facts), name, row.at))
        before = facts
    return said
