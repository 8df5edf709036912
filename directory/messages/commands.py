"""Commands that write, answer and close messages about a listing."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import RIGHTS, Action, Actor, may, require
from directory.audit.chain import digest
from directory.audit.commands import record
from directory.certification.ruleset import Rulesets
from directory.errors import Conflict, FieldError, Invalid
from directory.evidence.attachment import Attachment
from directory.evidence.commands import add_after_signing
from directory.listings.notices import notify_managers
from directory.listings.queries import contacts
from directory.listings.tables import Listing
from directory.listings.text_limits import check_text
from directory.messages.subject import Subject
from directory.messages.tables import Message, Sender

MAX_TEXT = 2000
"""Maximum length of a message in characters; arbitrary, about a page."""

MAX_PER_DAY = 10
"""Messages of reviewers about one listing in 24 hours; arbitrary, many for a conversation and few for a mailbox."""

DAY = timedelta(days=1)

NOBODY_TO_ASK = "Nobody manages this listing, so nobody can be asked."
NEWER_MESSAGE = "Another message was written in the meantime. Read it first, then send yours if it is still needed."


def write_message(
    session: Session,
    listing: Listing,
    text: str,
    *,
    seen: int | None,
    by: Actor,
    now: datetime,
    subject: Subject | None = None,
    needs_answer: bool = True,
) -> Message:
    """Write to the owners and editors of a listing; what they wrote before counts as dealt with.

    `seen` is the number of the last message that the writer saw, 0 if there was none; None skips the check. `subject`
    is the answer that the message is about. A request for evidence always needs an answer.

    Raises:
        NotAllowed: `by` is no reviewer, or manages the listing.
        Invalid: the text is missing or too long, or the subject is no answer that counts.
        Conflict: nobody manages the listing, somebody wrote in the meantime, or there were too many messages today.
    """
    require(by, Action.WRITE_MESSAGE, right=listing.right_of(by.id))
    if not contacts(session, listing.id, RIGHTS[Action.ANSWER_MESSAGE]):
        raise Conflict(NOBODY_TO_ASK)
    text = _checked_text("text", "Your message", text)
    if subject is not None:
        subject.require_of(listing)
    number = _next_number(session, listing, seen)
    _require_below_limit(session, listing, now)
    message = Message(listing=listing, number=number, sender=Sender.STAFF, by_id=by.id, text=text, at=now)
    if subject is not None:
        subject.set_on(message)
    if not needs_answer and not message.asks_for_evidence:
        message.settled_at, message.settled_by_id = now, by.id
    _settle_answers(session, listing, by=by, now=now)
    session.add(message)
    _record(session, message, "write", by=by, now=now)
    facts = {"listing": listing, "message": message, "asked": subject.label if subject else ""}
    notify_managers(session, listing.id, "message_written", Action.ANSWER_MESSAGE, now=now, **facts)
    return message


def answer_message(
    session: Session,
    message: Message,
    text: str,
    *,
    seen: int | None,
    by: Actor,
    now: datetime,
    evidence: Sequence[Attachment] = (),
    rulesets: Rulesets | None = None,
) -> Message:
    """Answer a reviewer's message for the listing; the answer waits for a reviewer.

    `evidence` is added to the signed answer for which the reviewer asked; it may stand without a text.

    Raises:
        NotAllowed: `by` is neither an owner nor an editor of the listing.
        Invalid: the answer is missing or too long, or evidence was not asked for.
        Conflict: the message is answered or closed, or somebody wrote in the meantime.
    """
    listing = message.listing
    require(by, Action.ANSWER_MESSAGE, right=listing.right_of(by.id))
    if message.sender is not Sender.STAFF or message.settled_at is not None:
        raise Conflict("This message was answered in the meantime, or needs no answer any more.")
    text = _checked_text("message", "Your answer", text, least=0 if evidence else 1)
    _add_evidence(session, message, evidence, rulesets, by=by, now=now)
    reply = Message(
        listing=listing,
        number=_next_number(session, listing, seen),
        sender=Sender.PROVIDER,
        by_id=by.id,
        text=text,
        at=now,
        reply_to_id=message.id,
    )
    message.settled_at, message.settled_by_id = now, by.id
    mark_read(session, listing, by=by, now=now)
    session.add(reply)
    _record(session, reply, "answer", by=by, now=now)
    return reply


def close_message(session: Session, message: Message, *, by: Actor, now: datetime) -> None:
    """Close an open message without an answer: a question that is not needed any more, or an answer that says enough.

    Raises:
        NotAllowed: `by` is no reviewer, or manages the listing.
        Conflict: the message is answered or closed already.
    """
    require(by, Action.WRITE_MESSAGE, right=message.listing.right_of(by.id))
    if message.settled_at is not None:
        raise Conflict("This message was answered or closed in the meantime.")
    message.settled_at, message.settled_by_id = now, by.id
    _record(session, message, "close", by=by, now=now)


def mark_read(session: Session, listing: Listing, *, by: Actor, now: datetime) -> None:
    """Note when the messages of the other side were first opened, and by whom, if `by` could answer them."""
    right = listing.right_of(by.id)
    if may(by, Action.ANSWER_MESSAGE, right=right):
        sender = Sender.STAFF
    elif may(by, Action.WRITE_MESSAGE, right=right):
        sender = Sender.PROVIDER
    else:
        return
    unread = (Message.listing_id == listing.id, Message.sender == sender, Message.read_at.is_(None))
    # A page that is opened again must not wait for the write lock of SQLite.
    if session.scalar(sa.select(sa.exists().where(*unread))):
        session.execute(sa.update(Message).where(*unread).values(read_at=now, read_by_id=by.id))


def _add_evidence(
    session: Session,
    message: Message,
    evidence: Sequence[Attachment],
    rulesets: Rulesets | None,
    *,
    by: Actor,
    now: datetime,
) -> None:
    if not evidence:
        return
    attestation = message.attestation
    if not message.asks_for_evidence or attestation is None or rulesets is None:
        raise Invalid([FieldError("", "The reviewer did not ask for a document here.")])
    ruleset = rulesets.load(attestation.ruleset_id)
    for piece in evidence:
        add_after_signing(session, attestation, ruleset, message.question, piece, by=by, now=now)


def _checked_text(field: str, label: str, text: str, *, least: int = 1) -> str:
    text = text.strip()
    if faults := list(check_text(field, label, text, least=least, most=MAX_TEXT, lines=True)):
        raise Invalid(faults)
    return text


def _next_number(session: Session, listing: Listing, seen: int | None) -> int:
    last = session.scalar(sa.select(sa.func.max(Message.number)).where(Message.listing_id == listing.id)) or 0
    if seen is not None and seen != last:
        raise Conflict(NEWER_MESSAGE)
    return last + 1


def _require_below_limit(session: Session, listing: Listing, now: datetime) -> None:
    today = sa.select(sa.func.count()).where(
        Message.listing_id == listing.id, Message.sender == Sender.STAFF, Message.at > now - DAY
    )
    if (session.scalar(today) or 0) >= MAX_PER_DAY:
        sentence = (
            f"Reviewers sent {MAX_PER_DAY} messages about this listing in 24 hours, which is the most. Wait a day."
        )
        raise Invalid([FieldError("text", sentence)])


def _settle_answers(session: Session, listing: Listing, *, by: Actor, now: datetime) -> None:
    """Settle what the provider wrote, because a reviewer writes again."""
    session.execute(
        sa.update(Message)
        .where(Message.listing_id == listing.id, Message.sender == Sender.PROVIDER, Message.settled_at.is_(None))
        .values(settled_at=now, settled_by_id=by.id)
    )


def _record(session: Session, message: Message, verb: str, *, by: Actor, now: datetime) -> None:
    """Write a log entry, without any text that people wrote."""
    session.flush()
    record(
        session,
        action=f"message.{verb}",
        target=f"message:{message.id}",
        before=None,
        after=digest(
            {
                "attestation": message.attestation_id,
                "evidence": message.asks_for_evidence,
                "listing": message.listing_id,
                "number": message.number,
                "question": message.question,
                "reply_to": message.reply_to_id,
                "sender": message.sender.value,
                "settled": message.settled_at is not None,
            }
        ),
        by=by.id,
        now=now,
    )
