"""The pages of one listing in the console: its facts with their sources, its answers, its history, and what to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, StringField

from directory import transaction
from directory.accounts.policy import Action, may
from directory.accounts.tables import Account
from directory.attestations.lifecycle import DECISIONS as ANSWER_DECISIONS
from directory.attestations.lifecycle import MOVES as ANSWER_MOVES
from directory.attestations.queries import attestations_of
from directory.attestations.tables import Attestation
from directory.claims.queries import managers_of
from directory.duplicates.queries import pairs_of
from directory.duplicates.tables import DuplicatePair
from directory.listings import lifecycle, queries
from directory.listings.facts import FactChange
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import DECISIONS, OPEN, ListingState
from directory.listings.queries import HistoryEntry
from directory.listings.tables import Listing, ListingManager
from directory.review.commands import decide_listing
from directory.review.field_sources import ListingSources, listing_sources
from directory.review.queries import similar_listings
from directory.settings.queries import forbidden_words
from directory.web.console.blueprint import blueprint
from directory.web.console.buttons import OWN_LISTING_MESSAGE, decision_buttons
from directory.web.console.case_links import case_href
from directory.web.console.checks import Check, listing_checks
from directory.web.console.forms import DecisionForm
from directory.web.console.listings import MARKS, technique_words
from directory.web.console.pages import Button
from directory.web.console.tables import TableLink
from directory.web.support.form_errors import FormErrorHandler, Required, submitted_version
from directory.web.support.guards import LISTING_ID
from directory.web.support.history import last_changes, listing_history
from directory.web.support.requests import actor, now, services, session
from directory.web.support.state_labels import ATTESTATION_LABELS, LISTING_LABELS
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response

LATEST = 5
"""Steps of the history that the first tab shows; the last tab has them all."""

TABS = {"": "Facts", "answers": "Answers", "history": "History", "messages": "Messages"}

KINDS = {ListingKind.PERSON: "Person", ListingKind.CLINIC: "Clinic"}

CONSEQUENCES = {
    "suspend": "Patients no longer find it. The owners are told why. It can be published again.",
    "retire": "Patients see that it is closed. The owners are told why.",
    "reject": "It will not be published. The owners are told why.",
    "return": "It becomes a draft again. The owners are told what to change.",
    "revoke": "Patients no longer see these answers, and the badge goes. The owners are told why.",
}
"""What each decision that needs a reason leads to."""

FOLDED = frozenset(CONSEQUENCES) - {"return"}
"""Decisions with which patients or the provider lose something."""


class OtherListingForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The listing that may be the same provider."""

    other = StringField("The other listing", [Required()], description="Its number, or its public address.")

    @property
    def text(self) -> str:
        """The typed text; digits alone are a number, never a ZIP code."""
        typed = (self.other.data or "").strip()
        return f"#{typed}" if typed.isdigit() else typed


@dataclass(frozen=True, slots=True)
class Act:
    """Something that a reviewer can do with a reason; `action` is where the form is sent to."""

    button: Button
    form: DecisionForm
    action: str

    @property
    def is_folded(self) -> bool:
        """Whether the form is in a fold."""
        return self.button.move in FOLDED

    @property
    def needs_reason(self) -> bool:
        """Whether it is refused without a reason."""
        return self.button.move in CONSEQUENCES

    @property
    def is_open(self) -> bool:
        """Whether the form was sent and refused, so that its fold is open."""
        return bool(self.form.errors)

    @property
    def consequence(self) -> str:
        """What it leads to, in a sentence."""
        return CONSEQUENCES.get(self.button.move, "")


@dataclass(frozen=True, slots=True)
class ListingHead:
    """What all tabs of a listing show above them."""

    listing: Listing
    words: str
    mark: str
    kind: str
    technique: tuple[str, str]
    tabs: tuple[TableLink, ...]
    case_href: str
    public_href: str
    can_correct: bool


@dataclass(frozen=True, slots=True)
class ListingPage:
    """`console/listing.html`; if `acts` is empty, no decision is possible, and `hindrance` may say why.

    `changed` are the facts that the owner changed in their latest statement.
    """

    head: ListingHead
    form: DecisionForm
    sources: ListingSources
    changed: tuple[FactChange, ...]
    checks: tuple[Check, ...]
    attestations: Sequence[Attestation]
    managers: Sequence[tuple[ListingManager, Account]]
    pairs: Sequence[DuplicatePair]
    pair_form: OtherListingForm
    history: Sequence[HistoryEntry]
    acts: tuple[Act, ...]
    hindrance: str

    @property
    def has_registry(self) -> bool:
        """Whether an import read the listing, so that there is something to compare with."""
        return any(each.registry for each in self.sources.fields)


@dataclass(frozen=True, slots=True)
class ListingAnswersPage:
    """`console/listing_answers.html`: all attestations of a listing, the newest first."""

    head: ListingHead
    attestations: Sequence[Attestation]

    def label(self, attestation: Attestation) -> str:
        """The words for the state of an attestation."""
        return ATTESTATION_LABELS[attestation.state]


