"""Notes between reviewers about a listing, which its managers never see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.accounts.tables import Account
from directory.audit.chain import digest
from directory.audit.commands import record
from directory.errors import Invalid
from directory.listings.tables import Listing
from directory.listings.text_limits import check_text
from directory.review.tables import ReviewNote

MAX_NOTE = 1000
"""Maximum length of a note in characters; arbitrary, a few sentences."""

MAX_SHOWN = 25
"""Notes shown of one listing, the latest; arbitrary."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note with the name of the reviewer who wrote it."""

    text: str
    by: str
    at: datetime


def add_note(session: Session, listing: Listing, text: str, *, by: Actor, now: datetime) -> ReviewNote:
    """Add a note about a listing; it stays for good.

    Raises:
        NotAllowed: `by` is no reviewer, or manages the listing.
        Invalid: the note is empty or too long.
    """
    require(by, Action.WRITE_NOTE, right=listing.right_of(by.id))
    text = text.strip()
    if faults := list(check_text("note", "The note", text, least=1, most=MAX_NOTE, lines=True)):
        raise Invalid(faults)
    made = ReviewNote(listing=listing, by_id=by.id, text=text, at=now)
    session.add(made)
    session.flush()
    record(
        session,
        action="note.add",
        target=f"note:{made.id}",
        before=None,
        after=digest({"listing": listing.id}),
        by=by.id,
        now=now,
    )
    return made


def notes_of(session: Session, listing_id: int) -> Sequence[Note]:
    """Return the latest notes about a listing, the newest first, at most `MAX_SHOWN`."""
    rows = session.execute(
        sa.select(ReviewNote, Account.name)
        .join(Account, Account.id == ReviewNote.by_id)
        .where(ReviewNote.listing_id == listing_id)
        .order_by(ReviewNote.id.desc())
        .limit(MAX_SHOWN)
    )
    return [Note(row.text, name, row.at) for row, name in rows]
