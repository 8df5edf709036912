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
    """A decision; `move` is the button that was pressed."""

    reason = TextAreaField("Reason", description="The provider reads it, and it stays on the record.")
    version = HiddenField()
    move = StringField()

    def decision(self, allowed: Collection[M]) -> M:
        """What was decided.

        Raises:
            Invalid: it is none of the moves that a reviewer makes.
        """
        pressed = self.move.data or ""
        for move in allowed:
            if move.value == pressed:
                return move
        raise Invalid([FieldError("move", "Choose one of the decisions.")])


class AttestationDecisionForm(DecisionForm):
    """A decision on answers; `attestation_decision_form` adds a remark for each."""

    @property
    def comments(self) -> dict[str, str]:
        """The remarks by the key of the answer."""
        return {
            field.name.removeprefix(COMMENT_PREFIX): field.data or ""
            for field in self
            if field.name.startswith(COMMENT_PREFIX)
        }


def attestation_decision_form(ruleset: Ruleset) -> type[AttestationDecisionForm]:
    """The class of decisions on answers to `ruleset`."""
    fields = {f"{COMMENT_PREFIX}{criterion.key}": TextAreaField(criterion.short) for criterion in ruleset.criteria}
    return type("AnswersDecisionForm", (AttestationDecisionForm,), fields)