@dataclass(frozen=True, slots=True)
class ListingHistoryPage:
    """`console/listing_history.html`: everything that happened to a listing, the newest first."""

    head: ListingHead
    history: Sequence[HistoryEntry]


@blueprint.get(f"/listings/{LISTING_ID}")
def listing(listing_id: int) -> ViewResponse:
    """Show the facts of a listing and what can be done."""
    return render("console/listing.html", listing_page(queries.listing(session(), listing_id), DecisionForm()))


@blueprint.post(f"/listings/{LISTING_ID}")
def decide_on_listing(listing_id: int) -> ViewResponse:
    """Decide on a listing, or show the page with errors."""
    found, form = queries.listing(session(), listing_id), DecisionForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        decide_listing(
            writing, found, form.decision(DECISIONS), reason=form.reason.data or "",
            version=submitted_version(form.version), by=actor(), now=now(), rulesets=services().rulesets,
        )  # fmt: skip  # two lines read better than eight
        flash(f"{found.name}: {LISTING_LABELS[found.state].lower()}.", "success")
        return redirect(url_for(".queue"), 303)
    return render("console/listing.html", listing_page(found, form)), refused.status


@blueprint.get(f"/listings/{LISTING_ID}/answers")
def listing_answers(listing_id: int) -> ViewResponse:
    """Show all attestations of a listing."""
    found = queries.listing(session(), listing_id)
    signed = signed_attestations(found)
    return render("console/listing_answers.html", ListingAnswersPage(listing_head(found, "answers", signed), signed))


@blueprint.get(f"/listings/{LISTING_ID}/history")
def listing_history_tab(listing_id: int) -> ViewResponse:
    """Show everything that happened to a listing."""
    found = queries.listing(session(), listing_id)
    head = listing_head(found, "history", signed_attestations(found))
    return render("console/listing_history.html", ListingHistoryPage(head, listing_history(session(), found)))


def signed_attestations(found: Listing) -> list[Attestation]:
    """Return the signed attestations of a listing, the newest first; drafts are their owner's."""
    return [row for row in attestations_of(session(), [found.id]) if row.signed_at]


def listing_head(found: Listing, tab: str, attestations: Sequence[Attestation]) -> ListingHead:
    """Return what all tabs of a listing show above them."""
    href, case = url_for("console.listing", listing_id=found.id), case_href(found.id)
    return ListingHead(
        listing=found,
        words=LISTING_LABELS[found.state],
        mark=MARKS.get(found.state, "none"),
        kind=KINDS[found.kind],
        technique=technique_words(found, attestations),
        tabs=tuple(
            TableLink(text, f"{href}/{name}" if name else href, current=name == tab) for name, text in TABS.items()
        ),
        case_href=case,
        public_href=f"/providers/{found.slug}" if found.state is ListingState.PUBLISHED else "",
        can_correct=found.state in OPEN and _is_open_to_me(found),
    )


def listing_page(found: Listing, form: DecisionForm, pair_form: OtherListingForm | None = None) -> ListingPage:
    """Return the page of a listing; sets the form to the stored version."""
    form.version.data, signed = str(found.version), signed_attestations(found)
    return ListingPage(
        head=listing_head(found, "", signed),
        form=form,
        sources=listing_sources(session(), found),
        changed=last_changes(queries.owner_statements(session(), found.id)),
        checks=listing_checks(found, similar_listings(session(), found), forbidden_words(session())),
        attestations=signed,
        managers=managers_of(session(), found.id),
        pairs=pairs_of(session(), found.id),
        pair_form=pair_form or OtherListingForm(),
        history=listing_history(session(), found)[:LATEST],
        acts=tuple(_acts(found, form, signed)) if _is_open_to_me(found) else (),
        hindrance="" if _is_open_to_me(found) else OWN_LISTING_MESSAGE,
    )


def _is_open_to_me(found: Listing) -> bool:
    return may(actor(), Action.DECIDE, right=found.right_of(actor().id))


def _acts(found: Listing, sent: DecisionForm, attestations: Sequence[Attestation]) -> list[Act]:
    """Return what can be done now; the form that was sent stays with its button."""
    href = url_for("console.listing", listing_id=found.id)
    acts = [
        Act(button, sent if sent.move.data == button.move else _form(button, found.version), href)
        for button in decision_buttons(lifecycle.MOVES, DECISIONS, found.state)
    ]
    for each in attestations:
        for button in decision_buttons(ANSWER_MOVES, ANSWER_DECISIONS, each.state):
            if button.move == "revoke":
                action = url_for("console.decide_on_attestation", attestation_id=each.id)
                acts.append(Act(button, _form(button, each.version), action))
    return acts


def _form(button: Button, version: int) -> DecisionForm:
    """Return a form whose fields have ids of their own on the page."""
    form = DecisionForm(data={"version": str(version)})
    form.reason.id = f"reason-{button.move}"
    form.reason.label.field_id = form.reason.id
    return form
