"""The provider page with the messages about a listing, and the form that answers a reviewer."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.datastructures import CombinedMultiDict
from werkzeug.wrappers import Response
from wtforms import HiddenField, TextAreaField

from directory import transaction
from directory.accounts.policy import Action
from directory.listings.tables import Listing
from directory.messages import commands, queries
from directory.messages.commands import MAX_TEXT
from directory.web.portal.blueprint import blueprint
from directory.web.portal.evidence import AttachmentForm, stored
from directory.web.portal.view_models import is_allowed, own_listing
from directory.web.support.form_errors import FormErrorHandler, submitted_version
from directory.web.support.guards import LISTING_ID
from directory.web.support.limits import limiter
from directory.web.support.message_view import MESSAGE_ID, MessageView, last_number, message_views
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render
from directory.web.support.uploads import UPLOAD_LIMIT

HOME = f"/listings/{LISTING_ID}/messages"

ViewResponse = str | tuple[str, int] | Response


class MessageAnswerForm(AttachmentForm):
    """The provider's answer to one message of a reviewer, with the evidence that the message may have asked for."""

    message = TextAreaField(
        "Your answer",
        description=f"Only reviewers read it. No names of patients, please. At most {MAX_TEXT:,} characters.",
        render_kw={"rows": 5, "maxlength": MAX_TEXT},
    )
    seen = HiddenField()


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """`portal/messages.html`: the messages, the newest first; `to` is the one that the form answers, if any.

    `waiting` are the other messages that wait for an answer.
    """

    listing: Listing
    messages: tuple[MessageView, ...]
    to: MessageView | None
    waiting: tuple[MessageView, ...]
    form: MessageAnswerForm
    may_answer: bool


@blueprint.get(HOME)
def messages(listing_id: int) -> ViewResponse:
    """Show the messages about a listing, and note that those of the reviewers were read."""
    found = own_listing(listing_id)
    with transaction.atomic() as writing:
        commands.mark_read(writing, found, by=actor(), now=now())
    to = request.args.get("to", 0, type=int)
    return render("portal/messages.html", _page(own_listing(listing_id), MessageAnswerForm(), to))


@blueprint.post(f"{HOME}/{MESSAGE_ID}")
@limiter.limit(UPLOAD_LIMIT)
def answer_message(listing_id: int, message_id: int) -> ViewResponse:
    """Send the answer to a message, or show the page with errors."""
    found, form = own_listing(listing_id), MessageAnswerForm(CombinedMultiDict([request.form, request.files]))
    asked = queries.message(session(), listing_id, message_id)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        commands.answer_message(
            writing, asked, form.message.data or "", seen=submitted_version(form.seen), by=actor(), now=now(),
            evidence=[stored(piece) for piece in form.pieces()], rulesets=services().rulesets,
        )  # fmt: skip  # two lines read better than eight
        flash("Your answer is sent. A reviewer reads it next.", "success")
        return redirect(url_for("portal.messages", listing_id=listing_id), 303)
    return render("portal/messages.html", _page(found, form, message_id)), refused.status


def _page(listing: Listing, form: MessageAnswerForm, to: int) -> MessagesPage:
    views = message_views(session(), listing.id, services().rulesets, documents="portal.document")
    form.seen.data = str(last_number(views))
    may_answer = is_allowed(Action.ANSWER_MESSAGE, listing)
    waiting = tuple(row for row in views if row.is_from_staff and row.is_open)
    # The oldest comes first, unless another one was chosen.
    chosen = next((row for row in waiting if row.id == to), waiting[-1] if waiting else None)
    return MessagesPage(
        listing=listing,
        messages=views,
        to=chosen if may_answer else None,
        waiting=tuple(row for row in waiting if row is not chosen),
        form=form,
        may_answer=may_answer,
    )
