"""Commands that create, answer and withdraw a dispute, and the function that makes every state change."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory.accounts.policy import Action, Actor, require
from directory.attestations.tables import Attestation
from directory.audit.chain import digest
from directory.audit.commands import record
from directory.certification.ruleset import Ruleset
from directory.disputes.lifecycle import ANSWER_WITHIN, CLOSED, UNDOES, DisputeState, Move, Remedy, next_state
from directory.disputes.report import ENTRY, Report, is_report_number, subject_label
from directory.disputes.tables import Dispute, DisputeMove
from directory.errors import Conflict, Invalid
from directory.listings.notices import notify_owners
from directory.listings.tables import Listing
from directory.listings.text_limits import check_text
from directory.outbox.queue import enqueue_email

MAX_ANSWER = 2000
"""Maximum length of a provider's answer in characters; arbitrary, about a page."""

WITHDRAWN_BY_REPORTER = "The person who reported it took the report back."
"""The public outcome of a dispute that its reporter withdrew."""


def create_dispute(
    session: Session,
    listing: Listing,
    attestation: Attestation | None,
    ruleset: Ruleset | None,
    said: Report,
    *,
    number: str,
    now: datetime,
) -> Dispute:
    """Store a report about a public listing; the same `number` submitted twice creates only one dispute.

    `attestation` is the one that the listing shows; `ruleset` is the one under which it was signed.

    Raises:
        Invalid: the report breaks a limit; the error names every such field.
        Conflict: the number belongs to a report about another listing.
    """
    found = session.scalar(sa.select(Dispute).where(Dispute.public_id == number)) if is_report_number(number) else None
    if found is not None:
        if found.listing_id != listing.id:
            raise Conflict("This form was made for another listing. Please open it again.")
        return found
    clean = said.checked(ruleset, now=now)
    made = Dispute(
        public_id=number if is_report_number(number) else None,
        listing_id=listing.id,
        attestation_id=attestation.id if attestation and clean.about != ENTRY else None,
        about=clean.about,
        what_happened=clean.what_happened,
        happened_on=clean.happened_on,
        reply_to=clean.reply_to,
        reported_at=now,
        updated_at=now,
    )
    session.add(made)
    session.flush()
    _record(session, made, "report", before=None, by=None, now=now)
    return made


def answer(session: Session, dispute: Dispute, text: str, *, version: int, by: Actor, now: datetime) -> None:
    """Record the provider's answer; `version` is the version that the provider saw.

    Raises:
        Invalid: the answer is empty or too long.
        Conflict: the dispute is no longer open, or has been changed since.
    """
    require(by, Action.ANSWER_DISPUTE, right=dispute.listing.right_of(by.id))
    require_version(dispute, version)
    text = text.strip()
    faults = [*check_text("answer", "Your answer", text, least=1, most=MAX_ANSWER, lines=True)]
    if faults:
        raise Invalid(faults)
    move(session, dispute, Move.ANSWER, by=by, now=now, reason=text)


def withdraw(session: Session, dispute: Dispute, ruleset: Ruleset | None, *, now: datetime) -> None:
    """Withdraw a dispute for its reporter; no account is needed, because only the reporter knows its number.

    Raises:
        Conflict: the dispute is closed.
    """
    move(session, dispute, Move.WITHDRAW, by=None, now=now, reason=WITHDRAWN_BY_REPORTER)
    notify_provider(session, dispute, ruleset, Move.WITHDRAW, WITHDRAWN_BY_REPORTER, now=now)


def move(session: Session, dispute: Dispute, name: Move, *, by: Actor | None, now: datetime, reason: str) -> None:
    """Apply one move and record it in the history and the audit log; the caller has checked that `by` may do so.

    Closing deletes the reporter's email address, so queue any email to it first.

    Raises:
        Conflict: the lifecycle has no such move from the current state.
    """
    before, hashed = dispute.state, _digest(dispute)
    dispute.state, dispute.updated_at = next_state(before, name), now
    if name is Move.OPEN:
        dispute.answer_by = now + ANSWER_WITHIN
    if dispute.state in CLOSED:
        dispute.reply_to = ""
    session.add(
        DisputeMove(
            dispute_id=dispute.id,
            move=name.value,
            from_state=before.value,
            to_state=dispute.state.value,
            reason=reason,
            by_id=by.id if by else None,
            at=now,
        )
    )
    session.flush()
    _record(session, dispute, name.value, before=hashed, by=by, now=now)


def undo_dispute(
    session: Session,
    dispute: Dispute,
    state: DisputeState,
    *,
    reply_to: str,
    by: Actor,
    now: datetime,
    reason: str,
) -> None:
    """Move a dispute back to `state`, in which it was decided; `reply_to` is the address that the decision deleted.

    Raises:
        Conflict: there is no such way back from the current state.
    """
    dispute.remedy = None
    move(session, dispute, UNDOES[state], by=by, now=now, reason=reason)
    if state is DisputeState.REPORTED:
        dispute.answer_by = None
    dispute.reply_to = reply_to or dispute.reply_to
    session.flush()


def notify_provider(
    session: Session, dispute: Dispute, ruleset: Ruleset | None, move: Move, text: str, *, now: datetime
) -> None:
    """Queue an email to each owner of the listing, if the provider was asked about the dispute."""
    if dispute.answer_by is None:
        return
    letter = "dispute_opened" if move is Move.OPEN else "dispute_closed"
    about = subject_label(ruleset, dispute.about)
    facts = {"dispute": dispute, "about": about, "move": _verb(dispute, move), "text": text}
    notify_owners(session, dispute.listing_id, letter, now=now, **facts)


def notify_reporter(session: Session, dispute: Dispute, move: Move, line: str, *, now: datetime) -> None:
    """Queue the email about the outcome, if the reporter left an address; the outbox forgets it after sending."""
    if dispute.reply_to:
        was_asked = dispute.answer_by is not None
        facts = {"listing": dispute.listing, "move": _verb(dispute, move), "line": line, "was_asked": was_asked}
        to, about = dispute.reply_to, dispute.listing_id
        enqueue_email(session, "dispute_outcome", to=to, now=now, listing_id=about, **facts).forget = True


def _verb(dispute: Dispute, move: Move) -> str:
    """Return what the emails call the move: that of a remedy with words of its own, or else the move."""
    if move is Move.UPHOLD and dispute.remedy in {Remedy.CORRECTED_BY_US, Remedy.COULD_NOT_REACH}:
        return dispute.remedy.value
    return move.value


def require_version(dispute: Dispute, version: int | None) -> None:
    """Refuse a decision that was based on an older version; scripts pass None to skip the check.

    Raises:
        Conflict: the dispute has been changed since.
    """
    if version is not None and dispute.version != version:
        raise Conflict("This report was changed in the meantime. Look at it as it is now, then go on.")


def _record(
    session: Session, dispute: Dispute, verb: str, *, before: str | None, by: Actor | None, now: datetime
) -> None:
    after_it = _digest(dispute)
    who = by.id if by else None
    record(
        session,
        action=f"dispute.{verb}",
        target=f"dispute:{dispute.id}",
        before=before,
        after=after_it,
        by=who,
        now=now,
    )


def _digest(dispute: Dispute) -> str:
    """Return the hash of the dispute's state, without any text that people wrote."""
    return digest(
        {
            "about": dispute.about,
            "attestation": dispute.attestation_id,
            "listing": dispute.listing_id,
            "remedy": dispute.remedy.value if dispute.remedy else None,
            "state": dispute.state.value,
        }
    )
