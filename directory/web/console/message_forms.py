"""Reviewer forms for messages to a provider and for notes between reviewers."""

from collections.abc import Iterable, Iterator

from wtforms import BooleanField, Form, HiddenField, SelectField, TextAreaField
from wtforms.fields import SelectChoice

from directory.attestations.tables import Attestation
from directory.certification.answers import answers_from_json, format_answer
from directory.certification.ruleset import Rulesets
from directory.errors import FieldError, Invalid
from directory.messages.commands import MAX_TEXT
from directory.messages.subject import Subject
from directory.review.notes import MAX_NOTE

NO_SUBJECT = ""


class MessageForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A message to the owners and editors of a listing."""

    text = TextAreaField(
        "Your message",
        description=f"The owners and editors get it by email and answer here. At most {MAX_TEXT:,} characters.",
        render_kw={"rows": 5, "maxlength": MAX_TEXT},
    )
    about = SelectField("It is about", validate_choice=False)
    asks_for_evidence = BooleanField("Ask for a document or a link that supports this answer")
    needs_no_answer = BooleanField("They do not have to answer")
    seen = HiddenField()

    def offer(self, attestations: Iterable[Attestation], rulesets: Rulesets) -> None:
        """Set the choices: the listing, and each answer of these attestations."""
        self.about.choices = [SelectChoice(NO_SUBJECT, "The listing"), *_answer_choices(attestations, rulesets)]

    def subject(self, attestations: Iterable[Attestation], rulesets: Rulesets) -> Subject | None:
        """Return the answer that was chosen, or None for the listing.

        Raises:
            Invalid: it is no answer of these attestations, or evidence is asked for without one.
        """
        chosen = self.about.data or NO_SUBJECT
        if chosen == NO_SUBJECT:
            if self.asks_for_evidence.data:
                raise Invalid([FieldError("about", "Choose the answer for which you ask for a document.")])
            return None
        number, _, question = chosen.partition("-")
        for attestation in attestations:
            if str(attestation.id) == number:
                ruleset = rulesets.load(attestation.ruleset_id)
                return Subject(attestation, ruleset, question, asks_for_evidence=self.asks_for_evidence.data)
        raise Invalid([FieldError("about", "Choose an answer of this listing, or none.")])


class NoteForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A note between reviewers."""

    note = TextAreaField(
        "A note for reviewers",
        description=f"The provider never sees it, and it stays for good. At most {MAX_NOTE:,} characters.",
        render_kw={"rows": 3, "maxlength": MAX_NOTE},
    )


def _answer_choices(attestations: Iterable[Attestation], rulesets: Rulesets) -> Iterator[SelectChoice]:
    for attestation in attestations:
        ruleset = rulesets.load(attestation.ruleset_id)
        answers = answers_from_json(ruleset, attestation.answers, stored=True)
        for criterion in ruleset.criteria:
            if (answer := answers.get(criterion.key)) is not None:
                label = f"{criterion.short}: {format_answer(criterion, answer)} ({attestation.state.value})"
                yield SelectChoice(f"{attestation.id}-{criterion.key}", label)
