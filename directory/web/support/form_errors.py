"""Shows validation errors next to the form fields they concern and compares forms."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from wtforms import Field, FieldList, Form, FormField

from directory.errors import Conflict, FieldError, Invalid

MAX_VERSION_DIGITS = 9
"""Of a version; a thing changed a billion times is none of ours."""


class Required:
    """A WTForms validator that only marks a field as required; the command says what is missing."""

    field_flags = {"required": True}  # noqa: RUF012  WTForms' name for what a validator says of its field

    def __call__(self, form: Form, field: Field) -> None:
        """Accept anything."""


class FormErrorHandler:
    """Puts what a block refuses into `form`; what comes after the block shows the form again with `status`.

    That is 422 for what can be corrected and 409 for what came in between. Who may not do something, and what
    does not exist, is no matter of the form and goes on as it is.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.status = 422

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, refusal: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if isinstance(refusal, Invalid):
            add_errors(self.form, refusal.faults)
            return True
        if isinstance(refusal, Conflict):
            self.status = 409
            self.form.form_errors = [*self.form.form_errors, refusal.sentence]
            return True
        return False


def submitted_version(version: Field) -> int:
    """The version that a form was made from; one that never was, where that is no number."""
    text = str(version.data or "")
    return int(text) if len(text) <= MAX_VERSION_DIGITS and text.isascii() and text.isdigit() else -1


def add_errors(form: Form, faults: Iterable[FieldError]) -> None:
    """Put each sentence beside its field, or above the form where it has no such field."""
    by_name = {field.name: field for field in iter_fields(form)}
    for fault in faults:
        field = by_name.get(fault.field)
        if field is None:
            form.form_errors = [*form.form_errors, fault.detail]
        elif fault.detail not in field.errors:
            field.errors = [*field.errors, fault.detail]
    for field in form:
        if isinstance(field, FieldList):
            # A list of forms does not notice by itself what was put into them.
            field.errors = [entry.errors for entry in field.entries if entry.errors]


def iter_fields(form: Iterable[Field]) -> Iterator[Field]:
    """Every field of a form that somebody types in, also those of forms inside it."""
    for field in form:
        if isinstance(field, FormField):
            yield from iter_fields(field.form)
        elif isinstance(field, FieldList):
            yield from iter_fields(field.entries)
        else:
            yield field


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field that says something else than what is stored."""

    label: str
    stored: str
    typed: str


def compare_forms(stored: Form, typed: Form) -> tuple[FieldDifference, ...]:
    """What `typed` says otherwise than `stored`, field by field; hidden fields say nothing."""
    ours, theirs = ({field.name: field for field in iter_fields(form)} for form in (stored, typed))
    visible = [name for name in {**ours, **theirs} if not _is_hidden((ours | theirs)[name])]
    pairs = ((name, _display_value(ours.get(name)), _display_value(theirs.get(name))) for name in visible)
    return tuple(
        FieldDifference(_label((ours | theirs)[name]), mine, yours) for name, mine, yours in pairs if mine != yours
    )


def _label(field: Field) -> str:
    """What a field is called outside its form: a part of a value also names the value."""
    return str(getattr(field, "full_label", field.label.text))


def _is_hidden(field: Field) -> bool:
    return getattr(field.widget, "input_type", "") == "hidden"


def _display_value(field: Field | None) -> str:
    """What a field holds, in the words of its choices where it has some."""
    data = field.data if field is not None else None
    values = [str(value) for value in data] if isinstance(data, list) else [str(data or "")]
    labels = {choice.value: choice.label for choice in getattr(field, "choices", None) or ()}
    return ", ".join(labels.get(value, value) for value in values if value)
