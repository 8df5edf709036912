"""Reviewer pages for requests to take a listing down."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action, may
from directory.claims import queries
from directory.claims.lifecycle import REMOVAL_UNDOES, RemovalMove, RemovalState
from directory.claims.tables import Removal
from directory.listings.queries import HistoryEntry
from directory.review.removals import decide_removal
from directory.web.console.blueprint import blueprint
from directory.web.console.forms import DecisionForm
from directory.web.console.pages import Button
from directory.web.support.form_errors import FormErrorHandler, submitted_version
from directory.web.support.requests import actor, now, session
from directory.web.support.state_labels import REMOVAL_LABELS
from directory.web.support.templating import render

REMOVAL_ID = "<int(max=2147483647):removal_id>"
"""URL converter for a request's id, limited to the integer range of both databases."""

OWN_LISTING_MESSAGE = "You manage this listing, so somebody else has to decide on it."

_BUTTONS = (
    Button(RemovalMove.ACCEPT.value, "Take it down", "danger"),
    Button(RemovalMove.DECLINE.value, "Keep it listed", "quiet"),
)

ViewResponse = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class RemovalPage:
    """`console/removal.html`; if `buttons` is empty, no decision is possible, and `hindrance` may say why."""

    removal: Removal
    words: str
    by_manager: bool
    history: list[HistoryEntry]
    form: DecisionForm
    buttons: tuple[Button, ...]
    hindrance: str


@blueprint.get(f"/removals/{REMOVAL_ID}")
def removal(removal_id: int) -> ViewResponse:
    """Show a request to take a listing down."""
    return render("console/removal.html", _page(queries.removal(session(), removal_id), DecisionForm()))


@blueprint.post(f"/removals/{REMOVAL_ID}")
def decide_on_removal(removal_id: int) -> ViewResponse:
    """Decide on a request, or show the page with errors."""
    found, form = queries.removal(session(), removal_id), DecisionForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        decide_removal(
            writing, found, form.decision(REMOVAL_UNDOES), reason=form.reason.data or "",
            version=submitted_version(form.version), by=actor(), now=now(),
        )  # fmt: skip  # two lines read better than eight
        flash(f"{found.listing.name}: {REMOVAL_LABELS[found.state].lower()}.", "success")
        return redirect(url_for("console.queue"), 303)
    return render("console/removal.html", _page(found, form)), refused.status


def _page(found: Removal, form: DecisionForm) -> RemovalPage:
    form.version.data = str(found.version)
    open_to_me = may(actor(), Action.DECIDE, right=found.listing.right_of(actor().id))
    return RemovalPage(
        removal=found,
        words=REMOVAL_LABELS[found.state],
        by_manager=found.by_id is not None,
        history=queries.removal_history(session(), found.id),
        form=form,
        buttons=_BUTTONS if open_to_me and found.state is RemovalState.REQUESTED else (),
        hindrance="" if open_to_me else OWN_LISTING_MESSAGE,
    )
