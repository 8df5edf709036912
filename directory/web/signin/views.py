"""The redirect after sign-in, the pages after registration and of second factors, and invitations."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as browser_session
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.invitations import accept_invitation, find_invitation
from directory.accounts.policy import Action, may
from directory.web.signin import second_factor as factors
from directory.web.signin.forms import InvitationForm
from directory.web.signin.library_views import adapt_library_views
from directory.web.signin.pages import ClosedPage, InboxPage, InvitationPage
from directory.web.signin.sessions import connect_signals
from directory.web.signin.sign_in_limits import limit_sign_in_attempts
from directory.web.signin.sign_out import drop_cookie_after_failure
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.guards import RETURN_KEY
from directory.web.support.requests import account, now, session
from directory.web.support.templating import render

blueprint = Blueprint("signin", __name__, url_prefix="/signin")
blueprint.record(connect_signals)
blueprint.record(adapt_library_views)
blueprint.record(factors.connect_signals)
blueprint.context_processor(factors.page_context)
blueprint.record(limit_sign_in_attempts)
blueprint.after_app_request(drop_cookie_after_failure)


@blueprint.get("/arrived")
def arrived() -> Response:
    """Redirect to the start page for the account's role."""
    who = account()
    if who is None:
        return redirect(url_for("security.login"))
    reviews = may(who.actor, Action.SEE_QUEUE)
    return redirect(url_for("console.queue" if reviews else "portal.home"))


@blueprint.get("/inbox")
def inbox() -> str:
    """Say what to do after registration; the page is the same whether the address was known or not."""
    return render("signin/inbox.html", InboxPage())


@blueprint.get("/closed")
def closed() -> str:
    """Say that the account is closed."""
    return render("signin/closed.html", ClosedPage())


@blueprint.get("/invitation/<token>")
def invitation(token: str) -> str:
    """Show the form for the name and password of an invited person."""
    invited = find_invitation(session(), token, now=now())
    return render("signin/invitation.html", InvitationPage(InvitationForm(), invited.email))


@blueprint.post("/invitation/<token>")
def accept(token: str) -> Response | tuple[str, int]:
    """Accept an invitation, or show the form with errors."""
    email, form = find_invitation(session(), token, now=now()).email, InvitationForm()
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        name, password = form.name.data or "", form.password.data or ""
        accept_invitation(writing, token, name=name, password=password, now=now())
        flash("Your account is open. Sign in with your email address and your new password.", "success")
        return redirect(url_for("security.login"), 303)
    return render("signin/invitation.html", InvitationPage(form, email)), refused.status


@blueprint.get("/second-factor")
def second_factor() -> Response | str:
    """Show how the account signs in besides its password, or return to the page that required a second factor."""
    who = account()
    if who is None:
        return redirect(url_for("security.login", next=request.path))
    if who.has_second_factor and (wanted := browser_session.pop(RETURN_KEY, None)):
        return redirect(str(wanted))
    return render("signin/second_factor.html", factors.SecondFactorPage.of(who, host=request.host))


@blueprint.get("/return")
def return_to_form() -> Response | str:
    """Ask to go back to the tab with the form that was kept while its sender signed in here."""
    if account() is None:
        return redirect(url_for("security.login", next=url_for(".return_to_form")))
    return render_template("signin/return_to_form.html")
