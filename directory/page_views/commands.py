"""Adds counted page views to those that are stored."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from directory.listings.tables import Listing
from directory.page_views.tables import CountedPage, PageViews


class ViewKey(NamedTuple):
    """What is counted separately."""

    listing_id: int
    month: date
    page: CountedPage


def add_views(connection: Connection, counts: Mapping[ViewKey, int]) -> None:
    """Add these numbers of views, in any number of workers at once; listings that are gone are left out."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    # Sorted, so that two workers lock the rows in the same order.
    for key, views in sorted(counts.items()):
        row = insert(PageViews).from_select(
            ["listing_id", "month", "page", "views"],
            sa.select(Listing.id, sa.literal(key.month, sa.Date), _page(key.page), sa.literal(views)).where(
                Listing.id == key.listing_id
            ),
        )
        connection.execute(
            row.on_conflict_do_update(
                index_elements=["listing_id", "month", "page"], set_={"views": PageViews.views + row.excluded.views}
            )
        )


def _page(page: CountedPage) -> sa.BindParameter[CountedPage]:
    return sa.literal(page, PageViews.__table__.c.page.type)
