"""Builds the form for a ruleset's questions from the ruleset."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, HiddenField, RadioField, SelectChoice, SelectMultipleField, StringField
from wtforms.widgets import CheckboxInput, ListWidget

from directory.certification import form_values
from directory.certification.answers import NONE, Answer, Answers
from directory.certification.criteria import AnswerKind, Question
from directory.certification.form_values import InputPart
from directory.certification.ruleset import Ruleset

PREFER_NOT_TO_SAY = SelectChoice("", "Prefer not to say")
DOES_NOT_APPLY = SelectChoice("", "Does not apply")


@dataclass(frozen=True, slots=True)
class QuestionFields:
    """A question with the form fields for its answer; `kind` is the kind of answer."""

    question: Question
    kind: AnswerKind
    parts: Mapping[str, Field]


class QuestionsForm(Form):  # type: ignore[misc]  # WTForms has no types
    """Base class of the forms that `questions_form` creates."""

    ruleset: Ruleset
    version = HiddenField()
    base = HiddenField()

    @property
    def criteria(self) -> tuple[QuestionFields, ...]:
        """The graded questions."""
        return tuple(self._asked(question) for question in self.ruleset.criteria)

    @property
    def details(self) -> tuple[QuestionFields, ...]:
        """The questions whose answers are shown but not graded."""
        return tuple(self._asked(question) for question in self.ruleset.details)

    def answers(self) -> tuple[dict[str, Answer | None], dict[str, Answer | None]]:
        """Return the answers to the criteria and to the details.

        Raises:
            Invalid: names every field with an invalid value.
        """
        texts = {field.name: [str(text) for text in field.raw_data or ()] for field in self}
        read = form_values.parse_form(self.ruleset.questions, texts)
        return _select_answers(self.ruleset.criteria, read), _select_answers(self.ruleset.details, read)

    def _asked(self, question: Question) -> QuestionFields:
        parts = {str(part): self[form_values.input_name(question, part)] for part in form_values.input_parts(question)}
        return QuestionFields(question, question.kind, parts)


def questions_form(ruleset: Ruleset) -> type[QuestionsForm]:
    """Create the form class for the questions of `ruleset`."""
    made: dict[str, Any] = {"ruleset": ruleset}
    for question in ruleset.questions:
        for part in form_values.input_parts(question):
            made[form_values.input_name(question, part)] = _field(question, part)
    return type("QuestionsForm", (QuestionsForm,), made)


def answers_to_formdata(questions: Iterable[Question], answers: Answers) -> MultiDict[str, str]:
    """Return the form data that represents the given answers."""
    shown: MultiDict[str, str] = MultiDict()
    for question in questions:
        for name, texts in form_values.form_texts(question, answers.get(question.key)).items():
            shown.setlist(name, texts)
    return shown


def _select_answers(questions: Sequence[Question], read: Answers) -> dict[str, Answer | None]:
    return {question.key: read[question.key] for question in questions}


def _field(question: Question, part: InputPart) -> Field:
    options = [SelectChoice(option.value, option.label) for option in question.options]
    match part:
        case InputPart.LOW:
            return StringField("From")
        case InputPart.HIGH:
            return StringField("to")
        case InputPart.VALUE:
            return RadioField(
                question.question,
                description=question.hint,
                choices=[*options, PREFER_NOT_TO_SAY],
                validate_choice=False,
            )
        case InputPart.METHODS:
            none = [SelectChoice(NONE, question.none.label)] if question.none else []
            return SelectMultipleField(
                question.question,
                description=question.hint,
                choices=[*options, *none],
                validate_choice=False,
                widget=ListWidget(prefix_label=False),
                option_widget=CheckboxInput(),
            )
        case InputPart.HOW_OFTEN:
            often = [SelectChoice(option.value, option.label) for option in question.how_often]
            return RadioField("How often?", choices=[*often, DOES_NOT_APPLY], validate_choice=False)
