"""Notes between reviewers about a listing: kept with who and when, and in the way of deleting a draft."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, make_listing
from support.message_factories import make_message

from directory.accounts.tables import Account
from directory.audit.tables import AuditEntry
from directory.errors import Conflict, Invalid
from directory.listings.lifecycle import ListingState
from directory.review.commands import delete_draft
from directory.review.notes import add_note, notes_of

HOUR = timedelta(hours=1)


def test_notes_are_kept_with_who_and_when_the_newest_first(
    session: Session, provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, provider)
    add_note(session, listing, " Shares a front desk.\n", by=reviewer.actor, now=NOW)
    add_note(session, listing, "Called them.", by=reviewer.actor, now=NOW + HOUR)
    assert [(note.text, note.by, note.at) for note in notes_of(session, listing.id)] == [
        ("Called them.", "Ruth Reviewer", NOW + HOUR),
        ("Shares a front desk.", "Ruth Reviewer", NOW),
    ]
    actions = session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action.like("note.%"))).all()
    assert actions == ["note.add", "note.add"]
    for text in ("", "x" * 1001, "a\0b"):
        with pytest.raises(Invalid, match="he note"):
            add_note(session, listing, text, by=reviewer.actor, now=NOW)


@pytest.mark.parametrize("writes", ["message", "note"])
def test_a_draft_that_reviewers_wrote_about_is_not_deleted(
    session: Session, provider: Account, reviewer: Account, writes: str
) -> None:
    draft = make_listing(session, provider, state=ListingState.DRAFT)
    if writes == "message":
        make_message(session, draft)
    else:
        add_note(session, draft, "Called them.", by=reviewer.actor, now=NOW)
    with pytest.raises(Conflict, match="wrote about this listing"):
        delete_draft(session, draft, by=provider.actor)
