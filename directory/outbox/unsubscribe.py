"""Unsubscribing from email that is not a duty, by the link in each such email (RFC 8058)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.errors import NotFound
from directory.outbox.tables import Email, Unsubscribe

TOPICS = {
    "renewals": "reminders to renew answers before they run out",
    "confirmations": "the question every 90 days whether a listing is still right",
    "digest": "the daily summary of what waits for review",
}
"""What can be unsubscribed from, as the pages and the emails name it."""

MAX_TOKEN = 64
"""Characters of a token, the width of its column."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """The topic of an email for the address it was sent to, and whether that address has unsubscribed."""

    address: str
    topic: str
    stopped: bool

    @property
    def label(self) -> str:
        """The topic in words."""
        return TOPICS[self.topic]


def is_unsubscribed(session: Session, address: str, topic: str) -> bool:
    """Return whether the address gets no email on this topic."""
    return session.get(Unsubscribe, (address.lower(), topic)) is not None


def find_subscription(session: Session, token: str) -> Subscription:
    """Return the subscription of the email that has this token in its link.

    Raises:
        NotFound: no email has this token.
    """
    wanted = sa.select(Email.to, Email.topic).where(Email.unsubscribe_token == token, Email.to != "")
    # PostgreSQL rejects a parameter with a NUL character.
    found = None if "\0" in token or len(token) > MAX_TOKEN else session.execute(wanted).one_or_none()
    if found is None:
        raise NotFound("This link is not complete, or the email is gone. Look whether the whole address was copied.")
    return Subscription(found.to.lower(), found.topic, is_unsubscribed(session, found.to, found.topic))


def choose_topics(session: Session, address: str, *, wanted: Collection[str], of: Iterable[str], now: datetime) -> None:
    """Send email on the topics in `wanted` to the address, and no email on the others in `of`."""
    for topic in of:
        subscription = Subscription(address.lower(), topic, is_unsubscribed(session, address, topic))
        if topic in wanted:
            subscribe_again(session, subscription)
        else:
            unsubscribe(session, subscription, now=now)


def unsubscribe(session: Session, subscription: Subscription, *, now: datetime) -> None:
    """Send no more email on the topic to the address, and cancel what waits; repeating it changes nothing."""
    if not is_unsubscribed(session, subscription.address, subscription.topic):
        session.add(Unsubscribe(address=subscription.address, topic=subscription.topic, at=now))
    session.execute(
        sa.update(Email)
        .where(
            sa.func.lower(Email.to) == subscription.address,
            Email.topic == subscription.topic,
            Email.sent_at.is_(None),
            Email.given_up_at.is_(None),
            Email.cancelled_at.is_(None),
        )
        .values(cancelled_at=now)
    )


def subscribe_again(session: Session, subscription: Subscription) -> None:
    """Send email on the topic to the address again."""
    session.execute(
        sa.delete(Unsubscribe).where(
            Unsubscribe.address == subscription.address, Unsubscribe.topic == subscription.topic
        )
    )


def follow_address(session: Session, old: str, new: str) -> None:
    """Let what an address unsubscribed from hold for the new address of the same account instead."""
    forget_address(session, new)
    session.execute(sa.update(Unsubscribe).where(Unsubscribe.address == old.lower()).values(address=new.lower()))


def forget_address(session: Session, address: str) -> None:
    """Delete what an address unsubscribed from, because no account has it any more."""
    session.execute(sa.delete(Unsubscribe).where(Unsubscribe.address == address.lower()))
