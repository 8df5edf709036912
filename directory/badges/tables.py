"""The database table of credentials, with the bit of the status list that belongs to each."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from directory.attestations.tables import Attestation
from directory.database import Base, UtcDateTime


class Credential(Base):
    """An issued credential. Triggers refuse every change, so that a bit is never reused.

    An attestation gets another credential when its listing is reinstated, because a revoked bit is never cleared.
    """

    __tablename__ = "credentials"
    __table_args__ = (sa.UniqueConstraint("status_list", "status_index"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attestation_id: Mapped[int] = mapped_column(sa.ForeignKey("attestations.id", ondelete="RESTRICT"), index=True)
    status_list: Mapped[int]
    status_index: Mapped[int]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)

    attestation: Mapped[Attestation] = relationship()
