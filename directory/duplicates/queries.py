"""Queries for pairs of listings that may be the same provider."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from directory.duplicates.tables import DuplicatePair
from directory.errors import NotFound
from directory.listings.tables import Listing

_WAITING = DuplicatePair.dismissed_at.is_(None)


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


def count_waiting_pairs(session: Session) -> int:
    """Return the number of pairs that a reviewer has to look at."""
    return session.scalar(sa.select(sa.func.count()).select_from(DuplicatePair).where(_WAITING)) or 0


def dismissed_pairs(session: Session, *, limit: int) -> Sequence[DuplicatePair]:
    """Return the pairs that were dismissed last."""
    return session.scalars(
        sa.select(DuplicatePair)
        .where(~_WAITING)
        .order_by(DuplicatePair.dismissed_at.desc(), DuplicatePair.id.desc())
        .limit(limit)
        .options(joinedload(DuplicatePair.one), joinedload(DuplicatePair.other))
    ).all()
