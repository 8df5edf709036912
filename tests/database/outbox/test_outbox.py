"""Mail: promised with what it tells of, delivered after it, tried again, and given up in the end."""

from datetime import timedelta
from email.message import EmailMessage
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused, SMTPServerDisconnected

import pytest
from sqlalchemy.orm import Session
from support.factories import NOW, make_attestation, make_listing
from support.mail import HEAD, deliver_next, make_email

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.lifecycle import Move as AttestationMove
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict, NotFound
from directory.listings.lifecycle import DECISIONS, MOVES, ListingState, Move
from directory.outbox.delivery import (
    FIRST_RETRY_DELAY,
    LEASE,
    LONGEST_RETRY_DELAY,
    MAX_ATTEMPTS,
    claim_email,
    count_due,
    record_result,
    send_again,
    try_to_send,
)
from directory.outbox.message import LINE_LENGTH, letter_of, text_part
from directory.outbox.queries import EmailFilter, EmailState, count_emails, find_email, find_emails
from directory.outbox.queue import MAX_SUBJECT, cancel_email, enqueue_email, hold_until
from directory.outbox.tables import Email
from directory.review.commands import decide_attestation, decide_listing
from directory.review.decisions import UNDO_WITHIN


def fails(_message: EmailMessage) -> None:
    raise SMTPServerDisconnected("gone")


def succeeds(_message: EmailMessage) -> None:
    pass


def newest_emails(session: Session) -> list[Email]:
    return [mail for mail, _ in find_emails(session, EmailFilter(), now=NOW, limit=100)]


def state_of(session: Session, mail: Email) -> EmailState:
    return find_email(session, mail.id, now=NOW)[1]


@pytest.mark.parametrize("move", sorted(DECISIONS))
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
    assert (mail.to, mail.attempts, mail.next_attempt_at) == (provider.email, 0, NOW + UNDO_WITHIN)
    assert listing.name in mail.subject
    assert mail.body.startswith("Hello Pat Provider,\n\n")
    assert "The reason: The <reason> & why." in mail.body
    assert mail.action_path.startswith(("/portal/listings/", "/providers/"))


