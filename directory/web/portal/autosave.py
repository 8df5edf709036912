"""Saves a draft, by button or automatically, and resolves conflicts between browser tabs."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, RadioField, SelectChoice

from directory import transaction
from directory.attestations import commands as attestation_commands
from directory.attestations.draft_input import DraftInput, EditConflict
from directory.attestations.lifecycle import AttestationState
from directory.certification.ruleset import Ruleset
from directory.listings.tables import Listing
from directory.web.portal import autosave_response, drafts, view_models
from directory.web.portal.autosave_response import AUTOSAVE
from directory.web.portal.drafts import StoredAnswers
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.merge import touched_names
from directory.web.support.questions import QuestionsForm, questions_form
from directory.web.support.requests import actor, now, services
from directory.web.support.templating import render

CHOICE_PREFIX = "choose-"
STORED, TYPED = "stored", "typed"
YOU_TYPED, UNCHANGED = "You typed", "Before, not changed by you"
REVIEW = "review"
"""The value of the `then` field that leads to the review page; the others are section keys, and `AUTOSAVE`."""

ViewResponse = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class ConflictPage:
    """`portal/clash.html`: stored and typed answers side by side, to choose from.

    `hidden` holds all submitted fields and `form` the choices; `signed` is set if the draft was signed meanwhile.
    """

    listing: Listing
    form: Form
    signed: bool
    hidden: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class AnswersSubmission:
    """Submitted answers: the form, the choices for conflicting answers, and the next page."""

    ruleset: Ruleset
    form: QuestionsForm
    chosen: Mapping[str, str]
    then: str

    @classmethod
    def now(cls) -> "AnswersSubmission":
        """Return the submission of the current request."""
        ruleset = services().rulesets.current
        keys = set(request.form.getlist("clash")) & {question.key for question in ruleset.questions}
        chosen = {key: request.form.get(f"{CHOICE_PREFIX}{key}", "") for key in keys}
        return cls(ruleset, questions_form(ruleset)(request.form), chosen, request.form.get("then", REVIEW))

    @property
    def texts(self) -> dict[str, list[str]]:
        """The submitted form texts."""
        return drafts.submitted_texts(self.form)

    @property
    def reading(self) -> DraftInput:
        """The submitted texts parsed into answers."""
        return drafts.parse_answers(self.ruleset, self.texts)

    @property
    def touched(self) -> frozenset[str]:
        """The keys of the questions whose answers were edited since the page was opened."""
        return frozenset(name.rpartition("-")[0] for name in touched_names(self.form, self.form.base.data))

    def is_of(self, kept: StoredAnswers) -> bool:
        """Return whether the form was rendered from the currently stored answers."""
        return (self.form.version.data or "") == kept.token

    def resolved(self, kept: StoredAnswers) -> dict[str, list[str]]:
        """Return the submitted texts, replaced by the stored ones where the provider chose those."""
        stored = {key for key, choice in self.chosen.items() if choice == STORED}
        return {
            name: list(kept.texts.get(name, ())) if name.rpartition("-")[0] in stored else texts
            for name, texts in self.texts.items()
        }


def save_answers(listing: Listing) -> ViewResponse:
    """Save the submitted answers, or show the conflict if another tab saved different ones."""
    sent, kept = AnswersSubmission.now(), drafts.stored_answers(listing)
    differing = kept.conflicts(sent.ruleset, sent.reading)
    if differing and not sent.is_of(kept):
        return _conflict_response(listing, sent, kept, differing, 409)
    if any(choice not in {STORED, TYPED} for choice in sent.chosen.values()):
        return _conflict_response(listing, sent, kept, [one for one in differing if one.key in sent.chosen], 422)
    reading = drafts.parse_answers(sent.ruleset, sent.resolved(kept))
    with FormErrorHandler(sent.form) as refused, transaction.atomic() as writing:
        draft = attestation_commands.get_or_create_draft(writing, listing, sent.ruleset, by=actor(), now=now())
        attestation_commands.save_input(
            writing, draft, sent.ruleset, reading, version=draft.version, by=actor(), now=now()
        )
        refused.status = 200
    return (
        _saved_response(listing, sent, reading)
        if refused.status == 200
        else _stale_response(listing, sent, refused.status)
    )


def _saved_response(listing: Listing, sent: AnswersSubmission, reading: DraftInput) -> ViewResponse:
    kept = drafts.stored_answers(listing)
    if sent.then == AUTOSAVE:
        return autosave_response.saved(kept.token, _autosave_message(reading))
    if reading.too_long or (reading.faults and sent.then == REVIEW):
        return render(
            "portal/questions.html", view_models.invalid_questions_page(listing, sent.form, reading.faults)
        ), 422
    if sent.then == REVIEW and kept.draft is not None:
        return redirect(url_for("portal.review", attestation_id=kept.draft.id), 303)
    after = drafts.next_section(sent.form, sent.then)
    return redirect(url_for("portal.questions", listing_id=listing.id, _anchor=after), 303)


def _autosave_message(reading: DraftInput) -> str:
    """Return the autosave message shown after the time of saving."""
    long = [fault.detail for fault in reading.faults if fault.field.rpartition("-")[0] in reading.too_long]
    if long:
        return long[0]
    count = len(reading.typed)
    if not count:
        return ""
    return f"{count} {'answer' if count == 1 else 'answers'} cannot be read yet."


def _stale_response(listing: Listing, sent: AnswersSubmission, status: int) -> ViewResponse:
    """Respond to a failed save, for example because of a concurrent save or a closed listing."""
    kept = drafts.stored_answers(listing)
    differing = kept.conflicts(sent.ruleset, sent.reading)
    if differing and not sent.is_of(kept):
        return _conflict_response(listing, sent, kept, differing, status)
    if sent.then == AUTOSAVE:
        return autosave_response.not_saved(sent.form.form_errors[0], status)
    return render("portal/questions.html", view_models.invalid_questions_page(listing, sent.form, ())), status


def _conflict_response(
    listing: Listing, sent: AnswersSubmission, kept: StoredAnswers, differing: Collection[EditConflict], status: int
) -> ViewResponse:
    if sent.then == AUTOSAVE:
        return autosave_response.not_saved("Another window changed these answers. Press Save to see both.", status)
    touched = sent.touched
    kept_answers = {clash.key: STORED for clash in differing if clash.key not in touched}
    form = _conflict_form(differing, touched, data=kept_answers if status == 409 else sent.chosen)
    if status == 422:
        for field in form:
            field.errors = () if field.data in {STORED, TYPED} else (f"{field.label.text}: choose which one to keep.",)
    hidden = list(drafts.hidden_fields(sent.texts))
    hidden += [("clash", field.name.removeprefix(CHOICE_PREFIX)) for field in form]
    hidden += [("version", kept.token), ("base", sent.form.base.data or ""), ("then", sent.then)]
    page = ConflictPage(listing, form, signed=_is_submitted(kept), hidden=tuple(hidden))
    return render("portal/clash.html", page), status


def _conflict_form(differing: Iterable[EditConflict], touched: Collection[str], data: Mapping[str, str]) -> Form:
    made: dict[str, Any] = {
        f"{CHOICE_PREFIX}{clash.key}": RadioField(
            clash.short,
            choices=[
                SelectChoice(STORED, f"Stored now: {clash.stored}"),
                SelectChoice(TYPED, f"{YOU_TYPED if clash.key in touched else UNCHANGED}: {clash.typed}"),
            ],
            validate_choice=False,
        )
        for clash in differing
    }
    return type("ClashForm", (Form,), made)(data={f"{CHOICE_PREFIX}{key}": choice for key, choice in data.items()})


def _is_submitted(kept: StoredAnswers) -> bool:
    """Return whether the stored answers are signed and wait for a reviewer."""
    return kept.draft is None and kept.signed is not None and kept.signed.state is AttestationState.SUBMITTED
