"""Database queries for listings and their history."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from directory.accounts.policy import RIGHTS, Action, Right
from directory.accounts.tables import Account
from directory.errors import NotFound
from directory.listings.changes import FieldChange, from_json
from directory.listings.facts import FactChange, ListingFacts, diff_facts
from directory.listings.lifecycle import EVER_PUBLIC, ListingState
from directory.listings.revision_lifecycle import PUBLIC, RevisionState
from directory.listings.revision_lifecycle import Move as RevisionMove
from directory.listings.tables import (
    HOLDS_NPI,
    Listing,
    ListingManager,
    ListingMove,
    ListingRevision,
    ListingRevisionMove,
    ListingSource,
    ListingStatement,
    Location,
)

CORRECT = "revision.correct"
"""The name, in the history, of changes that a reviewer made."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One move in the history of a listing; `by` is a name that not every viewer may see."""

    move: str
    to_state: str
    reason: str
    comments: dict[str, str]
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OwnerStatement:
    """The owner's statement that a listing is correct, with its facts at that time; `by` is the owner's name.

    `changed` are the facts that differ from the previous statement.
    """

    facts: ListingFacts
    changed: tuple[FactChange, ...]
    by: str
    at: datetime


_DETAILS = (selectinload(Listing.locations), selectinload(Listing.managers))


@dataclass(frozen=True, slots=True)
class PublicChange:
    """Changes that took effect at `at`: live, as an accepted revision, or by a reviewer's correction or merge."""

    changes: tuple[FieldChange, ...]
    is_reviewed: bool
    by: str
    at: datetime
    is_correction: bool = False


def published_listing(session: Session, slug: str) -> Listing:
    """The published listing with this slug, with its locations and managers.

    Raises:
        NotFound: there is no such listing, or it is not public.
    """
    return _public_listing(session, slug, ListingState.PUBLISHED)


def published_or_retired_listing(session: Session, slug: str) -> Listing:
    """The published or retired listing with this slug, with its locations; the URL of a retired one stays.

    Raises:
        NotFound: there is no such listing, or it is neither.
    """
    return _public_listing(session, slug, ListingState.PUBLISHED, ListingState.RETIRED)


def _public_listing(session: Session, slug: str, *states: ListingState) -> Listing:
    wanted = sa.select(Listing).where(Listing.slug == slug, Listing.state.in_(states))
    # One statement for the few managers too, because patients wait for this page.
    whole = wanted.options(selectinload(Listing.locations), joinedload(Listing.managers))
    # PostgreSQL rejects a parameter with a NUL character, so skip the query.
    found = None if "\0" in slug else session.scalars(whole).unique().one_or_none()
    if found is None:
        raise NotFound("There is no such provider in this directory, or it is no longer listed.")
    return found


def ever_public_listing(session: Session, slug: str) -> Listing:
    """A listing that is or was public, for its public history.

    Raises:
        NotFound: there is no such listing, or it was never published.
    """
    wanted = sa.select(Listing).where(Listing.slug == slug, Listing.state.in_(EVER_PUBLIC))
    found = None if "\0" in slug else session.scalar(wanted)
    if found is None:
        raise NotFound("There is no such provider in this directory.")
    return found


def claimable_listing(session: Session, npi: str) -> Listing | None:
    """The listing with this NPI if it is public, or an import that is not public yet; None otherwise.

    A provider's own draft is not returned, because nobody else may see it.
    """
    is_import = (Listing.source == ListingSource.NPPES) & (Listing.state == ListingState.DRAFT)
    wanted = sa.select(Listing).where(
        Listing.npi == npi, HOLDS_NPI, (Listing.state == ListingState.PUBLISHED) | is_import
    )
    return session.scalar(wanted.options(*_DETAILS))


def published_listings_by_slug(session: Session, slugs: Iterable[str]) -> dict[str, Listing]:
    """Published listings with their locations, by slug; others are left out."""
    rows = session.scalars(
        sa.select(Listing)
        .where(Listing.slug.in_([slug for slug in slugs if "\0" not in slug]), Listing.state == ListingState.PUBLISHED)
        .options(selectinload(Listing.locations))
    )
    return {row.slug: row for row in rows}


def published_listings(session: Session, ids: Iterable[int]) -> dict[int, Listing]:
    """Published listings with their locations, by id; others are left out."""
    rows = session.scalars(
        sa.select(Listing)
        .where(Listing.id.in_(list(ids)), Listing.state == ListingState.PUBLISHED)
        .options(selectinload(Listing.locations))
    )
    return {row.id: row for row in rows}


def listings_by_id(session: Session, ids: Iterable[int]) -> dict[int, Listing]:
    """Listings in any state with their locations and managers, by id."""
    rows = session.scalars(sa.select(Listing).where(Listing.id.in_(list(ids))).options(*_DETAILS))
    return {row.id: row for row in rows}


def ids_in_state(session: Session, ids: Iterable[int], state: str) -> set[int]:
    """The ids of those listings that have a location in a state, given by its two-letter abbreviation."""
    wanted = sa.select(Location.listing_id).where(Location.listing_id.in_(list(ids)), Location.state == state)
    return set(session.scalars(wanted))


def unpublished_ids(session: Session, ids: Iterable[int]) -> set[int]:
    """The ids of those listings that are not published."""
    return set(
        session.scalars(sa.select(Listing.id).where(Listing.id.in_(list(ids)), Listing.state != ListingState.PUBLISHED))
    )


def listing(session: Session, listing_id: int) -> Listing:
    """A listing in any state, for its managers and for reviewers.

    Raises:
        NotFound: there is no listing with this id.
    """
    found = session.get(Listing, listing_id, options=_DETAILS)
    if found is None:
        raise NotFound("There is no such listing.")
    return found


