"""Database queries for messages; each function runs one statement."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from directory.accounts.policy import RIGHTS, Action
from directory.accounts.tables import Account
from directory.errors import NotFound
from directory.listings.tables import ListingManager
from directory.messages.tables import Message, Sender

MAX_SHOWN = 50
"""Messages shown of one listing, the latest; arbitrary, years of most conversations."""


class WaitingOn(enum.StrEnum):
    """The side that has to act next."""

    PROVIDER = "provider"
    REVIEWER = "reviewer"


@dataclass(frozen=True, slots=True)
class OpenMessages:
    """The open messages of a listing: on whom they wait, since when, and how many there are."""

    waiting_on: WaitingOn
    since: datetime
    count: int


@dataclass(frozen=True, slots=True)
class WrittenMessage:
    """A message with the names of its author and its first reader, which providers do not see of reviewers."""

    message: Message
    author: str
    reader: str


def messages_of(session: Session, listing_id: int) -> Sequence[WrittenMessage]:
    """Return the latest messages about a listing, the newest first, at most `MAX_SHOWN`."""
    author, reader = sa.orm.aliased(Account), sa.orm.aliased(Account)
    rows = session.execute(
        sa.select(Message, author.name, reader.name)
        .join(author, author.id == Message.by_id)
        .outerjoin(reader, reader.id == Message.read_by_id)
        .where(Message.listing_id == listing_id)
        .order_by(Message.number.desc())
        .limit(MAX_SHOWN)
        .options(joinedload(Message.attestation))
    )
    return [WrittenMessage(message, wrote, read or "") for message, wrote, read in rows]


def message(session: Session, listing_id: int, message_id: int) -> Message:
    """Return a message about a listing.

    Raises:
        NotFound: the listing has no message with that id.
    """
    wanted = sa.select(Message).where(Message.id == message_id, Message.listing_id == listing_id)
    found = session.scalar(wanted.options(joinedload(Message.listing), joinedload(Message.attestation)))
    if found is None:
        raise NotFound("There is no such message.")
    return found


def open_messages(session: Session, listing_ids: Iterable[int]) -> dict[int, OpenMessages]:
    """Return since when and on whom the open messages of several listings wait, by listing id.

    A listing waits for a reviewer as soon as one of its messages does: an answer of the provider, or a question to a
    listing that nobody manages any more. `since` and `count` are of the messages that wait for that side.
    """
    can_answer = sa.exists().where(
        ListingManager.listing_id == Message.listing_id,
        ListingManager.right.in_(RIGHTS[Action.ANSWER_MESSAGE]),
        ListingManager.account_id == Account.id,
        Account.active,
    )
    waits_on_provider = sa.and_(Message.sender == Sender.STAFF, can_answer)
    side = sa.case((waits_on_provider, WaitingOn.PROVIDER.value), else_=WaitingOn.REVIEWER.value)
    rows = session.execute(
        sa.select(
            Message.listing_id, side.label("side"), sa.func.min(Message.at, type_=Message.at.type), sa.func.count()
        )
        .where(Message.listing_id.in_(list(listing_ids)), Message.settled_at.is_(None))
        .group_by(Message.listing_id, "side")
        # "provider" comes first, so that a reviewer's turn replaces it.
        .order_by(Message.listing_id, "side")
    )
    return {listing_id: OpenMessages(WaitingOn(on), since, count) for listing_id, on, since, count in rows}
