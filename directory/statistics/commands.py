"""Counts the public figures anew and stores them."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.certification.ruleset import Rulesets
from directory.statistics.figures import count_figures
from directory.statistics.tables import StoredFigures

ROW = 1
"""The id of the only row."""


def refresh_figures(session: Session, rulesets: Rulesets, *, now: datetime) -> None:
    """Count the public figures and replace the stored ones."""
    session.merge(StoredFigures(id=ROW, document=count_figures(session, rulesets, now=now), counted_at=now))
    session.flush()
