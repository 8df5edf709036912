"""Keeps what was typed into a draft: by a button or by itself, beside what another window kept, and nothing is lost."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import jsonify, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, RadioField, SelectChoice

from directory import transaction
from directory.attestations import commands as attesting
from directory.attestations.drafting import EditConflict, Reading
from directory.attestations.lifecycle import State
from directory.certification.ruleset import Ruleset
from directory.listings.tables import Listing
from directory.web.portal import assembling, drafts
from directory.web.portal.drafts import StoredAnswers
from directory.web.support.questions import QuestionsForm, questions_form
from directory.web.support.refusals import Refused
from directory.web.support.requests import actor, now, services
from directory.web.support.templating import render

CHOOSE = "choose-"
STORED, TYPED = "stored", "typed"
REVIEW, BY_ITSELF = "review", "auto"
"""What is to come after saving, beside the key of a section: the review, or nothing, because no button was pressed."""

Answer = str | tuple[str, int] | Response


@dataclass(frozen=True, slots=True)
class ClashPage:
    """`portal/clash.html`: what is stored beside what was typed, to choose from.

    `hidden` holds all that was typed, and `form` the choices; `signed` is set where it was signed meanwhile.
    """

    listing: Listing
    form: Form
    signed: bool
    hidden: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Sent:
    """What came in: the form, what was chosen where two windows differed, and what is to come next."""

    ruleset: Ruleset
    form: QuestionsForm
    chosen: Mapping[str, str]
    then: str

    @classmethod
    def now(cls) -> "Sent":
        """What this request sends."""
        ruleset = services().rulesets.current
        keys = set(request.form.getlist("clash")) & {question.key for question in ruleset.questions}
        chosen = {key: request.form.get(f"{CHOOSE}{key}", "") for key in keys}
        return cls(ruleset, questions_form(ruleset)(request.form), chosen, request.form.get("then", REVIEW))

    @property
    def texts(self) -> dict[str, list[str]]:
        """What was typed."""
        return drafts.texts_of_form(self.form)

    @property
    def reading(self) -> Reading:
        """The answers among it."""
        return drafts.read(self.ruleset, self.texts)

    def is_of(self, kept: StoredAnswers) -> bool:
        """Whether the window was opened on what is kept now."""
        return (self.form.version.data or "") == kept.token

    def resolved(self, kept: StoredAnswers) -> dict[str, list[str]]:
        """What was typed, but what is kept where that was chosen."""
        stored = {key for key, choice in self.chosen.items() if choice == STORED}
        return {
            name: list(kept.texts.get(name, ())) if name.rpartition("-")[0] in stored else texts
            for name, texts in self.texts.items()
        }


def keep(listing: Listing) -> Answer:
    """Save what this request sends, or show it beside what another window saved."""
    sent, kept = Sent.now(), drafts.kept(listing)
    differing = kept.conflicts(sent.ruleset, sent.reading)
    if differing and not sent.is_of(kept):
        return _clash(listing, sent, kept, differing, 409)
    if any(choice not in {STORED, TYPED} for choice in sent.chosen.values()):
        return _clash(listing, sent, kept, [one for one in differing if one.key in sent.chosen], 422)
    reading = drafts.read(sent.ruleset, sent.resolved(kept))
    with Refused(sent.form) as refused, transaction.writing() as writing:
        draft = attesting.draft(writing, listing, sent.ruleset, by=actor(), now=now())
        attesting.keep(writing, draft, sent.ruleset, reading, version=draft.version, by=actor(), now=now())
        refused.status = 200
    return _saved(listing, sent, reading) if refused.status == 200 else _too_late(listing, sent, refused.status)


def _saved(listing: Listing, sent: Sent, reading: Reading) -> Answer:
    kept = drafts.kept(listing)
    if sent.then == BY_ITSELF:
        return jsonify(version=kept.token, at=now().isoformat(), say=_say(reading))
    if reading.too_long or (reading.faults and sent.then == REVIEW):
        return render("portal/questions.html", assembling.again(listing, sent.form, reading.faults)), 422
    if sent.then == REVIEW and kept.draft is not None:
        return redirect(url_for("portal.review", attestation_id=kept.draft.id), 303)
    after = drafts.section_after(sent.form, sent.then)
    return redirect(url_for("portal.questions", listing_id=listing.id, _anchor=after), 303)


def _say(reading: Reading) -> str:
    """What a page says of itself after the time at which it was saved."""
    long = [fault.detail for fault in reading.faults if fault.field.rpartition("-")[0] in reading.too_long]
    if long:
        return long[0]
    count = len(reading.typed)
    if not count:
        return ""
    return f"{count} {'answer' if count == 1 else 'answers'} cannot be read yet."


def _too_late(listing: Listing, sent: Sent, status: int) -> Answer:
    """Somebody else saved in the very same moment, or the entry was closed."""
    kept = drafts.kept(listing)
    differing = kept.conflicts(sent.ruleset, sent.reading)
    if differing and not sent.is_of(kept):
        return _clash(listing, sent, kept, differing, status)
    if sent.then == BY_ITSELF:
        return _json(sent.form.form_errors[0], status)
    return render("portal/questions.html", assembling.again(listing, sent.form, ())), status


def _clash(listing: Listing, sent: Sent, kept: StoredAnswers, differing: Iterable[EditConflict], status: int) -> Answer:
    if sent.then == BY_ITSELF:
        return _json("Another window changed these answers. Press Save to see both.", status)
    form = _choices(differing, data={} if status == 409 else sent.chosen)
    if status == 422:
        for field in form:
            field.errors = () if field.data in {STORED, TYPED} else (f"{field.label.text}: choose which one to keep.",)
    hidden = list(drafts.hidden(sent.texts))
    hidden += [("clash", field.name.removeprefix(CHOOSE)) for field in form]
    hidden += [("version", kept.token), ("then", sent.then)]
    page = ClashPage(listing, form, signed=_waits(kept), hidden=tuple(hidden))
    return render("portal/clash.html", page), status


def _choices(differing: Iterable[EditConflict], data: Mapping[str, str]) -> Form:
    made: dict[str, Any] = {
        f"{CHOOSE}{clash.key}": RadioField(
            clash.short,
            choices=[
                SelectChoice(STORED, f"Stored now: {clash.stored}"),
                SelectChoice(TYPED, f"You typed: {clash.typed}"),
            ],
            validate_choice=False,
        )
        for clash in differing
    }
    return type("ClashForm", (Form,), made)(data={f"{CHOOSE}{key}": choice for key, choice in data.items()})


def _waits(kept: StoredAnswers) -> bool:
    """Whether what is kept was signed and waits for a reviewer."""
    return kept.draft is None and kept.signed is not None and kept.signed.state is State.SUBMITTED


def _json(say: str, status: int) -> Response:
    answer = jsonify(say=say)
    answer.status_code = status
    return answer
