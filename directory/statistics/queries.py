"""Database queries for the stored figures."""

from sqlalchemy.orm import Session

from directory.statistics.commands import ROW
from directory.statistics.tables import StoredFigures


def stored_figures(session: Session) -> StoredFigures | None:
    """Return the public figures as they were counted last, or None before the first time."""
    return session.get(StoredFigures, ROW)
