"""The daily digest: only if something waits, once a day for each reviewer, and for nobody else."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, make_attestation, make_listing
from support.message_factories import make_message

from directory import clock
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.listings.lifecycle import ListingState
from directory.messages.commands import answer_message
from directory.outbox.tables import Email
from directory.review.digest import DIGEST_HOUR, queue_digest, reviewers_without_digest

MORNING = NOW.replace(hour=DIGEST_HOUR)


def digests(session: Session) -> list[Email]:
    session.rollback()
    return list(session.scalars(sa.select(Email).where(Email.letter == "review_digest").order_by(Email.id)))


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Set the clock."""
    return lambda now: monkeypatch.setattr(clock, "now", lambda: now)


def test_reviewers_are_told_once_a_day_what_waits(
    session: Session,
    provider: Account,
    reviewer: Account,
    admin: Account,
    run_command: Callable[..., str],
    at: Callable[[datetime], None],
) -> None:
    make_attestation(session, make_listing(session, provider), state=AttestationState.SUBMITTED)
    make_listing(session, provider, state=ListingState.SUBMITTED)
    session.scalars(sa.select(Account).where(Account.email == "deciding.reviewer@example.com")).one().active = False
    session.commit()
    at(MORNING - timedelta(minutes=1))
    assert run_command("mail", "digest") == "No digest is due.\n"
    at(MORNING)
    assert run_command("mail", "digest") == "2 digests are in the outbox.\n"
    assert run_command("mail", "digest") == "No digest is due.\n"
    assert {mail.to for mail in digests(session)} == {reviewer.email, admin.email}
    mail = digests(session)[0]
    assert mail.subject == "2 items wait for review"
    assert "New listings: 1\nSigned answers: 1\n" in mail.body
    assert (mail.topic, mail.action_path) == ("digest", "/console/")
    at(MORNING + timedelta(days=1))
    assert run_command("mail", "digest") == "2 digests are in the outbox.\n"


@pytest.mark.usefixtures("reviewer")
def test_nothing_is_written_if_nothing_waits(
    run_command: Callable[..., str], at: Callable[[datetime], None], session: Session
) -> None:
    at(MORNING)
    assert run_command("mail", "digest") == "No digest is due.\n"
    assert digests(session) == []


def test_an_answer_of_a_provider_waits_for_a_reviewer(session: Session, provider: Account, reviewer: Account) -> None:
    asked = make_message(session, make_listing(session, provider))
    session.commit()
    assert not queue_digest(session, reviewer.id, now=MORNING)
    answer_message(session, asked, "Yes.", seen=None, by=provider.actor, now=NOW)
    session.commit()
    assert queue_digest(session, reviewer.id, now=MORNING)
    session.flush()
    mail = session.scalars(sa.select(Email).where(Email.letter == "review_digest")).one()
    assert mail.subject == "1 item waits for review"
    assert "Messages from providers: 1\n" in mail.body


def test_two_schedulers_write_one_digest(session: Session, provider: Account, reviewer: Account) -> None:
    make_listing(session, provider, state=ListingState.SUBMITTED)
    session.commit()
    assert list(reviewers_without_digest(session, now=MORNING)) == [reviewer.id]
    assert queue_digest(session, reviewer.id, now=MORNING)
    session.commit()
    assert queue_digest(session, reviewer.id, now=MORNING)
    with pytest.raises(sa.exc.IntegrityError):
        session.commit()
    assert len(digests(session)) == 1
