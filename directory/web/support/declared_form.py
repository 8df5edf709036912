"""Builds forms from the field declarations of listings and reads their values back."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from wtforms import (
    Field,
    Form,
    FormField,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
    TelField,
    URLField,
)
from wtforms.utils import unset_value
from wtforms.widgets import CheckboxInput, ListWidget

from directory.accounts.policy import Role
from directory.errors import FieldError, Invalid
from directory.listings import field as declarations
from directory.listings.field_types import ChoiceField, MultipleChoiceField, MultiTextField, NullBooleanField
from directory.listings.field_types import TextField as DeclaredText
from directory.web.support.form_errors import Required
from directory.web.support.questions import PREFER_NOT_TO_SAY

T = TypeVar("T")

_YES, _NO = "yes", "no"
_YES_OR_NO: dict[str, bool | None] = {_YES: True, _NO: False, "": None}
_TEXT_FIELDS = {"text": StringField, "tel": TelField, "url": URLField}


class YesOrNo(RadioField):  # type: ignore[misc]  # WTForms has no types
    """A choice of yes, no or no answer; `data` is the submitted text."""

    def process_data(self, value: Any) -> None:
        """Accept a stored value or the text of another form."""
        self.data = {True: _YES, False: _NO, None: ""}.get(value, value)


class PartsField(FormField):  # type: ignore[misc]  # WTForms has no types
    """A value entered in several text fields."""

    def __init__(self, declared: MultiTextField, **options: Any) -> None:
        parts = {key: StringField(label) for key, label in declared.parts.items()}
        super().__init__(type("PartsForm", (Form,), parts), **options)
        self.declared = declared

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        """Accept a stored value or the texts of another form, which are None if the browser did not send them."""
        texts = data
        if isinstance(data, dict):
            texts = self.declared.texts({key: value for key, value in data.items() if value is not None})
        super().process(formdata, texts, extra_filters)
        for part in self.form:
            part.full_label = f"{self.label.text}: {part.label.text}"


class DeclaredForm(Form):  # type: ignore[misc]  # WTForms has no types
    """Base class of the forms that `declared_form` creates."""

    declared: tuple[declarations.Field, ...]

    def lines(self, change: str = "") -> Iterator[list[tuple[declarations.Field, Field]]]:
        """Yield declarations with their controls, grouped by display line; `change` selects one kind of change."""
        line: list[tuple[declarations.Field, Field]] = []
        for each in self.declared:
            if change and each.change != change:
                continue
            if line and not each.look.same_line:
                yield line
                line = []
            line.append((each, self[each.name]))
        if line:
            yield line

    def values(self, faults: list[FieldError]) -> dict[str, Any]:
        """Return the typed values by name; invalid fields are omitted and their errors appended to `faults`."""
        values: dict[str, Any] = {}
        for each in self.declared:
            try:
                values[each.name] = _read(each, self[each.name])
            except Invalid as refusal:
                faults += refusal.faults
        return values


def declared_form(fields: Iterable[declarations.Field]) -> Any:
    """Create a base class with a control for each field that the owner may edit."""
    own = tuple(each for each in fields if Role.PROVIDER in each.editors)
    return type("DeclaredForm", (DeclaredForm,), {"declared": own, **{each.name: _control(each) for each in own}})


def collect(faults: list[FieldError], make: Callable[[], T], prefix: str = "") -> T | None:
    """Return the result of `make`, or None if it raises `Invalid`.

    The errors are appended to `faults`, field names prefixed with `prefix`, so that all are reported at once.
    """
    try:
        return make()
    except Invalid as refusal:
        faults += [FieldError(f"{prefix}{fault.field}", fault.detail) for fault in refusal.faults]
        return None


def text_of(field: Field) -> str:
    """Return the typed text, stripped."""
    return str(field.data or "").strip()


def choices_of(declared: ChoiceField) -> list[SelectChoice]:
    """Return the choices of a control, including the blank one if declared."""
    blank = [SelectChoice("", declared.blank_choice)] if declared.blank_choice else []
    return [*blank, *(SelectChoice(str(value), label) for value, label in declared.choices.items())]


def _control(declared: declarations.Field) -> Field:
    options: dict[str, Any] = {"label": declared.look.label or declared.label, "description": declared.hint}
    if declared.required:
        options["validators"] = [Required()]
    match declared:
        case ChoiceField(blank_choice=""):
            return RadioField(**options, choices=choices_of(declared), validate_choice=False)
        case ChoiceField():
            return SelectField(**options, choices=choices_of(declared))
        case NullBooleanField():
            choices = [SelectChoice(_YES, "Yes"), SelectChoice(_NO, "No"), PREFER_NOT_TO_SAY]
            return YesOrNo(**options, choices=choices, validate_choice=False)
        case MultipleChoiceField():
            return SelectMultipleField(
                **options,
                choices=[SelectChoice(code, label) for code, label in declared.choices.items()],
                validate_choice=False,
                widget=ListWidget(prefix_label=False),
                option_widget=CheckboxInput(),
            )
        case MultiTextField():
            return PartsField(declared, **options)
    return _TEXT_FIELDS[declared.look.type](**options)


def _read(declared: declarations.Field, control: Field) -> Any:
    """Return the value of a control.

    Raises:
        Invalid: the value is not valid for this field.
    """
    match declared:
        case NullBooleanField():
            if text_of(control) not in _YES_OR_NO:
                raise Invalid([FieldError(declared.name, declared.error)])
            return _YES_OR_NO[text_of(control)]
        case MultipleChoiceField():
            return tuple(control.data or ())
        case MultiTextField():
            return declared.parse({part.short_name: text_of(part) for part in control.form})
        case ChoiceField():
            return {str(choice): choice for choice in declared.choices}.get(text_of(control), text_of(control))
        case DeclaredText():
            return declared.complete(text_of(control))
    return text_of(control)
