"""How a provider takes a listing back, deletes a draft, and retires what was published."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import NOW, make_address, make_attestation, make_listing
from support.http_client import Browser
from support.page_text import visible_text

from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.listings.lifecycle import ListingState
from directory.listings.managers import grant_right
from directory.listings.tables import Listing

MINE = "/portal/listings/1"
WHO, PLACES, PATIENTS = (f"{MINE}/listing/{section}" for section in ("who", "places", "patients"))
SAVE, SEND, TAKE_BACK, PUT_BACK = "Save", "Send for review", "Take back", "Put back"


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    addresses = (make_address(), make_address(line1="88 Larkmere Street", city="Boulder", postal_code="80302"))
    made = make_listing(session, provider, name="Ann Example", npi="1234567893", addresses=addresses)
    session.commit()
    return made


def stored(session: Session) -> Listing:
    session.expire_all()
    return session.get_one(Listing, 1)


def test_a_submitted_listing_is_taken_back_changed_and_sent_again(
    as_provider: Browser, session: Session, provider: Account
) -> None:
    make_listing(session, provider, state=ListingState.SUBMITTED, npi="1234567893")
    session.commit()
    page = as_provider.open(MINE)
    back = as_provider.press(page, "Take the listing back")
    assert "It is a draft again" in back.text
    assert as_provider.press(page, "Take the listing back").status == 409
    assert "Delete this draft" not in back.text
    as_provider.press(as_provider.open(f"{MINE}/edit"), "Save and continue", {"practice": "Corrected"})
    assert as_provider.press(as_provider.open(MINE), "Submit for publication").status == 200
    assert stored(session).practice == "Corrected"


def test_a_draft_is_deleted_with_its_answers(as_provider: Browser, session: Session, provider: Account) -> None:
    made = make_listing(session, provider, state=ListingState.DRAFT)
    make_attestation(session, made, state=AttestationState.DRAFT)
    session.commit()
    done = as_provider.press(as_provider.open(MINE), "Delete the draft")
    assert (done.path, "The draft is deleted" in done.text) == ("/portal/", True)
    assert as_provider.open(MINE).status == 404
    assert session.query(Listing).count() == 0


def test_a_draft_for_which_answers_were_signed_stays(as_provider: Browser, session: Session, provider: Account) -> None:
    made = make_listing(session, provider, state=ListingState.DRAFT)
    make_attestation(session, made, state=AttestationState.SUBMITTED)
    session.commit()
    assert as_provider.press(as_provider.open(MINE), "Delete the draft").status == 409
    assert stored(session).state is ListingState.DRAFT


def test_a_listing_is_taken_down_with_a_reason_and_its_address_says_so(
    as_provider: Browser, client: FlaskClient, session: Session, listing: Listing
) -> None:
    page = as_provider.open(MINE)
    missing = as_provider.press(page, "Take it down")
    assert missing.status == 422
    assert "Give the reason" in missing.text
    assert as_provider.press(page, "Take it down", {"reason": "We closed."}).status == 200
    assert stored(session).state is ListingState.RETIRED
    answer = client.get(f"/providers/{listing.slug}")
    assert answer.status_code == 410
    said = visible_text(answer)
    assert "Ann Example is no longer listed" in said
    assert f"/providers/{listing.slug}/history" in answer.text
    assert "We closed." not in answer.text
    assert client.get(f"/providers/{listing.slug}/history").status_code == 200
    assert client.get(f"/api/v1/providers/{listing.slug}").status_code == 404


@pytest.mark.parametrize("right", [Right.EDITOR, Right.SIGNER])
def test_only_an_owner_takes_a_listing_down(
    as_other_provider: Browser,
    as_provider: Browser,
    session: Session,
    listing: Listing,
    provider: Account,
    other_provider: Account,
    right: Right,
) -> None:
    grant_right(session, listing, other_provider.id, right, by=provider.actor, now=NOW)
    session.commit()
    sent = dict(as_provider.open(MINE).form("Take it down").fields) | {"reason": "Gone."}
    page = as_other_provider.open(MINE)
    assert "Take this listing down" not in page.text
    sent["csrf_token"] = as_other_provider.open("/portal/listings/new").form("Save and continue").fields["csrf_token"]
    assert as_other_provider.client.post(f"{MINE}/retire", data=sent).status_code == 403
    assert stored(session).state is ListingState.PUBLISHED


@pytest.mark.usefixtures("listing")
def test_nobody_else_ends_a_listing(as_other_provider: Browser, as_provider: Browser, session: Session) -> None:
    sent = dict(as_provider.open(MINE).form("Take it down").fields) | {"reason": "Gone."}
    sent["csrf_token"] = as_other_provider.open("/portal/listings/new").form("Save and continue").fields["csrf_token"]
    for verb in ("retire", "withdraw", "delete"):
        assert as_other_provider.client.post(f"{MINE}/{verb}", data=sent).status_code == 404
    assert stored(session).state is ListingState.PUBLISHED
