"""What reviewers see of pairs that may be the same provider: both listings, why, and a way to say that they are not."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import make_listing
from support.http_client import Browser

from directory import clock
from directory.accounts.tables import Account
from directory.duplicates.commands import find_duplicates
from directory.duplicates.tables import DuplicatePair
from directory.listings.kinds import ListingKind

NAMES = ("Hazelwick Orthopedic Center, Inc.", "HAZELWICK ORTHOPAEDIC CTR LLC")


@pytest.fixture
def found(session: Session, provider: Account) -> None:
    for name in NAMES:
        make_listing(session, provider, kind=ListingKind.CLINIC, npi=None, name=name, now=clock.now())
    assert find_duplicates(session, now=clock.now()).waiting == 1
    session.commit()


def test_without_pairs_the_page_says_how_they_are_found(as_reviewer: Browser) -> None:
    assert "duplicates find" in as_reviewer.open("/console/duplicates").text


@pytest.mark.usefixtures("found")
def test_a_pair_is_shown_dismissed_and_asked_about_again(as_reviewer: Browser) -> None:
    page = as_reviewer.open("/console/duplicates")
    for words in (*NAMES, "Same name, apart from its legal form", "Same street address", "Published"):
        assert words in page.text
    page = as_reviewer.press(page, "Not a duplicate, never ask again")
    assert "You will not be asked again" in page.text
    assert "No pair waits" in page.text
    page = as_reviewer.press(page, "Ask again")
    assert "wait for a decision again" in page.text
    assert "Same street address" in page.text


@pytest.mark.usefixtures("found")
@pytest.mark.parametrize("page", ["0", "-1", "99", "x"])
def test_a_page_that_is_not_there_shows_the_nearest(as_reviewer: Browser, page: str) -> None:
    assert NAMES[0] in as_reviewer.open(f"/console/duplicates?page={page}").text


@pytest.mark.usefixtures("found")
def test_a_pair_that_is_gone_is_not_found(as_reviewer: Browser, session: Session) -> None:
    page = as_reviewer.open("/console/duplicates")
    session.execute(sa.delete(DuplicatePair))
    session.commit()
    assert as_reviewer.press(page, "Not a duplicate, never ask again").status == 404
