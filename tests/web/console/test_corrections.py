"""A reviewer's page of one listing, and the form in which each field of it is corrected."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, make_attestation, make_listing
from support.http_client import Browser, Page
from support.published_listing import add_two_office_listing, stored_listing
from support.revision_actions import submitted

from directory import clock
from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.duplicates.tables import DuplicatePair
from directory.listings.lifecycle import ListingState
from directory.listings.managers import grant_right
from directory.listings.tables import ListingSource
from directory.outbox.tables import Email

LISTING = "/console/listings/1"
FORM = f"{LISTING}/correct"
SAVE = "Correct the listing"
WHY = {"reason": "Asked by phone."}


@pytest.fixture(autouse=True)
def _listing(session: Session, provider: Account) -> None:
    add_two_office_listing(session, provider)


def correct(browser: Browser, **values: str) -> Page:
    return browser.press(
        browser.open(FORM), SAVE, {**WHY, **{name.replace("__", "-"): text for name, text in values.items()}}
    )


def test_a_correction_is_on_every_page_at_once(
    as_reviewer: Browser, as_provider: Browser, visitor: Browser, session: Session
) -> None:
    page = correct(as_reviewer, phone="303 555 0142", addresses__1__line1="90 Larkmere Street")
    assert page.path == LISTING
    assert "is corrected. Phone: 303-555-0100 → 303-555-0142." in page.text
    for words in ("Reviewer, Ruth Reviewer", "Changed by a reviewer", "Asked by phone."):
        assert words in page.text
    public = visitor.open(f"/providers/{stored_listing(session).slug}").text
    assert "(303) 555-0142" in public
    assert "90 Larkmere Street" in public
    history = visitor.open(f"/providers/{stored_listing(session).slug}/history").text
    assert "Changed by this directory" in history
    assert "Ruth" not in history
    assert "Asked by phone" not in history
    assert "Asked by phone." in as_provider.open("/portal/listings/1").text
    (mail,) = session.scalars(sa.select(Email).where(Email.letter == "listing_corrected"))
    assert "Asked by phone." in mail.body


def test_a_correction_before_publication_is_not_in_the_public_history(
    as_reviewer: Browser, visitor: Browser, session: Session, other_provider: Account
) -> None:
    listing = make_listing(session, other_provider, state=ListingState.SUBMITTED, npi="0000000053")
    session.commit()
    form = as_reviewer.open(f"/console/listings/{listing.id}/correct")
    as_reviewer.press(form, SAVE, {**WHY, "practice": "Corrected Practice"})
    as_reviewer.press(as_reviewer.open(f"/console/listings/{listing.id}"), "Publish")
    public = visitor.open(f"/providers/{listing.slug}/history").text
    assert "Put in this directory" in public
    assert "Changed by this directory" not in public
    assert "Corrected Practice" in visitor.open(f"/providers/{listing.slug}").text


def test_addresses_are_added_and_removed(as_reviewer: Browser, session: Session) -> None:
    page = as_reviewer.press(as_reviewer.open(FORM), "Add another address", WHY)
    assert page.form(SAVE).fields["reason"] == WHY["reason"]
    new = {
        "addresses-2-line1": "1 Cornmeer Road",
        "addresses-2-city": "Denver",
        "addresses-2-state": "CO",
        "addresses-2-postal_code": "80202",
        "addresses-2-phone": "303-555-0199",
    }
    as_reviewer.press(page, SAVE, new)
    stays = [row.id for row in stored_listing(session).locations]
    assert [row.phone for row in stored_listing(session).locations][-1] == "303-555-0199"
    page = as_reviewer.press(as_reviewer.open(FORM), "Remove address 1", WHY)
    as_reviewer.press(page, SAVE)
    assert [row.id for row in stored_listing(session).locations] == stays[1:]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"reason": " "}, "Give the reason"),
        ({"npi": "1234567890"}, "check digit"),
        ({"phone": "call me"}, "ten digits"),
        ({"addresses-0-postal_code": "9"}, "ZIP code must have five digits"),
        ({"addresses-0-id": "77"}, "not of this listing"),
        ({}, "Nothing is different"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    as_reviewer: Browser, session: Session, values: dict[str, str], words: str
) -> None:
    typed = {**WHY, **({"practice": "Typed Practice"} if values else {}), **values}
    page = as_reviewer.press(as_reviewer.open(FORM), SAVE, typed)
    assert page.status == 422
    assert words in page.text
    for name, text in typed.items():
        assert page.form(SAVE).fields[name] == text
    assert stored_listing(session).practice == "Example Orthopedics"


def test_a_listing_that_changed_meanwhile_shows_both_texts(as_reviewer: Browser, session: Session) -> None:
    stale = as_reviewer.open(FORM)
    correct(as_reviewer, practice="First Practice")
    page = as_reviewer.press(stale, SAVE, {**WHY, "practice": "Second Practice"})
    assert page.status == 409
    for words in ("First Practice", "Second Practice", "changed in another window"):
        assert words in page.html
    as_reviewer.press(page, SAVE)
    assert stored_listing(session).practice == "Second Practice"


def test_a_change_of_the_provider_that_waits_is_decided_first(
    as_reviewer: Browser, session: Session, provider: Account
) -> None:
    submitted(session, stored_listing(session), provider, practice="Their Practice")
    session.commit()
    page = correct(as_reviewer, practice="Our Practice")
    assert page.status == 409
    assert "“Their Practice” waits for review, and you would make it “Our Practice”" in page.text
    assert page.form(SAVE).fields["practice"] == "Our Practice"


def test_nobody_corrects_their_own_listing(
    as_reviewer: Browser, reviewer: Account, session: Session, provider: Account
) -> None:
    form = as_reviewer.open(FORM)
    grant_right(session, stored_listing(session), reviewer.id, Right.EDITOR, by=provider.actor, now=NOW)
    session.commit()
    assert as_reviewer.open(FORM).status == 403
    assert as_reviewer.press(form, SAVE, {**WHY, "practice": "Mine"}).status == 403
    page = as_reviewer.open(LISTING)
    assert "somebody else has to decide" in page.text
    assert FORM not in page.html


def test_the_page_of_a_listing_has_tabs_and_says_who_manages_it(
    as_reviewer: Browser, session: Session, provider: Account
) -> None:
    signed = make_attestation(session, stored_listing(session), now=clock.now())
    session.commit()
    assert "NPPES says" not in as_reviewer.open(LISTING).text
    stored_listing(session).source = ListingSource.NPPES
    session.commit()
    page = as_reviewer.open(LISTING)
    for words in (provider.email, "NPPES says", "owner since", "Badge, to", "As patients see it"):
        assert words in page.text
    assert f"/console/attestations/{signed.id}" in as_reviewer.open(f"{LISTING}/answers").html
    assert "Published" in as_reviewer.open(f"{LISTING}/history").text
    gone = as_reviewer.press(page, "Revoke", {"reason": "Not so."})
    assert gone.status == 200
    session.refresh(signed)
    assert signed.state is AttestationState.REVOKED


def test_a_refused_act_opens_its_fold_and_leaves_the_others_closed(as_reviewer: Browser) -> None:
    page = as_reviewer.press(as_reviewer.open(LISTING), "Take off the map", {"reason": ""})
    assert page.status == 422
    assert page.html.count("<details open>") == 1
    assert page.html.count('id="reason"') == 1


def test_a_new_listing_is_corrected_and_published_with_one_press(
    as_reviewer: Browser, session: Session, provider: Account
) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED, npi="0000000053")
    session.commit()
    form = as_reviewer.open(f"/console/listings/{listing.id}/correct")
    page = as_reviewer.press(form, "Correct and publish", {**WHY, "practice": "Corrected Practice"})
    assert page.path == f"/console/listings/{listing.id}"
    session.refresh(listing)
    assert (listing.state, listing.practice) == (ListingState.PUBLISHED, "Corrected Practice")
    assert "Correct and publish" not in as_reviewer.open(FORM).text


def test_two_listings_that_no_comparison_found_are_put_side_by_side(
    as_reviewer: Browser, session: Session, other_provider: Account
) -> None:
    other = make_listing(session, other_provider, npi="0000000053")
    session.commit()
    for text, status, words in (
        ("", 422, "no listing with this number"),
        ("nobody", 422, "no listing with this number"),
        ("1", 409, "the same listing"),
        (f"https://bma.example/providers/{other.slug}", 200, other.name),
        (str(other.id), 200, "a reviewer put them side by side"),
    ):
        page = as_reviewer.press(as_reviewer.open(LISTING), "Compare", {"other": text})
        assert page.status == status, text
        assert words in page.text, text
    assert session.scalar(sa.select(sa.func.count(DuplicatePair.id))) == 1
