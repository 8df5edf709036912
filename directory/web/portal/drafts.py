"""A draft as its form shows it: its sections, what is kept in it, and which state of it a window was opened on."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from werkzeug.datastructures import MultiDict

from directory.attestations import drafting
from directory.attestations import queries as attested
from directory.attestations.drafting import EditConflict, Reading
from directory.attestations.lifecycle import State
from directory.attestations.tables import Attestation
from directory.certification.answers import details_from_json, from_json
from directory.certification.ruleset import Ruleset
from directory.listings.tables import Listing
from directory.web.support.questions import QuestionFields, QuestionsForm, questions_form, texts_of
from directory.web.support.refusals import add_errors
from directory.web.support.requests import services, session

Texts = Mapping[str, Sequence[str]]
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
        return sum(any(_filled(asked)) for asked in self.asked)

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
    texts: Texts

    @property
    def token(self) -> str:
        """The newest attestation and how often its draft was saved, such as `7-3`."""
        newest = self.draft or self.signed
        return f"{newest.id if newest else 0}-{self.draft.version if self.draft else 0}"

    @property
    def saved_at(self) -> datetime | None:
        """When the draft was saved."""
        return self.draft.updated_at if self.draft else None

    def conflicts(self, ruleset: Ruleset, sent: Reading) -> tuple[EditConflict, ...]:
        """Where what is stored is another answer than what was sent."""
        newest = self.draft or self.signed
        if newest is None:
            return drafting.conflicts(ruleset, drafting.read(ruleset, {}), sent)
        its_rules = services().rulesets.load(newest.ruleset_id)
        return drafting.conflicts(ruleset, drafting.stored(newest, its_rules, ruleset), sent)

    def form(self, ruleset: Ruleset) -> QuestionsForm:
        """The form with what is kept, and beside it what is wrong with what is no answer yet."""
        form = questions_form(ruleset)(MultiDict({name: list(texts) for name, texts in self.texts.items()}))
        form.version.data = self.token
        if self.draft is not None:
            add_errors(form, drafting.faults_of(ruleset, self.draft.typed))
        return form


def kept(listing: Listing) -> StoredAnswers:
    """What is kept for a listing now."""
    rows = attested.attestations_of(session(), [listing.id])
    draft = next((row for row in rows if row.state is State.DRAFT), None)
    signed = next((row for row in rows if row.state is not State.DRAFT), None)
    return StoredAnswers(draft, signed, texts_of_attestation(draft or signed))


def texts_of_attestation(attestation: Attestation | None) -> dict[str, list[str]]:
    """Answers given under whichever rules, and what was typed and is none, as texts of a form."""
    if attestation is None:
        return {}
    ruleset = services().rulesets.load(attestation.ruleset_id)
    answers = from_json(ruleset, attestation.answers) | details_from_json(ruleset, attestation.details)
    texts = {name: list(several) for name, several in texts_of(ruleset.questions, answers).lists()}
    for typed in attestation.typed.values():
        texts |= typed
    return texts


def texts_of_form(form: QuestionsForm) -> dict[str, list[str]]:
    """What was typed, field by field; what stands in the form and is no question is left out."""
    asked = {field.name for one in (*form.criteria, *form.details) for field in one.parts.values()}
    return {field.name: [str(text) for text in field.raw_data or ()] for field in form if field.name in asked}


def hidden(texts: Texts) -> tuple[tuple[str, str], ...]:
    """The same as hidden fields, which send it back as it was."""
    return tuple((name, text) for name, several in texts.items() for text in several)


def sections(form: QuestionsForm) -> tuple[Section, ...]:
    """The questions as they are answered one after another, from the ruleset alone."""
    graded = Section("graded", "Compared with our rules", "", form.criteria, inline=False)
    shown = Section("shown", "More detail", "Optional. Shown to patients, never graded.", form.details, inline=True)
    return (graded, shown) if shown.asked else (graded,)


def section_after(form: QuestionsForm, key: str) -> str:
    """Where to go on once a section is saved: the next one, or the end."""
    keys = [section.key for section in sections(form)]
    return next((then for this, then in itertools.pairwise(keys) if this == key), "end")


def read(ruleset: Ruleset, texts: Texts) -> Reading:
    """The answers among the texts, and the rest."""
    return drafting.read(ruleset, texts)


def _filled(asked: QuestionFields) -> Iterator[bool]:
    for field in asked.parts.values():
        yield any(str(text).strip() for text in field.raw_data or ())
