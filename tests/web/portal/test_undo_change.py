"""A change that went live at once is undone by one press, for some days, and never over somebody else's change."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.http_client import Browser
from support.page_text import visible_text
from support.published_listing import MINE, PATIENTS, SAVE, add_two_office_listing, stored_listing

from directory import clock
from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.audit.tables import AuditEntry
from directory.listings.managers import grant_right
from directory.listings.tables import Listing, ListingRevision
from directory.listings.undo import UNDO_WITHIN

UNDO = "Undo this change"
CHANGED = {
    "phone": "303-555-0142",
    "languages": ["es", "fr"],
    "accepts_new_patients": "yes",
    "locations-1-phone": "303-555-0188",
    "locations-1-opening_hours-monday": "8-12",
}


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return add_two_office_listing(session, provider)


def facts(listing: Listing) -> list[object]:
    own = [listing.phone, listing.languages, listing.accepts_new_patients]
    return [*own, *((row.phone, row.opening_hours) for row in listing.locations)]


def revisions(session: Session) -> list[ListingRevision]:
    session.expire_all()
    return list(session.scalars(sa.select(ListingRevision).order_by(ListingRevision.id)))


def test_the_old_values_are_public_again_as_a_new_change_that_is_logged(
    as_provider: Browser, client: FlaskClient, session: Session, listing: Listing, provider: Account
) -> None:
    before = facts(listing)
    as_provider.press(as_provider.open(PATIENTS), SAVE, CHANGED)
    assert facts(stored_listing(session)) != before
    page = as_provider.press(as_provider.open(MINE), UNDO)
    assert "Phone: 303-555-0142 → 303-555-0100." in page.text
    assert facts(stored_listing(session)) == before
    assert len(revisions(session)) == 2
    assert "(303) 555-0100" in visible_text(client.get(f"/providers/{listing.slug}"))
    assert "Phone: 303-555-0142 → is now 303-555-0100" in visible_text(client.get(f"/providers/{listing.slug}/history"))
    first, second = session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "listing.change").order_by(AuditEntry.seq)
    )
    assert (second.before, second.actor) == (first.after, provider.id)
    as_provider.press(as_provider.open(MINE), UNDO)
    assert stored_listing(session).phone == "303-555-0142"


@pytest.mark.usefixtures("listing")
def test_a_change_is_not_undone_twice_or_over_a_later_one(as_provider: Browser, session: Session) -> None:
    as_provider.press(as_provider.open(PATIENTS), SAVE, {"phone": "303-555-0142"})
    old = as_provider.open(MINE)
    as_provider.press(as_provider.open(PATIENTS), SAVE, {"phone": "303-555-0143"})
    refused = as_provider.press(old, UNDO)
    assert (refused.status, "another one came after it" in refused.text) == (409, True)
    page = as_provider.open(MINE)
    assert as_provider.press(page, UNDO).status == 200
    assert as_provider.press(page, UNDO).status == 409
    assert stored_listing(session).phone == "303-555-0142"


@pytest.mark.usefixtures("listing")
def test_a_value_that_changed_by_another_way_is_not_overwritten(as_provider: Browser, session: Session) -> None:
    as_provider.press(as_provider.open(PATIENTS), SAVE, {"accepts_new_patients": "yes", "phone": "303-555-0142"})
    page = as_provider.open(MINE)
    stored_listing(session).phone = "303-555-0199"
    session.commit()
    refused = as_provider.press(page, UNDO)
    assert refused.status == 409
    for shown in ("from “303-555-0142” to “303-555-0199”", "would make it “303-555-0100”"):
        assert shown in refused.text
    assert stored_listing(session).phone == "303-555-0199"
    assert stored_listing(session).accepts_new_patients is True


def test_a_location_that_is_gone_has_nothing_to_undo(as_provider: Browser, session: Session, listing: Listing) -> None:
    as_provider.press(as_provider.open(PATIENTS), SAVE, {"locations-1-phone": "303-555-0188"})
    page = as_provider.open(MINE)
    del listing.locations[1]
    session.commit()
    assert as_provider.press(page, UNDO).status == 409


@pytest.mark.usefixtures("listing")
def test_after_some_days_the_button_is_gone(
    as_provider: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_provider.press(as_provider.open(PATIENTS), SAVE, {"phone": "303-555-0142"})
    page, later = as_provider.open(MINE), clock.now() + UNDO_WITHIN + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert UNDO not in as_provider.open(MINE).text
    assert as_provider.press(page, UNDO).status == 409
    assert stored_listing(session).phone == "303-555-0142"


def test_only_who_may_edit_the_listing_undoes(
    as_provider: Browser, as_other_provider: Browser, session: Session, listing: Listing, other_provider: Account
) -> None:
    as_provider.press(as_provider.open(PATIENTS), SAVE, {"phone": "303-555-0142"})
    address = f"{MINE}/changes/{revisions(session)[0].id}/undo"
    sent = {"csrf_token": as_other_provider.open("/portal/listings/new").form("Finish later").fields["csrf_token"]}
    assert as_other_provider.client.post(address, data=sent).status_code == 404
    grant_right(session, listing, other_provider.id, Right.SIGNER, by=None, now=clock.now())
    session.commit()
    assert UNDO not in as_other_provider.open(MINE).text
    assert as_other_provider.client.post(address, data=sent).status_code == 403
    assert stored_listing(session).phone == "303-555-0142"
