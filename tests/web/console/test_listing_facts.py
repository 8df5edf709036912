"""What a reviewer sees of languages and new patients, and of what was stated in another way before."""

from datetime import timedelta

from sqlalchemy.orm import Session
from support.factories import NOW, make_entry, make_listing
from support.http_client import Browser

from directory.accounts.tables import Account
from directory.listings import commands
from directory.listings.lifecycle import ListingState


def test_a_reviewer_sees_what_is_stated_and_what_was_stated_in_another_way_before(
    as_reviewer: Browser, provider: Account, session: Session
) -> None:
    listing = make_listing(
        session, provider, state=ListingState.SUBMITTED, languages=("en",), accepts_new_patients=True
    )
    session.commit()
    page = as_reviewer.open("/console/listings/1")
    assert "Takes new patients Yes Provider" in page.text
    assert "Languages spoken English Provider" in page.text
    assert "stated in another way" not in page.text
    as_reviewer.press(page, "Return with the reason", {"reason": "Which languages?"})
    session.expire_all()
    entry = make_entry(name=listing.name, languages=("en", "ru"), accepts_new_patients=True)
    later = NOW + timedelta(days=1)
    commands.update(session, listing, entry, version=listing.version, by=provider.actor, now=later)
    commands.submit(session, listing, by=provider.actor, now=later)
    session.commit()
    page = as_reviewer.open("/console/listings/1")
    assert "Languages spoken English, Russian Provider" in page.text
    assert "What the provider last stated in another way Languages spoken: English" in page.text
    assert page.text.count("Languages spoken: English → English, Russian.") == 1
    assert "Takes new patients: Yes" not in page.text
