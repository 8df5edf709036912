"""The provider's home page: what to do next in which listing, and each listing in rows."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import make_account, make_attestation, make_listing
from support.http_client import Browser

from directory import clock
from directory.accounts.policy import Right
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.listings.lifecycle import ListingState
from directory.listings.managers import grant_right
from directory.listings.tables import Listing
from directory.web.portal.home import Person

ENDS_SOON, ENDED, LATER = timedelta(days=320), timedelta(days=400), timedelta(days=30)
NEXT = "Next for you"


@pytest.fixture
def add(session: Session, provider: Account) -> Callable[..., Listing]:
    """Add a listing with answers in a state, signed some time ago."""

    def added(name: str, state: AttestationState | None = None, ago: timedelta = LATER) -> Listing:
        at = clock.now() - ago
        listing = make_listing(session, provider, now=at, name=name)
        if state:
            make_attestation(session, listing, state=state, now=at)
        listing.last_confirmed = clock.now().date()
        session.commit()
        return listing

    return added


def test_tasks_name_the_listing_and_the_urgent_ones_come_first(as_provider: Browser, add) -> None:
    add("Ada Soon", AttestationState.ACCEPTED, ENDS_SOON)
    add("Bea Ended", AttestationState.ACCEPTED, ENDED)
    add("Cleo Returned", AttestationState.RETURNED)
    add("Dora Fine", AttestationState.ACCEPTED)
    text = as_provider.open("/portal/").text
    tasks = text[text.index(NEXT) : text.index("Managed by")]
    places = [
        tasks.index(words)
        for words in (
            "Change your answers · Cleo Returned",
            "Your answers ran out · Bea Ended",
            "Renew your answers · Ada Soon",
            "Add a second way to sign in",
        )
    ]
    assert sorted(places[:2]) + places[2:] == sorted(places)
    assert "· Dora Fine" not in tasks


def test_a_renewal_is_offered_once_for_each_listing(as_provider: Browser, add) -> None:
    add("Ada Soon", AttestationState.ACCEPTED, ENDS_SOON)
    add("Dora Fine", AttestationState.ACCEPTED)
    page = as_provider.open("/portal/")
    assert page.text.count("Renew now") == 2
    assert "days left" in page.text


def test_a_listing_is_confirmed_with_one_press(as_provider: Browser, add, session: Session) -> None:
    listing = add("Ada Asked")
    listing.last_confirmed = (clock.now() - timedelta(days=90)).date()
    session.commit()
    page = as_provider.open("/portal/")
    assert "Is everything still right? · Ada Asked" in page.text
    as_provider.press(page, "Yes, all right", {})
    session.expire_all()
    assert listing.last_confirmed == clock.now().date()
    assert "Is everything still right?" not in as_provider.open("/portal/").text


@pytest.mark.parametrize("days", [0, 89])
def test_a_listing_confirmed_lately_is_not_asked_about(as_provider: Browser, add, session: Session, days: int) -> None:
    listing = add("Ada Asked")
    listing.last_confirmed = (clock.now() - timedelta(days=days)).date()
    session.commit()
    assert "Is everything still right?" not in as_provider.open("/portal/").text


def test_a_draft_is_to_be_sent(as_provider: Browser, session: Session, provider: Account) -> None:
    make_listing(session, provider, state=ListingState.DRAFT, name="Ada Draft")
    session.commit()
    assert "Send your listing for publication · Ada Draft" in as_provider.open("/portal/").text


def test_everybody_who_manages_a_listing_is_named(
    as_provider: Browser, add, session: Session, provider: Account
) -> None:
    listing = add("Ada Shared")
    tansy = make_account(session, name="Tansy Wren")
    grant_right(session, listing, tansy.id, Right.EDITOR, by=provider.actor, now=clock.now())
    session.commit()
    text = as_provider.open("/portal/").text
    assert "TW Tansy Wren" in text
    assert "(editor)" in as_provider.open("/account/").text


@pytest.mark.parametrize(
    ("name", "initials"), [("Tansy Wren", "TW"), ("Ana de la Cruz", "AC"), ("王", "王"), ("x@example.com", "X")]
)
def test_initials_are_of_the_first_and_the_last_word(name: str, initials: str) -> None:
    assert Person(name, is_me=False).initials == initials


def test_more_listings_take_no_more_statements(as_provider: Browser, add, session: Session) -> None:
    add("Ada First", AttestationState.ACCEPTED)
    as_provider.open("/portal/")  # the first page of a session also stores it
    one = _statements(as_provider, session)
    for number in range(5):
        add(f"Bea {number}x", AttestationState.ACCEPTED)
    assert _statements(as_provider, session) == one


def _statements(browser: Browser, session: Session) -> int:
    engine, asked = session.get_bind(), []

    def note(*sent: object) -> None:
        asked.append(sent[2])

    sa.event.listen(engine, "before_cursor_execute", note)
    browser.open("/portal/")
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(asked)


def test_the_tabs_of_a_listing_lead_to_its_pages(as_provider: Browser, add) -> None:
    listing = add("Ada Tabs", AttestationState.ACCEPTED)
    page = as_provider.open(f"/portal/listings/{listing.id}")
    for tab, path in (
        ("Overview", f"/portal/listings/{listing.id}"),
        ("Listing", f"/portal/listings/{listing.id}/listing/who"),
        ("Technique", "/portal/attestations/"),
        ("People", f"/portal/listings/{listing.id}/people"),
    ):
        link = re.search(rf'<a href="([^"]+)"[^>]*>{tab}</a>', page.html)
        assert link, tab
        opened = as_provider.open(link[1])
        assert opened.path.startswith(path)
        assert re.search(rf'aria-current="true">{tab}</a>', opened.html)
