"""What is stored in bulk is, row for row, what mapped objects would write one after another."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW
from support.import_results import dump_tables
from support.nppes_files import npi, person_row

from directory.geocoding.place import Place, Precision
from directory.geography.point import Point
from directory.listings.bulk_insert import NewListing, insert_listings
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.listings.listing_data import Address, ListingData
from directory.listings.tables import Listing, ListingSource

SUMMIT = Place("Broomfield, CO 80021", "Broomfield", "CO", "80021", Point(39.9, -105.1), Precision.POSTAL, 3.25)
PLACED = Address("403 Summit Blvd", "Broomfield", "CO", "80021-1234", "Ste 201", "3035550100", SUMMIT)
UNPLACED = Address("1 Nowhere Rd", "Nowhere", "CO", "00000")


def fresh(number, *addresses, **said):
    facts = {"kind": ListingKind.PERSON, "name": f"Ann Example {number}", "npi": npi(number)} | said
    return NewListing(f"ann-example-{number}", ListingData(addresses=addresses, **facts), date(2025, 3, 4), NOW)


def of_every_kind():
    """Listings that differ in whatever a row can differ in."""
    made = [
        fresh(1, PLACED, credential="MD", specialty_code="207XX0005X", phone="3035550100"),
        fresh(2, UNPLACED, kind=ListingKind.CLINIC, name="Škoda & “Søns” Clinic"),
        fresh(3, PLACED, UNPLACED, PLACED, practice="Summit", website="https://summit.example"),
        fresh(4, PLACED, npi=None),
    ]
    made[1].source_updated = None
    made[2].state = ListingState.PUBLISHED
    made[3].state = ListingState.RETIRED
    return made


def one_after_another(session, made):
    """The plain way, which knows nothing of columns, their defaults and versions."""
    for listing in made:
        row = Listing(slug=listing.slug, source=ListingSource.NPPES, source_updated=listing.source_updated)
        row.state, row.created_at, row.updated_at = listing.state, listing.updated_at, listing.updated_at
        listing.entry.write(row)
        session.add(row)
        session.flush()
        yield row.id


@pytest.fixture
def second_session(request, session):
    """A session on another empty database of the same kind."""
    databases = request.getfixturevalue(f"{session.get_bind().dialect.name}_databases")
    with databases() as url:
        engine = sa.create_engine(url)
        with Session(engine) as other:
            yield other
        engine.dispose()


def test_the_rows_are_those_of_mapped_objects(session, second_session):
    in_bulk = insert_listings(session, of_every_kind())
    plainly = list(one_after_another(second_session, of_every_kind()))
    session.commit()
    second_session.commit()
    assert in_bulk == plainly
    assert dump_tables(session) == dump_tables(second_session)
    assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 4


def test_many_are_stored_in_their_order(session):
    ids = insert_listings(session, [fresh(number, PLACED) for number in range(2_500)])
    stored = session.execute(sa.select(Listing.id, Listing.npi).order_by(Listing.id)).all()
    assert [row.id for row in stored] == ids
    assert [row.npi for row in stored] == [npi(number) for number in range(2_500)]


def test_nobody_to_store_is_nothing_to_do(session):
    assert insert_listings(session, []) == []


def test_a_listing_that_changes_before_it_is_stored_is_in_its_first_version(import_rows, session):
    import_rows(person_row(updated="01/01/2025"), person_row(last="OTHER", updated="02/01/2025"))
    [row] = session.scalars(sa.select(Listing))
    assert (row.npi, row.name, row.version) == (npi(1), "Ann Other", 1)
