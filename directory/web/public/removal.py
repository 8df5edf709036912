"""The form for asking that a listing is taken down, without an account, and the state of such a request."""

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, Form, HiddenField, StringField, TextAreaField

from directory import transaction
from directory.accounts.email_address import MAX_EMAIL_LENGTH
from directory.claims import queries
from directory.claims.lifecycle import RemovalState
from directory.claims.removals import MAX_REASON, request_removal
from directory.claims.tables import Removal
from directory.errors import FieldError, Invalid
from directory.listings.queries import published_listing
from directory.listings.tables import Listing
from directory.web.public.blueprint import blueprint
from directory.web.public.reports import LIMIT_FOR_ALL, LIMIT_PER_ADDRESS, TOO_MANY_REPORTS
from directory.web.support.form_errors import FormErrorHandler, Required
from directory.web.support.limits import limiter
from directory.web.support.requests import now, session
from directory.web.support.same_origin import require_same_origin
from directory.web.support.templating import render

FORM, ONE = "/providers/<slug>/removal", "/providers/<slug>/removal/<number>"


class RemovalForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A request to take a listing down. `fax` is a honeypot: it is hidden from people, and bots fill in every field."""

    reason = TextAreaField(
        "Why should it be taken down?",
        [Required()],
        description=f"Who are you, and what is the reason? In up to {MAX_REASON:,} letters.",
        render_kw={"rows": 6, "maxlength": MAX_REASON},
    )
    reply_to = EmailField(
        "Your email address",
        description="So that we can ask, and tell you how it ends. We delete it when it is decided.",
        render_kw={"autocomplete": "email", "maxlength": MAX_EMAIL_LENGTH},
    )
    fax = StringField("Fax")
    number = HiddenField()

    def require_person(self) -> None:
        """Check the honeypot.

        Raises:
            Invalid: it was filled in.
        """
        if self.fax.data:
            # Empty the honeypot, so that a person only has to send the form again.
            self.fax.data = ""
            raise Invalid([FieldError("", "This looked as if a robot sent it. If you are a person, send it again.")])


@dataclass(frozen=True, slots=True)
class RemovalPage:
    """`public/removal.html`: the form, or the state of a request that was sent."""

    name: str
    slug: str
    form: RemovalForm | None = None
    sent: Removal | None = None

    @property
    def waits(self) -> bool:
        """Whether the request that was sent is not decided yet."""
        return self.sent is not None and self.sent.state is RemovalState.REQUESTED


def _was_accepted(response: Response) -> bool:
    return response.status_code == 303


def _limit_exceeded(_limit: object) -> Response:
    """Return the form with everything that was typed, and a message that says when to send it again."""
    form = RemovalForm(request.form)
    form.form_errors = [TOO_MANY_REPORTS]
    return _render_form(published_listing(session(), str((request.view_args or {}).get("slug", ""))), form, 429)


@blueprint.get(FORM)
def removal(slug: str) -> Response:
    """Show the form for asking that a listing is taken down."""
    return _render_form(published_listing(session(), slug), RemovalForm(number=uuid.uuid4().hex))


@blueprint.post(FORM)
@limiter.limit(LIMIT_PER_ADDRESS, deduct_when=_was_accepted, on_breach=_limit_exceeded)
@limiter.limit(LIMIT_FOR_ALL, key_func=lambda: "removals", deduct_when=_was_accepted, on_breach=_limit_exceeded)
def send_removal(slug: str) -> AnyResponse:
    """Store a request and redirect to its page, or show the form again with errors."""
    require_same_origin()
    listing, form = published_listing(session(), slug), RemovalForm(request.form)
    facts: dict[str, Any] = {"reply_to": form.reply_to.data or "", "number": form.number.data or ""}
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        form.require_person()
        made = request_removal(writing, listing, form.reason.data or "", by=None, now=now(), **facts)
        return redirect(url_for("public.removal_sent", slug=slug, number=made.public_id), 303)
    return _render_form(listing, form, refused.status)


@blueprint.get(ONE)
def removal_sent(slug: str, number: str) -> Response:
    """Show the state of a request to anyone who knows its number."""
    made = queries.removal_by_number(session(), number, slug)
    return make_response(render("public/removal.html", RemovalPage(made.listing.name, slug, sent=made)))


def _render_form(listing: Listing, form: RemovalForm, status: int = 200) -> Response:
    return make_response(render("public/removal.html", RemovalPage(listing.name, listing.slug, form)), status)
