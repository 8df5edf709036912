"""Unsubscribing by the link in an email: with one click of the mail program (RFC 8058), or by the button of a page."""

from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response

from directory import transaction
from directory.outbox import unsubscribe as outbox
from directory.outbox.unsubscribe import Subscription
from directory.web.public.blueprint import blueprint
from directory.web.support.requests import now, session
from directory.web.support.templating import render

ViewResponse = str | Response

PATH = "/unsubscribe/<token>"


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    """`public/unsubscribe.html`; it does not name the address, because links get passed on."""

    subscription: Subscription


@blueprint.get(PATH)
def subscription(token: str) -> ViewResponse:
    """Ask whether to unsubscribe; following the link alone changes nothing, because mail scanners do that."""
    return render("public/unsubscribe.html", UnsubscribePage(outbox.find_subscription(session(), token)))


@blueprint.post(PATH)
def unsubscribe(token: str) -> ViewResponse:
    """Unsubscribe, or subscribe again if that button was pressed. The token in the link is the permission."""
    with transaction.atomic() as writing:
        found = outbox.find_subscription(writing, token)
        if request.form.get("again"):
            outbox.subscribe_again(writing, found)
        else:
            outbox.unsubscribe(writing, found, now=now())
    return subscription(token)
