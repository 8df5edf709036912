"""Queries for pairs of listings that may be the same provider, and for merges."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from directory.duplicates.tables import DuplicatePair, ListingMerge
from directory.errors import NotFound
from directory.listings.tables import Listing

_WAITING = DuplicatePair.dismissed_at.is_(None)

MAX_STEPS = 10
"""How often a listing may have been merged into another one that was merged itself; arbitrary."""


def duplicate_pair(session: Session, pair_id: int) -> DuplicatePair:
    """Return a pair.

    Raises:
        NotFound: there is none with this id; it may have gone since the listings were changed.
    """
    found = session.get(DuplicatePair, pair_id)
    if found is None:
        raise NotFound("There is no such pair of listings. It may have gone because one of them was changed.")
    return found


def waiting_pairs(session: Session, *, page: int, size: int) -> Sequence[DuplicatePair]:
    """Return a page of the pairs that a reviewer has to look at, the most likely first, with their addresses."""
    listings = (joinedload(DuplicatePair.one), joinedload(DuplicatePair.other))
    return session.scalars(
        sa.select(DuplicatePair)
        .where(_WAITING)
        .order_by(DuplicatePair.score.desc(), DuplicatePair.id)
        .limit(size)
        .offset((page - 1) * size)
        .options(*(each.options(selectinload(Listing.locations), selectinload(Listing.managers)) for each in listings))
    ).all()


def next_pair(session: Session, pair: DuplicatePair) -> DuplicatePair | None:
    """Return the pair that follows another one in the order of `waiting_pairs`, or the first one after the last."""
    order = (DuplicatePair.score.desc(), DuplicatePair.id)
    waiting = sa.select(DuplicatePair).where(_WAITING, DuplicatePair.id != pair.id).order_by(*order).limit(1)
    less_likely = DuplicatePair.score < pair.score
    later = waiting.where(less_likely | ((DuplicatePair.score == pair.score) & (DuplicatePair.id > pair.id)))
    return session.scalar(later) or session.scalar(waiting)


def pairs_of(session: Session, listing_id: int) -> Sequence[DuplicatePair]:
    """Return the pairs with a listing that a reviewer has to look at, the most likely first."""
    return session.scalars(
        sa.select(DuplicatePair)
        .where(_WAITING, sa.or_(DuplicatePair.one_id == listing_id, DuplicatePair.other_id == listing_id))
        .order_by(DuplicatePair.score.desc(), DuplicatePair.id)
        .options(joinedload(DuplicatePair.one), joinedload(DuplicatePair.other))
    ).all()


def count_waiting_pairs(session: Session) -> int:
    """Return the number of pairs that a reviewer has to look at."""
    return session.scalar(sa.select(sa.func.count()).select_from(DuplicatePair).where(_WAITING)) or 0


def paired_listings(session: Session, listing_id: int) -> Sequence[int]:
    """Return the ids of the listings that may be the same provider as this one."""
    other = sa.case((DuplicatePair.one_id == listing_id, DuplicatePair.other_id), else_=DuplicatePair.one_id)
    is_paired = sa.or_(DuplicatePair.one_id == listing_id, DuplicatePair.other_id == listing_id)
    return session.scalars(sa.select(other).where(is_paired, _WAITING)).all()


def dismissed_pairs(session: Session, *, limit: int) -> Sequence[DuplicatePair]:
    """Return the pairs that were dismissed last."""
    return session.scalars(
        sa.select(DuplicatePair)
        .where(~_WAITING)
        .order_by(DuplicatePair.dismissed_at.desc(), DuplicatePair.id.desc())
        .limit(limit)
        .options(joinedload(DuplicatePair.one), joinedload(DuplicatePair.other))
    ).all()


def listing_merge(session: Session, merge_id: int) -> ListingMerge:
    """Return a merge.

    Raises:
        NotFound: there is none with this id.
    """
    found = session.get(ListingMerge, merge_id)
    if found is None:
        raise NotFound("There is no such merge.")
    return found


def latest_merges(session: Session, *, limit: int) -> Sequence[ListingMerge]:
    """Return the latest merges that are not undone."""
    return session.scalars(
        sa.select(ListingMerge)
        .where(ListingMerge.undone_at.is_(None))
        .order_by(ListingMerge.at.desc(), ListingMerge.id.desc())
        .limit(limit)
        .options(joinedload(ListingMerge.kept), joinedload(ListingMerge.merged))
    ).all()


def merged_into(session: Session, listing_id: int) -> Listing | None:
    """Return the listing that a listing was merged into, also over several merges; None if it was not merged."""
    kept: Listing | None = None
    for _ in range(MAX_STEPS):
        wanted = sa.select(Listing).join(ListingMerge, ListingMerge.kept_id == Listing.id)
        found = session.scalar(wanted.where(ListingMerge.merged_id == listing_id, ListingMerge.undone_at.is_(None)))
        if found is None:
            break
        kept, listing_id = found, found.id
    return kept
