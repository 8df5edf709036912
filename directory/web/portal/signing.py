"""The signature form: name, role, consent, explanations of contradictions and confirmations of earlier answers."""

from collections.abc import Iterable
from typing import Any

from wtforms import BooleanField, Field, Form, HiddenField, StringField, TextAreaField

from directory.attestations.commands import Signature
from directory.attestations.renewal import FIELD_PREFIX
from directory.certification.criteria import Question
from directory.certification.cross_checks import Contradiction
from directory.web.support.form_errors import Required

EXPLANATION_PREFIX = "explain_"


class SignForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The signature; `sign_form` adds a field for each contradiction and for each answer to be confirmed."""

    signer_name = StringField("Your full name", [Required()], description="This stands for your signature.")
    signer_role = StringField("Your role in the practice", [Required()], description="For example Medical director.")
    agreed = BooleanField("I agree and sign")  # the button of the form
    version = HiddenField()

    def signature(self) -> Signature:
        """Return the signature.

        Raises:
            Invalid: names the missing fields.
        """
        ticked = frozenset(field.name.removeprefix(FIELD_PREFIX) for field in self.to_confirm if field.data)
        return Signature(
            self.signer_name.data or "", self.signer_role.data or "", agreed=bool(self.agreed.data), confirmed=ticked
        )

    @property
    def explanations(self) -> dict[str, str]:
        """The typed explanations by contradiction key."""
        return {
            field.name.removeprefix(EXPLANATION_PREFIX): field.data or ""
            for field in self
            if field.name.startswith(EXPLANATION_PREFIX)
        }

    @property
    def to_explain(self) -> list[Any]:
        """The fields that ask for an explanation."""
        return [field for field in self if field.name.startswith(EXPLANATION_PREFIX)]

    @property
    def to_confirm(self) -> list[Any]:
        """The checkboxes that confirm answers copied from the last signed attestation."""
        return [field for field in self if field.name.startswith(FIELD_PREFIX)]


def sign_form(contradictions: Iterable[Contradiction], unconfirmed: Iterable[Question]) -> type[SignForm]:
    """Create a signature form class that also asks to explain these contradictions and confirm these answers."""
    fields: dict[str, Field] = {
        f"{EXPLANATION_PREFIX}{item.key}": TextAreaField(
            item.sentence, [Required()], description="If it is so, explain it to the reviewer."
        )
        for item in contradictions
    }
    for question in unconfirmed:
        fields[f"{FIELD_PREFIX}{question.key}"] = BooleanField(f"{question.short}: this is still so", [Required()])
    return type("SignForm", (SignForm,), fields)
