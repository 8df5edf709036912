"""The form of a listing that saves itself: new drafts and changes that wait, but never what goes live at once."""

import json
from typing import Any

from sqlalchemy.orm import Session
from support.factories import make_listing
from support.http_client import Browser, FormValues, Page
from support.listing_form import COMPLETE as GOOD
from support.published_listing import PATIENTS, PLACES, SAVE, WHO, add_two_office_listing, stored_listing

from directory.accounts.tables import Account
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingRevision, UnfinishedListing

NEW, DRAFT = "/portal/listings/new", "Save and continue"


def by_itself(browser: Browser, page: Page, values: FormValues, button: str = DRAFT) -> tuple[int, dict[str, Any]]:
    """What the page's program sends after a pause: the whole form, and no button."""
    sent = page.form(button).fields.copy()
    for name, value in {**values, "then": "auto"}.items():
        sent.setlist(name, [value] if isinstance(value, str) else list(value or ()))
    answer = browser.client.post(page.path, data=sent)
    return answer.status_code, json.loads(answer.get_data(as_text=True))


def drafts(session: Session) -> list[ListingRevision]:
    session.expire_all()
    return session.query(ListingRevision).all()


def test_a_new_listing_becomes_one_draft_once_it_can_be_kept(as_provider: Browser, session: Session) -> None:
    page = as_provider.open(NEW)
    status, said = by_itself(as_provider, page, {"name": "Ann"})
    assert (status, said["say"], said["version"]) == (200, "Not complete yet", "draft-1")
    assert session.query(Listing).count() == 0
    again = {"version": said["version"], "base": said["base"]}
    status, said = by_itself(as_provider, page, GOOD | again)
    assert (status, said["say"]) == (200, "")
    assert session.query(UnfinishedListing).count() == 0
    again = {"version": said["version"], "base": said["base"]}
    status, said = by_itself(as_provider, page, GOOD | again | {"name": "Ann Q. Example"})
    assert status == 200
    assert [(row.name, row.state) for row in session.query(Listing)] == [("Ann Q. Example", ListingState.DRAFT)]
    pressed = {"version": said["version"], "base": said["base"], "name": "Ann R. Example"}
    assert as_provider.press(page, DRAFT, GOOD | pressed).status == 200
    session.expire_all()
    assert [row.name for row in session.query(Listing)] == ["Ann R. Example"]


def test_an_npi_that_is_listed_already_can_be_corrected(
    as_provider: Browser, session: Session, provider: Account
) -> None:
    make_listing(session, provider, npi=GOOD["npi"])
    session.commit()
    status, said = by_itself(as_provider, as_provider.open(NEW), GOOD)
    assert (status, "is listed already" in said["say"], said["version"]) == (200, True, "draft-1")
    assert "version" in by_itself(as_provider, as_provider.open(NEW), GOOD | {"npi": "1245319599"})[1]


def test_another_window_is_not_written_over_and_nothing_typed_is_lost(
    as_provider: Browser, session: Session, provider: Account
) -> None:
    made = make_listing(session, provider, state=ListingState.DRAFT, npi="1234567893")
    session.commit()
    mine, other = (as_provider.open(f"/portal/listings/{made.id}/edit") for _ in range(2))
    assert by_itself(as_provider, other, {"practice": "Theirs"})[0] == 200
    status, said = by_itself(as_provider, mine, {"practice": "Mine"})
    assert (status, said) == (409, {"say": "Another window changed this listing. Press Save to see both."})
    session.expire_all()
    assert made.practice == "Theirs"
    shown = as_provider.press(mine, DRAFT, {"practice": "Mine"})
    assert shown.status == 409
    assert shown.form(DRAFT).fields["practice"] == "Mine"


def test_a_change_back_is_saved_and_is_no_conflict(as_provider: Browser, session: Session, provider: Account) -> None:
    made = make_listing(session, provider, state=ListingState.DRAFT, npi="1234567893", practice="Old")
    session.commit()
    page = as_provider.open(f"/portal/listings/{made.id}/edit")
    said: dict[str, Any] = {}
    for practice in ("New", "Old"):
        again = {name: said[name] for name in ("version", "base") if said}
        status, said = by_itself(as_provider, page, {"practice": practice, **again})
        assert status == 200
        session.expire_all()
        assert made.practice == practice


def test_a_change_of_a_public_listing_is_kept_and_not_public(
    as_provider: Browser, session: Session, provider: Account
) -> None:
    listing = add_two_office_listing(session, provider)
    page = as_provider.open(WHO)
    status, said = by_itself(as_provider, page, {"practice": "New Practice"}, SAVE)
    assert (status, said["say"]) == (200, "Not public yet")
    again = {"version": said["version"], "base": said["base"]}
    assert by_itself(as_provider, page, again | {"practice": "Newer Practice"}, SAVE)[0] == 200
    assert by_itself(as_provider, as_provider.open(PLACES), {"addresses-1-line2": "Suite 4"}, SAVE)[0] == 200
    [draft] = drafts(session)
    assert (draft.state, {change["field"] for change in draft.changes}) == ("draft", {"practice", "addresses"})
    assert stored_listing(session).practice == listing.practice != "Newer Practice"
    status, said = by_itself(as_provider, as_provider.open(WHO), {"name": ""}, SAVE)
    assert (status, said["say"]) == (200, "Enter the name.")


def test_a_section_that_another_window_changed_is_not_written_over(
    as_provider: Browser, session: Session, provider: Account
) -> None:
    add_two_office_listing(session, provider)
    mine, other = as_provider.open(WHO), as_provider.open(WHO)
    assert by_itself(as_provider, other, {"practice": "Theirs"}, SAVE)[0] == 200
    status, said = by_itself(as_provider, mine, {"practice": "Mine"}, SAVE)
    assert (status, "Press Save to see both" in said["say"]) == (409, True)
    assert drafts(session)[0].changes[0]["new"] == "Theirs"


def test_what_goes_live_at_once_never_does_by_itself(as_provider: Browser, session: Session, provider: Account) -> None:
    listing = add_two_office_listing(session, provider)
    page = as_provider.open(PATIENTS)
    assert "data-autosave" not in page.html
    status, said = by_itself(as_provider, page, {"phone": "303-555-0199"}, SAVE)
    assert (status, said) == (409, {"say": "Press Save: patients see these changes at once."})
    assert drafts(session) == []
    assert stored_listing(session).phone == listing.phone == "303-555-0100"
