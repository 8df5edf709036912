"""The form for reporting a problem with a listing, and the view models of its two pages."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import EmailField, Form, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.widgets import DateInput

from directory.accounts.email_address import MAX_EMAIL_LENGTH
from directory.attestations.tables import Attestation
from directory.certification.answers import answers_from_json, format_answer
from directory.certification.ruleset import Ruleset
from directory.disputes.lifecycle import WAITING, DisputeState, Remedy
from directory.disputes.report import EARLIEST_DATE, ENTRY, MAX_WHAT_HAPPENED, Report
from directory.disputes.tables import Dispute
from directory.errors import Conflict, FieldError, Invalid
from directory.listings.tables import Listing
from directory.web.support.form_errors import Required

SOMETHING_ELSE = "Something else: the address, the phone, the name"

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_AMERICAN = re.compile(r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})", re.ASCII)


class ReportForm(Form):  # type: ignore[misc]  # WTForms has no types
    """A report. `fax` is a honeypot: it is hidden from people, and bots fill in every field."""

    about = RadioField("What is wrong?", [Required()], validate_choice=False)
    what_happened = TextAreaField(
        "What happened?",
        [Required()],
        description=f"Say it in your own words, in up to {MAX_WHAT_HAPPENED:,} letters.",
        render_kw={"rows": 7, "maxlength": MAX_WHAT_HAPPENED},
    )
    happened_on = StringField("On which day?", widget=DateInput())
    reply_to = EmailField(
        "Your email address",
        description="If you want to know how it ends. We write once, and then delete it.",
        render_kw={"autocomplete": "email", "maxlength": MAX_EMAIL_LENGTH},
    )
    fax = StringField("Fax")
    number = HiddenField()
    answers = HiddenField()

    form_errors: Sequence[str]

    @classmethod
    def asking(
        cls, attestation: Attestation | None, ruleset: Ruleset | None, sent: "MultiDict[str, str] | None" = None
    ) -> "ReportForm":
        """Build the form for a listing as shown now; its choices are each graded answer and the listing itself."""
        form = cls(sent)
        stored = answers_from_json(ruleset, attestation.answers, stored=True) if attestation and ruleset else {}
        shown = [
            SelectChoice(criterion.key, f"{criterion.short}: {format_answer(criterion, stored.get(criterion.key))}")
            for criterion in (ruleset.criteria if ruleset else ())
        ]
        form.about.choices = [*shown, SelectChoice(ENTRY, SOMETHING_ELSE)]
        if sent is None:
            form.number.data = uuid.uuid4().hex
            form.answers.data = attestation.public_id if attestation else ""
        return form

    def report(self, attestation: Attestation | None) -> Report:
        """Return the report that was typed.

        Raises:
            Invalid: the date is invalid, or the honeypot was filled in.
            Conflict: the listing's answers changed since the form was shown.
        """
        if _text(self.fax):
            # Empty the honeypot, so that a person only has to send the form again.
            self.fax.data = ""
            raise Invalid(
                [FieldError("", "This looked as if a robot had sent it. If you are a person, press “Send” again.")]
            )
        shown = attestation.public_id if attestation else ""
        if _text(self.answers) != shown:
            self.answers.data = shown
            raise Conflict("The provider's answers changed while you wrote. Look at them as they are now, then send.")
        return Report(
            about=_text(self.about),
            what_happened=_text(self.what_happened),
            happened_on=_parse_date(_text(self.happened_on)),
            reply_to=_text(self.reply_to),
        )


@dataclass(frozen=True, slots=True)
class ReportPage:
    """`public/dispute.html`: the form, and what happens to a report, which depends on whether somebody can be asked."""

    name: str
    slug: str
    form: ReportForm
    earliest: date
    today: date
    can_be_asked: bool


@dataclass(frozen=True, slots=True)
class ReportStatus:
    """The status of a report in words; `kind` is the style of the notice."""

    title: str
    sentence: str
    kind: str = ""


REPORT_STATUSES = {
    DisputeState.REPORTED: ReportStatus("We have your report", "A person here will read it."),
    DisputeState.OPEN: ReportStatus("We asked the provider", "They have 14 days to answer."),
    DisputeState.ANSWERED: ReportStatus("The provider has answered", "We decide next."),
    DisputeState.UPHELD: ReportStatus("You were right", "This line now stands in the history of the listing:", "right"),
    DisputeState.NOT_UPHELD: ReportStatus(
        "We did not find it to be so", "This line now stands in the history of the listing:"
    ),
    DisputeState.WITHDRAWN: ReportStatus("The report was taken back", "We do nothing more with it."),
    DisputeState.DISMISSED: ReportStatus(
        "We could not use this report", "Is an answer wrong? Then please tell us again, and say what was done."
    ),
}


REMEDY_STATUSES = {
    Remedy.CORRECTED_BY_US: ReportStatus(
        "You were right, and we corrected it", "This line now stands in the history of the listing:", "right"
    ),
    Remedy.COULD_NOT_REACH: ReportStatus(
        "We could not reach them", "This line now stands in the history of the listing:"
    ),
}
"""The words of remedies that say more than that the report was right."""

NOBODY_TO_ASK = "Nobody from this practice looks after this listing, so we cannot ask them. A person here decides."


@dataclass(frozen=True, slots=True)
class ReportStatusPage:
    """`public/dispute_sent.html`: thanks, the status of the report, and the button that withdraws it."""

    name: str
    slug: str
    stands: ReportStatus
    line: str
    will_write: bool
    can_take_back: bool


def report_page(listing: Listing, form: ReportForm, *, can_be_asked: bool, now: datetime) -> ReportPage:
    """Build the page with the report form of a listing."""
    return ReportPage(listing.name, listing.slug, form, EARLIEST_DATE, now.date(), can_be_asked)


def _status(dispute: Dispute, *, can_be_asked: bool) -> ReportStatus:
    status = REPORT_STATUSES[dispute.state]
    if dispute.state in {DisputeState.REPORTED, DisputeState.OPEN} and not can_be_asked:
        return replace(status, title=REPORT_STATUSES[DisputeState.REPORTED].title, sentence=NOBODY_TO_ASK)
    return REMEDY_STATUSES.get(dispute.remedy, status) if dispute.remedy else status


def report_status_page(dispute: Dispute, line: str, *, can_be_asked: bool) -> ReportStatusPage:
    """Build the status page for the sender of a report; `line` is the public outcome, or empty."""
    waits = dispute.state in WAITING
    return ReportStatusPage(
        name=dispute.listing.name,
        slug=dispute.listing.slug,
        stands=_status(dispute, can_be_asked=can_be_asked),
        line=line,
        will_write=bool(dispute.reply_to),
        can_take_back=waits,
    )


def _text(field: Any) -> str:
    return str(field.data or "").strip()


def _parse_date(text: str) -> date | None:
    """Parse a date from a browser's date picker (ISO) or typed as month/day/year; None if empty.

    Raises:
        Invalid: the text is not a date.
    """
    if not text:
        return None
    found = _AMERICAN.fullmatch(text)
    parts = (
        (found["year"], found["month"], found["day"])
        if found
        else (iso.groups() if (iso := _ISO.fullmatch(text)) else None)
    )
    try:
        return date(*map(int, parts or ()))
    except (TypeError, ValueError) as impossible:
        raise Invalid(
            [FieldError("happened_on", "Write the day as month/day/year, such as 11/22/2026.")]
        ) from impossible
