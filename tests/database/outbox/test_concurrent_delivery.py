"""Two deliverers at once, and one that dies: no email is lost, and none is sent twice but after a crash."""

import multiprocessing
import os
import threading
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from support import databases
from support.factories import NOW
from support.mail import HEAD, deliver_next, make_email

from directory import config, transaction
from directory.errors import Conflict
from directory.outbox.delivery import LEASE, claim_email, record_result, try_to_send
from directory.outbox.queue import cancel_email
from directory.outbox.tables import Email

EMAILS = 20


def deliver_all(app: Flask, sent: list[str], start: threading.Barrier) -> None:
    """What `mail send` does, with the first claims at the same moment."""
    start.wait()
    with app.app_context():
        while True:
            try:
                with transaction.atomic() as session:
                    claimed = claim_email(session, HEAD, now=NOW)
            except Conflict:
                continue  # SQLite has one writer
            if claimed is None:
                return
            failure = try_to_send(claimed, lambda message: sent.append(message["Message-ID"]))
            with transaction.atomic() as session:
                record_result(session, claimed, failure, now=NOW)


def test_two_deliverers_send_each_email_once(installation: Flask) -> None:
    with transaction.atomic() as session:
        for number in range(EMAILS):
            make_email(session, to=f"{number}@example.com")
    sent: tuple[list[str], list[str]] = ([], [])
    start = threading.Barrier(2)
    threads = [threading.Thread(target=deliver_all, args=(installation, mine, start)) for mine in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent[0] + sent[1]) == len({*sent[0], *sent[1]}) == EMAILS
    transaction.session().expire_all()
    assert set(transaction.session().scalars(sa.select(Email.attempts))) == {1}


def die_after_sending(home: Path, database: str, accepted: Path) -> None:
    """A process that is killed after the server accepted the email and before the result is stored."""
    with databases.database_application(config.read(databases.environment(home, database))):
        with transaction.atomic() as session:
            claimed = claim_email(session, HEAD, now=NOW)
        assert claimed is not None

        def accept(message: EmailMessage) -> None:
            accepted.write_text(message["Message-ID"])
            os._exit(9)

        try_to_send(claimed, accept)


def test_a_deliverer_that_dies_after_the_server_accepted_costs_one_repetition_with_the_same_message_id(
    session: Session, database: str, tmp_path: Path
) -> None:
    mail = make_email(session)
    session.commit()
    accepted = tmp_path / "accepted"
    process = multiprocessing.get_context("spawn").Process(
        target=die_after_sending, args=(tmp_path / "home", database, accepted)
    )
    process.start()
    process.join(60)
    assert process.exitcode == 9
    sent: list[str] = []
    assert deliver_next(session, lambda message: sent.append(message["Message-ID"]), now=NOW) is None
    for now in (NOW + LEASE, NOW + LEASE * 2, NOW + timedelta(days=9)):
        deliver_next(session, lambda message: sent.append(message["Message-ID"]), now=now)
    assert sent == [accepted.read_text()]
    assert (mail.attempts, mail.sent_at) == (2, NOW + LEASE)


def test_an_email_cannot_be_cancelled_while_it_is_being_sent(session: Session) -> None:
    mail = make_email(session)
    session.commit()
    with Session(session.get_bind()) as deliverer:
        assert claim_email(deliverer, HEAD, now=NOW) is not None
        deliverer.commit()
    assert mail.attempts in {0, 1}
    with pytest.raises(Conflict):
        cancel_email(session, mail, now=NOW)
    session.rollback()
    assert mail.cancelled_at is None
