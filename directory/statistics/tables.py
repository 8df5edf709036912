"""The table of the public figures: one row, which a job replaces."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.database import Base, Json, UtcDateTime


class StoredFigures(Base):
    """The public figures as they were counted last; one row, with `id` 1."""

    __tablename__ = "statistics"

    id: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    document: Mapped[dict[str, Any]] = mapped_column(Json)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
