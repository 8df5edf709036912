"""The command `demo load`, which fills an empty installation with fictitious providers."""

import secrets

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory import clock, transaction
from directory.accounts.commands import create_account
from directory.accounts.policy import Role
from directory.certification.ruleset import bundled_rulesets
from directory.cli.demo_builder import build_demo
from directory.cli.installation import gazetteer, installation, progress, report_errors
from directory.config import DEMO_ACCOUNTS_FILE, Settings
from directory.errors import Conflict
from directory.listings.tables import Listing, ListingSource
from directory.statistics.commands import refresh_figures

DEMO_USERS = {
    Role.PROVIDER: ("provider@demo.example", "Wren Quillfeather"),
    Role.REVIEWER: ("reviewer@demo.example", "Juniper Maplethorn"),
    Role.ADMIN: ("admin@demo.example", "Sorrel Brightwater"),
}
"""The accounts of the demo, by role."""


@click.group()
def demo() -> None:
    """A demo with fictitious providers."""


@demo.command("load")
@report_errors
def load() -> None:
    """Fill an empty directory with 300 fictitious providers and three accounts.

    Example: BMA_HOME=/tmp/trial bma-directory demo load
    """
    with installation(migrate=True) as settings:
        if settings.demo_accounts.exists():
            click.echo("The demonstration is loaded already.")
            return
        _require_empty_directory(transaction.session())
        sign_ins = _load_demo(settings)
        # Written last: this file marks the installation as a complete demo.
        settings.demo_accounts.touch(mode=0o600)
        settings.demo_accounts.write_text(sign_ins)
        click.echo(sign_ins)


def _require_empty_directory(session: Session) -> None:
    """Check that the directory is empty, so that fictitious and real providers are never mixed."""
    listed = set(session.scalars(sa.select(Listing.source).distinct()))
    if listed - {ListingSource.DEMO}:
        raise Conflict("This directory has real listings. Load the demonstration into an empty BMA_HOME.")
    if listed:
        raise Conflict(
            f"A demonstration is here, but its {DEMO_ACCOUNTS_FILE} is gone. Load it into an empty BMA_HOME."
        )


def _load_demo(settings: Settings) -> str:
    lines = ["Sign in to the demonstration as"]
    with gazetteer(settings) as places, transaction.atomic() as session:
        accounts = {}
        for role, (email, name) in DEMO_USERS.items():
            password = _generate_passphrase()
            accounts[role] = create_account(
                session, email=email, password=password, name=name, roles=[role], now=clock.now()
            )
            lines.append(f"  {role.value:9} {email:24} {password}")
        story = build_demo(session, accounts, gazetteer=places, rulesets=bundled_rulesets(), now=clock.now())
        with progress(story.length, "Providers") as show:
            for done, _ in enumerate(story, start=1):
                show(done)
        refresh_figures(session, bundled_rulesets(), now=clock.now())
    return "\n".join(lines) + "\n"


def _generate_passphrase() -> str:
    """Return a random passphrase of four blocks that is easy to read aloud and type."""
    letters = "abcdefghjkmnpqrstuvwxyz"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
