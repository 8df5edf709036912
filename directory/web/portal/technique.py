"""The graded questions one by one: shows a question with the reviewer's comment on it, and saves its answer."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask import redirect, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from directory import transaction
from directory.attestations import commands as attestation_commands
from directory.attestations import draft_input
from directory.attestations.draft_input import DraftInput
from directory.attestations.lifecycle import AttestationState
from directory.attestations.queries import attestations_of
from directory.attestations.replies import FIELD, return_decision, save_reply
from directory.certification import form_values
from directory.certification.answers import NumberRange
from directory.certification.criteria import Criterion
from directory.certification.ruleset import Ruleset
from directory.certification.scale import Scale, answer_scale
from directory.certification.scoring import assess
from directory.certification.wording import summarize_grades
from directory.errors import FieldError, NotFound
from directory.listings.tables import Listing
from directory.web.portal import autosave_response, drafts, view_models
from directory.web.portal.autosave_response import AUTOSAVE
from directory.web.portal.blueprint import blueprint
from directory.web.portal.drafts import FormTexts, StoredAnswers
from directory.web.portal.reply_form import ReplyForm
from directory.web.support.findings import FindingRow, finding_rows
from directory.web.support.form_errors import FormErrorHandler, add_errors
from directory.web.support.guards import LISTING_ID
from directory.web.support.questions import QuestionFields, QuestionsForm, questions_form
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response

NEXT, REVIEW, LEAVE, SKIP = "next", "review", "leave", "skip"
"""Values of the pressed button; `SKIP` leaves the question unanswered."""

DIGEST_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Step:
    """A question in the bar of steps; `finding` is its stored answer and grade."""

    number: int
    title: str
    href: str
    finding: FindingRow
    has_comment: bool


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """`portal/question.html`: one question; `reason` is why the answers were returned, `comment` is on this one.

    `standing` says how all stored answers compare with the rules. `stored` is set after an edit conflict: the answer
    that another window saved. With `has_errors` the typed answer must be corrected before going on. `reply` is for a
    reply to the comment. `scale` shows the stored answer if it is a number.
    """

    listing: Listing
    ruleset: Ruleset
    number: int
    criterion: Criterion
    asked: QuestionFields
    form: QuestionsForm
    reply: ReplyForm
    steps: tuple[Step, ...]
    reason: str
    comment: str
    standing: str
    badge_earned: bool
    saved_at: datetime | None
    version: str
    scale: Scale | None = None
    stored: str = ""
    has_errors: bool = False

    @property
    def current(self) -> Step:
        """The step of this question."""
        return self.steps[self.number - 1]

    @property
    def following(self) -> Step | None:
        """The next question; None at the last one."""
        return self.steps[self.number] if self.number < len(self.steps) else None


@blueprint.get(f"/listings/{LISTING_ID}/technique")
def technique(listing_id: int) -> ViewResponse:
    """Redirect to the first question that has a comment or no answer, or else to the first question.

    Signed answers that a reviewer has, or has accepted, are shown instead.
    """
    found = view_models.own_listing(listing_id)
    latest = next(iter(attestations_of(session(), [found.id])), None)
    if latest is not None and latest.state in {AttestationState.SUBMITTED, AttestationState.ACCEPTED}:
        return redirect(url_for("portal.signed", attestation_id=latest.id), 303)
    page = question_page(found, 1)
    wanted = [step for step in page.steps if step.has_comment] or [
        step for step in page.steps if not step.finding.answer_text
    ]
    return redirect((wanted or page.steps)[0].href, 303)


@blueprint.post(f"/listings/{LISTING_ID}/technique/renew")
def renew(listing_id: int) -> ViewResponse:
    """Start a renewal from the accepted answers, and show them for review and signature."""
    found = view_models.own_listing(listing_id)
    with transaction.atomic() as writing:
        draft = attestation_commands.get_or_create_draft(
            writing, found, services().rulesets.current, by=actor(), now=now()
        )
        can_be_signed, attestation_id = view_models.can_be_signed(draft), draft.id
    if not can_be_signed:
        return redirect(url_for("portal.technique", listing_id=listing_id), 303)
    return redirect(url_for("portal.review", attestation_id=attestation_id), 303)


@blueprint.get(f"/listings/{LISTING_ID}/technique/<int(max=99):number>")
def question(listing_id: int, number: int) -> ViewResponse:
    """Show one question with the stored answer."""
    return render("portal/question.html", question_page(view_models.own_listing(listing_id), number))


@blueprint.post(f"/listings/{LISTING_ID}/technique/<int(max=99):number>")
def save_question(listing_id: int, number: int) -> ViewResponse:
    """Save the answer to one question, or show the question with errors or an edit conflict."""
    page = question_page(view_models.own_listing(listing_id), number)
    pressed, typed = request.form.get("then", NEXT), _submitted_texts(page)
    stored = _stored_texts(drafts.stored_answers(page.listing), page.criterion)
    page = _with_texts(page, {**stored, **typed})
    if page.version != request.form.get("version", "") and _filled(stored, typed) != _filled(typed, typed):
        return _conflict_response(page, stored, pressed)
    reading = draft_input.parse(page.ruleset, {**stored, **typed})
    with FormErrorHandler(page.reply) as refused, transaction.atomic() as writing:
        draft = attestation_commands.get_or_create_draft(writing, page.listing, page.ruleset, by=actor(), now=now())
        attestation_commands.save_input(
            writing, draft, page.ruleset, reading, version=draft.version, by=actor(), now=now()
        )
        if page.comment:
            save_reply(writing, draft, page.criterion.key, typed[FIELD][0], by=actor(), now=now())
        refused.status = 200
    return _saved_response(page, reading, pressed) if refused.status == 200 else _refused(page, pressed, refused)


def question_page(listing: Listing, number: int) -> QuestionPage:
    """Return the page of a question; they are numbered from 1.

    Raises:
        NotFound: the ruleset has no question with this number.
    """
    ruleset, kept = services().rulesets.current, drafts.stored_answers(listing)
    if not 1 <= number <= len(ruleset.criteria):
        raise NotFound(f"There is no question {number}.")
    criterion, form = ruleset.criteria[number - 1], kept.form(ruleset)
    texts = _stored_texts(kept, criterion)
    assessment = assess(ruleset, draft_input.parse(ruleset, kept.texts).answers)
    answer = assessment.answers[criterion.key]
    returned = return_decision(session(), kept.signed)
    steps = tuple(
        Step(place, each.short, _step_url(listing, place), row, each.key in returned.comments)
        for place, (each, row) in enumerate(
            zip(ruleset.criteria, finding_rows(ruleset, assessment), strict=True), start=1
        )
    )
    return QuestionPage(
        listing=listing,
        ruleset=ruleset,
        number=number,
        criterion=criterion,
        asked=form.criteria[number - 1],
        form=form,
        reply=ReplyForm(data={FIELD: texts[FIELD][0]}),
        steps=steps,
        reason=returned.reason,
        comment=returned.comments.get(criterion.key, ""),
        standing=summarize_grades(assessment.grades),
        badge_earned=assessment.badge_earned,
        saved_at=kept.saved_at,
        version=_digest(texts, form.criteria[number - 1]),
        scale=answer_scale(criterion, answer) if isinstance(answer, NumberRange) else None,
    )


def _step_url(listing: Listing, number: int) -> str:
    return url_for("portal.question", listing_id=listing.id, number=number)


def _stored_texts(kept: StoredAnswers, criterion: Criterion) -> dict[str, Sequence[str]]:
    """Return the stored texts of all questions, and of the reply to the comment on this one."""
    return {**kept.texts, FIELD: [kept.draft.replies.get(criterion.key, "") if kept.draft else ""]}


def _submitted_texts(page: QuestionPage) -> dict[str, list[str]]:
    """Return the submitted texts of the question, none if it was skipped, and of the reply if there is a comment."""
    is_skipped = request.form.get("then") == SKIP
    names = [field.name for field in page.asked.parts.values()]
    reply = {FIELD: [ReplyForm(request.form).reply.data or ""]} if page.comment else {}
    return {name: [] if is_skipped else request.form.getlist(name) for name in names} | reply


def _with_texts(page: QuestionPage, texts: FormTexts) -> QuestionPage:
    """Return the page with other texts in its fields."""
    form = questions_form(page.ruleset)(MultiDict({name: list(several) for name, several in texts.items()}))
    reply = ReplyForm(data={FIELD: texts[FIELD][0]})
    return replace(page, form=form, asked=form.criteria[page.number - 1], reply=reply)


def _filled(texts: FormTexts, names: FormTexts) -> dict[str, list[str]]:
    """Return the texts with these names that are not blank."""
    return {name: filled for name in names if (filled := [text for text in texts.get(name, ()) if text.strip()])}


def _digest(texts: FormTexts, asked: QuestionFields) -> str:
    """Return a digest of a question's stored texts, which tells whether another window changed them."""
    own = _filled(texts, {FIELD: (), **{field.name: () for field in asked.parts.values()}})
    return hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:DIGEST_LENGTH]


