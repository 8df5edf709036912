"""Reviewer pages for claims: the proof, both sides, the code to read out over the phone, and the decision."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField

from directory import transaction
from directory.accounts.policy import Action, may
from directory.accounts.tables import Account
from directory.claims import decisions, queries
from directory.claims.codes import VALID_FOR
from directory.claims.lifecycle import DECISIONS, MOVES, WAITING, ClaimState, Move
from directory.claims.proofs import listed_url
from directory.claims.tables import Claim, Proof
from directory.listings.queries import HistoryEntry
from directory.listings.tables import ListingManager
from directory.review.claims import decide_claim
from directory.web.console.blueprint import blueprint
from directory.web.console.forms import DecisionForm
from directory.web.console.pages import Button
from directory.web.support.form_errors import FormErrorHandler, submitted_version
from directory.web.support.requests import actor, now, services, session
from directory.web.support.state_labels import CLAIM_LABELS, LISTING_LABELS
from directory.web.support.templating import render
from directory.web.support.uploads import send_file_of

CLAIM_ID = "<int(max=2147483647):claim_id>"
"""URL converter for a claim id, limited to the integer range of both databases."""

OWN_CLAIM_MESSAGE = "You made this claim or manage this listing, so somebody else has to decide on it."

_BUTTONS = {
    Move.APPROVE: ("Approve", ""),
    Move.REFUSE: ("Refuse", "danger"),
    Move.REOPEN: ("Undo the decision", "quiet"),
}

ViewResponse = str | tuple[str, int] | Response


class ClaimDecisionForm(DecisionForm):
    """A decision on a claim."""

    replace_others = BooleanField("If you approve: end the rights of everybody else who manages the listing")


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """`console/claim.html`; `code` is a new code to read out, shown once.

    If `buttons` is empty, no decision is possible, and `hindrance` may say why.
    """

    claim: Claim
    words: str
    listing_words: str
    web_address: str
    managers: tuple[tuple[ListingManager, Account], ...]
    others: tuple[Claim, ...]
    history: list[HistoryEntry]
    form: ClaimDecisionForm
    buttons: tuple[Button, ...]
    hindrance: str
    can_call: bool
    proved: bool
    code: str = ""
    code_until: datetime | None = None


@blueprint.get(f"/claims/{CLAIM_ID}")
def claim(claim_id: int) -> ViewResponse:
    """Show a claim."""
    return render("console/claim.html", _page(queries.claim(session(), claim_id), ClaimDecisionForm()))


@blueprint.post(f"/claims/{CLAIM_ID}")
def decide_on_claim(claim_id: int) -> ViewResponse:
    """Decide on a claim, or show the page with errors."""
    found, form = queries.claim(session(), claim_id), ClaimDecisionForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        decide_claim(
            writing, found, form.decision(DECISIONS), reason=form.reason.data or "", by=actor(), now=now(),
            replace_others=bool(form.replace_others.data), version=submitted_version(form.version),
            rulesets=services().rulesets,
        )  # fmt: skip  # three lines read better than nine
        flash(f"Claim to {found.listing.name}: {CLAIM_LABELS[found.state].lower()}.", "success")
        return redirect(url_for("console.queue"), 303)
    return render("console/claim.html", _page(found, form)), refused.status


@blueprint.post(f"/claims/{CLAIM_ID}/code")
def read_out_code(claim_id: int) -> ViewResponse:
    """Show a new code to read out over the listing's number; only its hash is stored, so it is shown once."""
    found = queries.claim(session(), claim_id)
    with transaction.atomic() as writing:
        code = decisions.read_out_code(writing, found, by=actor(), now=now())
    return render("console/claim.html", _page(found, ClaimDecisionForm(), code))


@blueprint.get(f"/claims/{CLAIM_ID}/document")
def claim_document(claim_id: int) -> ViewResponse:
    """Download the document of an undecided claim."""
    found = queries.claim(session(), claim_id)
    return send_file_of(found.sha256, found.media_type, found.document_name)


def _page(found: Claim, form: ClaimDecisionForm, code: str = "") -> ClaimPage:
    form.version.data = str(found.version)
    mine = found.account_id == actor().id
    open_to_me = not mine and may(actor(), Action.DECIDE, right=found.listing.right_of(actor().id))
    possible = tuple(Button(move.value, *_BUTTONS[move]) for move in _BUTTONS if found.state in MOVES[move][0])
    waits_for_call = found.proof is Proof.PHONE and found.proved_at is None and found.state in WAITING
    return ClaimPage(
        claim=found,
        words=CLAIM_LABELS[found.state],
        listing_words=LISTING_LABELS[found.listing.state],
        web_address=listed_url(found.listing),
        managers=tuple(queries.managers_of(session(), found.listing_id)),
        others=tuple(queries.competing_claims(session(), found)) if found.state is ClaimState.DISPUTED else (),
        history=queries.claim_history(session(), found.id),
        form=form,
        buttons=possible if open_to_me else (),
        hindrance="" if open_to_me else OWN_CLAIM_MESSAGE,
        can_call=open_to_me and waits_for_call,
        proved=found.proved_at is not None or found.sha256 is not None,
        code=code,
        code_until=now() + VALID_FOR if code else None,
    )
