"""Asking that a listing is taken down: no account, nothing lost, and a reviewer decides."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.http_client import Browser, Page

from directory.claims.tables import Removal
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing

GOOD = {"reason": "I retired in May.", "reply_to": "me@example.com"}


@pytest.fixture
def listing(add_listing) -> Listing:
    return add_listing("Closed Clinic")


def form_of(visitor: Browser, listing: Listing) -> Page:
    return visitor.open(f"/providers/{listing.slug}/removal")


def test_anybody_asks_and_a_reviewer_takes_it_down(
    visitor: Browser, as_reviewer: Browser, session: Session, listing: Listing
) -> None:
    assert "Take this listing down" in visitor.open(f"/providers/{listing.slug}").text
    sent = visitor.press(form_of(visitor, listing), "Send", GOOD)
    assert "We have your request" in sent.text
    assert "Take down" in as_reviewer.open("/console/").text
    row = session.scalars(sa.select(Removal)).one()
    case = as_reviewer.open(f"/console/removals/{row.id}")
    assert "I retired in May." in case.text
    assert as_reviewer.press(case, "Take it down").status == 422, "a reason is needed"
    as_reviewer.press(case, "Take it down", {"reason": "They confirmed it by phone."})
    session.expire_all()
    assert session.get_one(Listing, listing.id).state is ListingState.RETIRED
    assert visitor.open(f"/providers/{listing.slug}").status == 410
    assert "is taken down" in visitor.open(sent.path).text
    assert "They confirmed it by phone." in as_reviewer.open(f"/console/removals/{row.id}").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reason": " "}, "Enter the reason"),
        ({"reason": "x" * 2001}, "at most 2,000 characters"),
        ({"reason": "a\0b"}, "cannot be seen"),
        ({"reply_to": "nobody"}, "not an email address"),
        ({"fax": "1"}, "robot"),
    ],
)
def test_bad_input_is_named_and_nothing_is_lost(
    visitor: Browser, session: Session, listing: Listing, changes: dict[str, str], words: str
) -> None:
    page = visitor.press(form_of(visitor, listing), "Send", GOOD | changes)
    assert (page.status, words in page.text) == (422, True)
    assert session.scalar(sa.select(Removal)) is None
    if "reason" not in changes:
        assert "I retired in May." in page.text


def test_a_number_of_nothing_is_not_found(visitor: Browser, listing: Listing) -> None:
    for number in ("0" * 32, "a%00", "x" * 200):
        assert visitor.open(f"/providers/{listing.slug}/removal/{number}").status == 404
