"""The account pages: name, address, password, sessions, and closing the account."""

from flask import Blueprint, flash, redirect, url_for
from flask import session as browser_session
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts.commands import rename_account
from directory.accounts.policy import Action
from directory.accounts.sessions import end_session, end_sessions, list_sessions
from directory.accounts.tables import Account
from directory.claims.account_closure import close_account_and_release_listings
from directory.claims.queries import managers_of_listings
from directory.errors import NotAllowed
from directory.listings.queries import listings_of
from directory.outbox.unsubscribe import choose_topics, is_unsubscribed
from directory.web.signin.forms import CloseForm, MailForm, NameForm
from directory.web.signin.pages import AccountPage, ManagedListing, NamePage, SignedIn
from directory.web.signin.sessions import current_session_id
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.guards import restrict_blueprint
from directory.web.support.limits import SIGN_IN_LIMIT, limiter
from directory.web.support.requests import account, now, session
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response

blueprint = Blueprint("account", __name__, url_prefix="/account")
restrict_blueprint(blueprint, Action.MANAGE_OWN_ACCOUNT)


@blueprint.get("/")
def home() -> ViewResponse:
    """Show the account and its sessions."""
    return render("signin/account.html", _account_page(CloseForm()))


@blueprint.get("/name")
def name() -> ViewResponse:
    """Show the form that changes the name."""
    return render("signin/name.html", NamePage(NameForm(name=_own_account().name)))


@blueprint.post("/name")
def change_name() -> ViewResponse:
    """Change the name, or show the form with errors."""
    form = NameForm()
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        rename_account(writing, _own_account(), form.name.data or "", now=now())
        flash("Your name is changed.", "success")
        return redirect(url_for(".home"), 303)
    return render("signin/name.html", NamePage(form)), refused.status


@blueprint.post("/sessions/<int(max=2147483647):session_id>/end")
def end_one(session_id: int) -> ViewResponse:
    """Sign out one other device; one that is signed out already stays so."""
    with transaction.atomic() as writing:
        end_session(writing, session_id, account_id=_own_account().id)
    flash("That device is signed out.", "success")
    return redirect(url_for(".home"), 303)


@blueprint.post("/sessions/end")
def end_others() -> ViewResponse:
    """Sign out all other devices."""
    who = _own_account()
    with transaction.atomic() as writing:
        end_sessions(writing, who.id, keep=current_session_id(who.id))
    flash("All other devices are signed out.", "success")
    return redirect(url_for(".home"), 303)


@blueprint.post("/mail")
def choose_mail() -> ViewResponse:
    """Save the topics of email that the account gets."""
    who = _own_account()
    with transaction.atomic() as writing:
        choose_topics(writing, who.email, wanted=MailForm().topics.data or (), of=_topics(who), now=now())
    flash("Your choice is saved.", "success")
    return redirect(url_for(".home"), 303)


@blueprint.post("/close")
@limiter.limit(SIGN_IN_LIMIT)
def close() -> ViewResponse:
    """Close the account, or show the page with errors."""
    form = CloseForm()
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        password = form.password.data or ""
        close_account_and_release_listings(writing, _own_account(), password=password, now=now())
        browser_session.clear()
        return redirect(url_for("signin.closed"), 303)
    return render("signin/account.html", _account_page(form)), refused.status


def _own_account() -> Account:
    """Return the signed-in account itself, in this request's database session."""
    who = account()
    if who is None:
        raise NotAllowed("Please sign in first.")
    return session().get_one(Account, who.id)


def _account_page(form: CloseForm) -> AccountPage:
    who = _own_account()
    this = current_session_id(who.id)
    rows = [
        SignedIn(row.id, row.device or "Unknown browser", row.created_at, row.last_used_at, row.id == this)
        for row in list_sessions(session(), who.id, now=now())
    ]
    return AccountPage(
        account=who,
        sessions=sorted(rows, key=lambda row: not row.is_this),
        listings=_managed_listings(who),
        mail=_mail_form(who),
        form=form,
    )


def _managed_listings(who: Account) -> list[ManagedListing]:
    mine = listings_of(session(), who.id)
    people = managers_of_listings(session(), [listing.id for listing in mine])
    return [
        ManagedListing(
            listing,
            [
                ("You" if one.id == who.id else one.name or one.email, manager.right.value)
                for manager, one in people[listing.id]
            ],
        )
        for listing in mine
    ]


def _topics(who: Account) -> list[str]:
    """Return the topics of email that the account can get."""
    return ["renewals", "confirmations"] * who.actor.provides + ["digest"] * who.actor.reviews


def _mail_form(who: Account) -> MailForm:
    """Return the form with the topics that the account gets."""
    topics = _topics(who)
    form = MailForm(formdata=None, topics=[one for one in topics if not is_unsubscribed(session(), who.email, one)])
    form.offer(topics)
    return form
