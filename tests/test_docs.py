"""What the documents say is what the code does."""

import ast
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from directory.cli.commands import cli

ROOT = Path(__file__).resolve().parent.parent
OPERATING = (ROOT / "docs" / "operating.md").read_text()
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]


def _written_rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading of docs/operating.md."""
    section = OPERATING.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in rows]


def _environment_names(*folders: str) -> set[str]:
    """Every BMA_ name that the code under these folders has as a string of its own."""
    return {
        node.value
        for folder in folders
        for module in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"BMA_[A-Z_]*[A-Z]", node.value)
    }


def test_the_list_of_modules_is_as_the_modules_say() -> None:
    script = importlib.util.spec_from_file_location("list_modules", ROOT / "docs" / "list_modules.py")
    assert script is not None
    assert script.loader is not None
    list_modules = importlib.util.module_from_spec(script)
    script.loader.exec_module(list_modules)
    page = list_modules.PAGE.read_text()
    assert page == list_modules.insert_module_list(page), "run `make docs`"


def test_every_setting_is_documented_and_no_other() -> None:
    documented = [row[0].strip("`") for row in _written_rows("Settings")]
    assert len(documented) == len(set(documented))
    assert set(documented) == _environment_names("directory")


def test_only_config_reads_settings() -> None:
    read_elsewhere = {
        module.relative_to(ROOT).as_posix()
        for module in (ROOT / "directory").rglob("*.py")
        if module.name != "config.py" and re.search(r"environ(\.get\(|\[)", module.read_text())
    }
    assert not read_elsewhere


def _commands(group: click.Group, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _commands(command, f"{path} {name}".strip())
        else:
            yield f"{path} {name}".strip()


def test_every_command_is_documented_and_no_other() -> None:
    documented = {row[0].strip("`") for row in _written_rows("Commands")}
    assert documented == set(_commands(cli, ""))


@pytest.mark.parametrize("path", sorted(_commands(cli, "")))
def test_every_command_has_help_with_an_example(path: str) -> None:
    command: click.Command = cli
    for name in path.split():
        assert isinstance(command, click.Group)
        command = command.commands[name]
    assert "Example: " in (command.help or "")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.relative_to(ROOT).as_posix())
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)", document.read_text())
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert not [link for link in local if not (document.parent / link).exists()]


def test_every_make_target_that_a_document_names_is_there() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(re.findall(r"`make ([a-z-]+)", document.read_text()))
        assert named <= targets, f"{document.name}: {named - targets}"


DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))


def test_no_two_decisions_share_a_number() -> None:
    numbers = [path.name[:4] for path in DECISIONS]
    assert len(numbers) == len(set(numbers))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_its_number_and_its_three_parts(path: Path) -> None:
    text = path.read_text()
    assert text.startswith(f"# {int(path.name[:4])}. ")
    parts = [line for line in text.splitlines() if line.startswith("## ")]
    assert parts == ["## Context", "## Decision", "## Consequences"]
