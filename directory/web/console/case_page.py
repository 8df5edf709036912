"""The data of a case page: everything that waits for one listing, and what a reviewer needs to decide it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from directory.accounts.policy import Action, may
from directory.attestations.lifecycle import Move as AttestationTransition
from directory.claims.lifecycle import Move as ClaimTransition
from directory.claims.lifecycle import RemovalMove
from directory.listings.changes import from_json
from directory.listings.lifecycle import ListingState
from directory.listings.lifecycle import Move as ListingTransition
from directory.listings.queries import HistoryEntry
from directory.listings.revision_lifecycle import Move as RevisionTransition
from directory.listings.tables import Listing
from directory.outbox.tables import Email
from directory.review.case_contents import CaseContents, case_contents
from directory.review.case_holds import Hold
from directory.review.case_queue import CaseItem, cases_of
from directory.review.queries import similar_listings
from directory.review.revisions import names_another_provider
from directory.settings.declarations import ReplyKind
from directory.settings.queries import forbidden_words, reply_texts
from directory.web.console.buttons import OWN_LISTING_MESSAGE
from directory.web.console.case_form import CaseForm, CasePart, PartChoice, case_form
from directory.web.console.case_labels import KIND_LABELS
from directory.web.console.case_links import item_href
from directory.web.console.case_map import CaseMap, case_map
from directory.web.console.checks import Check, listing_checks
from directory.web.console.messages import MessageThread, message_thread
from directory.web.console.pages import AttestationPage
from directory.web.console.view_models import attestation_page, decision_form
from directory.web.support.change_view import ShownChange, shown_changes
from directory.web.support.history import listing_history
from directory.web.support.listing_facts import Fact, LocationFacts, all_facts, all_locations
from directory.web.support.requests import actor, now, services, session
from directory.web.support.state_labels import LISTING_LABELS

STEPS_SHOWN = 6
"""Steps of the history on the case page; the others are on the listing's page."""

_LISTING_CHOICES = (
    PartChoice(ListingTransition.PUBLISH, "Publish"),
    PartChoice(ListingTransition.RETURN, "Return", is_back=True),
    PartChoice(ListingTransition.REJECT, "Reject"),
)
_CHANGE_CHOICES = (
    PartChoice(RevisionTransition.ACCEPT, "Publish"),
    PartChoice(RevisionTransition.RETURN, "Return", is_back=True),
    PartChoice(RevisionTransition.REJECT, "Reject"),
)
_ANSWER_CHOICES = (
    PartChoice(AttestationTransition.ACCEPT, "Accept"),
    PartChoice(AttestationTransition.RETURN, "Return", is_back=True),
)
_CLAIM_CHOICES = (PartChoice(ClaimTransition.APPROVE, "Approve"), PartChoice(ClaimTransition.REFUSE, "Refuse"))
_REMOVAL_CHOICES = (PartChoice(RemovalMove.ACCEPT, "Take it down"), PartChoice(RemovalMove.DECLINE, "Keep it listed"))


@dataclass(frozen=True, slots=True)
class CasePage:
    """`console/case.html`.

    `answers` are those that wait, with the ones that count now; `items` is all that waits, also what is decided on
    other pages. `hold` says who has taken the case, for `minutes` more. `preview` is the email of the chosen decision,
    or None if it was not asked for. Without `may_decide`, `hindrance` says why.
    """

    listing: Listing
    words: str
    contents: CaseContents
    parts: tuple[CasePart, ...]
    form: CaseForm
    facts: tuple[Fact, ...]
    locations: tuple[LocationFacts, ...]
    changes: tuple[ShownChange, ...]
    ends_answers: bool
    answers: AttestationPage | None
    places: CaseMap | None
    checks: tuple[Check, ...]
    history: Sequence[HistoryEntry]
    thread: MessageThread
    hindrance: str
    items: tuple[CaseItem, ...] = ()
    hold: Hold | None = None
    minutes: int = 0
    preview: Sequence[Email] | None = None

    @property
    def elsewhere(self) -> list[tuple[str, tuple[str, ...], str]]:
        """What is decided on other pages: the kind, its flags in words, and the page."""
        here = {f"{part.kind}:{part.subject_id}" for part in self.parts}
        here |= {f"dispute:{dispute.id}" for dispute in self.contents.disputes}
        return [
            (KIND_LABELS[item.kind], tuple(item.flags.values()), item_href(self.listing.id, item.subject))
            for item in self.items
            if item.subject not in here
        ]

    @property
    def is_mine(self) -> bool:
        """Whether the reviewer has taken the case."""
        return self.hold is not None and self.hold.by_id == actor().id

    @property
    def may_decide(self) -> bool:
        """Whether the reviewer may decide, and something waits."""
        return bool(self.parts) and not self.hindrance


