"""The link of a badge that stays the same, and the name in the art."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import get_reviewer, make_attestation, make_listing

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState, Move
from directory.attestations.tables import Attestation
from directory.certification.ruleset import bundled_rulesets
from directory.listings import lifecycle as listing_lifecycle
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.review.commands import decide_attestation, decide_listing


def test_the_link_of_a_listing_leads_to_what_was_accepted(client: FlaskClient, attestation: Attestation) -> None:
    answer = client.get(f"/badges/{attestation.listing.slug}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/verify/{attestation.public_id}")
    assert set(answer.headers["Cache-Control"].split(", ")) == {"public", "max-age=60", "must-revalidate"}
    assert "Set-Cookie" not in answer.headers
    assert client.get(answer.headers["Location"]).status_code == 200


def test_a_renewal_changes_where_the_link_leads(
    client: FlaskClient, session: Session, attestation: Attestation
) -> None:
    renewed = make_attestation(session, attestation.listing, state=AttestationState.SUBMITTED, now=clock.now())
    by, link = get_reviewer(session).actor, f"/badges/{attestation.listing.slug}"
    session.commit()
    assert client.get(link).headers["Location"] == f"/verify/{attestation.public_id}", "what waits is not public"
    decide_attestation(session, renewed, Move.ACCEPT, by=by, now=clock.now(), rulesets=bundled_rulesets())
    session.commit()
    assert client.get(link).headers["Location"] == f"/verify/{renewed.public_id}"
    decide_attestation(session, renewed, Move.REVOKE, by=by, now=clock.now(), rulesets=bundled_rulesets(), reason="No.")
    session.commit()
    assert client.get(link).headers["Location"] == f"/providers/{attestation.listing.slug}"


def test_without_accepted_answers_the_link_leads_to_the_listing(client: FlaskClient, listing: Listing) -> None:
    answer = client.get(f"/badges/{listing.slug}", follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, f"/providers/{listing.slug}")


@pytest.mark.parametrize(
    ("move", "path"), [(listing_lifecycle.Move.SUSPEND, "/verify/"), (listing_lifecycle.Move.RETIRE, "/providers/")]
)
def test_the_link_of_what_left_the_list_says_so(
    client: FlaskClient, session: Session, attestation: Attestation, move: listing_lifecycle.Move, path: str
) -> None:
    by = get_reviewer(session).actor
    decide_listing(
        session, attestation.listing, move, by=by, now=clock.now(), rulesets=bundled_rulesets(), reason="A test."
    )
    session.commit()
    answer = client.get(f"/badges/{attestation.listing.slug}", follow_redirects=True)
    assert answer.request.path.startswith(path)
    assert answer.status_code == (410 if move is listing_lifecycle.Move.RETIRE else 200)


@pytest.mark.parametrize("state", [ListingState.DRAFT, ListingState.SUBMITTED, ListingState.REJECTED])
def test_there_is_no_link_to_what_was_never_public(
    client: FlaskClient, session: Session, provider: Account, state: ListingState
) -> None:
    listing = make_listing(session, provider, state=state)
    session.commit()
    assert client.get(f"/badges/{listing.slug}").status_code == 404
    for slug in ("nobody", "%00", "x" * 2000):
        assert client.get(f"/badges/{slug}").status_code == 404


def test_the_art_keeps_the_name_that_signed(client: FlaskClient, session: Session, attestation: Attestation) -> None:
    signed_for, slug = attestation.subject_name, attestation.listing.slug
    attestation.listing.name = "Somebody Else <b>"
    session.commit()
    assert signed_for
    assert client.get(f"/badges/{slug}.json").get_json()["name"] == signed_for
    for path in (f"/badges/{slug}.svg", f"/badges/{slug}.svg?size=small", f"/credentials/{attestation.public_id}.svg"):
        text = client.get(path).get_data(as_text=True)
        assert signed_for in text
        assert "Somebody Else" not in text


def test_what_left_the_list_is_not_named(client: FlaskClient, session: Session, attestation: Attestation) -> None:
    decide_listing(
        session,
        attestation.listing,
        listing_lifecycle.Move.SUSPEND,
        by=get_reviewer(session).actor,
        now=clock.now(),
        rulesets=bundled_rulesets(),
        reason="A test.",
    )
    session.commit()
    text = client.get(f"/badges/{attestation.listing.slug}.svg").get_data(as_text=True)
    assert attestation.listing.name not in text
