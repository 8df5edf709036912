"""What tests ask after an import: its report, its rejected rows, and what is in the database."""

import csv

import sqlalchemy as sa

from directory.audit.tables import AuditEntry
from directory.database import Base
from directory.listings.tables import Listing
from support.nppes_files import npi

CREATED, UPDATED, UNCHANGED = "rows that made a listing", "rows that changed a listing", "rows that said nothing new"
SUSPENDED = "rows that suspended a listing because the NPI was deactivated"
READ, PUBLISHED = "rows read", "listings published"
NOT_GEOCODED = "addresses that no search finds because they could not be placed"


def parse_report(output):
    """The report's numbers by what they count."""
    lines = [line.strip().split("  ", 1) for line in output.splitlines()]
    return {
        line[1]: int(line[0].replace(",", "")) for line in lines if len(line) == 2 and int(line[0].replace(",", ""))
    }


def dump_tables(session):
    """Every row of every table, but for the record of each import itself, which is there even if it changed nothing."""
    session.rollback()
    return {
        table.name: sorted(map(repr, session.execute(_without_record(table)).all()))
        for table in Base.metadata.sorted_tables
        if table.name not in RECORD
    }


RECORD = {"imports", "import_batches", "import_rows", "import_differences", "review_items", "review_cases"}
"""What an import writes beside the listings: its own record, and what waits for reviewers."""


def _without_record(table):
    wanted = sa.select(table)
    return wanted.where(~AuditEntry.action.startswith("import.")) if table is AuditEntry.__table__ else wanted


def get_listing(session, number=1):
    session.rollback()
    session.expire_all()
    return session.scalars(sa.select(Listing).where(Listing.npi == npi(number)).order_by(Listing.id.desc())).first()


def read_rejected_rows(settings):
    with (settings.home / "rejected-rows.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]
