"""Reads rules that an operator names: by their id where they are published, or from a file."""

from pathlib import Path

import click

from directory.certification.ruleset import Ruleset, RulesetFault, parse, shipped


def ruleset_of(name: str) -> Ruleset:
    """The published rules of that id, or those in the file of that name.

    Raises:
        NotFound: it is neither.
        ClickException: the file cannot be used; lists every fault.
    """
    path = Path(name)
    return read_rules(path) if path.suffix == ".toml" else shipped().load(name)


def read_rules(path: Path) -> Ruleset:
    """The rules in a file.

    Raises:
        ClickException: they cannot be used; lists every fault.
    """
    try:
        return parse(path.read_bytes().decode("utf-8", errors="replace"))
    except RulesetFault as unusable:
        raise click.ClickException("\n".join(f"{path.name}: {fault}" for fault in unusable.faults)) from unusable