def case_parts(listing: Listing, contents: CaseContents) -> tuple[CasePart, ...]:
    """Return the parts of a case that are decided on its page, in the order in which they are decided."""
    return tuple(_parts(listing, contents))


def sent_form(
    listing: Listing, contents: CaseContents, sent: "MultiDict[str, str] | None" = None
) -> tuple[tuple[CasePart, ...], CaseForm]:
    """Return the parts of a case and the form for them, filled with what was sent."""
    parts = case_parts(listing, contents)
    ruleset = services().rulesets.load(contents.attestation.ruleset_id) if contents.attestation else None
    return parts, case_form(parts, ruleset, reply_texts(session(), ReplyKind.RETURN), sent)


def case_page(
    listing: Listing,
    sent: "MultiDict[str, str] | None" = None,
    *,
    form: CaseForm | None = None,
    hold: Hold | None = None,
    preview: Sequence[Email] | None = None,
) -> CasePage:
    """Return the page of a listing's case; `form` is the form with errors, if there was one."""
    contents = case_contents(session(), listing)
    parts, fresh = sent_form(listing, contents, sent)
    changes = from_json(contents.revision.changes) if contents.revision else ()
    answers = contents.attestation
    is_mine = any(claim.account_id == actor().id for claim in contents.claims)
    decides = may(actor(), Action.DECIDE, right=listing.right_of(actor().id)) and not is_mine
    return CasePage(
        listing=listing,
        words=LISTING_LABELS[listing.state],
        contents=contents,
        parts=parts,
        form=form or fresh,
        facts=all_facts(listing),
        locations=all_locations(listing),
        changes=shown_changes(changes),
        ends_answers=names_another_provider(listing, changes),
        answers=attestation_page(answers, decision_form(answers)) if answers else None,
        places=case_map(listing, changes),
        checks=listing_checks(listing, similar_listings(session(), listing), forbidden_words(session())),
        history=listing_history(session(), listing)[:STEPS_SHOWN],
        thread=message_thread(session(), listing),
        hindrance="" if decides else OWN_LISTING_MESSAGE,
        items=cases_of(session(), [listing.id], now=now()).get(listing.id, ()),
        hold=hold,
        minutes=max(0, int((hold.until - now()).total_seconds()) // 60) if hold else 0,
        preview=preview,
    )


def _parts(listing: Listing, contents: CaseContents) -> Iterator[CasePart]:
    if listing.state is ListingState.SUBMITTED:
        yield CasePart("listing", listing.id, listing.version, "New listing", _LISTING_CHOICES)
    if (revision := contents.revision) is not None:
        number = len(from_json(revision.changes))
        title = f"{number} change{'' if number == 1 else 's'}"
        yield CasePart("revision", revision.id, revision.version, title, _CHANGE_CHOICES)
    for claim in contents.claims:
        title = f"Claim of {claim.account.name or claim.account.email}"
        yield CasePart("claim", claim.id, claim.version, title, _CLAIM_CHOICES)
    for removal in contents.removals:
        yield CasePart("removal", removal.id, removal.version, "Request to take it down", _REMOVAL_CHOICES)
    if (answers := contents.attestation) is not None:
        yield CasePart("attestation", answers.id, answers.version, "Answers", _ANSWER_CHOICES)
