"""Admin pages for the operator's texts."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response
from wtforms import Form, HiddenField, TextAreaField

from directory import transaction
from directory.accounts.policy import Action, require
from directory.errors import NotFound
from directory.site_texts.commands import change_text
from directory.site_texts.declarations import SiteText
from directory.site_texts.queries import current_text
from directory.web.console.blueprint import blueprint
from directory.web.support.form_errors import FormErrorHandler, Required, submitted_version
from directory.web.support.requests import actor, now, session
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response


class TextForm(Form):  # type: ignore[misc]  # WTForms has no types
    """One text in Markdown."""

    body = TextAreaField(
        "Text",
        [Required()],
        description=(
            "Begin a heading with ##, an item of a list with -, and leave a line empty between paragraphs. "
            "Write a link as [words](address). {operator} and {contact} stand for the name and email address."
        ),
    )
    version = HiddenField()


@dataclass(frozen=True, slots=True)
class TextPage:
    """`console/text.html`: the form of one text; `stored` is the text as it is now, after an edit conflict."""

    name: SiteText
    form: TextForm
    stored: str = ""


@blueprint.get("/settings/<name>")
def text(name: str) -> ViewResponse:
    """Show the form of a text."""
    require(actor(), Action.EDIT_TEXTS)
    found = current_text(session(), _require_text(name))
    return render(
        "console/text.html", TextPage(found.name, TextForm(data={"body": found.body, "version": found.version}))
    )


@blueprint.post("/settings/<name>")
def change(name: str) -> ViewResponse:
    """Save a text, or show the form with errors or an edit conflict."""
    which, form = _require_text(name), TextForm(request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        change_text(
            writing, which, form.body.data or "", version=submitted_version(form.version), by=actor(), now=now()
        )
        flash(f"{which.heading}: saved.", "success")
        return redirect(url_for(".settings"), 303)
    stored = current_text(session(), which)
    if refused.status == 409:
        form.version.data = str(stored.version)  # the next save replaces the text that is shown beside it
    page = TextPage(which, form, stored.body if refused.status == 409 else "")
    return render("console/text.html", page), refused.status


def _require_text(name: str) -> SiteText:
    if name not in set(SiteText):
        raise NotFound("There is no such text.")
    return SiteText(name)
