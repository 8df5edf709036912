"""Reviewer pages for changes of published listings: the difference and the decision."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.policy import Action, may
from directory.accounts.tables import Account
from directory.listings import queries
from directory.listings.changes import from_json
from directory.listings.revision_lifecycle import DECISIONS, MOVES
from directory.listings.tables import ListingRevision
from directory.review.revisions import decide_revision, names_another_provider
from directory.web.console.blueprint import blueprint
from directory.web.console.buttons import OWN_LISTING_MESSAGE, decision_buttons
from directory.web.console.forms import DecisionForm
from directory.web.console.pages import Button
from directory.web.support.change_view import ShownChange, shown_changes
from directory.web.support.form_errors import FormErrorHandler, submitted_version
from directory.web.support.guards import REVISION_ID
from directory.web.support.requests import actor, now, session
from directory.web.support.state_labels import REVISION_LABELS
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class RevisionPage:
    """`console/revision.html`; `ends_answers` warns that accepting it ends the badge."""

    revision: ListingRevision
    by: str
    words: str
    changes: tuple[ShownChange, ...]
    ends_answers: bool
    form: DecisionForm
    buttons: tuple[Button, ...]
    hindrance: str


@blueprint.get(f"/revisions/{REVISION_ID}")
def revision(revision_id: int) -> ViewResponse:
    """Show a proposed change of a listing."""
    return render("console/revision.html", _page(queries.revision(session(), revision_id), DecisionForm()))


@blueprint.post(f"/revisions/{REVISION_ID}")
def decide_on_revision(revision_id: int) -> ViewResponse:
    """Decide on a proposed change, or show the page with errors."""
    found, form = queries.revision(session(), revision_id), DecisionForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        decide_revision(
            writing, found, form.decision(DECISIONS), reason=form.reason.data or "",
            version=submitted_version(form.version), by=actor(), now=now(),
        )  # fmt: skip  # two lines read better than eight
        flash(f"{found.listing.name}: {REVISION_LABELS[found.state].lower()}.", "success")
        return redirect(url_for(".queue"), 303)
    return render("console/revision.html", _page(found, form)), refused.status


def _page(revision: ListingRevision, form: DecisionForm) -> RevisionPage:
    form.version.data = str(revision.version)
    changes, listing = from_json(revision.changes), revision.listing
    open_to_me = may(actor(), Action.DECIDE, right=listing.right_of(actor().id))
    return RevisionPage(
        revision=revision,
        by=session().get_one(Account, revision.by_id).name,
        words=REVISION_LABELS[revision.state],
        changes=shown_changes(changes),
        ends_answers=names_another_provider(listing, changes),
        form=form,
        buttons=decision_buttons(MOVES, DECISIONS, revision.state) if open_to_me else (),
        hindrance="" if open_to_me else OWN_LISTING_MESSAGE,
    )
