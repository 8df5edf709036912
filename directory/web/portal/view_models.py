"""Builds the data for portal pages and restricts it to the managers of the listing."""

from collections.abc import Iterable
from dataclasses import replace

from flask import url_for
from werkzeug.datastructures import MultiDict

from directory.accounts.policy import Action, may, require
from directory.accounts.tables import Account
from directory.attestations import queries as attestation_queries
from directory.attestations.lifecycle import AttestationState
from directory.attestations.renewal import to_confirm
from directory.attestations.replies import return_decision, returned_round
from directory.attestations.tables import Attestation
from directory.certification.answers import details_from_json
from directory.certification.cross_checks import find_contradictions
from directory.certification.standing import grade_stored
from directory.certification.wording import summarize_grades
from directory.errors import FieldError, NotFound
from directory.listings import queries
from directory.listings.changes import from_json
from directory.listings.lifecycle import CHANGEABLE, ListingState
from directory.listings.tables import Listing
from directory.listings.undo import undoable_change
from directory.web.portal import drafts
from directory.web.portal.forms import RetireForm
from directory.web.portal.next_steps import next_steps
from directory.web.portal.pages import ListingPage, QuestionsPage, ReviewPage, SignedPage, UndoableChange
from directory.web.portal.pending_changes import pending_changes
from directory.web.portal.signing import sign_form
from directory.web.support.findings import detail_rows, finding_rows
from directory.web.support.form_errors import add_errors
from directory.web.support.history import describe_changes, listing_history
from directory.web.support.listing_facts import all_facts, all_locations
from directory.web.support.questions import QuestionsForm
from directory.web.support.requests import actor, now, services, session


def own_listing(listing_id: int, action: Action = Action.SEE_LISTING) -> Listing:
    """Return a listing that the signed-in provider manages, with a right that allows `action`.

    Raises:
        NotFound: there is no such listing, or others manage it; the two look the same from outside.
        NotAllowed: the provider manages the listing, but their right does not allow the action.
    """
    found = queries.listing(session(), listing_id)
    right = found.right_of(actor().id)
    if not may(actor(), Action.SEE_LISTING, right=right):
        raise NotFound("There is no such listing.")
    require(actor(), action, right=right)
    return found


def own_attestation(attestation_id: int) -> Attestation:
    """Return an attestation of a listing that the signed-in provider manages.

    Raises:
        NotFound: there is no such attestation, or others manage its listing.
    """
    found = attestation_queries.attestation(session(), attestation_id)
    if not may(actor(), Action.SEE_LISTING, right=found.listing.right_of(actor().id)):
        raise NotFound("There is no such attestation.")
    return found


def listing_page(listing: Listing) -> ListingPage:
    """Return the page data for one listing, including its history."""
    signed = attestation_queries.attestations_of(session(), [listing.id])
    return ListingPage(
        listing=listing,
        facts=all_facts(listing),
        locations=all_locations(listing),
        pending=pending_changes(listing),
        next=next_steps(listing, signed, rulesets=services().rulesets, now=now()),
        attestations=tuple(row for row in signed if row.state is not AttestationState.DRAFT),
        history=tuple(listing_history(session(), listing)),
        may_edit=is_allowed(Action.EDIT_LISTING, listing),
        retire=_retire_form(listing),
        draft=next((row for row in signed if row.state is AttestationState.DRAFT), None),
        undo=_undoable(listing),
    )


def _undoable(listing: Listing) -> UndoableChange | None:
    if listing.state not in CHANGEABLE or not is_allowed(Action.EDIT_LISTING, listing):
        return None
    last = undoable_change(session(), listing, now=now())
    return UndoableChange(last.id, describe_changes(from_json(last.changes)), last.updated_at) if last else None


def _retire_form(listing: Listing) -> RetireForm | None:
    can_retire = listing.state is ListingState.PUBLISHED and is_allowed(Action.TAKE_DOWN, listing)
    return RetireForm(version=str(listing.version)) if can_retire else None


def questions_page(listing: Listing) -> QuestionsPage:
    """Return the questions of the current ruleset with the draft answers, or else the last signed ones."""
    ruleset, kept = services().rulesets.current, drafts.stored_answers(listing)
    form = kept.form(ruleset)
    page = QuestionsPage(listing, ruleset, form, drafts.sections(form), kept.saved_at)
    returned = return_decision(session(), kept.signed)
    return replace(page, reason=returned.reason, remarks=returned.comments)


