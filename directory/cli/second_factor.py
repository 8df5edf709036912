"""The command `account reset-second-factor`, for owners who lost their phone and their recovery codes."""

import click
import sqlalchemy as sa

from directory import clock, transaction
from directory.accounts.second_factor import reset_second_factor
from directory.accounts.tables import Account
from directory.cli.installation import installation, report_errors
from directory.errors import NotFound


@click.command("reset-second-factor")
@click.argument("email")
@report_errors
def reset_second_factor_command(email: str) -> None:
    """Remove the authenticator app, recovery codes and passkeys of an account, and sign it out everywhere.

    Be sure who asks you: afterwards, the password alone signs in. The owner gets an email. Reviewers and admins set up
    a new second factor before they see the console.

    Example: bma-directory account reset-second-factor ada@example.org
    """
    address = email.strip().lower()
    with installation(), transaction.atomic() as session:
        account = session.scalar(sa.select(Account).where(Account.email == address))
        if account is None:
            raise NotFound(f"There is no account for {address}.")
        reset_second_factor(session, account, by=None, now=clock.now())
    click.echo(f"{address} now signs in with the password alone.")
