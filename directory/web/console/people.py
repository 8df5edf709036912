"""Admin pages about people: the list of accounts, and one account with what an admin can do with it."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from directory import transaction
from directory.accounts import queries
from directory.accounts.policy import Action, require
from directory.review.people import (
    change_role,
    disable_person,
    enable_person,
    invite_person,
    reset_factor_of_person,
    sign_out_person,
    withdraw_invitation,
)
from directory.web.console.blueprint import blueprint
from directory.web.console.people_forms import InvitationForm, ReasonForm, RoleForm, submitted_role
from directory.web.console.people_pages import people_page, person_page
from directory.web.support.form_errors import FormErrorHandler
from directory.web.support.guards import ID_CONVERTER
from directory.web.support.requests import actor, now, services, session
from directory.web.support.templating import render

ViewResponse = str | tuple[str, int] | Response

PERSON = f"/people/{ID_CONVERTER.format('account_id')}"

ACTS: Mapping[str, tuple[Callable[..., None], str]] = {
    "disable": (disable_person, "The account is disabled, and all its devices are signed out."),
    "enable": (enable_person, "The account works again."),
    "sign-out": (sign_out_person, "All devices of this person are signed out."),
    "second-factor": (reset_factor_of_person, "The second factor is removed. At the next sign-in a new one is set up."),
}
"""What an admin does with an account and a reason: the command, and what it says afterwards."""


@blueprint.get("/people")
def people() -> ViewResponse:
    """Show everybody with an account."""
    require(actor(), Action.MANAGE_PEOPLE)
    return render("console/people.html", people_page(InvitationForm("invite")))


@blueprint.post("/people")
def invite() -> ViewResponse:
    """Invite somebody, or show the list with errors."""
    require(actor(), Action.MANAGE_PEOPLE)
    form = InvitationForm("invite", request.form)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        account = invite_person(
            writing, email=form.email.data or "", role=submitted_role(form.role.data), reason=form.reason.data or "",
            home=services().settings.base_url, by=actor(), now=now(),
        )  # fmt: skip  # two lines read better than seven
        flash(f"The invitation for {account.email} is in the outbox.", "success")
        return redirect(url_for(".people"), 303)
    return render("console/people.html", people_page(form)), refused.status


@blueprint.get(PERSON)
def person(account_id: int) -> ViewResponse:
    """Show an account."""
    require(actor(), Action.MANAGE_PEOPLE)
    return render("console/person.html", person_page(queries.account(session(), account_id)))


@blueprint.post(f"{PERSON}/role")
def set_role(account_id: int) -> ViewResponse:
    """Change the role of an account, or show its page with errors."""
    form = RoleForm("role", request.form)

    def act(writing: Any, account: Any, **facts: Any) -> None:
        role, before = submitted_role(form.role.data), submitted_role(form.before.data)
        change_role(writing, account, role, before=before, **facts)

    return _do(account_id, "role", form, act, "The role is changed.")


@blueprint.post(f"{PERSON}/<any({', '.join(map(repr, ACTS))}):act>")
def change_person(account_id: int, act: str) -> ViewResponse:
    """Do something with an account, or show its page with errors."""
    return _do(account_id, act, ReasonForm(act, request.form), *ACTS[act])


@blueprint.post(f"{PERSON}/invite")
def invite_again(account_id: int) -> ViewResponse:
    """Send the invitation of an account again."""

    def act(writing: Any, account: Any, **facts: Any) -> None:
        invite_person(writing, email=account.email, role=account.role, home=services().settings.base_url, **facts)

    return _do(account_id, "invite", ReasonForm("invite", request.form), act, "A new link is in the outbox.")


@blueprint.post(f"{PERSON}/withdraw")
def withdraw(account_id: int) -> ViewResponse:
    """Take back an invitation."""
    require(actor(), Action.MANAGE_PEOPLE)
    with transaction.atomic() as writing:
        account = queries.account(writing, account_id)
        withdraw_invitation(writing, account, by=actor(), now=now())
        flash(f"The invitation for {account.email} is taken back. Its link does not work any more.", "success")
    return redirect(url_for(".people"), 303)


def _do(account_id: int, act: str, form: ReasonForm, command: Callable[..., None], done: str) -> ViewResponse:
    """Run a command with the reason of a form."""
    require(actor(), Action.MANAGE_PEOPLE)
    with FormErrorHandler(form) as refused, transaction.atomic() as writing:
        account = queries.account(writing, account_id)
        command(writing, account, reason=form.reason.data or "", by=actor(), now=now())
        flash(done, "success")
        return redirect(url_for(".person", account_id=account_id), 303)
    page = person_page(queries.account(session(), account_id), act, form)
    return render("console/person.html", page), refused.status
