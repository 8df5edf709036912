"""How a provider changes a published listing: what counts at once, what is sent to a reviewer, and who sees what."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import make_attestation, make_listing
from support.http_client import Browser
from support.page_text import visible_text
from support.published_listing import (
    MINE,
    PATIENTS,
    PLACES,
    PUT_BACK,
    SAVE,
    SEND,
    TAKE_BACK,
    WHO,
    add_two_office_listing,
    stored_listing,
)

from directory.accounts.tables import Account
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingRevision


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return add_two_office_listing(session, provider)


def public(client: FlaskClient, listing: Listing) -> str:
    return visible_text(client.get(f"/providers/{listing.slug}"))


def test_a_phone_and_hours_are_public_as_soon_as_they_are_saved(
    as_provider: Browser, client: FlaskClient, listing: Listing
) -> None:
    page = as_provider.open(PATIENTS)
    assert "Goes live at once" in page.text
    typed = {"phone": "303-555-0142", "locations-1-phone": "303-555-0188", "locations-1-opening_hours-monday": "8-12"}
    done = as_provider.press(page, SAVE, typed)
    assert "Patients see it now" in done.text
    shown = public(client, listing)
    for text in ("(303) 555-0142", "(303) 555-0188", "Mon 8 am to noon"):
        assert text in shown
    assert "303-555-0100 → 303-555-0142" in as_provider.open(MINE).text
    told = visible_text(client.get(f"/providers/{listing.slug}/history"))
    assert "Changed by the provider" in told
    assert "Phone: 303-555-0100 → is now 303-555-0142" in told
    assert "Pat Provider" not in told


def test_an_address_with_the_phone_of_the_listing_follows_it(
    as_provider: Browser, session: Session, listing: Listing
) -> None:
    first, second = listing.locations
    first.phone, second.phone = listing.phone, "303-555-0177"
    session.commit()
    as_provider.press(as_provider.open(PATIENTS), SAVE, {"phone": "303-555-0142"})
    session.expire_all()
    assert [row.phone for row in listing.locations] == ["303-555-0142", "303-555-0177"]
    as_provider.press(as_provider.open(PATIENTS), SAVE, {"phone": "303-555-0143", "locations-0-phone": "303-555-0199"})
    session.expire_all()
    assert [row.phone for row in listing.locations] == ["303-555-0199", "303-555-0177"]


def test_a_stored_npi_that_nobody_touched_is_not_judged_again(
    as_provider: Browser, session: Session, listing: Listing
) -> None:
    """As that of a demonstration, or of a register with an error."""
    listing.npi = "0000000004"
    session.commit()
    saved = as_provider.press(as_provider.open(WHO), SAVE, {"practice": "Cornmeer Sports Medicine"})
    assert (saved.status, "Saved, and not public yet" in saved.text) == (200, True)
    refused = as_provider.press(as_provider.open(WHO), SAVE, {"npi": "0000000005"})
    assert (refused.status, "this one has a typing error" in refused.text) == (422, True)


def test_a_name_is_public_after_a_reviewer_accepted_it(
    as_provider: Browser, as_reviewer: Browser, client: FlaskClient, session: Session, listing: Listing
) -> None:
    page = as_provider.open(WHO)
    assert "A reviewer looks at this" in page.text
    saved = as_provider.press(page, SAVE, {"name": "Ann Examplesdottir"})
    assert "removed: Example added: Examplesdottir" in saved.text
    assert "Ann Examplesdottir" not in public(client, listing)
    sent = as_provider.press(saved, SEND)
    assert "Waits for a reviewer since" in sent.text
    queue = as_reviewer.open("/console/")
    assert "another name or NPI" in queue.text
    case = as_reviewer.open("/console/revisions/1")
    assert "removed: Example added: Examplesdottir" in case.text
    assert "name another provider" in case.text
    assert as_reviewer.press(case, "Accept").status == 200
    assert "Ann Examplesdottir" in public(client, listing)
    assert "Nothing waits" in as_reviewer.open("/console/").text
    told = visible_text(client.get(f"/providers/{listing.slug}/history"))
    assert "A person here looked at this change before it was shown." in told
    assert "A change was accepted" in as_provider.open(MINE).text
    assert stored_listing(session).name == "Ann Examplesdottir"


def test_a_changed_person_loses_the_badge_and_is_told_before(
    as_provider: Browser, as_reviewer: Browser, client: FlaskClient, session: Session, listing: Listing
) -> None:
    make_attestation(session, listing)
    session.commit()
    assert "Self-certified" in public(client, listing)
    saved = as_provider.press(as_provider.open(WHO), SAVE, {"name": "Bo Other"})
    assert "shows no badge until you sign again" in saved.text
    as_provider.press(saved, SEND)
    as_reviewer.press(as_reviewer.open("/console/revisions/1"), "Accept")
    assert "We took their answers down" in public(client, listing)


@pytest.mark.usefixtures("listing")
def test_what_was_returned_comes_back_with_the_reason_and_can_be_sent_again(
    as_provider: Browser, as_reviewer: Browser, session: Session
) -> None:
    as_provider.press(as_provider.press(as_provider.open(WHO), SAVE, {"practice": "Best Practice"}), SEND)
    case = as_reviewer.open("/console/revisions/1")
    assert as_reviewer.press(case, "Return with the reason").status == 422
    as_reviewer.press(case, "Return with the reason", {"reason": "Best of what?"})
    page = as_provider.open(WHO)
    assert "A reviewer did not accept your last change Best of what?" in page.text
    assert page.form(SAVE).fields["practice"] == "Best Practice"
    as_provider.press(as_provider.press(page, SAVE, {"practice": "A Practice"}), SEND)
    assert "A reviewer did not accept" not in as_provider.open(MINE).text
    as_reviewer.press(as_reviewer.open("/console/revisions/2"), "Accept")
    assert stored_listing(session).practice == "A Practice"


def test_a_change_is_taken_back_and_put_back(as_provider: Browser, session: Session, listing: Listing) -> None:
    sent = as_provider.press(as_provider.press(as_provider.open(WHO), SAVE, {"practice": "New"}), SEND)
    back = as_provider.press(sent, TAKE_BACK)
    assert "Not sent" in back.text
    assert as_provider.open(WHO).form(SAVE).fields["practice"] == "New"
    gone = as_provider.press(back, PUT_BACK)
    assert "Not public yet" not in gone.text
    assert as_provider.press(back, PUT_BACK).status == 404
    assert session.query(ListingRevision).filter_by(state="draft").count() == 0
    assert stored_listing(session).practice == listing.practice


@pytest.mark.parametrize(
    ("path", "field", "typed", "sentence"),
    [
        (WHO, "name", "", "Enter the name"),
        (WHO, "npi", "1234567890", "typing error"),
        (WHO, "website", "javascript:alert(1)", "https://"),
        (WHO, "specialty_code", "XX", "from the list"),
        (PLACES, "addresses-1-postal_code", "8030", "five digits"),
        (PATIENTS, "phone", "call me", "must have ten digits"),
        (PATIENTS, "locations-1-phone", "call me", "must have ten digits"),
        (PATIENTS, "locations-1-opening_hours-monday", "25-26", "from 0:00 to 23:59"),
        (PATIENTS, "locations-0-id", "99", "not of this listing"),
        (PLACES, "addresses-0-id", "99", "not of this listing"),
        (PLACES, "addresses-0-id", "x", "not of this listing"),
    ],
)
@pytest.mark.usefixtures("listing")
def test_what_breaks_a_limit_comes_back_with_a_sentence_and_all_that_was_typed(
    as_provider: Browser, session: Session, path: str, field: str, typed: str, sentence: str
) -> None:
    page = as_provider.press(as_provider.open(path), SAVE, {field: typed})
    assert page.status == 422
    assert sentence in page.text
    if field != "specialty_code":
        assert page.form(SAVE).fields[field] == typed
    assert session.query(ListingRevision).count() == 0


@pytest.mark.parametrize(("path", "field"), [(WHO, "practice"), (PATIENTS, "phone"), (PLACES, "addresses-0-line2")])
@pytest.mark.usefixtures("listing")
def test_two_windows_are_shown_both_texts(as_provider: Browser, path: str, field: str) -> None:
    mine = as_provider.open(path)
    as_provider.press(as_provider.open(path), SAVE, {field: "303-555-0101"})
    page = as_provider.press(mine, SAVE, {field: "303-555-0102"})
    assert page.status == 409
    assert "303-555-0101 303-555-0102" in page.text
    assert as_provider.press(page, SAVE).status == 200
    assert as_provider.open(path).form(SAVE).fields[field] == "303-555-0102"


def test_a_value_that_changed_while_it_waited_is_a_conflict_with_both(
    as_provider: Browser, as_reviewer: Browser, session: Session, listing: Listing
) -> None:
    as_provider.press(as_provider.press(as_provider.open(WHO), SAVE, {"practice": "Mine"}), SEND)
    listing.practice = "Somebody's"
    session.commit()
    page = as_reviewer.press(as_reviewer.open("/console/revisions/1"), "Accept")
    assert page.status == 409
    assert "from “Example Orthopedics” to “Somebody's”. This change would make it “Mine”" in page.text
    assert stored_listing(session).practice == "Somebody's"


@pytest.mark.usefixtures("listing")
def test_nobody_else_sees_or_sends_a_change(as_other_provider: Browser, as_provider: Browser) -> None:
    saved = as_provider.press(as_provider.open(WHO), SAVE, {"practice": "Secret plan"})
    sent = dict(saved.form(SEND).fields)
    sent["csrf_token"] = as_other_provider.open("/portal/listings/new").form("Save and continue").fields["csrf_token"]
    for path in (WHO, PLACES, PATIENTS):
        assert as_other_provider.open(path).status == 404
        assert as_other_provider.client.post(path, data=sent).status_code == 404
    for verb in ("send", "take-back", "put-back"):
        assert as_other_provider.client.post(f"{MINE}/changes/{verb}", data=sent).status_code == 404


@pytest.mark.usefixtures("listing")
def test_a_draft_of_a_change_is_no_business_of_a_reviewer(as_provider: Browser, as_reviewer: Browser) -> None:
    as_provider.press(as_provider.open(WHO), SAVE, {"practice": "New"})
    assert as_reviewer.open("/console/revisions/1").status == 404
    assert "Nothing waits" in as_reviewer.open("/console/").text


@pytest.mark.usefixtures("listing")
def test_what_is_typed_is_shown_and_never_run(as_provider: Browser, as_reviewer: Browser) -> None:
    evil = "<script>alert(1)</script>"
    saved = as_provider.press(as_provider.open(WHO), SAVE, {"practice": evil, "credential": '"><img src=x>'})
    sent = as_provider.press(saved, SEND)
    for page in (saved, sent, as_reviewer.open("/console/revisions/1"), as_reviewer.open("/console/")):
        assert "<script>alert" not in page.html
        assert "<img" not in page.html


@pytest.mark.parametrize(
    ("state", "leads_to"),
    [(ListingState.DRAFT, MINE), (ListingState.SUBMITTED, MINE), (ListingState.SUSPENDED, WHO)],
)
def test_only_what_is_or_was_on_the_map_has_sections(
    as_provider: Browser, session: Session, provider: Account, state: ListingState, leads_to: str
) -> None:
    make_listing(session, provider, state=state, kind=ListingKind.CLINIC)
    session.commit()
    assert as_provider.open(WHO).path == leads_to


@pytest.mark.usefixtures("listing")
def test_a_preview_has_what_is_not_public_yet_and_stores_nothing(as_provider: Browser, session: Session) -> None:
    saved = as_provider.press(as_provider.open(WHO), SAVE, {"name": "Nan Newname", "kind": "clinic"})
    as_provider.press(saved, SEND)
    added = {"line1": "5 Added Street", "city": "Denver", "state": "CO", "postal_code": "80202"}
    page = as_provider.press(as_provider.open(PLACES), "Add another address")
    as_provider.press(page, SAVE, {f"addresses-2-{name}": value for name, value in added.items()})
    seen = as_provider.open(f"{MINE}/preview")
    assert seen.status == 200
    for text in ("Preview", "Nan Newname", "5 Added Street", "88 Larkmere Street"):
        assert text in seen.text
    row = stored_listing(session)
    assert (row.name, len(row.locations)) == ("Ann Example", 2)


def test_a_draft_has_a_preview_that_nobody_else_sees(
    as_provider: Browser, as_other_provider: Browser, session: Session, provider: Account
) -> None:
    make_listing(session, provider, name="Draft Example", state=ListingState.DRAFT)
    session.commit()
    assert "Draft Example" in as_provider.open(f"{MINE}/preview").text
    assert as_other_provider.open(f"{MINE}/preview").status == 404