def test_an_entry_that_belongs_to_nobody_is_decided_on_without_mail(
    session: Session, provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    listing.managers.clear()
    before = newest_emails(session)
    decide_listing(session, listing, Move.PUBLISH, by=reviewer.actor, now=NOW, rulesets=bundled_rulesets())
    assert newest_emails(session) == before


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
    assert max(map(len, text_part(letter_of(mail, HEAD)).splitlines())) <= LINE_LENGTH
    assert "distinct" not in mail.body


def test_a_mail_is_written_with_what_it_tells_of_or_not_at_all(
    session: Session, provider: Account, reviewer: Account
) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    session.commit()
    listing_id, before = listing.id, newest_emails(session)
    decide_listing(session, listing, Move.PUBLISH, by=reviewer.actor, now=NOW, rulesets=bundled_rulesets())
    session.rollback()
    assert newest_emails(session) == before
    assert session.get_one(type(listing), listing_id).state is ListingState.SUBMITTED


def test_a_line_break_in_a_subject_cannot_add_a_header(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider)
    listing.name = "Ann\r\nBcc: everybody@example.com"
    mail = enqueue_email(
        session, "listing_decided", to=provider.email, now=NOW, listing=listing, move="publish", reason=""
    )
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject


def test_a_subject_is_cut_off_at_the_width_of_its_column(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, name="A" * 200)
    mail = enqueue_email(session, "listing_received", to=provider.email, now=NOW, listing=listing)
    session.flush()
    assert len(mail.subject) == MAX_SUBJECT


def test_a_listing_that_is_sent_for_review_is_acknowledged(session: Session, provider: Account) -> None:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    mail = newest_emails(session)[0]
    assert (mail.to, mail.letter) == (provider.email, "listing_received")
    assert mail.action_path == f"/portal/listings/{listing.id}"


def test_what_is_due_is_sent_once_and_oldest_first(session: Session) -> None:
    first, second = make_email(session, to="1@example.com"), make_email(session, to="2@example.com")
    later = make_email(session, next_attempt_at=NOW + timedelta(seconds=1))
    sent: list[str] = []
    while deliver_next(session, lambda message: sent.append(message["To"]), now=NOW):
        pass
    assert sent == [first.to, second.to]
    assert (count_due(session, now=NOW), count_due(session, now=NOW + timedelta(seconds=1))) == (0, 1)
    assert [state_of(session, mail) for mail in (first, second, later)] == [
        EmailState.SENT,
        EmailState.SENT,
        EmailState.HELD,
    ]


def test_a_failed_mail_is_tried_again_ever_later_and_given_up(session: Session) -> None:
    mail, now, waits = make_email(session), NOW, []
    while mail.given_up_at is None:
        assert deliver_next(session, fails, now=now) is not None
        waits.append(mail.next_attempt_at - now)
        now = mail.next_attempt_at
    assert mail.attempts == MAX_ATTEMPTS
    doubled = [FIRST_RETRY_DELAY * 2**n for n in range(6)]
    assert waits[:-1] == doubled + [LONGEST_RETRY_DELAY] * (MAX_ATTEMPTS - 7)
    assert sum(waits[:-1], timedelta()) >= timedelta(days=3)
    assert "SMTPServerDisconnected" in mail.last_error
    assert count_due(session, now=NOW + timedelta(days=365)) == 0
    assert state_of(session, mail) is EmailState.GIVEN_UP


@pytest.mark.parametrize(
    ("failure", "given_up"),
    [
        (SMTPRecipientsRefused({"a@example.com": (550, b"no such user")}), True),
        (SMTPRecipientsRefused({"a@example.com": (451, b"try later")}), False),
        (SMTPDataError(554, b"looks like spam"), True),
        (SMTPDataError(452, b"full"), False),
        (SMTPSenderRefused(553, b"not your address", "directory@example.org"), False),
    ],
)
def test_what_is_refused_for_good_is_given_up_at_once(session: Session, failure: Exception, *, given_up: bool) -> None:
    def refuse(_message: EmailMessage) -> None:
        raise failure

    mail = make_email(session)
    deliver_next(session, refuse, now=NOW)
    assert (mail.given_up_at is not None, mail.attempts) == (given_up, 1)
    assert mail.next_attempt_at > NOW


def test_an_email_that_cannot_be_written_is_given_up_and_stands_in_no_other_ones_way(session: Session) -> None:
    broken, good = make_email(session, to="a@example.com\nBcc: b@example.com"), make_email(session)
    claimed = deliver_next(session, succeeds, now=NOW)
    assert claimed is not None
    assert claimed.id == good.id
    session.refresh(broken)
    assert (broken.given_up_at, broken.attempts) == (NOW, 1)
    assert "cannot be written" in broken.last_error
    assert deliver_next(session, succeeds, now=NOW + LEASE) is None


@pytest.mark.parametrize("answer", [b"\0\xff no", b"x" * 5_000])
def test_whatever_a_server_answers_is_stored(session: Session, answer: bytes) -> None:
    def refuse(_message: EmailMessage) -> None:
        raise SMTPDataError(554, answer)

    mail = make_email(session)
    deliver_next(session, refuse, now=NOW)
    session.flush()
    assert mail.last_error.startswith("554 ")


def test_a_fault_of_our_own_is_not_taken_for_a_failed_delivery(session: Session) -> None:
    def broken(_message: EmailMessage) -> None:
        raise KeyError("ours")

    make_email(session)
    with pytest.raises(KeyError):
        deliver_next(session, broken, now=NOW)


def test_a_mail_that_got_through_after_a_failure_says_nothing_of_it(session: Session) -> None:
    mail = make_email(session)
    deliver_next(session, fails, now=NOW)
    deliver_next(session, succeeds, now=mail.next_attempt_at)
    assert (mail.last_error, mail.attempts) == ("", 2)
    assert mail.sent_at is not None


def test_a_claimed_email_is_not_claimed_again_before_its_lease_ends(session: Session) -> None:
    make_email(session)
    first = claim_email(session, HEAD, now=NOW)
    assert first is not None
    assert claim_email(session, HEAD, now=NOW + LEASE - timedelta(seconds=1)) is None
    again = claim_email(session, HEAD, now=NOW + LEASE)
    assert again is not None
    assert (again.id, again.attempt) == (first.id, 2)
    assert again.message["Message-ID"] == first.message["Message-ID"]


def test_a_result_that_comes_after_the_lease_is_recorded_only_if_the_email_was_sent(session: Session) -> None:
    mail = make_email(session)
    slow = claim_email(session, HEAD, now=NOW)
    other = claim_email(session, HEAD, now=NOW + LEASE)
    assert slow is not None
    assert other is not None
    record_result(session, slow, try_to_send(slow, fails), now=NOW + LEASE)
    assert (mail.last_error, mail.next_attempt_at) == ("", NOW + LEASE * 2)
    record_result(session, slow, None, now=NOW + LEASE)
    record_result(session, other, try_to_send(other, fails), now=NOW + LEASE)
    assert (mail.sent_at, mail.last_error) == (NOW + LEASE, "")


def test_an_email_is_held_and_cancelled_until_it_was_tried(session: Session) -> None:
    mail, until = make_email(session), NOW + timedelta(minutes=10)
    hold_until(session, mail, until)
    assert count_due(session, now=until - timedelta(seconds=1)) == 0
    assert state_of(session, mail) is EmailState.HELD
    cancel_email(session, mail, now=NOW)
    assert state_of(session, mail) is EmailState.CANCELLED
    assert deliver_next(session, succeeds, now=until) is None
    with pytest.raises(Conflict):
        hold_until(session, mail, until)
    tried = make_email(session)
    claim_email(session, HEAD, now=NOW)
    for change in (lambda: cancel_email(session, tried, now=NOW), lambda: hold_until(session, tried, until)):
        with pytest.raises(Conflict):
            change()
    assert tried.cancelled_at is None


def test_what_was_given_up_can_be_sent_again_and_nothing_else(session: Session) -> None:
    mail = make_email(session, given_up_at=NOW, attempts=MAX_ATTEMPTS, last_error="gone")
    send_again(session, mail.id, now=NOW + timedelta(days=1))
    assert deliver_next(session, succeeds, now=NOW + timedelta(days=1)) is not None
    assert (mail.attempts, mail.last_error, mail.given_up_at) == (1, "", None)
    erased = make_email(session, to="", body="", given_up_at=NOW, forget=True)
    for refused in (mail, erased):
        with pytest.raises(Conflict):
            send_again(session, refused.id, now=NOW)
    with pytest.raises(NotFound):
        send_again(session, erased.id + 1, now=NOW)


def test_the_outbox_shows_the_newest_first(session: Session) -> None:
    first, second = make_email(session), make_email(session, cancelled_at=NOW)
    assert newest_emails(session) == [second, first]
    assert find_emails(session, EmailFilter(), now=NOW, limit=1) == [(second, EmailState.CANCELLED)]
    assert find_emails(session, EmailFilter(), now=NOW, limit=1, offset=1) == [(first, EmailState.WAITING)]
    assert find_emails(session, EmailFilter(EmailState.WAITING), now=NOW, limit=9) == [(first, EmailState.WAITING)]
    counts = count_emails(session, now=NOW)
    assert (counts[EmailState.WAITING], counts[EmailState.CANCELLED], counts[EmailState.SENT]) == (1, 1, 0)
