"""The fields in which a provider states the languages spoken and whether new patients are taken."""

from typing import Any

from wtforms import Form, HiddenField, RadioField, SelectChoice, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from directory.errors import Fault, Invalid
from directory.listings.facts import Facts
from directory.listings.languages import LANGUAGES, MAX_LANGUAGES
from directory.listings.tables import Listing
from directory.web.support.questions import PREFER_NOT

YES, NO = "yes", "no"
_MEANT: dict[str, bool | None] = {YES: True, NO: False, "": None}


class YesOrNo(RadioField):  # type: ignore[misc]  # WTForms has no types
    """A choice among yes, no, and to say neither; `data` is the text that a browser sends."""

    def process_data(self, value: Any) -> None:
        """From what is stored, or from the text of another form."""
        self.data = {True: YES, False: NO, None: ""}.get(value, value)


def accepting_field() -> YesOrNo:
    """Whether new patients are taken."""
    return YesOrNo(
        "Do you accept new patients?",
        choices=[SelectChoice(YES, "Yes"), SelectChoice(NO, "No"), PREFER_NOT],
        validate_choice=False,
    )


def languages_field() -> SelectMultipleField:
    """In which languages patients are spoken to."""
    return SelectMultipleField(
        "Languages spoken with patients",
        description=f"By you, or by somebody at the practice. At most {MAX_LANGUAGES}.",
        choices=[SelectChoice(code, label) for code, label in LANGUAGES.items()],
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class FactsForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The facts alone, of an entry that is public and cannot be changed otherwise."""

    accepts_new_patients = accepting_field()
    languages = languages_field()
    version = HiddenField()

    @classmethod
    def of(cls, listing: Listing) -> "FactsForm":
        """The form as it stands for what is stored."""
        return cls(obj=listing)

    def facts(self) -> Facts:
        """What was stated.

        Raises:
            Invalid: names every field that breaks a limit.
        """
        return facts_of(self)


def facts_of(form: Form) -> Facts:
    """The facts among the fields of a form.

    Raises:
        Invalid: names every field that breaks a limit.
    """
    faults, languages = [], tuple(form.languages.data or ())
    text = str(form.accepts_new_patients.data or "")
    if text not in _MEANT:
        faults.append(Fault("accepts_new_patients", "Say whether you accept new patients: yes, no, or neither."))
    try:
        facts = Facts(languages, _MEANT.get(text))
    except Invalid as refusal:
        raise Invalid([*faults, *refusal.faults]) from refusal
    if faults:
        raise Invalid(faults)
    return facts
