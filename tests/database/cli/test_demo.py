"""The demonstration: complete, the same each time, and never beside real listings."""

import datetime
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from sqlalchemy.orm import Session
from support.factories import make_listing
from support.synthetic_listings import make_search_index

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.answers import answers_from_json
from directory.certification.ruleset import bundled_rulesets
from directory.certification.scoring import Grade, assess
from directory.cli.commands import cli
from directory.cli.demo_providers import SHARED_BUILDING, SHARED_BUILDING_PROVIDERS
from directory.disputes.lifecycle import WAITING as DISPUTE_WAITING
from directory.disputes.tables import Dispute
from directory.geography.point import Point
from directory.listings.fields import STATES
from directory.listings.kinds import ListingKind
from directory.listings.languages import LANGUAGES, MAX_LANGUAGES
from directory.listings.lifecycle import ListingState
from directory.listings.npi import is_valid_npi
from directory.listings.queries import owner_statements
from directory.listings.revision_lifecycle import RevisionState
from directory.listings.specialties import SPECIALTIES
from directory.listings.tables import Listing, ListingRevision, ListingSource, Location
from directory.outbox.tables import Email
from directory.review.tables import AuditDraw
from directory.search.query import Filters, SearchQuery

TERRITORIES = {"AS", "GU", "MP", "VI"}


def test_a_demonstration_is_loaded_once_and_is_the_same_each_time(run_command, settings, session, demo_session):
    output = run_command("demo", "load")
    assert output.startswith("Sign in to the demonstration as\n")
    for role in ("provider", "reviewer", "admin"):
        assert f"{role}@demo.example" in output
    assert settings.demo_accounts.read_text() in output
    assert settings.demo_accounts.stat().st_mode & 0o077 == 0
    assert facts(session) == facts(demo_session)
    count = session.scalar(sa.select(sa.func.count()).select_from(Listing))
    session.rollback()
    assert run_command("demo", "load") == "The demonstration is loaded already.\n"
    assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == count
    session.rollback()
    settings.demo_accounts.unlink()
    assert "Load it into an empty BMA_HOME." in run_command("demo", "load", code=1)
    assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == count


def test_a_demonstration_is_refused_beside_real_listings(run_command, session, provider, settings):
    make_listing(session, provider)
    session.commit()
    output = run_command("demo", "load", code=1)
    assert output == "Error: This directory has real listings. Load the demonstration into an empty BMA_HOME.\n"
    assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 1
    assert not settings.demo_accounts.exists()


@pytest.fixture(scope="module")
def demo_session(tmp_path_factory) -> Iterator[Session]:
    """A demonstration that several tests look at; what writes it is tested on both databases above."""
    home = tmp_path_factory.mktemp("demonstration")
    environment = {"BMA_HOME": str(home), "BMA_DATABASE_URL": ""}
    assert CliRunner().invoke(cli, ["demo", "load"], env=environment).exit_code == 0
    assert CliRunner().invoke(cli, ["search", "verify"], env=environment).exit_code == 0
    engine = sa.create_engine(f"sqlite:///{home / 'directory.sqlite'}")
    with Session(engine) as session:
        yield session
    engine.dispose()


def facts(session: Session):
    """All that is made up, without the days, which count back from today."""
    listings = session.execute(
        sa.select(
            Listing.name, Listing.npi, Listing.practice, Listing.credential, Listing.specialty_code, Listing.state,
            Listing.slug, Listing.kind, Listing.languages, Listing.accepts_new_patients,
        ).order_by(Listing.id)
    ).all()  # fmt: skip
    places = session.execute(
        sa.select(
            Location.line1,
            Location.city,
            Location.state,
            Location.phone,
            Location.lat,
            Location.lon,
            Location.opening_hours,
        ).order_by(Location.id)
    ).all()
    answers = session.execute(
        sa.select(Attestation.answers, Attestation.state, Attestation.signer_name).order_by(Attestation.id)
    ).all()
    return listings, places, answers


def test_every_standing_can_be_seen(demo_session):
    now, standings = clock.now(), {}
    rows = demo_session.execute(
        sa.select(Listing.id, Attestation)
        .outerjoin(
            Attestation, sa.and_(Attestation.listing_id == Listing.id, Attestation.state == AttestationState.ACCEPTED)
        )
        .where(Listing.state == ListingState.PUBLISHED)
    ).all()
    for _, attestation in rows:
        if attestation is None:
            standing = "not stated"
        elif attestation.valid_until < now:
            standing = "expired"
        else:
            rules = bundled_rulesets().load(attestation.ruleset_id)
            standing = assess(rules, answers_from_json(rules, attestation.answers)).grade.word
        standings[standing] = standings.get(standing, 0) + 1
    assert standings.keys() == {"not stated", "expired", *(grade.word for grade in Grade)}
    assert min(standings.values()) >= 5
    assert standings[Grade.RIGHT.word] >= 60
    signed = demo_session.scalar(sa.select(sa.func.max(Attestation.signed_at)))
    assert signed < now


