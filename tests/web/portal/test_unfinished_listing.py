"""A new listing that is not complete: kept as it is typed, asked for nothing before its end, and discarded at will."""

import pytest
from sqlalchemy.orm import Session
from support.factories import NOW
from support.http_client import Browser, Page
from support.listing_form import COMPLETE

from directory.accounts.tables import Account
from directory.claims.commands import release_listings
from directory.listings.tables import Listing, UnfinishedListing
from directory.listings.unfinished import MAX_CHARACTERS, MAX_UNFINISHED

NEW, HOME, SAVE, LATER, DISCARD = (
    "/portal/listings/new",
    "/portal/",
    "Save and continue",
    "Finish later",
    "Discard the draft",
)
HALF = {"name": "Half A. Listing", "npi": "12", "addresses-0-city": "Broomfield", "languages": ["es", "fr"]}


def kept(session: Session) -> list[UnfinishedListing]:
    session.expire_all()
    return session.query(UnfinishedListing).all()


def half(browser: Browser, **values: object) -> Page:
    """A listing that somebody began and left; the page is that of the listings."""
    return browser.press(browser.open(NEW), LATER, {**HALF, **values})


def test_half_a_listing_is_kept_without_a_question_and_comes_back(as_provider: Browser, session: Session) -> None:
    home = half(as_provider)
    assert (home.status, home.path) == (200, HOME)
    assert "Your draft is kept." in home.text
    assert "Half A. Listing" in home.text
    assert session.query(Listing).count() == 0
    [row] = kept(session)
    page = as_provider.open(f"{NEW}?form={row.form_key}")
    fields = page.form(SAVE).fields
    assert {name: fields[name] for name in ("name", "npi", "addresses-0-city")} == {
        name: HALF[name] for name in ("name", "npi", "addresses-0-city")
    }
    assert fields.getlist("languages") == HALF["languages"]
    assert "Saved " in page.text


def test_only_going_on_asks_for_what_is_missing_all_at_once_and_keeps_what_was_typed(
    as_provider: Browser, session: Session
) -> None:
    half(as_provider)
    page = as_provider.open(f"{NEW}?form={kept(session)[0].form_key}")
    asked = as_provider.press(page, SAVE)
    assert asked.status == 422
    for missing in ("NPI", "street address", "ZIP code", "state"):
        assert missing in asked.text
    assert asked.form(SAVE).fields["name"] == HALF["name"]
    done = as_provider.press(asked, SAVE, COMPLETE)
    assert done.status == 200
    assert kept(session) == []
    assert [row.name for row in session.query(Listing)] == ["Ann Example"]


def test_a_draft_is_discarded_and_the_others_stay(as_provider: Browser, session: Session) -> None:
    half(as_provider, name="First")
    half(as_provider, name="Second")
    first = next(row.form_key for row in kept(session) if row.texts["name"] == ["First"])
    page = as_provider.press(as_provider.open(f"{NEW}?form={first}"), DISCARD)
    assert "The draft is discarded." in page.text
    assert [row.texts["name"] for row in kept(session)] == [["Second"]]
    as_provider.press(as_provider.open(HOME), DISCARD)
    assert kept(session) == []


def test_another_window_is_not_written_over(as_provider: Browser, session: Session) -> None:
    half(as_provider)
    key = kept(session)[0].form_key
    mine, other = (as_provider.open(f"{NEW}?form={key}") for _ in range(2))
    as_provider.press(other, LATER, {"practice": "Theirs"})
    clash = as_provider.press(mine, LATER, {"practice": "Mine", "phone": "303-555-0100"})
    assert clash.status == 409
    assert "Theirs" in clash.text
    assert clash.form(LATER).fields["practice"] == "Mine"
    assert kept(session)[0].texts["practice"] == ["Theirs"]
    as_provider.press(clash, LATER)
    texts = kept(session)[0].texts
    assert (texts["practice"], texts["phone"]) == (["Mine"], ["303-555-0100"])


def test_nobody_sees_changes_or_discards_the_draft_of_somebody_else(
    as_provider: Browser, as_other_provider: Browser, session: Session
) -> None:
    half(as_provider)
    key = kept(session)[0].form_key
    page = as_other_provider.open(f"{NEW}?form={key}")
    assert "Half A." not in page.html
    assert as_other_provider.press(page, LATER, {"name": "Theirs"}).status == 409
    token = page.form(LATER).fields["csrf_token"]
    as_other_provider.client.post(f"{NEW}/{key}/discard", data={"csrf_token": token})
    assert [row.texts["name"] for row in kept(session)] == [[HALF["name"]]]


def test_there_is_an_end_to_drafts_and_to_their_length(as_provider: Browser, session: Session) -> None:
    long = half(as_provider, insurance="x" * (MAX_CHARACTERS + 1))
    assert (long.status, f"more than {MAX_CHARACTERS:,} characters" in long.text) == (422, True)
    assert long.form(LATER).fields["name"] == HALF["name"]
    for _ in range(MAX_UNFINISHED):
        assert half(as_provider).status == 200
    full = half(as_provider)
    assert (full.status, "Discard one" in full.text) == (409, True)
    assert len(kept(session)) == MAX_UNFINISHED


@pytest.mark.parametrize("name", ["\0", "<script>alert(1)</script>", "😀", "李" * 500])
def test_anything_can_be_typed_into_a_draft(as_provider: Browser, name: str) -> None:
    page = half(as_provider, name=name)
    assert page.status == 200
    assert "<script>alert" not in page.html


def test_a_closed_account_leaves_no_draft(as_provider: Browser, session: Session, provider: Account) -> None:
    half(as_provider)
    release_listings(session, session.get_one(Account, provider.id), now=NOW)
    assert kept(session) == []
