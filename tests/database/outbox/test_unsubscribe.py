"""What an address unsubscribed from goes where its account goes."""

import pytest
from sqlalchemy.orm import Session
from support.factories import NOW

from directory.outbox.unsubscribe import (
    TOPICS,
    Subscription,
    follow_address,
    forget_address,
    is_unsubscribed,
    unsubscribe,
)

OLD, NEW = "old@example.com", "new@example.com"


@pytest.fixture
def stopped(session: Session) -> None:
    """The old address gets no reminders, and somebody had the new one before who gets no digest."""
    for address, topic in ((OLD, "renewals"), (NEW, "digest")):
        unsubscribe(session, Subscription(address, topic, stopped=False), now=NOW)
    session.flush()


def held(session: Session, address: str) -> set[str]:
    return {topic for topic in TOPICS if is_unsubscribed(session, address, topic)}


@pytest.mark.usefixtures("stopped")
def test_a_new_address_takes_the_place_of_the_old_one(session: Session) -> None:
    follow_address(session, OLD.upper(), NEW)
    session.expire_all()
    assert held(session, OLD) == set()
    assert held(session, NEW) == {"renewals"}


@pytest.mark.usefixtures("stopped")
def test_nothing_is_kept_of_a_closed_account(session: Session) -> None:
    forget_address(session, OLD)
    session.expire_all()
    assert held(session, OLD) == set()
    assert held(session, NEW) == {"digest"}
