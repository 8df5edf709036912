"""Reviewer forms for decisions on reports."""

from wtforms import Form, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice

from directory.disputes.lifecycle import DECISIONS, Move, Remedy
from directory.disputes.tables import Dispute
from directory.errors import FieldError, Invalid
from directory.review.disputes import MAX_LINE, decision_field, remedies

REMEDIES = {
    Remedy.REVOKED: "Revoke the answers: patients see them no more",
    Remedy.CORRECTED: "The provider has put it right",
    Remedy.CORRECTED_BY_US: "We have corrected the listing ourselves",
    Remedy.COULD_NOT_REACH: "We could not reach the provider",
}


class DisputeForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A decision on a report; `move` is the pressed button and determines which text field applies."""

    asked = TextAreaField(
        "What we ask the provider",
        description="They read this. Take out whatever could tell who reported it, and any health details.",
        render_kw={"rows": 6},
    )
    reason = TextAreaField("Why it is dismissed", description="Stays on the record, for reviewers only.")
    remedy = RadioField("If it is upheld", validate_choice=False)
    line = StringField(
        "The outcome in one line",
        description=f"Everybody can read it in the history of the listing. At most {MAX_LINE} letters, and no names.",
        render_kw={"maxlength": MAX_LINE},
    )
    version = HiddenField()
    move = StringField()

    def offer(self, dispute: Dispute, *, can_be_asked: bool) -> None:
        """Set the choices to the remedies available for this report."""
        possible = remedies(dispute, can_be_asked=can_be_asked)
        self.remedy.choices = [SelectChoice(remedy.value, REMEDIES[remedy]) for remedy in possible]

    def decision(self) -> Move:
        """Return the move of the pressed button.

        Raises:
            Invalid: it is not a reviewer's move.
        """
        if self.move.data not in set(DECISIONS):
            raise Invalid([FieldError("move", "Choose one of the decisions.")])
        return Move(self.move.data)

    def text(self, move: Move) -> str:
        """Return the text typed for that decision."""
        return str(self[decision_field(move)[0]].data or "")

    def chosen(self) -> Remedy | None:
        """Return the selected remedy, or None."""
        return Remedy(self.remedy.data) if self.remedy.data in set(Remedy) else None
