"""The fields of all console forms with their labels, for a form that is given back after a sign-out."""

from collections.abc import Iterator

from werkzeug.datastructures import MultiDict
from wtforms import Field

from directory.settings.declarations import SECTIONS
from directory.web.console.audit_forms import AuditContactForm, AuditOutcomeForm
from directory.web.console.bulk import BulkForm
from directory.web.console.correction_form import CorrectionForm
from directory.web.console.dispute_forms import DisputeForm
from directory.web.console.evidence_form import evidence_review_form
from directory.web.console.forms import attestation_decision_form
from directory.web.console.listing_admin import OtherListingForm
from directory.web.console.message_forms import MessageForm, NoteForm
from directory.web.console.people_forms import InvitationForm
from directory.web.console.settings import section_form
from directory.web.support.form_errors import is_hidden, iter_fields
from directory.web.support.requests import services

CORRECTION_BUTTONS = frozenset({"add", "remove", "reason"})
"""Fields of a correction that are only buttons, or that another form has too."""


def console_fields(sent: "MultiDict[str, str]") -> Iterator[Field]:
    """Yield the visible fields of all forms, filled with what was sent."""
    ruleset = services().rulesets.current
    forms = (
        attestation_decision_form(ruleset), evidence_review_form(ruleset), DisputeForm, AuditContactForm,
        AuditOutcomeForm, MessageForm, NoteForm, BulkForm, OtherListingForm,
    )  # fmt: skip  # two lines read better than eight
    correction = CorrectionForm(sent)
    yield from (
        field for field in iter_fields(correction) if field.name not in CORRECTION_BUTTONS and not is_hidden(field)
    )
    settings = (section_form(section) for section in SECTIONS.values())
    for form in (*(each(sent) for each in (*forms, *settings)), InvitationForm("invite", sent)):
        yield from (field for field in form if field.name != "move" and not is_hidden(field))
