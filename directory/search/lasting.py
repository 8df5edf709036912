"""How long what the index says stays so by itself."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.search.tables import search_documents, search_state

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FOR_EVER = datetime.max.replace(tzinfo=UTC)

_FIRST_END = (
    sa.select(search_documents.c.ends_at)
    .where(
        search_documents.c.generation == sa.select(search_state.c.generation).scalar_subquery(),
        search_documents.c.ends_at.is_not(None),
    )
    .order_by(search_documents.c.ends_at)
    .limit(1)
)


def lasts_until(session: Session, now: datetime) -> datetime:
    """The moment from which any search may find something else though nobody changed anything.

    It is over already where something ended that was not swept out yet: what ends after it is not known then.
    """
    ends_at = session.scalar(_FIRST_END)
    if ends_at is None:
        return _FOR_EVER
    return max(now, _EPOCH + timedelta(microseconds=ends_at))