def listing_of_form(session: Session, account_id: int, form_key: str | None) -> Listing | None:
    """The listing that an account created with the form of this key, if it did and still manages it."""
    wanted = sa.select(Listing).where(
        Listing.form_key == form_key, Listing.managers.any(ListingManager.account_id == account_id)
    )
    return session.scalar(wanted.options(*_DETAILS)) if form_key else None


def listings_of(session: Session, account_id: int) -> Sequence[Listing]:
    """All listings that an account manages, newest first."""
    return session.scalars(
        sa.select(Listing)
        .where(Listing.managers.any(ListingManager.account_id == account_id))
        .order_by(Listing.created_at.desc(), Listing.id.desc())
        .options(*_DETAILS)
    ).all()


def is_allowed(account_id: int, action: Action) -> sa.ColumnElement[bool]:
    """SQL condition: the account's right to the listing allows the action."""
    return Listing.managers.any(
        sa.and_(ListingManager.account_id == account_id, ListingManager.right.in_(RIGHTS[action]))
    )


def owner_contacts(session: Session, listing_id: int) -> Sequence[tuple[str, str]]:
    """The email address and name of each active owner of a listing, the first owner first."""
    return contacts(session, listing_id, {Right.OWNER})


def contacts(session: Session, listing_id: int, rights: Collection[Right]) -> Sequence[tuple[str, str]]:
    """The email address and name of each active account with one of these rights, the oldest right first."""
    rows = session.execute(
        sa.select(Account.email, Account.name)
        .join(ListingManager, ListingManager.account_id == Account.id)
        .where(ListingManager.listing_id == listing_id, ListingManager.right.in_(rights), Account.active)
        .order_by(ListingManager.since, Account.id)
    )
    return [(row.email, row.name) for row in rows]


def history(session: Session, listing_id: int) -> list[HistoryEntry]:
    """Every move of a listing, newest first."""
    rows = session.execute(
        sa.select(ListingMove, Account.name)
        .outerjoin(Account, Account.id == ListingMove.by_id)
        .where(ListingMove.listing_id == listing_id)
        .order_by(ListingMove.id.desc())
    )
    return [HistoryEntry(row.move, row.to_state, row.reason, row.comments, name or "", row.at) for row, name in rows]


def owner_statements(session: Session, listing_id: int) -> list[OwnerStatement]:
    """The owner's statements about a listing, one for each submission or confirmation, oldest first."""
    rows = session.execute(
        sa.select(ListingStatement, Account.name)
        .join(Account, Account.id == ListingStatement.by_id)
        .where(ListingStatement.listing_id == listing_id)
        .order_by(ListingStatement.id)
    )
    public = public_changes(session, listing_id)
    said: list[OwnerStatement] = []
    before = ListingFacts()
    for row, name in rows:
        facts, since = ListingFacts.of(row), said[-1].at if said else row.at
        # What was changed in between is told by the change and not once more.
        between = before.after(change for one in public if since < one.at <= row.at for change in one.changes)
        said.append(OwnerStatement(facts, diff_facts(between, facts), name, row.at))
        before = facts
    return said


def public_changes(session: Session, listing_id: int) -> list[PublicChange]:
    """All changes of a listing that took effect without a new submission, oldest first.

    Those that are older than the first publication were never public by themselves.
    """
    rows = session.execute(
        sa.select(ListingRevision, Account.name, _was_submitted(ListingRevision.id))
        .join(Account, Account.id == ListingRevision.by_id)
        .where(ListingRevision.listing_id == listing_id, ListingRevision.state.in_(PUBLIC))
        .order_by(ListingRevision.updated_at, ListingRevision.id)
    )
    return [_public_change(row, name, was_submitted=submitted) for row, name, submitted in rows]


def _public_change(row: ListingRevision, name: str, *, was_submitted: bool) -> PublicChange:
    accepted = row.state is RevisionState.ACCEPTED
    return PublicChange(from_json(row.changes), accepted, name, row.updated_at, accepted and not was_submitted)


def _was_submitted(revision_id: sa.orm.InstrumentedAttribute[int]) -> sa.ColumnElement[bool]:
    """SQL condition: a provider sent the revision for review; corrections and merges are accepted without that."""
    sent = sa.orm.aliased(ListingRevisionMove)
    return sa.exists().where(sent.revision_id == revision_id, sent.move == RevisionMove.SUBMIT.value)


def revision(session: Session, revision_id: int) -> ListingRevision:
    """A revision that was submitted, for reviewers.

    Raises:
        NotFound: there is no such revision, or it is a draft, which only the owner sees.
    """
    found = session.get(ListingRevision, revision_id)
    if found is None or found.state in {RevisionState.DRAFT, RevisionState.LIVE}:
        raise NotFound("There is no such change.")
    return found


def revision_history(session: Session, listing_id: int) -> list[HistoryEntry]:
    """Every move of the revisions of a listing, newest first; the move of a correction or merge is `CORRECT`."""
    rows = session.execute(
        sa.select(ListingRevisionMove, Account.name, _was_submitted(ListingRevisionMove.revision_id))
        .join(ListingRevision, ListingRevision.id == ListingRevisionMove.revision_id)
        .outerjoin(Account, Account.id == ListingRevisionMove.by_id)
        .where(ListingRevision.listing_id == listing_id)
        .order_by(ListingRevisionMove.id.desc())
    )
    return [
        HistoryEntry(f"revision.{row.move}" if sent else CORRECT, row.to_state, row.reason, {}, name or "", row.at)
        for row, name, sent in rows
    ]
