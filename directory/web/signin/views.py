"""Where somebody lands who has just signed in."""

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from directory.accounts.policy import Action, may
from directory.web.support.requests import account

blueprint = Blueprint("signin", __name__, url_prefix="/signin")


@blueprint.get("/arrived")
def arrived() -> Response:
    """On to the pages of the account's role."""
    who = account()
    if who is None:
        return redirect(url_for("security.login"))
    reviews = may(who.actor, Action.SEE_QUEUE)
    return redirect(url_for("console.queue" if reviews else "portal.home"))
