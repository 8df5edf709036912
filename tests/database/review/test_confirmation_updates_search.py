"""What an owner states of a public entry is what patients find it by, from that moment on."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session
from support.factories import BROOMFIELD, NOW, make_listing

from directory.accounts.tables import Account
from directory.listings.facts import ListingFacts
from directory.listings.languages import LANGUAGES
from directory.listings.tables import Listing
from directory.review.confirmation import confirm_listing
from directory.search.filters import Filters
from directory.search.index import SearchIndex
from directory.search.query import SearchQuery

LATER = NOW + timedelta(days=400)


def confirm(session: Session, listing: Listing, by: Account, facts: ListingFacts, now: datetime = LATER) -> None:
    confirm_listing(session, listing, facts, version=listing.version, by=by.actor, now=now)


def is_found(session: Session, index: SearchIndex, *, now: datetime = LATER, **asked: Any) -> bool:
    return index.find(session, SearchQuery(BROOMFIELD, 25.0, Filters(**asked)), now=now).total == 1


@pytest.mark.parametrize(("accepting", "found"), [(True, True), (False, False), (None, False)])
def test_only_who_says_so_takes_new_patients(
    session: Session, index: SearchIndex, provider: Account, accepting: bool | None, found: bool
) -> None:
    listing = make_listing(session, provider, accepts_new_patients=not found)
    assert is_found(session, index, accepting="1") is not found
    confirm(session, listing, provider, ListingFacts((), accepting))
    assert is_found(session, index, accepting="1") is found
    assert is_found(session, index)


def test_each_language_is_found_once_it_is_stated_and_no_longer(
    session: Session, index: SearchIndex, provider: Account
) -> None:
    listing = make_listing(session, provider)
    codes = list(LANGUAGES)
    for number, half in enumerate((codes[::2], codes[1::2], [])):
        confirm(session, listing, provider, ListingFacts(tuple(half)), LATER + timedelta(days=number))
        assert [code for code in codes if is_found(session, index, language=code)] == half


def test_a_confirmation_lasts_a_year_and_then_nothing_has_to_run(
    session: Session, index: SearchIndex, provider: Account
) -> None:
    listing = make_listing(session, provider)
    assert is_found(session, index, now=NOW, confirmed="1")
    assert not is_found(session, index, now=LATER, confirmed="1")
    confirm(session, listing, provider, ListingFacts())
    assert is_found(session, index, now=LATER, confirmed="1")
    assert not is_found(session, index, now=LATER + timedelta(days=400), confirmed="1")


def test_what_is_taken_back_was_never_found(session: Session, index: SearchIndex, provider: Account) -> None:
    listing = make_listing(session, provider)
    session.commit()
    confirm(session, listing, provider, ListingFacts(("ja",), accepts_new_patients=True))
    session.rollback()
    assert not is_found(session, index, language="ja")
    assert not is_found(session, index, accepting="1")
