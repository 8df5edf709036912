"""The database table of the imports: the NPIs that the registry deactivated."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.database import Base


class DeactivatedNpi(Base):
    """An NPI that the registry deactivated, listed here or not, so that no older file lists it as active.

    `since` is the latest date of the deactivation, or the day of the import if the file has none.
    """

    __tablename__ = "deactivated_npis"

    npi: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    since: Mapped[date]
