"""What reviewers see of pairs that may be the same provider: both listings, why, and a way to say that they are not."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import make_listing
from support.http_client import Browser

from directory import clock
from directory.accounts.tables import Account
from directory.duplicates.commands import find_duplicates
from directory.duplicates.queries import waiting_pairs
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


@pytest.mark.usefixtures("found")
def test_a_pair_is_merged_and_split_again(as_reviewer: Browser, session: Session) -> None:
    [pair] = session.scalars(sa.select(DuplicatePair))
    slugs = pair.one.slug, pair.other.slug
    page = as_reviewer.open(f"/console/duplicates/{pair.id}")
    assert page.form("Merge, and next m").fields["keep"] == str(pair.one_id)
    page = as_reviewer.press(page, "Merge, and next m", {"keep": str(pair.other_id), "take_name": str(pair.one_id)})
    assert f"{NAMES[0]} is one with {NAMES[0]} now." in page.text
    moved = as_reviewer.open(f"/providers/{slugs[0]}", follow=False)
    assert (moved.status, moved.location) == (301, f"/providers/{slugs[1]}")
    page = as_reviewer.press(page, "Split again")
    assert "a listing of its own again" in page.text
    assert as_reviewer.open(f"/providers/{slugs[0]}", follow=False).status == 200


@pytest.mark.usefixtures("found")
def test_a_merge_that_says_nothing_keeps_what_was_chosen(as_reviewer: Browser, session: Session) -> None:
    [pair] = session.scalars(sa.select(DuplicatePair))
    page = as_reviewer.open(f"/console/duplicates/{pair.id}")
    again = as_reviewer.press(page, "Merge, and next m", {"keep": "7", "take_name": str(pair.other_id)})
    assert again.status == 422
    assert "Choose which of the two listings stays." in again.text
    assert again.form("Merge, and next m").fields["take_name"] == str(pair.other_id)
    again = as_reviewer.press(page, "Merge, and next m", {"one_version": "99"})
    assert again.status == 409
    assert "changed in the meantime" in again.text


@pytest.mark.usefixtures("found")
def test_after_a_pair_comes_the_next_one(as_reviewer: Browser, session: Session, provider: Account) -> None:
    make_listing(session, provider, kind=ListingKind.CLINIC, npi=None, name=NAMES[0], now=clock.now())
    find_duplicates(session, now=clock.now())
    session.commit()
    order = [pair.id for pair in waiting_pairs(session, page=1, size=25)]
    assert len(order) == 3
    page = as_reviewer.open(f"/console/duplicates/{order[0]}")
    assert f'href="/console/duplicates/{order[1]}"' in page.html
    page = as_reviewer.press(page, "Not a duplicate, never ask again d")
    assert page.path == f"/console/duplicates/{order[1]}"
    page = as_reviewer.press(as_reviewer.open(f"/console/duplicates/{order[2]}"), "Not a duplicate, never ask again d")
    assert page.path == f"/console/duplicates/{order[1]}", "after the last one comes the first that still waits"
