"""The table of page views: one number for each listing, month and kind of page."""

import enum
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from directory.database import Base, checked_enum


class CountedPage(enum.StrEnum):
    """The kinds of pages that are counted."""

    LISTING = "listing"
    VERIFY = "verify"


class PageViews(Base):
    """How often one kind of page of a listing was opened in a month; `month` is the first day of the month in UTC."""

    __tablename__ = "page_views"

    listing_id: Mapped[int] = mapped_column(sa.ForeignKey("listings.id", ondelete="CASCADE"), primary_key=True)
    month: Mapped[date] = mapped_column(sa.Date, primary_key=True)
    page: Mapped[CountedPage] = mapped_column(checked_enum(CountedPage, "page"), primary_key=True)
    views: Mapped[int]
