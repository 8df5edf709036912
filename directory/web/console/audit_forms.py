"""Reviewer forms for the random audit: an attempt to contact the provider, and the outcome."""

from wtforms import Form, RadioField, TextAreaField
from wtforms.fields import SelectChoice

from directory.review.audit_outcome import AuditOutcome, ContactChannel
from directory.web.support.state_labels import OUTCOME_LABELS

CHANNELS = {
    ContactChannel.PHONE: "Called",
    ContactChannel.EMAIL: "Sent an email",
    ContactChannel.LETTER: "Sent a letter",
}


class AuditContactForm(Form):  # type: ignore[misc]  # WTForms has no types
    """An attempt to contact the provider."""

    channel = RadioField(
        "How you tried", choices=[SelectChoice(each.value, CHANNELS[each]) for each in CHANNELS], validate_choice=False
    )
    contact_note = TextAreaField(
        "What came of it", description="Whom you asked for what, and what they said.", render_kw={"rows": 3}
    )

    def chosen(self) -> ContactChannel | None:
        """Return the selected channel, or None."""
        return ContactChannel(self.channel.data) if self.channel.data in set(ContactChannel) else None


class AuditOutcomeForm(Form):  # type: ignore[misc]  # WTForms has no types
    """The outcome of a random audit, with a note."""

    outcome = RadioField(
        "What came of it",
        description="Everybody can read this choice on the page of the draw.",
        choices=[SelectChoice(each.value, OUTCOME_LABELS[each]) for each in AuditOutcome],
        validate_choice=False,
    )
    finding = TextAreaField(
        "What you found",
        description="What you asked for, and what you saw. Stays on the record, for reviewers only.",
        render_kw={"rows": 5},
    )

    def chosen(self) -> AuditOutcome | None:
        """Return the selected outcome, or None."""
        return AuditOutcome(self.outcome.data) if self.outcome.data in set(AuditOutcome) else None