def test_every_state_of_a_listing_and_an_attestation_that_people_meet_is_there(demo_session):
    assert {ListingState.DRAFT, ListingState.SUBMITTED, ListingState.PUBLISHED, ListingState.SUSPENDED} <= set(
        demo_session.scalars(sa.select(Listing.state))
    )
    states = set(demo_session.scalars(sa.select(Attestation.state)))
    assert {
        AttestationState.SUBMITTED,
        AttestationState.ACCEPTED,
        AttestationState.RETURNED,
        AttestationState.REVOKED,
    } <= states


def test_each_workplace_has_something_to_show(demo_session):
    """A listing to claim, returned answers, a change that waits, a badge that ends soon, a report, and a draw."""
    now, soon = clock.now(), clock.now() + datetime.timedelta(days=60)
    to_claim = sa.select(Listing.id).where(Listing.state == ListingState.PUBLISHED, ~Listing.managers.any())
    accepted = sa.select(Attestation.id).where(Attestation.state == AttestationState.ACCEPTED)
    cases = {
        "to claim": to_claim,
        "returned": sa.select(Attestation.id).where(Attestation.state == AttestationState.RETURNED),
        "change": sa.select(ListingRevision.id).where(ListingRevision.state == RevisionState.SUBMITTED),
        "ends soon": accepted.where(Attestation.valid_until.between(now, soon)),
        "report": sa.select(Dispute.id).where(Dispute.state.in_(DISPUTE_WAITING)),
        "draw": sa.select(AuditDraw.id),
    }
    assert [name for name, wanted in cases.items() if demo_session.execute(wanted.limit(1)).first() is None] == []


def test_about_300_providers_in_all_states_with_several_places_and_neighbours(demo_session):
    assert demo_session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 300
    listed = set(
        demo_session.scalars(sa.select(Location.state).join(Listing).where(Listing.state == ListingState.PUBLISHED))
    )
    assert listed == STATES - TERRITORIES
    several = sa.select(Location.listing_id).group_by(Location.listing_id).having(sa.func.count() > 1)
    assert len(demo_session.scalars(several).all()) >= 10
    building = sa.select(Location).where(Location.line1 == SHARED_BUILDING[-1])
    neighbours = demo_session.scalars(building).all()
    assert len(neighbours) == SHARED_BUILDING_PROVIDERS
    assert len({(row.lat, row.lon) for row in neighbours}) == 1
    assert len({row.line2 for row in neighbours}) == SHARED_BUILDING_PROVIDERS
    assert set(demo_session.scalars(sa.select(Listing.kind))) == set(ListingKind)


def test_every_fact_is_stated_by_some_and_left_out_by_others(demo_session):
    rows = demo_session.execute(sa.select(Listing.languages, Listing.accepts_new_patients)).all()
    assert {row.accepts_new_patients for row in rows} == {True, False, None}
    assert {code for row in rows for code in row.languages} == LANGUAGES.keys()
    assert any(not row.languages for row in rows)
    assert max(len(row.languages) for row in rows) <= MAX_LANGUAGES


def test_some_have_said_later_that_their_entry_is_right_and_some_have_changed_it(demo_session):
    said = [owner_statements(demo_session, listing_id) for listing_id in demo_session.scalars(sa.select(Listing.id))]
    again = [stated for of_one in said for stated in of_one[1:]]
    assert sum(bool(stated.changed) for stated in again) >= 5
    assert sum(not stated.changed for stated in again) >= 5
    assert all(stated.at <= clock.now() for of_one in said for stated in of_one)


def test_nobody_in_it_could_be_real(demo_session):
    rows = demo_session.execute(sa.select(Listing.npi, Listing.source, Listing.specialty_code, Listing.name)).all()
    assert not any(is_valid_npi(row.npi) for row in rows)
    assert len({row.npi for row in rows}) == len({row.name for row in rows}) == 300
    assert {row.source for row in rows} == {ListingSource.DEMO}
    assert {row.specialty_code for row in rows} <= SPECIALTIES.keys()
    assert all(" 555-01" in phone for phone in demo_session.scalars(sa.select(Location.phone)))
    assert all(address.endswith("@demo.example") for address in demo_session.scalars(sa.select(Account.email)))
    assert set(demo_session.scalars(sa.select(Email.to))) <= set(demo_session.scalars(sa.select(Account.email)))


def test_who_signs_is_a_person(demo_session):
    rows = demo_session.execute(sa.select(Listing.kind, Listing.name, Attestation.signer_name).join(Attestation)).all()
    assert {kind for kind, _, _ in rows} == set(ListingKind)
    for kind, name, signer in rows:
        assert (signer == name) == (kind is ListingKind.PERSON)
        assert len(signer.split()) == 2


def test_a_patient_in_the_demonstration_finds_badges(demo_session, tmp_path):
    index = make_search_index(tmp_path)
    found = index.find(demo_session, SearchQuery(Point(39.89, -105.11), 50), now=clock.now())
    badges = index.find(demo_session, SearchQuery(Point(39.89, -105.11), 50, Filters(badge="1")), now=clock.now())
    assert found.total >= 10
    assert 1 <= badges.total < found.total


def test_no_story_happens_in_the_future_or_before_its_own_beginning(demo_session):
    rows = demo_session.execute(sa.select(Listing.created_at, Listing.updated_at)).all()
    assert len(rows) == 300
    for created, updated in rows:
        assert created <= updated <= clock.now() + datetime.timedelta(seconds=1)
