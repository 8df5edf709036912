"""The recipes of docs/how-to-change.md: their files are there, and today's fields and emails touch no others."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "how-to-change.md").read_text(encoding="utf-8")
RECIPES = {
    heading: re.findall(r"^\| `([^`]+)` \|", body, re.MULTILINE)
    for heading, body in re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
}
MOST_FILES = {
    "Add a field to a listing": 5,
    "Add a filter": 2,
    "Add an email": 2,
    "Add a page for patients": 4,
    "Add a criterion": 1,
}
FIELDS = {
    "website": r"\bwebsite\b",
    "opening_hours": r"opening.?hours",
}
BESIDE = {"directory/evidence/jpeg.py"}
"""Says in a comment how much memory a website's picture needs."""


def files_with(pattern: str, *folders: str) -> set[str]:
    return {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".html", ".txt", ".toml"}
        and re.search(pattern, path.read_text(encoding="utf-8"), re.IGNORECASE)
    }


def test_there_is_a_recipe_for_each_change_and_it_is_as_short_as_promised() -> None:
    assert {heading: len(files) for heading, files in RECIPES.items()} == MOST_FILES


@pytest.mark.parametrize("named", sorted(set(re.findall(r"`((?:directory|templates|tests|migrations)/[^`]+)`", PAGE))))
def test_every_file_that_a_recipe_names_is_there(named: str) -> None:
    assert list(ROOT.glob(re.sub(r"<\w+>", "*", named))), named


@pytest.mark.parametrize(("field", "pattern"), FIELDS.items())
def test_a_field_of_a_listing_touches_the_files_of_the_recipe_and_no_others(field: str, pattern: str) -> None:
    touched = files_with(pattern, "directory", "templates") - BESIDE
    assert touched <= set(RECIPES["Add a field to a listing"])
    assert "directory/listings/fields.py" in touched
    assert len(touched) <= 5, field


@pytest.mark.parametrize("template", sorted((ROOT / "templates" / "mail").glob("*.txt")), ids=lambda path: path.stem)
def test_an_email_is_named_by_its_template_and_by_what_sends_it(template: Path) -> None:
    assert len(files_with(rf'"{template.stem}"', "directory")) == 1
