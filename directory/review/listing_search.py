"""Finds listings in every state for reviewers: by name, NPI, address and owner, or by a pasted public address."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.tables import Account
from directory.attestations.tables import Attestation
from directory.listings.lifecycle import OPEN, ListingState
from directory.listings.name_words import ZIP_LENGTH, listing_ids
from directory.listings.npi import NPI_LENGTH
from directory.listings.tables import HOLDS_NPI, Listing, ListingManager, Location
from directory.review.record_table import contains
from directory.search.filters import Filters, declared
from directory.search.index import SearchIndex
from directory.search.query import MAX_PER_PAGE, SearchQuery

MAX_FOUND = 500
"""How many listings are read from each source: the search index, names, owners and addresses; arbitrary."""

_BY_SLUG = re.compile(r"/(?:providers|badges)/([a-z0-9-]+)")
_BY_PUBLIC_ID = re.compile(r"(?:^|/(?:verify|credentials)/)([0-9a-f]{32})\b")
_BY_ID = re.compile(r"(?:^#?|/(?:listings|cases)/)(\d{1,9})(?:[/?].*)?$", re.ASCII)
_ZIP = re.compile(r"\b(\d{5})(?:-\d{4})?\b", re.ASCII)
_STREET = re.compile(r"\d+\s+\S*[A-Za-z]", re.ASCII)

_SEARCHED = frozenset({*ListingState}) - {ListingState.PUBLISHED, ListingState.DRAFT}
"""States of which the names are read from the table: neither in the search index nor many."""


@dataclass(frozen=True, slots=True)
class FoundIds:
    """The ids of the listings that were found; `is_cut` if there are more than were read."""

    ids: frozenset[int]
    is_cut: bool


def addressed_listing(session: Session, text: str) -> int | None:
    """Return the id of the one listing that a text names, or None.

    The text is a public address of this directory (a listing, badge, credential or verification page), the public id of
    an attestation, or the id of a listing. Five digits may be a ZIP code and name none.
    """
    if found := _BY_SLUG.search(text):
        return session.scalar(sa.select(Listing.id).where(Listing.slug == found[1]))
    if found := _BY_PUBLIC_ID.search(text):
        return session.scalar(sa.select(Attestation.listing_id).where(Attestation.public_id == found[1]))
    if (found := _BY_ID.search(text)) and len(text) != ZIP_LENGTH:
        return session.scalar(sa.select(Listing.id).where(Listing.id == int(found[1])))
    return None


def find_listings(session: Session, text: str, *, index: SearchIndex, now: datetime) -> FoundIds:
    """Return the listings with a text in their name, practice, town, address, or in an owner's name or email address.

    Public ones come from the search index, imported drafts from the table of their words, and the others from the
    database. At most `MAX_FOUND` are read from each, in a number of statements that is bounded.

    Raises:
        Invalid: the text has too many words or letters.
    """
    digits = "".join(text.split())
    if len(digits) == NPI_LENGTH and digits.isascii() and digits.isdigit():
        held = sa.or_(HOLDS_NPI, Listing.state.not_in(OPEN))
        wanted = sa.select(Listing.id).where(Listing.npi == digits, held)
        return FoundIds(frozenset(session.scalars(wanted)), is_cut=False)
    sources = [_published(session, text, index, now), *_stored(session, text)]
    cut = any(len(each) > MAX_FOUND for each in sources)
    return FoundIds(frozenset(listing_id for each in sources for listing_id in each[:MAX_FOUND]), cut)


def _published(session: Session, text: str, index: SearchIndex, now: datetime) -> list[int]:
    filters, ids = Filters(q=declared("q").parse(text)), list[int]()
    if not filters.words:
        return ids
    for page in range(1, MAX_FOUND // MAX_PER_PAGE + 2):
        asked = SearchQuery(None, None, filters, page=page, per_page=MAX_PER_PAGE)
        found = index.find(session, asked, now=now, facets=False)
        ids += [hit.listing_id for hit in found.hits]
        if not found.has_next:
            break
    return ids


def _stored(session: Session, text: str) -> Iterator[list[int]]:
    """Yield what each statement finds, and one more than is wanted if there are more."""
    named = sa.select(Listing.id).where(contains(text, Listing.name, Listing.practice, Listing.other_name))
    closed = named.where(Listing.state.in_(_SEARCHED))
    # Those that somebody manages, in any state: two conditions would make SQLite read all drafts.
    managed = named.where(Listing.id.in_(sa.select(ListingManager.listing_id)))
    owned = sa.select(ListingManager.listing_id).join(Account, Account.id == ListingManager.account_id).distinct()
    wanted = [
        closed,
        managed,
        owned.where(contains(text, Account.name, Account.email)),
        listing_ids(text),
        *_placed(text),
    ]
    if text.isascii() and text.isdigit() and len(text) == ZIP_LENGTH:
        wanted.append(sa.select(Listing.id).where(Listing.id == int(text)))
    for each in wanted:
        if each is not None:
            yield list(session.scalars(each.limit(MAX_FOUND + 1)))


def _placed(text: str) -> Iterator[sa.Select[int]]:
    """Yield the statement for an address, if the text looks like one: with a ZIP code, or a number and a street."""
    at = sa.select(Location.listing_id).distinct()
    columns = (Location.line1, Location.line2, Location.city, Location.state)
    if found := _ZIP.search(text):
        rest = (text[: found.start()] + text[found.end() :]).replace(",", " ")
        after = f"{int(found[1]) + 1:05}" if found[1] != "99999" else ":"
        in_zip = sa.and_(Location.postal_code >= found[1], Location.postal_code < after)
        yield at.where(in_zip, contains(rest, *columns))
    elif _STREET.match(text):
        yield at.where(contains(text.replace(",", " "), *columns))
