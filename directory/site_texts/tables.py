"""The table of texts that the operator has changed."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.database import Base, UtcDateTime, checked_enum
from directory.site_texts.declarations import SiteText


class StoredText(Base):
    """The operator's version of one text, in Markdown. Without a row, the default text is shown."""

    __tablename__ = "site_texts"

    name: Mapped[SiteText] = mapped_column(checked_enum(SiteText, "name"), primary_key=True)
    body: Mapped[str] = mapped_column(sa.Text)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int] = mapped_column(sa.ForeignKey("accounts.id", ondelete="RESTRICT"))
    version: Mapped[int] = mapped_column(nullable=False)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  SQLAlchemy reads this class attribute once
