"""The commands `rules compare` and `rules announce`, for moving to a new ruleset."""

import csv
from collections import Counter
from collections.abc import Iterator
from typing import IO

import click

from directory import clock, transaction
from directory.attestations.grade_comparison import BadgeChange, ComparedAttestation, compare_attestations
from directory.attestations.rollout import queue_announcements
from directory.certification.ruleset import MIN_NOTICE, Ruleset, bundled_rulesets
from directory.cli.installation import installation, report_errors
from directory.cli.reminders import BATCH_SIZE
from directory.cli.ruleset_files import load_ruleset

COLUMNS = (
    "attestation", "listing", "name", "signed_under", "signed_on", "counts_until",
    "before", "after", "badge", "not_matched",
)  # fmt: skip

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Characters at the beginning of a cell that a spreadsheet would treat as a formula."""

_OUTCOME_LABELS = {
    BadgeChange.GAINS: "would gain the badge",
    BadgeChange.KEEPS: "would keep the badge",
    BadgeChange.LOSES: "would lose the badge",
    BadgeChange.HAS_NONE: "have none, and would get none",
}


@click.command("compare")
@click.argument("old")
@click.argument("new")
@click.option(
    "--csv",
    "listed",
    type=click.File("w", encoding="utf-8", errors="replace", atomic=True),
    help="Also write a line for each attestation into this file.",
)
@report_errors
def compare_rules(old: str, new: str, listed: IO[str] | None) -> None:
    """Grade all attestations that count today by two versions of the rules. Changes nothing.

    OLD and NEW are ids of published rulesets, or ruleset files that are not published yet. Answers that one of them
    does not ask for or does not accept count as not stated there.

    Example: bma-directory rules compare bma-2021.1 bma-2027.1.toml --csv who.csv
    """
    older, newer = load_ruleset(old), load_ruleset(new)
    outcomes: Counter[BadgeChange] = Counter()
    missed: Counter[str] = Counter()
    elsewhere = 0
    with installation():
        found = compare_attestations(transaction.session(), older, newer, rulesets=bundled_rulesets(), now=clock.now())
        for row in _write_csv(found, listed) if listed else found:
            outcomes[row.verdict.outcome] += 1
            elsewhere += row.ruleset_id != older.id
            if row.verdict.outcome is BadgeChange.LOSES:
                missed.update(row.verdict.missed)
    click.echo(_format_summary(older, newer, outcomes, missed, elsewhere))


@click.command("announce")
@click.argument("new")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1), help="Letters in this run at most.")
@report_errors
def announce_rules(new: str, limit: int) -> None:
    """Email the owner of each attestation that counts under older rules, once each, up to the limit.

    Run it again until no owner is left. “mail send” sends the queued email.

    Example: bma-directory rules announce bma-2027.1 --limit 200
    """
    newer, rulesets, now = bundled_rulesets().load(new), bundled_rulesets(), clock.now()
    ends = newer.supersedes_after
    if ends is not None and ends < now.date() + MIN_NOTICE:
        click.echo(f"Careful: older answers end on {ends}, less than {MIN_NOTICE.days} days from now.", err=True)
    promised = 0
    with installation() as settings:
        while promised < limit:
            with transaction.atomic() as session:
                batch = queue_announcements(
                    session,
                    newer,
                    rulesets=rulesets,
                    home=settings.base_url,
                    now=now,
                    limit=min(BATCH_SIZE, limit - promised),
                )
            if not batch:
                break
            promised += batch
    more = " Run it again for the rest." if promised == limit else ""
    click.echo(f"{promised:,} letters are in the outbox.{more}" if promised else "Everybody concerned has been told.")


def _write_csv(found: Iterator[ComparedAttestation], file: IO[str]) -> Iterator[ComparedAttestation]:
    """Yield the same attestations, and write a CSV line for each."""
    lines = csv.writer(file)
    lines.writerow(COLUMNS)
    for row in found:
        verdict = row.verdict
        days = (f"{moment:%Y-%m-%d}" for moment in (row.signed_at, row.counts_until))
        grades = (verdict.before.word, verdict.after.word, verdict.outcome.value, "; ".join(verdict.missed))
        lines.writerow(map(escape_formula, (row.public_id, row.slug, row.name, row.ruleset_id, *days, *grades)))
        yield row


def escape_formula(cell: str) -> str:
    """Escape a cell that a spreadsheet would treat as a formula, because providers choose the names."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _format_summary(
    older: Ruleset, newer: Ruleset, outcomes: "Counter[BadgeChange]", missed: "Counter[str]", elsewhere: int
) -> str:
    total = sum(outcomes.values())
    lines = [f"{total:,} attestations count today. By {newer.id}, held against {older.id}:"]
    lines += [f"{outcomes[outcome]:>12,}  {words}" for outcome, words in _OUTCOME_LABELS.items()]
    if missed:
        lines.append("Those who would lose it do not match, or have not stated:")
        short = {criterion.key: criterion.short for criterion in newer.criteria}
        lines += [f"{count:>12,}  {short[key]}" for key, count in missed.most_common()]
    if elsewhere:
        lines.append(f"{elsewhere:,} of them were signed under other rules than {older.id}.")
    return "\n".join(lines)
