"""What the public record says of each time that an owner stood by an entry, and of the facts on a past day."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support.factories import make_listing
from support.page_text import visible_text

from directory import clock
from directory.accounts.tables import Account
from directory.listings.facts import ListingFacts
from directory.listings.tables import Listing
from directory.review.confirmation import confirm_listing

NOON = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
"""Of one day for all that a test makes, so that midnight cannot come between."""


def days_ago(count: int) -> datetime:
    return NOON - timedelta(days=count)


def on(count: int) -> str:
    return days_ago(count).date().isoformat()


def in_words(count: int) -> str:
    day = days_ago(count)
    return f"{day:%b} {day.day}, {day.year}"


@pytest.fixture
def confirmed_listing(session: Session, provider: Account) -> Listing:
    """Listed 90 days ago, confirmed as it was 60 days ago, and with something new 30 days ago."""
    made = make_listing(session, provider, now=days_ago(90), languages=("en",), accepts_new_patients=True)
    later = (
        (60, ListingFacts(("en",), accepts_new_patients=True)),
        (30, ListingFacts(("en", "es"), accepts_new_patients=False)),
    )
    for day, facts in later:
        how: dict[str, Any] = {"by": provider.actor, "now": days_ago(day)}
        confirm_listing(session, made, facts, version=made.version, **how)
    session.commit()
    return made


def test_each_confirmation_stands_there_with_what_was_new_in_it(
    client: FlaskClient, confirmed_listing: Listing
) -> None:
    said = visible_text(client.get(f"/providers/{confirmed_listing.slug}/history"))
    newest = f"Confirmed by the provider {in_words(30)} They said that the listing is right on this day. What is new:"
    assert newest in said
    changed = said[said.index(newest) :].partition("Confirmed by the provider " + in_words(60))
    assert "Takes new patients: Yes → is now No" in changed[0]
    assert "Languages spoken: English → is now English, Spanish" in changed[0]
    assert "What is new" not in changed[2]
    listed = f"Put in this directory {in_words(90)} Takes new patients: Yes. Languages spoken: English."
    assert listed in changed[2]


@pytest.mark.parametrize(
    ("day", "facts"),
    [
        (31, "Takes new patients Yes Languages spoken English This is"),
        (30, "Takes new patients No Languages spoken English, Spanish This is"),
    ],
)
def test_a_past_day_has_the_facts_of_then(
    client: FlaskClient, confirmed_listing: Listing, day: int, facts: str
) -> None:
    assert facts in visible_text(client.get(f"/providers/{confirmed_listing.slug}/history?on={on(day)}"))


def test_an_entry_that_states_nothing_has_no_facts_in_its_record(
    client: FlaskClient, session: Session, provider: Account
) -> None:
    made = make_listing(session, provider, now=days_ago(9))
    session.commit()
    said = visible_text(client.get(f"/providers/{made.slug}/history?on={on(1)}"))
    assert "Put in this directory" in said
    for absent in ("new patients", "Languages", "Confirmed by"):
        assert absent not in said


def test_who_confirmed_is_nobodys_business(client: FlaskClient, confirmed_listing: Listing) -> None:
    assert "Pat Provider" not in client.get(f"/providers/{confirmed_listing.slug}/history").text
