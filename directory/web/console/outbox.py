"""Console pages for email: search the outbox, look at one email, send again what was given up, and cancel."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import flash, redirect, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action, require
from directory.outbox.message import Letterhead, letter_of, text_part
from directory.outbox.queries import EmailFilter, EmailState, count_emails, find_email, find_emails
from directory.outbox.tables import Email
from directory.review.mail import cancel_email, resend_all, resend_email
from directory.settings.letterhead import current_letterhead
from directory.web.console.blueprint import blueprint
from directory.web.console.outbox_form import OutboxForm, letter_label
from directory.web.console.tables import PAGE_SIZE, TableLink, TablePage, table_href
from directory.web.support.guards import ID_CONVERTER
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

EMAIL_ID = ID_CONVERTER.format("email_id")

ViewResponse = str | tuple[str, int] | Response

STATE_LABELS: Mapping[EmailState, str] = {
    EmailState.HELD: "Held",
    EmailState.WAITING: "Waiting",
    EmailState.RETRYING: "Retrying",
    EmailState.GIVEN_UP: "Gave up",
    EmailState.SENT: "Sent",
    EmailState.CANCELLED: "Canceled",
}

HIDDEN_LINK = "[The link is not shown: it may let its reader sign in.]"


@dataclass(frozen=True, slots=True)
class EmailView:
    """One email. `text` is what may be shown of its text, empty if that is nothing."""

    mail: Email
    state: EmailState
    shows_secrets: bool
    text: str = ""

    @property
    def words(self) -> str:
        """The state in words."""
        return STATE_LABELS[self.state]

    @property
    def kind(self) -> str:
        """The kind of email in words."""
        return letter_label(self.mail.letter)

    @property
    def subject(self) -> str:
        """The subject; the subject of an email with a secret can hold a code, so its kind stands for it."""
        return self.kind if self.mail.forget and not self.shows_secrets else self.mail.subject

    @property
    def can_resend(self) -> bool:
        """Whether it was given up and its text is still stored."""
        return self.state is EmailState.GIVEN_UP and bool(self.mail.to)

    @property
    def can_cancel(self) -> bool:
        """Whether it was not tried yet."""
        return self.state in {EmailState.HELD, EmailState.WAITING}


@dataclass(frozen=True, slots=True)
class OutboxPage:
    """`console/outbox.html`: a page of the emails that the filter lets through."""

    form: OutboxForm
    states: tuple[TableLink, ...]
    rows: tuple[EmailView, ...]
    paging: TablePage
    resend_href: str


@blueprint.get("/outbox")
def outbox() -> ViewResponse:
    """Search the email, the newest first."""
    require(actor(), Action.READ_MAIL)
    form = OutboxForm()
    valid, wanted = form.validate(), form.wanted()
    counts = count_emails(session(), wanted, now=now())
    paging = TablePage.requested(counts[wanted.state] if wanted.state else sum(counts.values()))
    found = find_emails(session(), wanted, now=now(), limit=PAGE_SIZE, offset=paging.offset) if valid else ()
    rows = tuple(EmailView(mail, state, services().settings.demo) for mail, state in found)
    again = url_for(".resend_failed", **form.parameters()) if counts[EmailState.GIVEN_UP] and valid else ""
    page = OutboxPage(form, _state_links(wanted, counts), rows, paging, again)
    return render("console/outbox.html", page), 200 if valid else 422


@blueprint.get(f"/outbox/{EMAIL_ID}")
def email(email_id: int) -> ViewResponse:
    """Show one email: what it is about, the attempts to send it, and what may be shown of its text."""
    require(actor(), Action.READ_MAIL)
    view = EmailView(*find_email(session(), email_id, now=now()), services().settings.demo)
    return render("console/email.html", replace(view, text=_shown_text(view.mail)))


@blueprint.post(f"/outbox/{EMAIL_ID}/again")
def resend(email_id: int) -> ViewResponse:
    """Send an email again that was given up."""
    with transaction.atomic() as writing:
        resend_email(writing, email_id, by=actor(), now=now())
        flash("The email is sent again within a minute.", "success")
    return redirect(url_for(".email", email_id=email_id), 303)


@blueprint.post("/outbox/again")
def resend_failed() -> ViewResponse:
    """Send all email again that was given up and that the filter lets through."""
    with transaction.atomic() as writing:
        number = resend_all(writing, OutboxForm().wanted(), by=actor(), now=now())
        flash(f"{number:,} {'email is' if number == 1 else 'emails are'} sent again within minutes.", "success")
    return redirect(url_for(".outbox"), 303)


@blueprint.post(f"/outbox/{EMAIL_ID}/cancel")
def cancel(email_id: int) -> ViewResponse:
    """Cancel an email that was not tried yet."""
    with transaction.atomic() as writing:
        cancel_email(writing, email_id, by=actor(), now=now())
        flash("The email is canceled. It is never sent.", "success")
    return redirect(url_for(".email", email_id=email_id), 303)


def _state_links(wanted: EmailFilter, counts: Mapping[EmailState, int]) -> tuple[TableLink, ...]:
    """Return a link to the emails in each state that the filter lets through, and one to all of them."""
    states = (
        TableLink(STATE_LABELS[state], table_href(state=state.value), count, state is wanted.state)
        for state, count in counts.items()
    )
    return (TableLink("All", table_href(state=None), sum(counts.values()), wanted.state is None), *states)


def _shown_text(mail: Email) -> str:
    """Return what may be shown of an email: all of it in a demonstration, otherwise only what holds no secret.

    Outside a demonstration, an email that is erased after sending holds a secret and is not shown, and the links, which
    are stored apart from the text, are left out of every other.
    """
    settings = services().settings
    environment = Letterhead(settings.mail_from, settings.mail_reply_to, settings.base_url, settings.operator_name)
    letter = letter_of(mail, current_letterhead(session(), environment))
    if settings.demo:
        return text_part(letter)
    if mail.forget or not mail.body:
        return ""
    return text_part(replace(letter, action=HIDDEN_LINK if letter.action else "", unsubscribe=""))
