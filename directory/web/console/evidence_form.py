"""The form in which a reviewer records what they saw, with one field per answer."""

from wtforms import Form, StringField

from directory.certification.ruleset import Ruleset
from directory.evidence.commands import MAX_INSPECTION_TEXT, inspection_field

HINT = (
    f"Everybody can read it: which document, and what it says. No names of patients. "
    f"At most {MAX_INSPECTION_TEXT} letters. "
    "It stays as you write it."
)


class EvidenceReviewForm(Form):  # type: ignore[misc]  # WTForms has no types
    """What the reviewer saw; `evidence_review_form` adds a field for each answer."""


def evidence_review_form(ruleset: Ruleset) -> type[EvidenceReviewForm]:
    """Create the form class for answers to `ruleset`."""
    fields = {
        inspection_field(criterion.key): StringField(
            f"What you saw: {criterion.short}", description=HINT, render_kw={"maxlength": MAX_INSPECTION_TEXT}
        )
        for criterion in ruleset.criteria
    }
    return type("LookForm", (EvidenceReviewForm,), fields)
