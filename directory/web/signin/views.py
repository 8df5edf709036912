"""The redirect after sign-in and the page of second factors; Flask-Security provides the forms."""

from flask import Blueprint, redirect, request, url_for
from flask import session as browser_session
from werkzeug.wrappers import Response

from directory.accounts.policy import Action, may
from directory.web.signin import second_factor as factors
from directory.web.signin.sessions import connect_signals
from directory.web.signin.sign_in_limits import limit_sign_in_attempts
from directory.web.support.guards import RETURN_KEY
from directory.web.support.requests import account
from directory.web.support.templating import render

blueprint = Blueprint("signin", __name__, url_prefix="/signin")
blueprint.record(connect_signals)
blueprint.record(factors.connect_signals)
blueprint.context_processor(factors.page_context)
blueprint.record(limit_sign_in_attempts)


@blueprint.get("/arrived")
def arrived() -> Response:
    """Redirect to the start page for the account's role."""
    who = account()
    if who is None:
        return redirect(url_for("security.login"))
    reviews = may(who.actor, Action.SEE_QUEUE)
    return redirect(url_for("console.queue" if reviews else "portal.home"))


@blueprint.get("/second-factor")
def second_factor() -> Response | str:
    """Show how the account signs in besides its password, or return to the page that required a second factor."""
    who = account()
    if who is None:
        return redirect(url_for("security.login", next=request.path))
    if who.has_second_factor and (wanted := browser_session.pop(RETURN_KEY, None)):
        return redirect(str(wanted))
    return render("signin/second_factor.html", factors.SecondFactorPage.of(who, host=request.host))