def _saved_response(page: QuestionPage, reading: DraftInput, pressed: str) -> ViewResponse:
    kept = drafts.stored_answers(page.listing)
    version = _digest(_stored_texts(kept, page.criterion), page.asked)
    faults = [fault for fault in reading.faults if fault.field in _names(page)]
    if pressed == AUTOSAVE:
        return autosave_response.saved(version, _first_message(faults))
    if faults and pressed != LEAVE:
        add_errors(page.form, faults)
        return _render(replace(page, version=version, has_errors=True), 422)
    return redirect(_next_url(page, kept, pressed), 303)


def _next_url(page: QuestionPage, kept: StoredAnswers, pressed: str) -> str:
    if pressed == LEAVE or kept.draft is None:
        return url_for("portal.listing", listing_id=page.listing.id)
    if pressed == REVIEW or page.following is None:
        is_readable = view_models.can_be_signed(kept.draft)
        return (
            url_for("portal.review", attestation_id=kept.draft.id)
            if is_readable
            else view_models.attestation_url(kept.draft)
        )
    return page.following.href


def _conflict_response(page: QuestionPage, kept: FormTexts, pressed: str) -> ViewResponse:
    """Show what another window saved beside what was typed; saving again replaces it."""
    message = "Another window changed this answer. Compare both, then save again."
    if pressed == AUTOSAVE:
        return autosave_response.not_saved(message, 409)
    page.form.form_errors = [message]
    answer = form_values.form_texts(page.criterion, None)
    texts = [text for name in answer for text in kept.get(name, ()) if text.strip()]
    stored = page.current.finding.answer_text or (" – ".join(texts) if texts else "No answer")
    stored += "".join(f", with the reply “{text}”" for text in kept[FIELD] if text)
    return _render(replace(page, stored=stored, has_errors=True), 409)


def _refused(page: QuestionPage, pressed: str, refused: FormErrorHandler) -> ViewResponse:
    if pressed == AUTOSAVE:
        return autosave_response.not_saved(refused.refusal.sentence if refused.refusal else "", refused.status)
    return _render(replace(page, has_errors=True), refused.status)


def _render(page: QuestionPage, status: int) -> ViewResponse:
    return render("portal/question.html", page), status


def _names(page: QuestionPage) -> Mapping[str, object]:
    return {field.name: field for field in page.asked.parts.values()}


def _first_message(faults: list[FieldError]) -> str:
    return faults[0].detail if faults else ""
