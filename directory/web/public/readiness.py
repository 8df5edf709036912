"""The readiness check behind `/readyz`: the gazetteer is loaded and the database answers a search."""

import logging
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from directory.geocoding.gazetteer import Found, Gazetteer
from directory.search.index import SearchIndex
from directory.search.query import SearchQuery

log = logging.getLogger(__name__)

KNOWN_PLACE = "80021"
"""A ZIP code that every gazetteer contains."""


def is_ready(session: Session, gazetteer: Gazetteer, index: SearchIndex, *, now: datetime) -> bool:
    """Return whether a complete search works; a database error is logged, not raised."""
    found = gazetteer.look_up(KNOWN_PLACE)
    if not isinstance(found, Found):
        log.error("not ready: the gazetteer does not know ZIP %s", KNOWN_PLACE)
        return False
    try:
        index.find(session, SearchQuery(found.place.point, per_page=1), now=now)
    except (SQLAlchemyError, OSError):
        log.exception("not ready: the database does not answer a search")
        return False
    return True
