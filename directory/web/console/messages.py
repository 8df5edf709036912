"""Reviewer pages for the messages about a listing, and for the notes between reviewers."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import RIGHTS, Action, may
from directory.attestations.queries import attestations_of
from directory.attestations.tables import Attestation
from directory.evidence.commands import INSPECTABLE
from directory.listings.queries import contacts, listing
from directory.listings.tables import Listing
from directory.messages import commands, queries
from directory.messages.queries import OpenMessages
from directory.review.notes import Note, add_note, notes_of
from directory.web.console.blueprint import blueprint
from directory.web.console.listing_admin import ListingHead, listing_head, signed_attestations
from directory.web.console.message_forms import MessageForm, NoteForm
from directory.web.support.form_errors import FormErrorHandler, submitted_version
from directory.web.support.guards import LISTING_ID
from directory.web.support.message_view import MESSAGE_ID, MessageView, last_number, message_views
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

HOME = f"/listings/{LISTING_ID}/messages"

OWN_LISTING_MESSAGE = "You manage this listing, so other reviewers write to its managers and keep notes about it."

ViewResponse = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class MessageThread:
    """What `macros/messages.html` shows of a listing: its messages and notes, the newest first, and both forms.

    `asked` are the names of those who can be asked; it is empty if nobody can. `hindrance` says why the reviewer may
    neither write nor read notes.
    """

    listing: Listing
    messages: tuple[MessageView, ...]
    notes: Sequence[Note]
    asked: tuple[str, ...]
    waiting: OpenMessages | None
    form: MessageForm
    note_form: NoteForm
    hindrance: str


@dataclass(frozen=True, slots=True)
class MessagesPage:
    """`console/messages.html`."""

    head: ListingHead
    thread: MessageThread


@blueprint.get(HOME)
def messages(listing_id: int) -> ViewResponse:
    """Show the messages and notes about a listing, and note that the provider's were read."""
    with transaction.atomic() as writing:
        commands.mark_read(writing, listing(writing, listing_id), by=actor(), now=now())
    return render("console/messages.html", _page(listing(session(), listing_id)))


@blueprint.post(HOME)
def write_message(listing_id: int) -> ViewResponse:
    """Write to the provider, or show the page with errors."""
    found, form = listing(session(), listing_id), MessageForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        subject = form.subject(_answers(writing, found), services().rulesets)
        commands.write_message(
            writing, found, form.text.data or "", seen=submitted_version(form.seen), subject=subject,
            needs_answer=not form.needs_no_answer.data, by=actor(), now=now(),
        )  # fmt: skip  # two lines read better than eight
        return _done(found, "Sent. The answer comes back to this page.")
    return render("console/messages.html", _page(found, form=form)), refused.status


@blueprint.post(f"{HOME}/{MESSAGE_ID}/close")
def close_message(listing_id: int, message_id: int) -> ViewResponse:
    """Close an open message without an answer."""
    found = queries.message(session(), listing_id, message_id)
    with transaction.atomic() as writing:
        commands.close_message(writing, found, by=actor(), now=now())
    return _done(found.listing, "Closed. It waits for nobody any more.")


@blueprint.post(f"/listings/{LISTING_ID}/notes")
def write_note(listing_id: int) -> ViewResponse:
    """Add a note between reviewers, or show the page with errors."""
    found, form = listing(session(), listing_id), NoteForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        add_note(writing, found, form.note.data or "", by=actor(), now=now())
        return _done(found, "The note is kept. Only reviewers see it.")
    return render("console/messages.html", _page(found, note_form=form)), refused.status


def _page(found: Listing, *, form: MessageForm | None = None, note_form: NoteForm | None = None) -> MessagesPage:
    head = listing_head(found, "messages", signed_attestations(found))
    return MessagesPage(head, message_thread(session(), found, form=form, note_form=note_form))


def message_thread(
    session: Session, listing: Listing, *, form: MessageForm | None = None, note_form: NoteForm | None = None
) -> MessageThread:
    """Return what the macro shows; `form` and `note_form` are those that were sent and refused."""
    rulesets, open_to_me = services().rulesets, may(actor(), Action.WRITE_NOTE, right=listing.right_of(actor().id))
    views = message_views(session, listing.id, rulesets, documents="console.document")
    form = form or MessageForm()
    form.seen.data = str(last_number(views))
    form.offer(_answers(session, listing), rulesets)
    return MessageThread(
        listing=listing,
        messages=views,
        notes=notes_of(session, listing.id) if open_to_me else (),
        asked=tuple(name or email for email, name in contacts(session, listing.id, RIGHTS[Action.ANSWER_MESSAGE])),
        waiting=queries.open_messages(session, [listing.id]).get(listing.id),
        form=form,
        note_form=note_form or NoteForm(),
        hindrance="" if open_to_me else OWN_LISTING_MESSAGE,
    )


def _answers(session: Session, listing: Listing) -> list[Attestation]:
    """Return the attestations whose answers can be asked about."""
    return [row for row in attestations_of(session, [listing.id]) if row.state in INSPECTABLE]


def _done(found: Listing, said: str) -> Response:
    flash(said, "success")
    return redirect(url_for("console.messages", listing_id=found.id), 303)
