"""The commands of accounts: `admin create`, which creates the first account, and the group `account`."""

import click

from directory import clock, transaction
from directory.accounts import commands
from directory.accounts.invitations import invite
from directory.accounts.mail import enqueue_reset_email
from directory.accounts.mail_limits import delete_old_limits
from directory.accounts.policy import Role
from directory.accounts.queries import find_account
from directory.cli.installation import installation, report_errors
from directory.review.people import disable_person

NAME_OPTION = click.option("--name", default="", help="How the record of decisions names this person.")
PASSWORD_OPTION = click.password_option(help="At least 15 characters; asked for when left out.")
ROLE_OPTION = click.option(
    "--role",
    required=True,
    type=click.Choice([role.value for role in Role]),
    help="A provider has listings, a reviewer decides, an admin also manages people and settings.",
)


@click.group()
def admin() -> None:
    """Accounts of reviewers and admins."""


@admin.command("create")
@click.argument("email")
@NAME_OPTION
@click.option(
    "--role",
    default=Role.ADMIN.value,
    show_default=True,
    type=click.Choice([Role.ADMIN.value, Role.REVIEWER.value]),
    help="A reviewer decides; an admin also manages people and settings.",
)
@PASSWORD_OPTION
@report_errors
def create_admin(email: str, name: str, role: str, password: str) -> None:
    """Create an account for an admin or a reviewer.

    Example: bma-directory admin create ada@example.org --name "Ada Example"
    """
    _create(email, name, role, password)


@click.group()
def account() -> None:
    """Accounts of providers, reviewers and admins."""


@account.command("create")
@click.argument("email")
@NAME_OPTION
@ROLE_OPTION
@PASSWORD_OPTION
@report_errors
def create(email: str, name: str, role: str, password: str) -> None:
    """Create an account that can sign in at once.

    Example: bma-directory account create ada@example.org --role reviewer --name "Ada Example"
    """
    _create(email, name, role, password)


@account.command("invite")
@click.argument("email")
@ROLE_OPTION
@report_errors
def invite_person(email: str, role: str) -> None:
    """Queue an email with a link to set a name and a password. It works once, for seven days.

    Example: bma-directory account invite ada@example.org --role reviewer
    """
    with installation(migrate=True) as settings, transaction.atomic() as session:
        address = invite(session, email=email, role=Role(role), home=settings.base_url, by=None, now=clock.now()).email
    click.echo(f"The invitation for {address} is in the outbox.")


@account.command("disable")
@click.argument("email")
@click.option("--reason", default="", help="Why; kept with the account and not public.")
@report_errors
def disable(email: str, reason: str) -> None:
    """Deactivate an account and end all its sessions.

    Example: bma-directory account disable ada@example.org --reason "Left the team"
    """
    with installation(), transaction.atomic() as session:
        disable_person(session, find_account(session, email), reason=reason, by=None, now=clock.now())
    click.echo(f"The account {email} is disabled.")


@account.command("reset-password")
@click.argument("email")
@click.option("--mail", "by_mail", is_flag=True, help="Queue an email with a link instead of asking for a password.")
@report_errors
def reset_password(email: str, *, by_mail: bool) -> None:
    """Set a new password for somebody who forgot it, and end all their sessions.

    Example: bma-directory account reset-password ada@example.org
    """
    with installation(), transaction.atomic() as session:
        found = find_account(session, email)
        if by_mail:
            enqueue_reset_email(session, found, now=clock.now())
        else:
            password = click.prompt("New password", hide_input=True, confirmation_prompt=True)
            commands.set_password(session, found, password, now=clock.now())
    click.echo(f"The link for {email} is in the outbox." if by_mail else f"{email} has a new password.")


@account.command("sweep")
@report_errors
def sweep() -> None:
    """Delete accounts whose email address nobody confirmed within seven days. `serve` does this every hour.

    Example: bma-directory account sweep
    """
    with installation():
        removed = sweep_accounts()
    click.echo(f"Removed {removed:,} {'account' if removed == 1 else 'accounts'}.")


def sweep_accounts() -> int:
    """Delete unconfirmed accounts and ended mail limits; returns the number of accounts."""
    with transaction.atomic() as session:
        delete_old_limits(session, now=clock.now())
        return commands.delete_unconfirmed_accounts(session, now=clock.now())


def _create(email: str, name: str, role: str, password: str) -> None:
    with installation(migrate=True), transaction.atomic() as session:
        made = commands.create_account(
            session, email=email, password=password, name=name or email, roles=[Role(role)], now=clock.now()
        )
        address = made.email
    click.echo(f"Created the {role}'s account {address}.")
