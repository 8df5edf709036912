"""The fixtures that all tests share: databases, the application, and what this machine can run."""

import gc
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support import compile_cache, databases, postgresql, system_requirements
from support.databases import DatabaseFactory

from directory import config, resources, transaction
from directory.config import Settings
from directory.geocoding.gazetteer import Gazetteer, open_gazetteer

pytest_plugins = ["support.users"]

ROOT = Path(__file__).resolve().parent.parent
SLOW_PATHS = (
    "journeys", "faults", "database/search", "database/cli", "database/imports",
    "test_interrupted_migrations.py", "test_migrations.py", "test_packaging.py", "unit/geocoding/test_build.py",
)  # fmt: skip
"""The folders and files that take long; of the others hardly one takes ten seconds."""

# Two shared cores make every deadline a matter of luck; a run on CI can be repeated exactly. One failure is enough,
# and a test that plants a fault can then expect the very error.
HYPOTHESIS_SETTINGS = hypothesis.settings(deadline=None, report_multiple_bugs=False)
hypothesis.settings.register_profile("desk", HYPOTHESIS_SETTINGS)
hypothesis.settings.register_profile("ci", HYPOTHESIS_SETTINGS, derandomize=True, database=None, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")


def pytest_configure() -> None:
    system_requirements.use_tmpfs()


def pytest_sessionstart() -> None:
    system_requirements.check_required()
    compile_cache.share_compiled_code()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, or one worker is alone with the last of them."""
    slow = {ROOT / "tests" / path for path in SLOW_PATHS}
    items.sort(key=lambda item: slow.isdisjoint((item.path, *item.path.parents)))


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not in what was there before the first test: it was a fifth of a run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(2_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The last words of a run: what it did not do."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("Not run here")
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count} test{'' if count == 1 else 's'}: {reason.removeprefix('Skipped: ')}")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real public records, which is no part of the project."""
    folder = Path(os.environ.get("BMA_REAL_DATA") or ROOT / ".." / "shared" / "data").resolve()
    if not folder.is_dir():
        pytest.skip("no real data (BMA_REAL_DATA names its folder)")
    return folder


@pytest.fixture(scope="session")
def gazetteer() -> Iterator[Gazetteer]:
    """The gazetteer that `make` builds."""
    with closing(open_gazetteer(resources.folder("data") / "places.sqlite")) as opened:
        yield opened


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> DatabaseFactory:
    return databases.sqlite_factory(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Cluster]:
    system_requirements.skip_unless_installed("postgresql")
    folder = postgresql.find_programs()
    assert folder is not None
    with postgresql.run_cluster(folder) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def postgresql_databases(
    postgresql_server: postgresql.Cluster, tmp_path_factory: pytest.TempPathFactory
) -> DatabaseFactory:
    return databases.postgresql_factory(postgresql_server, tmp_path_factory.mktemp("postgresql"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of this test's own migrated, empty database: the test runs once on each kind."""
    fresh: DatabaseFactory = request.getfixturevalue(f"{request.param}_databases")
    with fresh() as url:
        yield url


@pytest.fixture
def environment(database: str, tmp_path: Path) -> dict[str, str]:
    """What an operator would set for this test's installation."""
    return databases.environment(tmp_path / "home", database)


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    return config.read(environment)


@pytest.fixture
def installation(database: str, tmp_path: Path) -> Iterator[Flask]:
    """An application that has its database and nothing else, as commands do."""
    with databases.database_application(config.read(databases.environment(tmp_path / "home", database))) as app:
        yield app


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The whole application."""
    with databases.create_application(settings) as app:
        app.testing = True
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser without a sign-in."""
    return app.test_client()


@pytest.fixture
def database_engine(request: pytest.FixtureRequest, settings: Settings) -> Iterator[sa.Engine]:
    """The pool of connections to this test's database: the application's own, in a test that has one."""
    if "app" in request.fixturenames:
        app: Flask = request.getfixturevalue("app")
        with app.app_context():
            found = databases.get_engine(transaction.session())
        yield found
        return
    with databases.database_engine(settings) as made:
        yield made


@pytest.fixture
def session(database_engine: sa.Engine) -> Iterator[Session]:
    """A session beside the application's own, on the same database. Commit what a request shall see."""
    with Session(database_engine) as session:
        yield session
