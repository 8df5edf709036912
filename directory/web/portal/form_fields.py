"""The fields of all portal forms with their labels, for a form that is given back after a sign-out."""

from collections.abc import Iterator

from werkzeug.datastructures import MultiDict
from wtforms import Field

from directory.web.portal.disputes import AnswerForm
from directory.web.portal.evidence import EvidenceForm
from directory.web.portal.forms import RetireForm
from directory.web.portal.messages import MessageAnswerForm
from directory.web.portal.reply_form import ReplyForm
from directory.web.portal.section_forms import PatientsForm
from directory.web.portal.signing import SignForm
from directory.web.support.form_errors import is_hidden, iter_fields
from directory.web.support.listing_form import ListingForm
from directory.web.support.questions import questions_form
from directory.web.support.requests import services

BUTTONS = frozenset({"add", "remove", "agreed"})
"""Fields that are only buttons of a form."""


def portal_fields(sent: "MultiDict[str, str]") -> Iterator[Field]:
    """Yield the visible fields of all forms, filled with what was sent; only one form has each name."""
    for form in (
        ListingForm(sent),
        PatientsForm(sent),
        RetireForm(sent),
        SignForm(sent),
        ReplyForm(sent),
        AnswerForm(sent),
        MessageAnswerForm(sent),
        EvidenceForm(sent),
    ):
        yield from (field for field in iter_fields(form) if field.name not in BUTTONS and not is_hidden(field))
    questions = questions_form(services().rulesets.current)(sent)
    for asked in (*questions.criteria, *questions.details):
        for field in asked.parts.values():
            field.full_label = asked.question.short
            yield field
