"""The rules of the house that no linter knows."""

import ast
import itertools
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "directory"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

LINES_IN_A_FILE = 300
LINES_IN_A_FUNCTION = 40
SHORTEST_REASON = len("the same")
VAGUE = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "base", "service", "services"}
LATER = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")
SILENCED = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma|djlint:off)\b(?P<rest>.*)")
WHICH_CHECK = re.compile(r"^:?\s*(?:[A-Z]+[0-9]+[,\s]*)*(?:\[[\w, -]+\])?[\s#:—-]*")
OF_TODAY = {"now", "utcnow", "today", "time", "time_ns"}

CONTRACTS = {contract["name"]: contract for contract in PYPROJECT["tool"]["importlinter"]["contracts"]}
PURITY = CONTRACTS["The rules are pure"]


def _tracked(*patterns: str) -> list[Path]:
    """The project's own files, also those that are not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [file for name in sorted(listed.stdout.split("\0")) if name and (file := ROOT / name).is_file()]


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


MODULES = [file for file in _tracked("*.py") if file.is_relative_to(PACKAGE)]
each_module = pytest.mark.parametrize("module", MODULES, ids=_name)


def _module_names() -> Iterator[str]:
    for file in MODULES:
        parts = file.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_the_package_is_here_to_be_checked() -> None:
    assert len(MODULES) > 40


def _is_migration(file: Path) -> bool:
    """A migration is one list of what to create, and has no parts to cut it into."""
    return file.parent.name == "versions"


def test_no_source_file_outgrows_its_room() -> None:
    sources = _tracked("*.py", "*.html", "*.js", "*.mjs", "*.css", "Makefile")
    lines = {_name(file): len(file.read_text().splitlines()) for file in sources if not _is_migration(file)}
    assert not {name: count for name, count in lines.items() if count > LINES_IN_A_FILE}


def test_no_function_outgrows_a_screen() -> None:
    files = [file for file in _tracked("*.py") if not _is_migration(file)]
    long = [
        f"{_name(file)}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= LINES_IN_A_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_no_file_has_a_name_that_says_nothing() -> None:
    vague = [_name(file) for file in _tracked() if file.stem.lower() in VAGUE or file.parent.name.lower() in VAGUE]
    assert not vague


@each_module
def test_every_module_says_its_responsibility_in_one_sentence(module: Path) -> None:
    sentence = ast.get_docstring(ast.parse(module.read_text()))
    assert sentence, "no docstring"
    assert sentence.endswith("."), sentence
    assert not re.search(r"[.!?]\s+[A-Z]", sentence), f"more than one sentence: {sentence}"


def _calls(module: Path) -> Iterator[tuple[str, int]]:
    """Each method called in the module, as the last two names of it, with the line."""
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            owner = of.id if isinstance(of, ast.Name) else of.attr if isinstance(of, ast.Attribute) else ""
            yield f"{owner}.{node.func.attr}", node.lineno


@each_module
def test_only_the_transaction_commits(module: Path) -> None:
    commits = [line for call, line in _calls(module) if call.endswith(".commit")]
    assert bool(commits) == (module == PACKAGE / "transaction.py"), f"lines {commits}"


@each_module
def test_only_the_clock_asks_what_time_it_is(module: Path) -> None:
    asked = [
        line
        for call, line in _calls(module)
        if call in {f"{o}.{c}" for o in ("datetime", "date", "time") for c in OF_TODAY}
    ]
    assert bool(asked) == (module == PACKAGE / "clock.py"), f"lines {asked}"


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(rf"\b({'|'.join(LATER)})\b")
    files = _tracked("*.py", "*.html", "*.js", "*.mjs", "*.css", "*.toml", "*.md", "Makefile", ".ci/*")
    found = [
        f"{_name(file)}:{number} {line.strip()}"
        for file in files
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if marks.search(line)
    ]
    assert not found, "\n".join(found)


def test_every_silenced_check_says_why() -> None:
    bare = []
    for file in _tracked("*.py"):
        lines = file.read_text().splitlines()
        for before, line in itertools.pairwise(["", *lines]):
            # One reason does for a run of lines, and for a line that is too full it stands above.
            excused = before.strip().startswith("#") or SILENCED.search(before) or file == Path(__file__)
            if (silenced := SILENCED.search(line)) and not excused:
                why = WHICH_CHECK.sub("", silenced["rest"].strip())
                bare += [f"{_name(file)}: {line.strip()}"] if len(why) < SHORTEST_REASON else []
    assert not bare, "\n".join(bare)


# ---- the contracts: what import-linter is told is what it refuses ----

PLANTED = {
    "a rule that knows the database": ("certification/answers.py", "import sqlalchemy"),
    "a rule that knows Flask": ("search/query.py", "import flask"),
    "a feature that knows one above it": ("listings/lifecycle.py", "import directory.attestations.tables"),
    "a feature that knows the web": ("review/commands.py", "import directory.web.support"),
    "a feature that knows Flask": ("outbox/queue.py", "import flask"),
    "an audience that knows another": ("web/public/views.py", "import directory.web.console"),
    "strangers side by side": ("geography/point.py", "import directory.certification"),
    "a way back hidden from run time": (
        "accounts/tables.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import directory.listings.tables",
    ),
    "a room that is on no plan": ("newcomer.py", '"""Nobody said where this belongs."""'),
}


def _lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    script = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [script, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(folder)}
    )


@pytest.fixture
def project_copy(tmp_path: Path) -> Path:
    shutil.copytree(PACKAGE, tmp_path / "directory", ignore=shutil.ignore_patterns("data", "__pycache__"))
    shutil.copyfile(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def test_the_contracts_are_kept_and_none_is_excused(project_copy: Path) -> None:
    linted = _lint_imports(project_copy)
    assert linted.returncode == 0, linted.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in linted.stdout
    assert not [name for name, contract in CONTRACTS.items() if "ignore_imports" in contract]


@pytest.mark.parametrize(("where", "planted"), PLANTED.values(), ids=PLANTED.keys())
def test_the_contracts_catch(where: str, planted: str, project_copy: Path) -> None:
    victim = project_copy / "directory" / where
    before = victim.read_text() if victim.exists() else ""
    victim.write_text(f"{before}\n{planted}\n")
    linted = _lint_imports(project_copy)
    assert linted.returncode == 1, linted.stdout
    assert "1 broken" in linted.stdout or "BROKEN" in linted.stdout or "Missing" in linted.stdout, linted.stdout


PURE = [
    name for name in _module_names() if any(f"{name}.".startswith(f"{source}.") for source in PURITY["source_modules"])
]


@pytest.mark.parametrize("name", PURE)
def test_a_rule_loads_nothing_but_rules(name: str) -> None:
    """import-linter reads imports; this sees what really happens, a library's own imports too."""
    script = f"import sys, {name}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {module.partition(".")[0] for module in run.stdout.split()}
    assert not loaded & set(PURITY["forbidden_modules"])


def test_every_pure_module_is_tried() -> None:
    for source in PURITY["source_modules"]:
        assert any(name == source or name.startswith(f"{source}.") for name in PURE), source
