"""Loads the ruleset that an operator names, by the id of a published one or from a file."""

from pathlib import Path

import click

from directory.certification.ruleset import InvalidRuleset, Ruleset, bundled_rulesets, parse_ruleset


def load_ruleset(name: str) -> Ruleset:
    """Return the published ruleset with that id, or the ruleset in that file.

    Raises:
        NotFound: it is neither.
        ClickException: the file is not valid; lists every error.
    """
    path = Path(name)
    return read_ruleset_file(path) if path.suffix == ".toml" else bundled_rulesets().load(name)


def read_ruleset_file(path: Path) -> Ruleset:
    """Read the ruleset in a file.

    Raises:
        ClickException: it is not valid; lists every error.
    """
    try:
        return parse_ruleset(path.read_bytes().decode("utf-8", errors="replace"))
    except InvalidRuleset as unusable:
        raise click.ClickException("\n".join(f"{path.name}: {fault}" for fault in unusable.faults)) from unusable
