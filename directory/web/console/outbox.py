"""Console pages for email: what is in the outbox, and sending again what was given up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action, require
from directory.outbox.message import Letterhead, letter_of, text_part
from directory.outbox.queries import EmailState, count_emails, newest_emails
from directory.outbox.tables import Email
from directory.review.resend import resend_email
from directory.settings.letterhead import current_letterhead
from directory.web.console.blueprint import blueprint
from directory.web.support.guards import ID_CONVERTER
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

ViewResponse = str | Response

STATE_LABELS: Mapping[EmailState, str] = {
    EmailState.HELD: "Held",
    EmailState.WAITING: "Waiting",
    EmailState.RETRYING: "Retrying",
    EmailState.GIVEN_UP: "Gave up",
    EmailState.SENT: "Sent",
    EmailState.CANCELLED: "Not sent",
}


@dataclass(frozen=True, slots=True)
class OutboxTab:
    """A link to the emails in one state, or to all."""

    text: str
    href: str
    count: int
    current: bool


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One email. `text` is empty outside a demonstration, because links in email can sign in."""

    mail: Email
    words: str
    text: str
    can_resend: bool


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """`console/outbox.html`: the newest emails in one state, or in any."""

    tabs: tuple[OutboxTab, ...]
    rows: Sequence[OutboxRow]


@blueprint.get("/outbox")
def outbox() -> ViewResponse:
    """Show the newest emails; their texts only in a demonstration."""
    require(actor(), Action.READ_MAIL)
    wanted = request.args.get("state", "")
    state = EmailState(wanted) if wanted in set(EmailState) else None
    rows = [_row(mail, its) for mail, its in newest_emails(session(), state=state, now=now())]
    return render("console/outbox.html", OutboxPage(_tabs(state), rows))


@blueprint.post(f"/outbox/{ID_CONVERTER.format('email_id')}/again")
def resend(email_id: int) -> ViewResponse:
    """Send an email again that was given up."""
    with transaction.atomic() as writing:
        mail = resend_email(writing, email_id, by=actor(), now=now())
        flash(f"“{mail.subject}” is sent again within a minute.", "success")
    return redirect(url_for(".outbox", state=EmailState.GIVEN_UP.value), 303)


def _tabs(current: EmailState | None) -> tuple[OutboxTab, ...]:
    counts = count_emails(session(), now=now())
    states = (
        OutboxTab(STATE_LABELS[state], url_for(".outbox", state=state.value), count, state is current)
        for state, count in counts.items()
    )
    return (OutboxTab("All", url_for(".outbox"), sum(counts.values()), current is None), *states)


def _row(mail: Email, state: EmailState) -> OutboxRow:
    settings = services().settings
    environment = Letterhead(settings.mail_from, settings.mail_reply_to, settings.base_url, settings.operator_name)
    head = current_letterhead(session(), environment)
    return OutboxRow(
        mail=mail,
        words=STATE_LABELS[state],
        text=text_part(letter_of(mail, head)) if settings.demo else "",
        can_resend=state is EmailState.GIVEN_UP and bool(mail.to),
    )
