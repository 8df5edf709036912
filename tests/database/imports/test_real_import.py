"""The registry's own files: imported, imported again, and found nearest first."""

import datetime

import pytest
import sqlalchemy as sa
from support.import_results import dump_tables

from directory.accounts.tables import Account
from directory.attestations.tables import Attestation
from directory.geocoding.gazetteer import Found
from directory.geography.point import Point, miles_between
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingSource, Location
from directory.search.query import Filters, SearchQuery

NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)


def everything(session):
    return {name: rows for name, rows in dump_tables(session).items() if not name.startswith("search_")}


@pytest.fixture
def nppes_file(real_data):
    return str(real_data / "nppes_national_1000.csv")


def test_after_the_import_a_search_around_a_zip_finds_real_listings_nearest_first(
    run_command, session, nppes_file, index, gazetteer
):
    run_command("import", "nppes", nppes_file, "--all", "--publish")
    index.rebuild(session)
    place = gazetteer.look_up("80021")
    assert isinstance(place, Found)
    found = index.find(session, SearchQuery(place.place.point, 100), now=NOW)
    names = session.execute(
        sa.select(Listing.id, Listing.name, Listing.source, Listing.state).where(
            Listing.id.in_([hit.listing_id for hit in found.hits])
        )
    ).all()
    assert len(names) == len(found.hits) >= 5
    assert {(row.source, row.state) for row in names} == {(ListingSource.NPPES, ListingState.PUBLISHED)}
    by_hand = sorted(
        (miles_between(place.place.point, Point(row.lat, row.lon)), row.listing_id)
        for row in session.execute(sa.select(Location.lat, Location.lon, Location.listing_id)).all()
    )
    inside, expected = [hit for hit in found.hits if not hit.outside_radius], by_hand[: found.total][:20]
    assert [hit.listing_id for hit in inside] == [listing_id for _, listing_id in expected]
    assert [hit.miles for hit in inside] == pytest.approx([miles for miles, _ in expected])
    # Real people state nothing here, and so have no badge.
    assert session.scalar(sa.select(sa.func.count()).select_from(Attestation)) == 0
    assert index.find(session, SearchQuery(place.place.point, None, Filters(badge="1")), now=NOW).total == 0
    assert run_command("search", "verify") == "The index says what the listings say.\n"


def test_all_real_files_together_change_nothing_the_second_time(run_command, session, real_data, nppes_file):
    files = [
        nppes_file,
        *(str(real_data / f"nppes_{name}.csv") for name in ("with_deactivated_999", "organizations_40")),
    ]
    second = str(real_data / "nppes_secondary_locations_9528.csv")
    arguments = ("import", "nppes", *files, "--locations", second, "--all", "--publish")
    first = run_command(*arguments)
    assert "11,567  rows read" in first
    before = everything(session)
    promised = run_command(*arguments, "--dry-run")
    again = run_command(*arguments)
    assert everything(session) == before
    for text in ("          0  rows that made a listing", "          0  rows that changed a listing"):
        assert text in again
        assert text in promised
    assert "634  rows skipped: the NPI is deactivated" in again


def test_without_all_only_those_are_listed_who_may_take_marrow(run_command, session, nppes_file):
    run_command("import", "nppes", nppes_file)
    assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 72
    assert set(session.scalars(sa.select(Listing.state))) == {ListingState.DRAFT}
    assert session.scalar(sa.select(sa.func.count()).select_from(Account)) == 0


def test_every_real_address_is_placed_in_its_own_state(run_command, session, nppes_file, gazetteer):
    output = run_command("import", "nppes", nppes_file, "--all")
    assert "          0  addresses that no search finds" in output
    wrong = [
        row
        for row in session.execute(sa.select(Location.postal_code, Location.state, Location.lat, Location.lon)).all()
        if getattr(gazetteer.look_up(row.postal_code[:5]), "place", None) is None
    ]
    assert wrong == []
