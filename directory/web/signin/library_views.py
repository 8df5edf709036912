"""Adapts Flask-Security's views: one transaction each, no change by a link alone, and the way back to a page."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Request, abort, make_response, redirect, render_template, request, session, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response
from wtforms import Form

from directory import transaction
from directory.accounts.forms import REGISTERED_KEY
from directory.accounts.mail import return_path
from directory.errors import Conflict
from directory.web.signin.pages import LinkPage
from directory.web.support.requests import account
from directory.web.support.templating import render

View = Callable[..., Any]

PASSWORD_ENDPOINTS = ("security.login", "security.verify")
"""Flask-Security's views that accept a password."""

FORM_ENDPOINTS = tuple(
    f"security.{name}"
    for name in (
        "register",
        "send_confirmation",
        "forgot_password",
        "reset_password",
        "change_password",
        "change_email",
    )
)
"""Flask-Security's other forms, which send email or take a password."""

LINK_PAGES = {
    "security.confirm_email": LinkPage(
        "Confirm your email address", "One press, and your account is open.", "Confirm this address"
    ),
    "security.change_email_confirm": LinkPage(
        "Change your email address", "From then on you sign in with the new address.", "Use this address"
    ),
}
"""Links in email to which the library reacts on GET. Programs that scan email follow links, but press no buttons."""


def adapt_library_views(state: BlueprintSetupState) -> None:
    """Wrap the views, which Flask-Security registers before this blueprint."""
    app = state.app
    # Not only guarded pages show who is signed in: the library's forms do too.
    app.extensions["security"].context_processor(lambda: {"actor": who.actor if (who := account()) else None})
    # Its JSON of a registration tells a known address from an unknown one. These views take and give HTML alone.
    app.extensions["security"].want_json(_wants_json)
    for endpoint in FORM_ENDPOINTS:
        app.view_functions[endpoint] = _in_transaction(app.view_functions[endpoint])
    app.view_functions["security.register"] = _lead_to_inbox(app.view_functions["security.register"])
    for endpoint in (*FORM_ENDPOINTS, *PASSWORD_ENDPOINTS):
        app.view_functions[endpoint] = _refuse_json(app.view_functions[endpoint])
    for endpoint, page in LINK_PAGES.items():
        app.view_functions[endpoint] = _ask_first(_in_transaction(app.view_functions[endpoint]), page)
    # The library registers this rule for GET alone.
    app.add_url_rule("/signin/change-email/<token>", endpoint="security.change_email_confirm", methods=["POST"])
    for endpoint in ("security.confirm_email", "security.reset_password"):
        app.view_functions[endpoint] = _keep_return_path(app.view_functions[endpoint])


def render_library_page(template: str, **context: Any) -> Response:
    """Render a page of the library; with status 422 if a form of `FORM_ENDPOINTS` has errors.

    A failed sign-in is no invalid input: its answer is always the same.
    """
    has_errors = any(isinstance(value, Form) and value.errors for value in context.values())
    invalid = request.method == "POST" and request.endpoint in FORM_ENDPOINTS and has_errors
    return make_response(render_template(template, **context), 422 if invalid else 200)


def _wants_json(sent: Request) -> bool:
    return sent.endpoint not in FORM_ENDPOINTS and (sent.is_json or sent.accept_mimetypes.best == "application/json")


def _in_transaction(view: View) -> View:
    """Commit what the view did, with the email that it queued; the library commits only some of its views."""

    @wraps(view)
    def committed(**values: Any) -> Any:
        with transaction.atomic():
            return view(**values)

    return committed


def _refuse_json(view: View) -> View:
    """Refuse JSON, since the library's forms fail on JSON that is not an object of texts."""

    @wraps(view)
    def accepted(**values: Any) -> Any:
        return abort(415) if request.is_json else view(**values)

    return accepted


def _ask_first(view: View, page: LinkPage) -> View:
    @wraps(view)
    def asked(**values: Any) -> Any:
        return view(**values) if request.method == "POST" else render("signin/link.html", page)

    return asked


def _lead_to_inbox(view: View) -> View:
    """Answer every registration with the same page, also the second of two at the same moment."""

    @wraps(view)
    def registered(**values: Any) -> Any:
        try:
            answer = view(**values)
        except Conflict:
            return redirect(url_for("signin.inbox"))
        is_done = request.method == "POST" and answer.status_code == 302 and account() is None
        if not is_done:
            return answer
        # The sign-in form has it, whether or not the address had an account before.
        session[REGISTERED_KEY] = request.form.get("email", "").strip()
        return redirect(url_for("signin.inbox"))

    return registered


def _keep_return_path(view: View) -> View:
    """Lead from a finished step to the sign-in form with the page to return to."""

    @wraps(view)
    def returning(**values: Any) -> Any:
        typed = session.get(REGISTERED_KEY)
        answer, wanted, form = view(**values), return_path(), url_for("security.login")
        if typed:
            # The library empties the session when it confirms an address.
            session[REGISTERED_KEY] = typed
        if wanted and isinstance(answer, Response) and urlsplit(answer.headers.get("Location", "")).path == form:
            return redirect(url_for("security.login", next=wanted))
        return answer

    return returning
