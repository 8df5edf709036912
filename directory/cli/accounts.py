"""The command `admin create`, which creates the first account of an installation."""

import click

from directory import clock, transaction
from directory.accounts.commands import create_account
from directory.accounts.policy import Role
from directory.cli.installation import installation, report_errors


@click.group()
def admin() -> None:
    """Accounts of reviewers and admins."""


@click.group()
def account() -> None:
    """Accounts of everybody who can sign in."""


@admin.command("create")
@click.argument("email")
@click.option("--name", default="", help="How the record of decisions names this person.")
@click.option(
    "--role",
    default=Role.ADMIN.value,
    show_default=True,
    type=click.Choice([Role.ADMIN.value, Role.REVIEWER.value]),
    help="A reviewer decides; an admin also manages people and settings.",
)
@click.password_option(help="At least 15 characters; asked for when left out.")
@report_errors
def create_admin(email: str, name: str, role: str, password: str) -> None:
    """Create an account for an admin or a reviewer.

    Example: bma-directory admin create ada@example.org --name "Ada Example"
    """
    with installation(migrate=True), transaction.atomic() as session:
        account = create_account(
            session, email=email, password=password, name=name or email, roles=[Role(role)], now=clock.now()
        )
        address = account.email
    click.echo(f"Created the {role}'s account {address}.")
