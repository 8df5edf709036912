"""The pages after sign-in; Flask-Security provides the forms."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from directory.accounts.policy import Action, may
from directory.web.signin.sessions import connect_signals
from directory.web.signin.sign_in_limits import limit_sign_in_attempts
from directory.web.support.requests import account

blueprint = Blueprint("signin", __name__, url_prefix="/signin")
blueprint.record(connect_signals)
blueprint.record(limit_sign_in_attempts)


@blueprint.get("/arrived")
def arrived() -> Response:
    """Redirect to the start page for the account's role."""
    who = account()
    if who is None:
        return redirect(url_for("security.login"))
    reviews = may(who.actor, Action.SEE_QUEUE)
    return redirect(url_for("console.queue" if reviews else "portal.home"))


@blueprint.get("/return")
def return_to_form() -> Response | str:
    """Ask to go back to the tab with the form that was kept while its sender signed in here."""
    if account() is None:
        return redirect(url_for("security.login", next=url_for(".return_to_form")))
    return render_template("signin/return_to_form.html")
