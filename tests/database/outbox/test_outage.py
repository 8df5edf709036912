"""A mail server that is away for a day, and back: every email is sent once, and in order for each recipient."""

from collections import Counter
from datetime import timedelta
from email import message_from_bytes

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW
from support.mail import HEAD, deliver_next, make_email
from support.mail_server import Mailbox, serving

from directory.outbox.delivery import LEASE, LONGEST_RETRY_DELAY, claim_email
from directory.outbox.queries import EmailFilter, EmailState, count_emails
from directory.outbox.smtp import make_smtp_sender
from directory.outbox.tables import Email

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

RUN = timedelta(minutes=5)
"""How often the email that is due is sent."""

DAY = timedelta(days=1)
ANSWER = "451 4.3.2 closed for a day"
QUEUED = (timedelta(), timedelta(hours=7), timedelta(hours=15, minutes=20), DAY - RUN * 2)
"""When there is a new email to each recipient; once the server is back, the last is tried more often than the rest."""

RECIPIENTS = ("ann@example.com", "bob@example.com")


def test_after_a_day_without_a_mail_server_every_email_is_sent_once_and_in_order(session: Session) -> None:
    mailbox, now = Mailbox(mail=ANSWER), NOW
    with serving(mailbox) as port:
        send = make_smtp_sender(f"smtp://127.0.0.1:{port}")
        while now < NOW + DAY:
            for to in RECIPIENTS if now - NOW in QUEUED else ():
                make_email(session, to=to, subject=f"{now - NOW}", created_at=now, next_attempt_at=now)
            while deliver_next(session, send, now=now):
                pass
            now += RUN
        assert mailbox.kept == []
        assert set(session.scalars(sa.select(Email.last_error).where(Email.attempts > 0))) == {ANSWER}
        counts = count_emails(session, EmailFilter(), now=now)
        assert counts[EmailState.RETRYING] + counts[EmailState.WAITING] == len(QUEUED) * len(RECIPIENTS)
        mailbox.answers.clear()
        end = now + LONGEST_RETRY_DELAY
        while now <= end:
            while deliver_next(session, send, now=now):
                pass
            now += RUN
    kept = [message_from_bytes(content) for content in mailbox.kept]
    assert set(Counter(message["Message-ID"] for message in kept).values()) == {1}
    for to in RECIPIENTS:
        assert [message["Subject"] for message in kept if message["To"] == to] == [f"{after}" for after in QUEUED]
    assert count_emails(session, EmailFilter(), now=now)[EmailState.SENT] == len(kept)


def test_an_email_waits_while_an_earlier_one_to_the_same_recipient_is_being_sent(session: Session) -> None:
    first, second = make_email(session), make_email(session)
    other = make_email(session, to="other@example.com")
    code = make_email(session, forget=True)
    taken = [claimed.id for _ in range(4) if (claimed := claim_email(session, HEAD, now=NOW))]
    assert taken == [first.id, other.id, code.id]
    first.given_up_at = NOW
    session.flush()
    claimed = claim_email(session, HEAD, now=NOW)
    assert claimed is not None
    assert claimed.id == second.id


def test_an_email_that_is_held_keeps_no_later_one_waiting(session: Session) -> None:
    make_email(session, next_attempt_at=NOW + LEASE)
    later = make_email(session)
    claimed = claim_email(session, HEAD, now=NOW)
    assert claimed is not None
    assert claimed.id == later.id
