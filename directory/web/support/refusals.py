"""Refusals as sentences in the form that was sent, beside the fields they speak of, so that nothing typed is lost."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from wtforms import Field, FieldList, Form, FormField

from directory.errors import Conflict, Fault, Invalid


@dataclass(slots=True)
class Told:
    """What the form has to be shown again with: 422 for what can be corrected, 409 for what came in between."""

    status: int = 422


@contextmanager
def told_in(form: Form) -> Iterator[Told]:
    """Put what the block refuses into `form`; what comes after the block shows the form again.

    Who may not do something, and what does not exist, is no matter of the form and goes on as it is.
    """
    told = Told()
    try:
        yield told
    except Invalid as refusal:
        blame(form, refusal.faults)
    except Conflict as refusal:
        told.status = 409
        form.form_errors = [*form.form_errors, refusal.sentence]


def blame(form: Form, faults: Iterable[Fault]) -> None:
    """Put each sentence beside its field, or above the form where it has no such field."""
    by_name = {field.name: field for field in fields_of(form)}
    for fault in faults:
        field = by_name.get(fault.field)
        if field is None:
            form.form_errors = [*form.form_errors, fault.detail]
        elif fault.detail not in field.errors:
            field.errors = [*field.errors, fault.detail]


def fields_of(form: Iterable[Field]) -> Iterator[Field]:
    """Every field of a form that somebody types in, also those of forms inside it."""
    for field in form:
        if isinstance(field, FormField):
            yield from fields_of(field.form)
        elif isinstance(field, FieldList):
            yield from fields_of(field.entries)
        else:
            yield field


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that says something else than what is stored."""

    label: str
    stored: str
    typed: str


def differences(stored: Form, typed: Form) -> tuple[Difference, ...]:
    """What `typed` says otherwise than `stored`, field by field; hidden fields say nothing."""
    ours, theirs = ({field.name: field for field in fields_of(form)} for form in (stored, typed))
    visible = [name for name in {**ours, **theirs} if not _is_hidden((ours | theirs)[name])]
    pairs = ((name, _said(ours.get(name)), _said(theirs.get(name))) for name in visible)
    return tuple(
        Difference(str((ours | theirs)[name].label.text), mine, yours) for name, mine, yours in pairs if mine != yours
    )


def _is_hidden(field: Field) -> bool:
    return getattr(field.widget, "input_type", "") == "hidden"


def _said(field: Field | None) -> str:
    """What a field holds, in the words of its choices where it has some."""
    data = field.data if field is not None else None
    values = [str(value) for value in data] if isinstance(data, list) else [str(data or "")]
    labels = {str(choice[0]): str(choice[1]) for choice in getattr(field, "choices", None) or ()}
    return ", ".join(labels.get(value, value) for value in values if value)
