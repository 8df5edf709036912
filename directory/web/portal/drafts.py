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
from directory.certification.answers import answers_from_json, details_from_json
from directory.certification.ruleset import Ruleset
from directory.listings.tables import Listing
from directory.web.support.form_errors import add_errors
from directory.web.support.questions import QuestionFields, QuestionsForm, answers_to_formdata, questions_form
from directory.web.support.requests import services, session

FormTexts = Mapping[str, Sequence[str]]
"""By the name of the field, as browsers send them."""


@dataclass(frozen=True, slots=True)
class Section:
    """Some questions that are answered and saved together; `key` stands in the page's address."""

    key: str
    title: str
    note: str
    asked: tuple[QuestionFields, ...]
    inline: bool

    @property
    def answered(self) -> int:
        """How many questions have something in their fields."""
        return sum(any(_filled_fields(asked)) for asked in self.asked)

    @property
    def to_correct(self) -> int:
        """How many questions have something in their fields that is no answer."""
        return sum(any(field.errors for field in asked.parts.values()) for asked in self.asked)


@dataclass(frozen=True, slots=True)
class StoredAnswers:
    """What is kept for a listing: its draft, or what was signed last, as the texts of a form.

    `token` tells this state from every other, so that a window knows whether it was opened on this one.
    """

    draft: Attestation | None
    signed: Attestation | None
    texts: FormTexts

    @property
    def token(self) -> str:
        """The newest attestation and how often its draft was saved, such as `7-3`."""
        newest = self.draft or self.signed
        return f"{newest.id if newest else 0}-{self.draft.version if self.draft else 0}"

    @property
    def saved_at(self) -> datetime | None:
        """When the draft was saved."""
        return self.draft.updated_at if self.draft else None

    def conflicts(self, ruleset: Ruleset, sent: DraftInput) -> tuple[EditConflict, ...]:
        """Where what is stored is another answer than what was sent."""
        newest = self.draft or self.signed
        if newest is None:
            return draft_input.find_conflicts(ruleset, draft_input.parse(ruleset, {}), sent)
        its_rules = services().rulesets.load(newest.ruleset_id)
        return draft_input.find_conflicts(ruleset, draft_input.from_attestation(newest, its_rules, ruleset), sent)

    def form(self, ruleset: Ruleset) -> QuestionsForm:
        """The form with what is kept, and beside it what is wrong with what is no answer yet."""
        form = questions_form(ruleset)(MultiDict({name: list(texts) for name, texts in self.texts.items()}))
        form.version.data = self.token
        if self.draft is not None:
            add_errors(form, draft_input.check_typed(ruleset, self.draft.typed))
        return form


def stored_answers(listing: Listing) -> StoredAnswers:
    """What is kept for a listing now."""
    rows = attestation_queries.attestations_of(session(), [listing.id])
    draft = next((row for row in rows if row.state is AttestationState.DRAFT), None)
    signed = next((row for row in rows if row.state is not AttestationState.DRAFT), None)
    return StoredAnswers(draft, signed, attestation_texts(draft or signed))


def attestation_texts(attestation: Attestation | None) -> dict[str, list[str]]:
    """Answers given under whichever rules, and what was typed and is none, as texts of a form."""
    if attestation is None:
        return {}
    ruleset = services().rulesets.load(attestation.ruleset_id)
    answers = answers_from_json(ruleset, attestation.answers) | details_from_json(ruleset, attestation.details)
    texts = {name: list(several) for name, several in answers_to_formdata(ruleset.questions, answers).lists()}
    for typed in attestation.typed.values():
        texts |= typed
    return texts


def submitted_texts(form: QuestionsForm) -> dict[str, list[str]]:
    """What was typed, field by field; what stands in the form and is no question is left out."""
    asked = {field.name for one in (*form.criteria, *form.details) for field in one.parts.values()}
    return {field.name: [str(text) for text in field.raw_data or ()] for field in form if field.name in asked}


def hidden_fields(texts: FormTexts) -> tuple[tuple[str, str], ...]:
    """The same as hidden fields, which send it back as it was."""
    return tuple((name, text) for name, several in texts.items() for text in several)


def sections(form: QuestionsForm) -> tuple[Section, ...]:
    """The questions as they are answered one after another, from the ruleset alone."""
    graded = Section("graded", "Compared with our rules", "", form.criteria, inline=False)
    shown = Section("shown", "More detail", "Optional. Shown to patients, never graded.", form.details, inline=True)
    return (graded, shown) if shown.asked else (graded,)


def next_section(form: QuestionsForm, key: str) -> str:
    """Where to go on once a section is saved: the next one, or the end."""
    keys = [section.key for section in sections(form)]
    return next((then for this, then in itertools.pairwise(keys) if this == key), "end")


def parse_answers(ruleset: Ruleset, texts: FormTexts) -> DraftInput:
    """The answers among the texts, and the rest."""
    return draft_input.parse(ruleset, texts)


def _filled_fields(asked: QuestionFields) -> Iterator[bool]:
    for field in asked.parts.values():
        yield any(str(text).strip() for text in field.raw_data or ())
