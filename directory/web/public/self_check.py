"""The self-check page: grades answers that a patient types in and stores none of them."""

from dataclasses import dataclass, replace

from werkzeug.datastructures import MultiDict
from wtforms import SelectChoice

from directory.certification.answers import Answers
from directory.certification.criteria import AnswerKind, Criterion
from directory.certification.form_values import InputPart
from directory.certification.ruleset import Ruleset
from directory.certification.scoring import Grade, assess
from directory.errors import FieldError, Invalid
from directory.web.support.findings import FindingRow, finding_rows
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.questions import QuestionsForm, questions_form

NOT_TOLD = SelectChoice("", "I was not told")
NO_ANSWERS_MESSAGE = "Type in at least one answer."
NUMBER_HINT = "Give one number, or the lowest and the highest. If you were not told, leave it blank."
CHOICES_HINT = "Tick all that they use. If you were not told, leave it blank."


@dataclass(frozen=True, slots=True)
class CheckPage:
    """`public/check.html`: the form and, after it was sent, the grades; `grade` is the worst of them."""

    ruleset: Ruleset
    form: QuestionsForm
    findings: tuple[FindingRow, ...] = ()
    grade: Grade | None = None
    status: int = 200


def empty_check_page(ruleset: Ruleset) -> CheckPage:
    """Build the page with an empty form."""
    return CheckPage(ruleset, _form(ruleset, None))


def check_page(ruleset: Ruleset, sent: "MultiDict[str, str]") -> CheckPage:
    """Build the page with the grades of the answers, graded like attestations, or with the form's errors."""
    form = _form(ruleset, sent)
    with FormErrorHandler(form) as refused:
        answers, _ = form.answers()
        _require_an_answer(answers)
        assessment = assess(ruleset, answers)
        return CheckPage(ruleset, form, finding_rows(ruleset, assessment), assessment.grade)
    return CheckPage(ruleset, form, status=refused.status)


def _require_an_answer(answers: Answers) -> None:
    if all(answer is None for answer in answers.values()):
        raise Invalid([FieldError("", NO_ANSWERS_MESSAGE)])


def _form(ruleset: Ruleset, sent: "MultiDict[str, str] | None") -> QuestionsForm:
    """Build the form of the graded questions, worded for patients."""
    form = questions_form(replace(ruleset, details=(), checks=()))(sent)
    for criterion, asked in zip(ruleset.criteria, form.criteria, strict=True):
        if criterion.kind is AnswerKind.CHOICE:
            of_one = asked.parts[InputPart.VALUE]
            of_one.label.text, of_one.description = criterion.patient_question, ""
            of_one.choices = [choice if choice.value else NOT_TOLD for choice in of_one.choices]
        elif criterion.kind.is_number:
            asked.parts[InputPart.LOW].description = _hint(criterion)
        else:
            of_some = asked.parts[InputPart.METHODS]
            of_some.label.text, of_some.description = criterion.patient_question, CHOICES_HINT
    return form


def _hint(criterion: Criterion) -> str:
    """Return the hint for a number; for an amount it also names the unit's alias, such as cc for mL."""
    if criterion.kind is AnswerKind.QUANTITY and criterion.unit_aliases:
        return f"{NUMBER_HINT} {criterion.unit} and {criterion.unit_aliases[0]} are the same."
    return NUMBER_HINT
