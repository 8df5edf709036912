"""What reviewers are promised of the draw: who was drawn stands there, and what was found is written once."""

import pytest
from sqlalchemy.orm import Session
from support.factories import make_attestation, make_listing, set_second_factor
from support.http_client import Browser

from directory import clock
from directory.accounts.tables import Account
from directory.certification.ruleset import bundled_rulesets
from directory.listings.tables import Listing
from directory.review import random_audit
from directory.review.sample import Quarter


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    """An entry whose answers are drawn, being the only ones."""
    made = make_listing(session, provider, name="Drawn Clinic", now=clock.now())
    make_attestation(session, made, now=clock.now())
    random_audit.run_draw(session, Quarter.of(clock.now()), seed="any", rulesets=bundled_rulesets(), now=clock.now())
    session.commit()
    return made


def test_nothing_drawn_is_said_in_words(as_reviewer: Browser) -> None:
    assert "Nothing was drawn yet" in as_reviewer.open("/console/draws").text


@pytest.mark.usefixtures("listing")
def test_what_was_found_is_kept_and_written_once(as_reviewer: Browser) -> None:
    assert "Drawn Clinic" in as_reviewer.open("/console/draws").text
    page = as_reviewer.open("/console/draws/1")
    assert as_reviewer.press(page, "Write it down", {"finding": ""}).status == 422
    assert "looked at" in as_reviewer.press(page, "Write it down", {"finding": "They showed a record."}).text
    again = as_reviewer.press(page, "Write it down", {"finding": "Something else."})
    assert (again.status, "already written down" in again.text) == (409, True)
    shown = as_reviewer.open("/console/draws/1")
    assert "They showed a record." in shown.text
    assert "Write it down" not in shown.html


def test_nobody_looks_at_their_own(
    as_provider: Browser, session: Session, listing: Listing, provider: Account, reviewer: Account
) -> None:
    provider.roles = [*provider.roles, *reviewer.roles]
    set_second_factor(provider)
    session.commit()
    page = as_provider.open("/console/draws/1")
    assert "somebody else has to look" in page.text
    assert listing.name in page.text
    assert "Write it down" not in page.html


def test_there_is_nothing_of_another_number(as_reviewer: Browser) -> None:
    for number in ("1", "0", "2147483648", "x"):
        assert as_reviewer.open(f"/console/draws/{number}").status == 404
