"""The form in which a reviewer says what they saw, one line for each answer."""

from wtforms import Form, StringField

from directory.certification.ruleset import Ruleset
from directory.evidence.commands import MAX_SEEN, field_of

HINT = (
    f"Everybody can read it: which document, and what it says. No names of patients. At most {MAX_SEEN} letters. "
    "It stays as you write it."
)


class LookForm(Form):  # type: ignore[misc]  # WTForms has no types
    """What was seen; `look_form` adds a line for each answer."""


def look_form(ruleset: Ruleset) -> type[LookForm]:
    """The class of forms for answers to `ruleset`."""
    fields = {
        field_of(criterion.key): StringField(
            f"What you saw: {criterion.short}", description=HINT, render_kw={"maxlength": MAX_SEEN}
        )
        for criterion in ruleset.criteria
    }
    return type("LookForm", (LookForm,), fields)
