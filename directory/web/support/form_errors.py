"""Shows validation errors next to the form fields they concern, and describes fields and their differences."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from wtforms import Field, FieldList, Form, FormField

from directory.errors import Conflict, FieldError, Invalid, Refusal

MAX_VERSION_DIGITS = 9
"""Maximum digits of a version number; a longer one is invalid, because nothing is saved a billion times."""


class Required:
    """A WTForms validator that only marks a field as required; the command checks for missing values."""

    field_flags = {"required": True}  # noqa: RUF012  WTForms requires this name

    def __call__(self, form: Form, field: Field) -> None:
        """Accept any value."""


class FormErrorHandler:
    """A context manager that adds `Invalid` and `Conflict` errors to `form`, for the code after the block to render.

    `status` is 422 for invalid input and 409 for an edit conflict; `refusal` is the exception. Other errors, such as
    `NotAllowed` and `NotFound`, propagate.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.status = 422
        self.refusal: Refusal | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, refusal: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.refusal = refusal if isinstance(refusal, Invalid | Conflict) else None
        if isinstance(refusal, Invalid):
            add_errors(self.form, refusal.faults)
            return True
        if isinstance(refusal, Conflict):
            self.status = 409
            self.form.form_errors = [*self.form.form_errors, refusal.sentence]
            return True
        return False


def submitted_version(version: Field) -> int:
    """Return the version that the form was rendered from, or -1, which never matches, if it is not a number."""
    text = str(version.data or "")
    return int(text) if len(text) <= MAX_VERSION_DIGITS and text.isascii() and text.isdigit() else -1


def add_errors(form: Form, faults: Iterable[FieldError]) -> None:
    """Attach error messages to their fields, or to the form if it has no such field."""
    by_name = {field.name: field for field in iter_fields(form)}
    for fault in faults:
        field = by_name.get(fault.field)
        if field is None:
            form.form_errors = [*form.form_errors, fault.detail]
        elif fault.detail not in field.errors:
            field.errors = [*field.errors, fault.detail]
    for field in form:
        if isinstance(field, FieldList):
            # A FieldList does not pick up errors added to its entries.
            field.errors = [entry.errors for entry in field.entries if entry.errors]


def iter_fields(form: Iterable[Field]) -> Iterator[Field]:
    """Iterate over all input fields of a form, including those of nested forms."""
    for field in form:
        if isinstance(field, FormField):
            yield from iter_fields(field.form)
        elif isinstance(field, FieldList):
            yield from iter_fields(field.entries)
        else:
            yield field


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """A field whose stored value the user has not seen; `touched` is set if the user changed it too."""

    label: str
    stored: str
    typed: str
    touched: bool = True


def field_label(field: Field) -> str:
    """Return the label of a field outside its form; a part of a value also names the value."""
    return str(getattr(field, "full_label", field.label.text))


def is_hidden(field: Field) -> bool:
    """Return whether the user cannot see the field."""
    return getattr(field.widget, "input_type", "") == "hidden"


def display_value(field: Field | None) -> str:
    """Return the value of a field as text, using the labels of its choices if it has any."""
    data = field.data if field is not None else None
    values = [str(value) for value in data] if isinstance(data, list) else [str(data or "")]
    labels = {choice.value: choice.label for choice in getattr(field, "choices", None) or ()}
    return ", ".join(labels.get(value, value) for value in values if value)
