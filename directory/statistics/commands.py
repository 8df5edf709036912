"""Counts the public figures anew and stores them."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.statistics.figures import Document, count_figures
from directory.statistics.tables import StoredFigures

ROW = 1
"""The id of the only row."""


def refresh_figures(session: Session, rulesets: Rulesets, *, now: datetime) -> None:
    """Count the public figures and replace the stored ones."""
    store_figures(session, count_figures(session, rulesets, now=now), now=now)


def store_figures(session: Session, document: Document, *, now: datetime) -> None:
    """Replace the stored figures by those that were counted at `now`."""
    session.merge(StoredFigures(id=ROW, document=document, counted_at=now))
    session.flush()
