"""Loads the ruleset that an operator names, by the id of a published one or from a file."""

from pathlib import Path

import click

from directory.certification.ruleset import InvalidRuleset, Ruleset, bundled_rulesets, parse_ruleset


def load_ruleset(name: str) -> Ruleset:
    """The published rules of that id, or those in the file of that name.

    Raises:
        NotFound: it is neither.
        ClickException: the file cannot be used; lists every fault.
    """
    path = Path(name)
    return read_ruleset_file(path) if path.suffix == ".toml" else bundled_rulesets().load(name)


def read_ruleset_file(path: Path) -> Ruleset:
    """The rules in a file.

    Raises:
        ClickException: they cannot be used; lists every fault.
    """
    try:
        return parse_ruleset(path.read_bytes().decode("utf-8", errors="replace"))
    except InvalidRuleset as unusable:
        raise click.ClickException("\n".join(f"{path.name}: {fault}" for fault in unusable.faults)) from unusable
