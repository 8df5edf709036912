"""The command `statistics refresh`, which counts the figures of the page `/statistics`."""

import click

from directory import clock, transaction
from directory.certification.ruleset import bundled_rulesets
from directory.cli.installation import installation, report_errors
from directory.statistics.commands import refresh_figures


@click.group()
def statistics() -> None:
    """The figures of the page /statistics."""


@statistics.command("refresh")
@report_errors
def refresh() -> None:
    """Count the figures of the page /statistics anew. `serve` does this every hour.

    Example: bma-directory statistics refresh
    """
    with installation(), transaction.atomic() as session:
        refresh_figures(session, bundled_rulesets(), now=clock.now())
    click.echo("The figures are counted.")