def invalid_questions_page(listing: Listing, typed: QuestionsForm, faults: Iterable[FieldError]) -> QuestionsPage:
    """Return the questions page with the submitted texts and their errors."""
    stored = questions_page(listing)
    add_errors(typed, faults)
    typed.version.data = stored.form.version.data
    return replace(stored, form=typed, sections=drafts.sections(typed), in_the_way=True)


def can_be_signed(attestation: Attestation) -> bool:
    """Return whether it is a draft under the current ruleset that contains only valid answers."""
    is_of_today = attestation.ruleset_id == services().rulesets.current.id
    return attestation.state is AttestationState.DRAFT and is_of_today and not attestation.typed


def attestation_url(attestation: Attestation) -> str:
    """Return the URL of the questions for a draft, or of the signed attestation."""
    if attestation.state is AttestationState.DRAFT:
        return url_for("portal.questions", listing_id=attestation.listing_id)
    return url_for("portal.signed", attestation_id=attestation.id)


def review_page(attestation: Attestation, sent: "MultiDict[str, str] | None" = None) -> ReviewPage:
    """Return the graded answers of a draft with the signature form."""
    graded = grade_stored(services().rulesets, attestation.ruleset_id, attestation.answers)
    ruleset, assessment, answers = graded.ruleset, graded.assessment, graded.assessment.answers
    details = details_from_json(ruleset, attestation.details, stored=True)
    unconfirmed = to_confirm(ruleset, attestation.unconfirmed)
    me = session().get_one(Account, actor().id)
    signer = attestation_queries.remembered_signer(session(), attestation.listing_id, me)
    # What is not in a sent form is missing, and not as it was filled in.
    filled = {} if sent is not None else {"signer_name": signer.name, "signer_role": signer.role}
    form = sign_form(find_contradictions(ruleset, answers, details), unconfirmed)(sent, **filled)
    form.version.data = form.version.data or str(attestation.version)
    if signer.name and form.signer_name.data == signer.name:
        source = "your last signature" if signer.from_signature else "your account"
        form.signer_name.description += f" It is filled in from {source}: change it if it is not your full name."
    return ReviewPage(
        listing=attestation.listing,
        attestation=attestation,
        ruleset=ruleset,
        findings=finding_rows(ruleset, assessment),
        details=detail_rows(ruleset, details),
        badge_earned=assessment.badge_earned,
        reason=summarize_grades(assessment.grades),
        valid_until=ruleset.valid_until(now()),
        form=form,
        may_sign=is_allowed(Action.SIGN_ATTESTATION, attestation.listing),
        reviewed=drafts.hidden_fields(drafts.attestation_texts(attestation)),
        is_renewal=bool(attestation_queries.accepted_attestations(session(), [attestation.listing_id])),
        returned=returned_round(session(), attestation, services().rulesets),
    )


def signed_page(attestation: Attestation) -> SignedPage:
    """Return a signed attestation, graded by the ruleset it was signed under.

    Raises:
        NotFound: the attestation is not signed yet.
    """
    if attestation.state is AttestationState.DRAFT or attestation.valid_until is None:
        raise NotFound("There is no such attestation.")
    graded = grade_stored(services().rulesets, attestation.ruleset_id, attestation.answers)
    ruleset = graded.ruleset
    history = attestation_queries.history(session(), attestation.id)
    remarks = history[0].comments
    return SignedPage(
        listing=attestation.listing,
        attestation=attestation,
        ruleset=ruleset,
        counts_until=graded.counts_until(attestation.valid_until),
        findings=finding_rows(ruleset, graded.assessment),
        details=detail_rows(ruleset, details_from_json(ruleset, attestation.details, stored=True)),
        returned=returned_round(session(), attestation, services().rulesets),
        remarks=tuple((asked.short, remarks[asked.key]) for asked in ruleset.criteria if remarks.get(asked.key)),
        next=next_steps(attestation.listing, [attestation], rulesets=services().rulesets, now=now()),
        history=tuple(history),
        may_sign=is_allowed(Action.SIGN_ATTESTATION, attestation.listing),
    )


def is_allowed(action: Action, listing: Listing) -> bool:
    """Return whether the signed-in provider's right to a listing allows an action."""
    return may(actor(), action, right=listing.right_of(actor().id))
