"""Reviewer forms: the decision, its reason, and comments on answers."""

import enum
from collections.abc import Collection
from typing import TypeVar

from wtforms import Form, HiddenField, StringField, TextAreaField

from directory.certification.ruleset import Ruleset
from directory.errors import FieldError, Invalid

M = TypeVar("M", bound=enum.StrEnum)

COMMENT_PREFIX = "comment_"


class DecisionForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A decision; `move` is the pressed button."""

    reason = TextAreaField("Reason", description="The provider reads it, and it stays on the record.")
    version = HiddenField()
    move = StringField()

    def decision(self, allowed: Collection[M]) -> M:
        """Return the decision.

        Raises:
            Invalid: it is not one of the `allowed` moves.
        """
        pressed = self.move.data or ""
        for move in allowed:
            if move.value == pressed:
                return move
        raise Invalid([FieldError("move", "Choose one of the decisions.")])


class AttestationDecisionForm(DecisionForm):
    """A decision on answers; `attestation_decision_form` adds a comment field for each answer."""

    @property
    def comments(self) -> dict[str, str]:
        """The comments by answer key."""
        return {
            field.name.removeprefix(COMMENT_PREFIX): field.data or ""
            for field in self
            if field.name.startswith(COMMENT_PREFIX)
        }


def attestation_decision_form(ruleset: Ruleset) -> type[AttestationDecisionForm]:
    """Create the decision form class for answers to `ruleset`."""
    fields = {f"{COMMENT_PREFIX}{criterion.key}": TextAreaField(criterion.short) for criterion in ruleset.criteria}
    return type("AnswersDecisionForm", (AttestationDecisionForm,), fields)
