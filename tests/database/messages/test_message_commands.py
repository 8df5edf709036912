"""Messages about a listing: who writes and answers, on whom they wait and since when, and what nobody can change."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from support.factories import NOW, make_account, make_attestation, make_listing
from support.message_factories import QUESTION, make_message, make_subject

from directory.accounts.policy import Right, Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.audit.tables import AuditEntry
from directory.errors import Conflict, Invalid, NotAllowed, NotFound
from directory.listings.tables import Listing, ListingManager
from directory.messages.commands import MAX_PER_DAY, answer_message, close_message, mark_read, write_message
from directory.messages.queries import OpenMessages, WaitingOn, message, messages_of, open_messages
from directory.messages.tables import Message
from directory.outbox.tables import Email
from directory.review.notes import add_note

HOUR = timedelta(hours=1)


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    made = make_listing(session, provider)
    session.commit()
    return made


def manage(session: Session, listing: Listing, right: Right) -> Account:
    account = make_account(session, Role.PROVIDER, name=right.value.title(), email=f"{right.value}@example.com")
    listing.managers.append(ListingManager(account_id=account.id, right=right, since=NOW, by_id=account.id))
    session.flush()
    return account


def actions(session: Session) -> list[str]:
    rows = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq))
    return [row.action for row in rows if row.action.startswith(("message.", "note."))]


def waiting(session: Session, listing: Listing) -> OpenMessages | None:
    return open_messages(session, [listing.id]).get(listing.id)


def test_a_question_waits_for_the_provider_and_its_answer_for_a_reviewer_until_one_writes_again(
    session: Session, listing: Listing, provider: Account
) -> None:
    assert waiting(session, listing) is None
    asked = make_message(session, listing)
    assert waiting(session, listing) == OpenMessages(WaitingOn.PROVIDER, NOW, 1)
    reply = answer_message(session, asked, " Yes.\n", seen=1, by=provider.actor, now=NOW + HOUR)
    assert (reply.text, reply.number, reply.reply_to_id) == ("Yes.", 2, asked.id)
    assert waiting(session, listing) == OpenMessages(WaitingOn.REVIEWER, NOW + HOUR, 1)
    make_message(session, listing, "Thank you.", now=NOW + 2 * HOUR, needs_answer=False)
    assert waiting(session, listing) is None
    assert [row.message.text for row in messages_of(session, listing.id)] == ["Thank you.", "Yes.", QUESTION]
    assert actions(session) == ["message.write", "message.answer", "message.write"]


def test_of_several_open_messages_the_oldest_counts_and_an_answer_comes_before_a_question(
    session: Session, listing: Listing, provider: Account
) -> None:
    first = make_message(session, listing)
    make_message(session, listing, "And the fax?", now=NOW + HOUR)
    assert waiting(session, listing) == OpenMessages(WaitingOn.PROVIDER, NOW, 2)
    answer_message(session, first, "Yes.", seen=2, by=provider.actor, now=NOW + 2 * HOUR)
    assert waiting(session, listing) == OpenMessages(WaitingOn.REVIEWER, NOW + 2 * HOUR, 1)


def test_a_question_to_a_listing_that_nobody_manages_any_more_waits_for_a_reviewer(
    session: Session, listing: Listing, provider: Account
) -> None:
    make_message(session, listing)
    provider.active = False
    session.flush()
    assert waiting(session, listing) == OpenMessages(WaitingOn.REVIEWER, NOW, 1)
    provider.active = True
    listing.managers.clear()
    session.flush()
    assert waiting(session, listing) == OpenMessages(WaitingOn.REVIEWER, NOW, 1)


def test_the_waiting_of_many_listings_takes_one_statement(
    session: Session, provider: Account, database_engine: sa.Engine
) -> None:
    listings = [make_listing(session, provider) for _ in range(3)]
    for made in listings[:2]:
        make_message(session, made)
    session.commit()
    statements: list[str] = []
    sa.event.listen(database_engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert set(open_messages(session, [made.id for made in listings])) == {made.id for made in listings[:2]}
    assert len([text for text in statements if text.startswith("SELECT") and "FROM messages" in text]) == 1


def test_owners_and_editors_get_an_email_with_the_page_and_signers_do_not(
    session: Session, listing: Listing, provider: Account
) -> None:
    for right in (Right.EDITOR, Right.SIGNER):
        manage(session, listing, right)
    before = session.scalar(sa.select(sa.func.count()).select_from(Email)) or 0
    make_message(session, listing)
    session.flush()
    mails = session.scalars(sa.select(Email).order_by(Email.id)).all()[before:]
    assert {mail.to for mail in mails} == {provider.email, "editor@example.com"}
    for mail in mails:
        assert QUESTION in mail.body
        assert (mail.action_label, mail.action_path) == ("Read and answer", f"/portal/listings/{listing.id}/messages")
        assert "Rae" not in mail.body


def test_a_listing_that_nobody_manages_cannot_be_written_to_and_no_email_is_sent(
    session: Session, listing: Listing, provider: Account
) -> None:
    before = session.scalar(sa.select(sa.func.count()).select_from(Email))
    listing.managers.clear()
    session.flush()
    with pytest.raises(Conflict, match="nobody can be asked"):
        make_message(session, listing)
    listing.managers.append(ListingManager(account_id=provider.id, right=Right.OWNER, since=NOW, by_id=provider.id))
    provider.active = False
    session.flush()
    with pytest.raises(Conflict, match="nobody can be asked"):
        make_message(session, listing)
    assert session.scalar(sa.select(sa.func.count()).select_from(Email)) == before


def test_only_reviewers_of_other_listings_write_close_and_note(
    session: Session, listing: Listing, provider: Account, other_provider: Account, admin: Account
) -> None:
    asked = make_message(session, listing)
    provider.roles = [*provider.roles, *admin.roles]
    for account in (provider, other_provider):
        with pytest.raises(NotAllowed):
            write_message(session, listing, "Hello.", seen=None, by=account.actor, now=NOW)
        with pytest.raises(NotAllowed):
            close_message(session, asked, by=account.actor, now=NOW)
        with pytest.raises(NotAllowed):
            add_note(session, listing, "Hello.", by=account.actor, now=NOW)


def test_only_owners_and_editors_answer(
    session: Session, listing: Listing, other_provider: Account, admin: Account
) -> None:
    asked = make_message(session, listing)
    for account in (other_provider, admin, manage(session, listing, Right.SIGNER)):
        with pytest.raises(NotAllowed):
            answer_message(session, asked, "Yes.", seen=None, by=account.actor, now=NOW)
    answer_message(session, asked, "Yes.", seen=None, by=manage(session, listing, Right.EDITOR).actor, now=NOW)


def test_a_message_is_answered_or_closed_once(session: Session, listing: Listing, provider: Account) -> None:
    asked = make_message(session, listing)
    reply = answer_message(session, asked, "Yes.", seen=None, by=provider.actor, now=NOW)
    for again in (asked, reply):
        with pytest.raises(Conflict, match="answered in the meantime"):
            answer_message(session, again, "Yes!", seen=None, by=provider.actor, now=NOW)
    by = make_account(session, Role.REVIEWER).actor
    with pytest.raises(Conflict, match="answered or closed"):
        close_message(session, asked, by=by, now=NOW)
    close_message(session, reply, by=by, now=NOW)
    assert waiting(session, listing) is None
    assert actions(session)[-1] == "message.close"


def test_nobody_writes_without_having_seen_the_last_message(
    session: Session, listing: Listing, provider: Account, reviewer: Account
) -> None:
    first, second = make_message(session, listing), make_message(session, listing, "And the fax?")
    with pytest.raises(Conflict, match="in the meantime"):
        answer_message(session, first, "Yes.", seen=1, by=provider.actor, now=NOW)
    answer_message(session, second, "None.", seen=2, by=provider.actor, now=NOW)
    with pytest.raises(Conflict, match="in the meantime"):
        write_message(session, listing, "Well?", seen=2, by=reviewer.actor, now=NOW)
    write_message(session, listing, "Well?", seen=3, by=reviewer.actor, now=NOW)


def test_the_database_refuses_the_second_of_two_messages_of_the_same_moment(
    session: Session, listing: Listing, provider: Account
) -> None:
    make_message(session, listing)
    session.commit()
    session.add(Message(listing=listing, number=1, sender="staff", by_id=provider.id, text="At once.", at=NOW))
    with pytest.raises(DBAPIError):
        session.flush()
    session.rollback()


@pytest.mark.parametrize("text", ["", " \n ", "x" * 2001, "a\0b"])
def test_a_text_says_something_within_its_limit(
    session: Session, listing: Listing, provider: Account, text: str
) -> None:
    with pytest.raises(Invalid, match="our message"):
        make_message(session, listing, text)
    asked = make_message(session, listing, "x" * 2000)
    with pytest.raises(Invalid, match="our answer"):
        answer_message(session, asked, text, seen=None, by=provider.actor, now=NOW)


def test_a_listing_gets_ten_messages_in_a_day(session: Session, listing: Listing, provider: Account) -> None:
    for _ in range(10):
        make_message(session, listing)
    with pytest.raises(Invalid, match="Wait a day"):
        make_message(session, listing, now=NOW + timedelta(hours=23))
    make_message(session, make_listing(session, provider), now=NOW)
    make_message(session, listing, now=NOW + timedelta(hours=24))
    assert MAX_PER_DAY == 10


def test_a_message_is_about_an_answer_of_this_listing_that_counts_or_waits(
    session: Session, listing: Listing, other_provider: Account
) -> None:
    old = make_attestation(session, listing, state=AttestationState.SUPERSEDED)
    current = make_attestation(session, listing)
    foreign = make_attestation(session, make_listing(session, other_provider))
    with pytest.raises(Conflict, match="superseded"):
        make_message(session, listing, subject=make_subject(old))
    for wrong in (make_subject(foreign), make_subject(current, "needle"), make_subject(current, "")):
        with pytest.raises(Invalid, match="Choose an answer"):
            make_message(session, listing, subject=wrong)
    made = make_message(session, listing, subject=make_subject(current))
    assert (made.attestation_id, made.question) == (current.id, "volume_per_site_ml")
    session.flush()
    mail = session.scalars(sa.select(Email).order_by(Email.id.desc())).first()
    assert mail is not None
    assert "about the answer “Amount from one place”" in mail.body


def test_what_was_opened_is_marked_as_read_once_by_who_could_answer(
    session: Session, listing: Listing, provider: Account, other_provider: Account, reviewer: Account
) -> None:
    asked = make_message(session, listing)
    for account in (reviewer, other_provider, manage(session, listing, Right.SIGNER)):
        mark_read(session, listing, by=account.actor, now=NOW)
    session.refresh(asked)
    assert asked.read_at is None
    mark_read(session, listing, by=provider.actor, now=NOW + HOUR)
    mark_read(session, listing, by=provider.actor, now=NOW + 2 * HOUR)
    session.refresh(asked)
    assert (asked.read_at, asked.read_by_id) == (NOW + HOUR, provider.id)
    make_message(session, listing, "And the fax?")
    reply = answer_message(session, asked, "Yes.", seen=None, by=provider.actor, now=NOW + 2 * HOUR)
    mark_read(session, listing, by=reviewer.actor, now=NOW + 3 * HOUR)
    session.refresh(reply)
    assert (reply.read_at, reply.read_by_id) == (NOW + 3 * HOUR, reviewer.id)
    assert [row.reader for row in messages_of(session, listing.id)] == ["Ruth Reviewer", "Pat Provider", "Pat Provider"]


def test_the_log_holds_no_word_of_what_was_written(
    session: Session, listing: Listing, provider: Account, reviewer: Account
) -> None:
    answer_message(session, make_message(session, listing), "Of course.", seen=None, by=provider.actor, now=NOW)
    add_note(session, listing, "Called them.", by=reviewer.actor, now=NOW)
    rows = repr(session.execute(sa.select(AuditEntry.__table__)).all())
    for text in (QUESTION, "Of course.", "Called them."):
        assert text not in rows


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE messages SET text = 'another'",
        "UPDATE messages SET by_id = by_id + 1",
        "UPDATE messages SET settled_at = NULL, settled_by_id = NULL WHERE number = 1",
        "UPDATE messages SET read_at = NULL, read_by_id = NULL WHERE number = 1",
        "UPDATE messages SET settled_by_id = NULL",
        "DELETE FROM messages",
        "UPDATE review_notes SET text = 'another'",
        "DELETE FROM review_notes",
    ],
)
def test_the_database_refuses_what_no_command_does(
    session: Session, listing: Listing, provider: Account, reviewer: Account, change: str
) -> None:
    asked = make_message(session, listing)
    mark_read(session, listing, by=provider.actor, now=NOW)
    answer_message(session, asked, "Yes.", seen=None, by=provider.actor, now=NOW)
    add_note(session, listing, "Called them.", by=reviewer.actor, now=NOW)
    session.commit()
    with pytest.raises(DBAPIError):
        session.execute(sa.text(change))
    session.rollback()


def test_a_message_is_found_only_at_its_own_listing(session: Session, listing: Listing, provider: Account) -> None:
    made, other = make_message(session, listing), make_listing(session, provider)
    assert message(session, listing.id, made.id) is made
    for listing_id, message_id in ((other.id, made.id), (listing.id, made.id + 1)):
        with pytest.raises(NotFound):
            message(session, listing_id, message_id)
