"""Where somebody lands who has just signed in; the forms themselves are Flask-Security's."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from directory.accounts.policy import Action, may
from directory.web.signin.guessing import limit_guesses
from directory.web.signin.sessions import watch_sessions
from directory.web.support.requests import account

blueprint = Blueprint("signin", __name__, url_prefix="/signin")
blueprint.record(watch_sessions)
blueprint.record(limit_guesses)


@blueprint.get("/arrived")
def arrived() -> Response:
    """On to the pages of the account's role."""
    who = account()
    if who is None:
        return redirect(url_for("security.login"))
    reviews = may(who.actor, Action.SEE_QUEUE)
    return redirect(url_for("console.queue" if reviews else "portal.home"))
