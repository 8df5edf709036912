"""Mail: promised with what it tells of, delivered after it, tried again, and given up in the end."""

from datetime import timedelta
from smtplib import SMTPServerDisconnected

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, make_attestation, make_listing

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationMove
from directory.certification.ruleset import bundled_rulesets
from directory.listings.lifecycle import MOVES, ListingState, Move
from directory.outbox.delivery import FIRST_RETRY_DELAY, MAX_ATTEMPTS, deliver_email, due_emails, newest_emails
from directory.outbox.queue import LINE_LENGTH, enqueue_email
from directory.outbox.tables import Email
from directory.review.commands import decide_attestation, decide_listing


def a_mail(session: Session) -> Email:
    mail = Email(to="a@example.com", subject="One", body="Two", created_at=NOW, next_attempt_at=NOW)
    session.add(mail)
    session.flush()
    return mail


def fails(_mail: Email) -> None:
    raise SMTPServerDisconnected("gone")


@pytest.mark.parametrize("move", [move for move in Move if move is not Move.SUBMIT])
def test_every_decision_on_a_listing_is_told_to_its_owner(
    session: Session, provider: Account, reviewer: Account, move: Move
) -> None:
    listing = make_listing(session, provider, state=next(iter(MOVES[move][0])))
    before = len(newest_emails(session))
    decide_listing(
        session, listing, move, by=reviewer.actor, now=NOW, rulesets=bundled_rulesets(), reason="The <reason> & why."
    )
    mail = newest_emails(session)[0]
    assert len(newest_emails(session)) == before + 1
    assert (mail.to, mail.attempts, mail.next_attempt_at) == (provider.email, 0, NOW)
    assert listing.name in mail.subject
    assert "The reason: The <reason> & why." in mail.body


def test_an_entry_that_belongs_to_nobody_is_decided_on_without_mail(
    session: Session, provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    listing.owner_id = None
    decide_listing(session, listing, Move.PUBLISH, by=reviewer.actor, now=NOW, rulesets=bundled_rulesets())
    assert newest_emails(session) == []


def test_a_returned_attestation_is_told_with_the_reason_and_each_remark(
    session: Session, provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, provider)
    attestation = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    signed = newest_emails(session)[0]
    assert bundled_rulesets().current.statement in " ".join(signed.body.split())
    decide_attestation(
        session,
        attestation,
        AttestationMove.RETURN,
        by=reviewer.actor,
        now=NOW,
        rulesets=bundled_rulesets(),
        reason="Not clear.",
        comments={"harvest_bone": "Which side?", "distinct_sites": " "},
    )
    mail = newest_emails(session)[0]
    assert mail.subject == f"Your answers for {listing.name} were returned"
    asked = bundled_rulesets().current.question("harvest_bone")
    assert asked is not None
    assert f"{asked.question} Which side?" in " ".join(mail.body.split())
    assert max(map(len, mail.body.splitlines())) <= LINE_LENGTH
    assert "distinct" not in mail.body


def test_a_mail_is_written_with_what_it_tells_of_or_not_at_all(
    session: Session, provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    session.commit()
    listing_id = listing.id
    decide_listing(session, listing, Move.PUBLISH, by=reviewer.actor, now=NOW, rulesets=bundled_rulesets())
    session.rollback()
    assert newest_emails(session) == []
    assert session.get_one(type(listing), listing_id).state is ListingState.SUBMITTED


def test_a_line_break_in_a_subject_cannot_add_a_header(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    listing.name = "Ann\r\nBcc: everybody@example.com"
    mail = enqueue_email(
        session, "listing_decided", to=provider.email, now=NOW, listing=listing, move="publish", reason=""
    )
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject


def test_what_is_due_is_sent_once_and_oldest_first(session: Session) -> None:
    first, second = a_mail(session), a_mail(session)
    later = a_mail(session)
    later.next_attempt_at = NOW + timedelta(seconds=1)
    sent: list[int] = []
    for mail in list(due_emails(session, now=NOW)):
        deliver_email(mail, lambda one: sent.append(one.id), now=NOW)
    assert sent == [first.id, second.id]
    assert list(due_emails(session, now=NOW)) == []
    assert list(due_emails(session, now=NOW + timedelta(seconds=1))) == [later]


def test_a_failed_mail_is_tried_again_ever_later_and_given_up(session: Session) -> None:
    mail, now, waits = a_mail(session), NOW, []
    while mail.given_up_at is None:
        deliver_email(mail, fails, now=now)
        waits.append(mail.next_attempt_at - now)
        now = mail.next_attempt_at
    assert mail.attempts == MAX_ATTEMPTS
    assert waits[:-1] == [FIRST_RETRY_DELAY * 2**n for n in range(MAX_ATTEMPTS - 1)]
    assert "SMTPServerDisconnected" in mail.last_error
    assert list(due_emails(session, now=NOW + timedelta(days=365))) == []


def test_a_fault_of_our_own_is_not_taken_for_a_failed_delivery(session: Session) -> None:
    def broken(_mail: Email) -> None:
        raise KeyError("ours")

    with pytest.raises(KeyError):
        deliver_email(a_mail(session), broken, now=NOW)


def test_a_mail_that_got_through_after_a_failure_says_nothing_of_it(session: Session) -> None:
    mail = a_mail(session)
    deliver_email(mail, fails, now=NOW)
    deliver_email(mail, lambda _mail: None, now=mail.next_attempt_at)
    assert (mail.last_error, mail.attempts) == ("", 2)
    assert mail.sent_at is not None


def test_the_outbox_shows_the_newest_first(session: Session) -> None:
    first, second = a_mail(session), a_mail(session)
    assert newest_emails(session) == [second, first]
    assert newest_emails(session, limit=1) == [second]
    assert session.scalar(sa.select(sa.func.count()).select_from(Email)) == 2


def test_a_link_stays_whole_however_long_it_is_and_whatever_is_in_it(session: Session) -> None:
    link = "https://directory.example/signin/reset/" + "ab-c_d." * 30
    links = {"reset_token": link, "login": ""}
    mail = enqueue_email(session, "password_reset", to="a@example.com", now=NOW, name="Ann", links=links)
    assert link in mail.body.splitlines()
    assert all(len(line) <= LINE_LENGTH for line in mail.body.splitlines() if line != link)
