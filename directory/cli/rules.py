"""The command group `rules`, with `rules list` and `rules check`."""

from pathlib import Path

import click

from directory.certification.ruleset import bundled_rulesets
from directory.cli.installation import report_errors
from directory.cli.rollout import announce_rules, compare_rules
from directory.cli.ruleset_files import read_ruleset_file


@click.group()
def rules() -> None:
    """The rulesets by which answers are graded."""


@rules.command("list")
@report_errors
def list_rules() -> None:
    """List the published rulesets, the newest first.

    Example: bma-directory rules list
    """
    for ruleset in bundled_rulesets().newest_first:
        click.echo(f"{ruleset.id}  published {ruleset.published:%Y-%m-%d}  {ruleset.title}")


@rules.command("check")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@report_errors
def check_rules(files: tuple[Path, ...]) -> None:
    """Check ruleset files: known keys, complete texts, no contradictions. Status 1 if one is not valid.

    Example: bma-directory rules check bma-2027.1.toml
    """
    for path in files:
        ruleset = read_ruleset_file(path)
        click.echo(f"{path.name}: {ruleset.id} is in order, with {len(ruleset.criteria)} criteria.")


for command in (compare_rules, announce_rules):
    rules.add_command(command)
