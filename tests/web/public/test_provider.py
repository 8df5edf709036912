"""What a provider's page promises: every answer with its rule, and never more than was stated."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, make_address, make_attestation, make_listing
from support.page_text import visible_text

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.certification.wording import BADGE_EXPLANATION
from directory.listings.tables import ListingSource

NEVER_SAID = ("verified", "approved technique", "accredited", "stars", "failed", "unsafe", "%")


def page_of(client: FlaskClient, slug: str) -> str:
    page = client.get(f"/providers/{slug}")
    assert page.status_code == 200
    return visible_text(page)


def test_a_badge_stands_with_its_words_dates_and_signer(client: FlaskClient, add_listing) -> None:
    said = page_of(client, add_listing("Right Clinic", answers=MATCHING_ANSWERS).slug)
    assert "Self-certified · All 4 answers match" in said
    assert " · until " in said
    assert BADGE_EXPLANATION in said
    assert "Signed by Ann Example, Medical director." in said
    assert "See the answers" in said


def test_every_answer_stands_beside_its_rule_its_grade_and_why(client: FlaskClient, add_listing) -> None:
    answers = {"volume_per_site_ml": [5, 20], "distinct_sites": 2, "imaging_guidance": {"methods": []}}
    said = page_of(client, add_listing("Mixed Clinic", answers=answers).slug)
    for sentence in (
        "They take 5 to 20 mL from each place. The rule is 10 mL or less.",
        "The first small pull is rich in stem cells.",
        "They draw from 2 places. The rule is 5 to 15 places.",
        "They find the place by feel, with no pictures.",
        "They do not say which bone they take marrow from.",
    ):
        assert sentence in said
    for grade, times in (("In between", 1), ("Does not match", 2)):
        assert said.count(grade) == times
    assert "All 4 answers match" not in said
    assert "commercial network" in said, "who wrote the rules is said wherever they are"


def test_details_are_shown_and_not_graded(client: FlaskClient, session: Session, provider: Account) -> None:
    made = make_listing(session, provider)
    make_attestation(session, made, details={"procedures_per_year": 120, "anticoagulant": {"methods": ["heparin"]}})
    session.commit()
    said = page_of(client, made.slug)
    assert "How many a year 120 a year" in said
    assert "Anticoagulant Heparin" in said
    assert "No rule speaks of it." in said
    assert "Syringe" not in said, "what was left blank is not listed"


@pytest.mark.parametrize("source", [ListingSource.NPPES, ListingSource.PROVIDER])
def test_who_stated_nothing_is_not_stated(client: FlaskClient, add_listing, source: ListingSource) -> None:
    made = add_listing("Silent Clinic", source=source)
    said = page_of(client, made.slug)
    assert "No badge. No answers to show yet." in said
    assert "You can ask them how they take bone marrow." in said
    assert "Answer by answer" not in said


def test_an_entry_that_nobody_claimed_says_where_it_comes_from(
    client: FlaskClient, session: Session, add_listing
) -> None:
    made = add_listing("Registry Clinic", source=ListingSource.NPPES)
    made.managers.clear()
    session.commit()
    said = page_of(client, made.slug)
    assert "from public NPPES data" in said
    assert "Nobody from the practice has confirmed this listing." in said


@pytest.mark.parametrize("state", set(AttestationState) - {AttestationState.ACCEPTED})
def test_only_what_an_admin_accepted_is_public(
    client: FlaskClient, session: Session, provider: Account, state: AttestationState
) -> None:
    made = make_listing(session, provider)
    make_attestation(session, made, state=state, answers={"volume_per_site_ml": 66}, now=clock.now())
    session.commit()
    said = page_of(client, made.slug)
    if state is not AttestationState.SUPERSEDED:
        assert "66 mL" not in said
        gone = "We took their answers down in " if state is AttestationState.REVOKED else "No answers to show yet."
        assert f"No badge. {gone}" in said
    assert "All 4 answers match" not in said


def test_a_badge_ends_with_its_last_second(client: FlaskClient, add_listing) -> None:
    year = timedelta(days=365)
    lasting = add_listing("Lasting Clinic", answers=MATCHING_ANSWERS, signed_at=clock.now() - year + timedelta(hours=2))
    ended = add_listing("Ended Clinic", answers=MATCHING_ANSWERS, signed_at=clock.now() - year - timedelta(days=2))
    assert "Self-certified · All 4 answers match" in page_of(client, lasting.slug)
    said = page_of(client, ended.slug)
    assert "All 4 answers match" not in said
    assert "No badge. Their answers ran out in" in said
    assert "Ask again." in said


def test_every_location_can_be_called_and_found(client: FlaskClient, add_listing) -> None:
    addresses = (
        make_address(line1="1 First Street", phone="303-555-0101"),
        make_address(line1="2 Second Street", place=None, phone=""),
    )
    made = add_listing("Two Places", addresses=addresses, phone="(303) 555-0100")
    page = client.get(f"/providers/{made.slug}")
    for link in (
        'href="tel:+13035550101"',
        'href="tel:+13035550100"',
        f'href="geo:{made.locations[0].lat:.5f},{made.locations[0].lon:.5f}?q=1%20First%20Street%2C%20Broomfield%2C%20CO%2080021"',
        'href="geo:0,0?q=2%20Second%20Street%2C%20Broomfield%2C%20CO%2080021"',
        'data-copy="1 First Street, Broomfield, CO 80021"',
    ):
        assert link in page.text
    said = visible_text(page)
    assert "This page itself asks no map service for anything." in said
    assert "Where, at 2 addresses" in said
    assert "2 Second Street Broomfield, CO 80021 Not on the map: this address could not be placed." in said
    assert "1 First Street Broomfield, CO 80021 On the map at about the middle of the ZIP code." in said


@pytest.mark.parametrize(
    ("stored", "link", "shown"),
    [
        ("3035550100", "tel:+13035550100", "(303) 555-0100"),
        ("+1 303-555-0100", "tel:+13035550100", "(303) 555-0100"),
        ("303.555.0100 x12", "tel:+13035550100;ext=12", "(303) 555-0100 x12"),
        ("555-0100", "tel:5550100", "555-0100"),
    ],
)
def test_a_number_is_read_and_dialled_however_it_was_stored(
    client: FlaskClient, session: Session, add_listing, stored: str, link: str, shown: str
) -> None:
    made = add_listing("Phone Clinic")
    made.phone = stored
    session.commit()
    for page in (client.get(f"/providers/{made.slug}"), client.get("/providers?near=80021")):
        assert f'href="{link}"' in page.text
        assert f"Call {shown}" in visible_text(page)


def test_the_clinics_site_does_not_learn_who_sent_the_patient(client: FlaskClient, add_listing) -> None:
    made = add_listing("Web Clinic", website="https://clinic.example/")
    page = client.get(f"/providers/{made.slug}")
    assert '<a href="https://clinic.example/" rel="noopener noreferrer external">' in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_when_it_was_last_confirmed_and_the_data_are_there(client: FlaskClient, session: Session, add_listing) -> None:
    made = add_listing("Dated Clinic")
    made.last_confirmed = clock.now().date().replace(month=3, day=7)
    session.commit()
    said = page_of(client, made.slug)
    assert f"Last confirmed Mar 7, {clock.now().year}" in said
    assert f'href="/api/v1/providers/{made.slug}"' in client.get(f"/providers/{made.slug}").text


ANSWERS = {"right": MATCHING_ANSWERS, "wrong": {"volume_per_site_ml": 60}, "empty": {}, "none": None}


@pytest.mark.parametrize("answers", ANSWERS.values(), ids=ANSWERS.keys())
def test_no_page_says_more_than_was_stated(client: FlaskClient, add_listing, answers: dict[str, object] | None) -> None:
    said = page_of(client, add_listing("Any Clinic", answers=answers).slug).lower()
    assert not [word for word in NEVER_SAID if word in said]


@pytest.mark.parametrize(
    ("facts", "short", "whole"),
    [
        ({}, "", "Takes new patients Not stated Languages spoken Not stated"),
        ({"accepts_new_patients": True}, "Takes new patients Call", "Takes new patients Yes"),
        ({"accepts_new_patients": False}, "Takes no new patients now Call", "Takes new patients No"),
        ({"languages": ("en", "ase")}, "Speaks English, American Sign Language Call", "American Sign Language Last"),
    ],
)
def test_who_is_taken_and_what_is_spoken_stands_beside_the_phone(
    client: FlaskClient, add_listing, facts: dict[str, object], short: str, whole: str
) -> None:
    said = page_of(client, add_listing("Stating Clinic", **facts).slug)
    top, _, about = said.partition("About this listing")
    assert short in top
    assert whole in about
    assert ("new patients" in top) == ("accepts_new_patients" in facts)
    assert ("Speaks" in top) == ("languages" in facts)
