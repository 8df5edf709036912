"""A draft attestation as form data: its sections, its stored answers and its version token."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from werkzeug.datastructures import MultiDict

from directory.attestations import draft_input
from directory.attestations import queries as attestation_queries
from directory.attestations.draft_input import DraftInput, EditConflict
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation
from directory.certification.ruleset import Ruleset
from directory.listings.tables import Listing
from directory.web.support.form_errors import add_errors
from directory.web.support.merge import snapshot
from directory.web.support.questions import QuestionFields, QuestionsForm, answers_to_formdata, questions_form
from directory.web.support.requests import services, session

FormTexts = Mapping[str, Sequence[str]]
"""Submitted texts by field name, as browsers send them."""


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that are answered and saved together; `key` is the section's URL fragment."""

    key: str
    title: str
    note: str
    asked: tuple[QuestionFields, ...]
    inline: bool

    @property
    def answered(self) -> int:
        """The number of questions with any text in their fields."""
        return sum(any(_filled_fields(asked)) for asked in self.asked)

    @property
    def to_correct(self) -> int:
        """The number of questions whose fields have errors."""
        return sum(any(field.errors for field in asked.parts.values()) for asked in self.asked)


@dataclass(frozen=True, slots=True)
class StoredAnswers:
    """The stored answers of a listing, from its draft or else its latest signed attestation, as form texts.

    `token` identifies this version, so that a submission shows which version its form was rendered from.
    """

    draft: Attestation | None
    signed: Attestation | None
    texts: FormTexts

    @property
    def token(self) -> str:
        """The id of the newest attestation and the version of its draft, such as `7-3`."""
        newest = self.draft or self.signed
        return f"{newest.id if newest else 0}-{self.draft.version if self.draft else 0}"

    @property
    def saved_at(self) -> datetime | None:
        """When the draft was last saved; None without a draft."""
        return self.draft.updated_at if self.draft else None

    def conflicts(self, ruleset: Ruleset, sent: DraftInput) -> tuple[EditConflict, ...]:
        """Return the answers that differ between the stored and the submitted ones."""
        newest = self.draft or self.signed
        if newest is None:
            return draft_input.find_conflicts(ruleset, draft_input.parse(ruleset, {}), sent)
        its_rules = services().rulesets.load(newest.ruleset_id)
        return draft_input.find_conflicts(ruleset, draft_input.from_attestation(newest, its_rules, ruleset), sent)

    def form(self, ruleset: Ruleset) -> QuestionsForm:
        """Return the form with the stored answers and errors for texts that are not valid answers yet."""
        form = questions_form(ruleset)(MultiDict({name: list(texts) for name, texts in self.texts.items()}))
        form.version.data, form.base.data = self.token, snapshot(form)
        if self.draft is not None:
            add_errors(form, draft_input.check_typed(ruleset, self.draft.typed))
        return form


def stored_answers(listing: Listing) -> StoredAnswers:
    """Return the currently stored answers of a listing."""
    rows = attestation_queries.attestations_of(session(), [listing.id])
    draft = next((row for row in rows if row.state is AttestationState.DRAFT), None)
    signed = next((row for row in rows if row.state is not AttestationState.DRAFT), None)
    return StoredAnswers(draft, signed, attestation_texts(draft or signed))


def attestation_texts(attestation: Attestation | None) -> dict[str, list[str]]:
    """Return answers, under the attestation's own ruleset, and unparsed typed texts as form texts."""
    if attestation is None:
        return {}
    ruleset = services().rulesets.load(attestation.ruleset_id)
    answers = draft_input.stored_answers(attestation, ruleset)
    texts = {name: list(several) for name, several in answers_to_formdata(ruleset.questions, answers).lists()}
    for typed in attestation.typed.values():
        texts |= typed
    return texts


def submitted_texts(form: QuestionsForm) -> dict[str, list[str]]:
    """Return the submitted texts by field name, for question fields only."""
    asked = {field.name for one in (*form.criteria, *form.details) for field in one.parts.values()}
    return {field.name: [str(text) for text in field.raw_data or ()] for field in form if field.name in asked}


def hidden_fields(texts: FormTexts) -> tuple[tuple[str, str], ...]:
    """Return the texts as names and values of hidden fields, which submit them unchanged."""
    return tuple((name, text) for name, several in texts.items() for text in several)


def sections(form: QuestionsForm) -> tuple[Section, ...]:
    """Return the sections of the form, derived from the ruleset alone."""
    graded = Section("graded", "Compared with our rules", "", form.criteria, inline=False)
    shown = Section("shown", "More detail", "Optional. Shown to patients, never graded.", form.details, inline=True)
    return (graded, shown) if shown.asked else (graded,)


def next_section(form: QuestionsForm, key: str) -> str:
    """Return the key of the section after `key`, or `end`."""
    keys = [section.key for section in sections(form)]
    return next((then for this, then in itertools.pairwise(keys) if this == key), "end")


def parse_answers(ruleset: Ruleset, texts: FormTexts) -> DraftInput:
    """Parse form texts into answers and texts that are not answers."""
    return draft_input.parse(ruleset, texts)


def _filled_fields(asked: QuestionFields) -> Iterator[bool]:
    for field in asked.parts.values():
        yield any(str(text).strip() for text in field.raw_data or ())
