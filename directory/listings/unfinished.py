"""New listings that are not complete yet: what was typed is kept as text until it makes a listing or is discarded."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.errors import Conflict, FieldError, Invalid
from directory.listings.tables import UnfinishedListing

MAX_UNFINISHED = 10
"""How many unfinished listings an account may have; arbitrary."""

MAX_CHARACTERS = 50_000
"""Maximum length of all texts of one together; arbitrary, more than a complete listing with 20 addresses has."""


def find_unfinished(session: Session, account_id: int, form_key: str | None) -> UnfinishedListing | None:
    """Return the unfinished listing of an account that a form with this key made."""
    found = session.get(UnfinishedListing, form_key) if form_key else None
    return found if found is not None and found.account_id == account_id else None


def unfinished_listings_of(session: Session, account_id: int) -> Sequence[UnfinishedListing]:
    """Return the unfinished listings of an account, the last saved first."""
    return session.scalars(
        sa.select(UnfinishedListing)
        .where(UnfinishedListing.account_id == account_id)
        .order_by(UnfinishedListing.updated_at.desc(), UnfinishedListing.form_key)
    ).all()


def save_unfinished(
    session: Session, form_key: str, texts: Mapping[str, Sequence[str]], *, by: Actor, now: datetime
) -> UnfinishedListing:
    """Replace the texts of an unfinished listing, or keep those of a new one.

    Raises:
        NotAllowed: the account is not a provider's.
        Invalid: the texts are too long.
        Conflict: the account has too many unfinished listings, or the key is another account's.
    """
    require(by, Action.ADD_LISTING)
    # PostgreSQL stores no NUL characters.
    typed = {name: [text.replace("\0", "") for text in several] for name, several in texts.items() if any(several)}
    if sum(len(text) for several in typed.values() for text in several) > MAX_CHARACTERS:
        raise Invalid([FieldError("", f"This is more than {MAX_CHARACTERS:,} characters. Shorten it to save it.")])
    found = session.get(UnfinishedListing, form_key)
    if found is not None and found.account_id != by.id:
        raise Conflict("This form is not yours. Begin a new listing.")
    if found is None:
        if len(unfinished_listings_of(session, by.id)) >= MAX_UNFINISHED:
            raise Conflict(f"You have {MAX_UNFINISHED} drafts that are not complete. Discard one under “My listings”.")
        found = UnfinishedListing(form_key=form_key, account_id=by.id)
        session.add(found)
    found.texts, found.updated_at = typed, now
    session.flush()
    return found


def discard_unfinished(session: Session, account_id: int, form_key: str | None = None) -> None:
    """Delete an unfinished listing of an account, or all of them; what is gone already is no error."""
    of_account = sa.delete(UnfinishedListing).where(UnfinishedListing.account_id == account_id)
    session.execute(of_account.where(UnfinishedListing.form_key == form_key) if form_key else of_account)
