"""The command `draw`, which runs the quarterly audit draw: a random tenth of the attestations that count."""

import click

from directory import clock, transaction
from directory.certification.ruleset import bundled_rulesets
from directory.cli.installation import installation, report_errors
from directory.review import random_audit
from directory.review.sample import Quarter


@click.command("draw")
@click.option("--quarter", metavar="YYYY-N", help="The quarter, such as 2026-4; today's when left out.")
@click.option("--seed", help="What to draw from; the audit log's head of the quarter's first day when left out.")
@report_errors
def draw(quarter: str | None, seed: str | None) -> None:
    """Run the audit draw of a quarter. If it was run already, print its result again.

    Example: bma-directory draw --quarter 2026-4
    """
    with installation(), transaction.atomic() as session:
        now = clock.now()
        wanted = Quarter.read(quarter) if quarter else Quarter.of(now)
        held = random_audit.run_draw(session, wanted, seed=seed, rulesets=bundled_rulesets(), now=now)
        drawn = random_audit.drawn_attestations(session, held)
        click.echo(f"Quarter {held.quarter}: {len(drawn)} of {held.candidate_count} drawn on {held.at:%Y-%m-%d}.")
        click.echo(f"Seed ({held.seed_source}): {held.seed}")
        click.echo(f"SHA-256 of the list: {held.candidates_digest}")
        for row in drawn:
            click.echo(f"{row.attestation.public_id}  {row.attestation.listing.name}")
