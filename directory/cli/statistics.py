"""The command `statistics refresh`, which counts the figures of the page `/statistics`."""

import click

from directory import clock, transaction
from directory.certification.ruleset import bundled_rulesets
from directory.cli.installation import installation, report_errors
from directory.statistics.commands import store_figures
from directory.statistics.figures import count_figures


@click.group()
def statistics() -> None:
    """The figures of the page /statistics."""


@statistics.command("refresh")
@report_errors
def refresh() -> None:
    """Count the figures of the page /statistics anew. `serve` does this every hour.

    Example: bma-directory statistics refresh
    """
    with installation():
        count_statistics()
    click.echo("The figures are counted.")


def count_statistics() -> None:
    """Count the figures, and store them in a transaction of its own: with many listings, the count takes seconds."""
    now = clock.now()
    document = count_figures(transaction.session(), bundled_rulesets(), now=now)
    transaction.close()
    with transaction.atomic() as session:
        store_figures(session, document, now=now)
