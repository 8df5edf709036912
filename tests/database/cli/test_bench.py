"""The synthetic nation: the same each time, true in every page, and never beside real listings."""

import re

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from factories import make_listing
from flask.testing import FlaskClient
from page_text import words
from sqlalchemy.orm import Session

from directory import clock
from directory.attestations.digest import verify
from directory.attestations.history import public_history
from directory.attestations.lifecycle import State as AttestationState
from directory.attestations.tables import Attestation, AttestationMove
from directory.certification.answers import from_json
from directory.certification.ruleset import shipped
from directory.certification.scoring import assess
from directory.cli.commands import cli
from directory.geography.point import Point
from directory.listings.lifecycle import State
from directory.listings.npi import is_valid_npi
from directory.listings.tables import Kind, Listing, ListingMove, Location, Source
from directory.search import index
from directory.search.query import SearchQuery

ROWS = 300
TABLES = {
    Listing: "id",
    Location: "listing_id",
    ListingMove: "listing_id",
    Attestation: "id",
    AttestationMove: "attestation_id",
}
"""What the nation is in, and by which number each is known."""


def content(session: Session) -> dict[str, list[tuple]]:
    """Every row of every table that the nation is in, in order, without the numbers that nothing else names."""
    everything = {}
    for table, number in TABLES.items():
        columns = table.__table__.columns
        wanted = [column for column in columns if column.name in (number, "ordinal") or not column.primary_key]
        rows = session.execute(sa.select(*wanted).order_by(columns[number], columns.id))
        everything[table.__tablename__] = [tuple(row) for row in rows]
    session.rollback()
    return everything


@pytest.fixture(scope="module")
def reference(tmp_path_factory) -> dict[str, list[tuple]]:
    """The nation as another installation has it, in SQLite and made in one go."""
    home = tmp_path_factory.mktemp("nation")
    environment = {"BMA_HOME": str(home), "BMA_DATABASE_URL": ""}
    result = CliRunner().invoke(cli, ["bench", "make", "--rows", str(ROWS)], env=environment)
    assert result.exit_code == 0, result.output
    engine = sa.create_engine(f"sqlite:///{home / 'directory.sqlite'}")
    with Session(engine) as session:
        yield content(session)
    engine.dispose()


def test_a_nation_is_the_same_in_both_databases_in_one_go_and_in_two(bma, session, reference):
    assert "150 made-up listings" in bma("bench", "make", "--rows", "150")
    assert f"{ROWS} made-up listings" in bma("bench", "make", "--rows", str(ROWS))
    assert content(session) == reference
    assert f"{ROWS} made-up listings" in bma("bench", "make", "--rows", "20"), "what is there stays there"
    assert content(session) == reference
    assert bma("search", "verify") == "The index says what the listings say.\n"


def test_another_seed_is_another_nation(bma, session, reference):
    bma("bench", "make", "--rows", "20", "--seed", "7")
    names = {name for (name,) in session.execute(sa.select(Listing.name))}
    assert len(names & {row[3] for row in reference["listings"]}) < 5


def test_it_is_refused_beside_real_listings(bma, session, provider):
    make_listing(session, provider)
    session.commit()
    output = bma("bench", "make", "--rows", "5", code=1)
    assert output == (
        "Error: This directory has listings that are not synthetic. Make the nation in an empty BMA_HOME.\n"
    )
    assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 1


@pytest.mark.parametrize(("source", "slug"), [(Source.NPPES, "bench-nelson-1"), (Source.DEMO, "quill-orthopedics")])
def test_neither_a_real_name_like_ours_nor_a_demonstration_is_ours(bma, session, provider, source, slug):
    stranger = make_listing(session, provider)
    stranger.source, stranger.slug = source, slug
    session.commit()
    assert "not synthetic" in bma("bench", "make", "--rows", "5", code=1)


def test_it_is_refused_beside_real_listings_that_came_later(bma, session, provider):
    bma("bench", "make", "--rows", "5")
    made = make_listing(session, provider)
    session.commit()
    assert made.id == 6, "the database gives the next number, not one of ours"
    assert "not synthetic" in bma("bench", "make", "--rows", "9", code=1)


@pytest.mark.parametrize("rows", ["0", "-1", "20000001", "many"])
def test_a_number_that_is_none_is_refused(bma, rows):
    assert "--rows" in bma("bench", "make", "--rows", rows, code=2)


def test_every_page_of_an_entry_works(bma, client: FlaskClient, session: Session):
    bma("bench", "make", "--rows", "100")
    signed = session.scalars(sa.select(Attestation).order_by(Attestation.id)).all()
    assert len(signed) > 2
    live = next(one for one in signed if one.valid_until > clock.now())
    unsigned = session.scalar(sa.select(Listing).where(Listing.id.not_in([one.listing_id for one in signed])))
    for listing in (live.listing, unsigned):
        page = client.get(f"/providers/{listing.slug}")
        assert page.status_code == 200
        assert listing.name in words(page)
        assert "made up for the demonstration" in words(page)
        assert "Put in this directory" in words(client.get(f"/providers/{listing.slug}/history"))
        assert client.get(f"/api/v1/providers/{listing.slug}").status_code == 200
    assert client.get(f"/verify/{live.public_id}").status_code == 200
    assert all(verify(one) for one in signed), "each carries the hash of what was signed"
    assert all(public_history(session, one.listing_id)[0].attestation is one for one in signed)


def test_whoever_is_listed_is_found_where_they_are(bma, client: FlaskClient, session: Session):
    bma("bench", "make", "--rows", "60")
    for place in session.scalars(sa.select(Location).order_by(Location.id).limit(20)):
        found = index.find(session, SearchQuery(Point(place.lat, place.lon), 5), now=clock.now())
        assert place.listing_id in {hit.listing_id for hit in found.hits}
    page = client.get("/providers", query_string={"near": place.postal_code, "within": "50"})
    assert page.status_code == 200
    assert session.get(Listing, place.listing_id).name in words(page)


def test_nobody_is_anybody(reference):
    names = [column.name for column in Listing.__table__.columns]
    listings = [dict(zip(names, row, strict=True)) for row in reference["listings"]]
    assert len({listing["slug"] for listing in listings}) == ROWS
    assert not any(is_valid_npi(listing["npi"]) for listing in listings)
    assert {listing["source"] for listing in listings} == {Source.DEMO}
    assert {listing["state"] for listing in listings} == {State.PUBLISHED}
    assert all(re.fullmatch(r"\(\d{3}\) 555-01\d\d", listing["phone"]) for listing in listings)
    assert {listing["kind"] for listing in listings} == {Kind.PERSON, Kind.CLINIC}


def test_their_answers_are_answers(session, bma):
    bma("bench", "make", "--rows", str(ROWS))
    ruleset = shipped().load("bma-2021.1")
    signed = session.scalars(sa.select(Attestation)).all()
    badges = [assess(ruleset, from_json(ruleset, one.answers)).badge_earned for one in signed]
    assert {one.state for one in signed} == {AttestationState.ACCEPTED}
    assert True in badges
    assert False in badges
