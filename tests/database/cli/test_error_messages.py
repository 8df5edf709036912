"""Each way to fail ends in one plain sentence and the status that was promised."""

import pytest
from click.testing import CliRunner

from directory.cli.commands import cli


def run(tmp_path, *arguments, **settings):
    environment = {"BMA_HOME": str(tmp_path / "home"), "BMA_DATABASE_URL": "", **settings}
    result = CliRunner().invoke(cli, arguments, env=environment)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.output


def fails(tmp_path, *arguments, **settings):
    code, output = run(tmp_path, *arguments, **settings)
    assert code == 1
    assert output.startswith("Error: ")
    assert len(output.splitlines()) == 1
    return output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BMA_RATE_LIMITS", "maybe"),
        ("BMA_TRUSTED_PROXIES", "-1"),
        ("BMA_SECRET_KEY", "short"),
        ("BMA_DATABASE_URL", "mysql://x"),
        ("BMA_BASE_URL", "https://host.example/marrow"),
    ],
)
@pytest.mark.parametrize("command", [("db", "upgrade"), ("doctor",), ("serve", "--port", "18999"), ("demo", "load")])
def test_a_setting_that_cannot_be_used_is_named(tmp_path, command, name, value):
    assert name in fails(tmp_path, *command, **{name: value})


def test_a_database_that_cannot_be_reached(tmp_path):
    url = "postgresql://nobody@127.0.0.1:1/nothing?connect_timeout=2"
    assert "refused" in fails(tmp_path, "db", "upgrade", BMA_DATABASE_URL=url)


def test_a_database_in_a_folder_that_is_not_there(tmp_path):
    url = f"sqlite:///{tmp_path}/nowhere/directory.sqlite"
    assert "unable to open database file" in fails(tmp_path, "db", "upgrade", BMA_DATABASE_URL=url)


def test_a_home_that_is_a_file(tmp_path):
    (tmp_path / "home").write_text("not a folder")
    assert "File exists" in fails(tmp_path, "db", "upgrade")


@pytest.mark.parametrize("command", [("search", "verify"), ("mail", "send")])
def test_an_empty_home_is_told_to_upgrade_first(tmp_path, command):
    output = fails(tmp_path, *command)
    assert output == "Error: The database has an older shape, or none. Run: bma-directory db upgrade.\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("import", "nppes"),
        ("import", "nppes", "no-such-file.csv"),
        ("import", "nppes", "/"),
        ("serve", "--port", "0"),
        ("serve", "--port", "70000"),
        ("serve", "--workers", "0"),
        ("rules", "check"),
        ("rules", "check", "no-such-file.toml"),
        ("nonsense",),
        ("demo", "load", "--loudly"),
    ],
)
def test_misuse_is_status_2(tmp_path, arguments):
    code, output = run(tmp_path, *arguments)
    assert code == 2
    assert "Usage: " in output
    assert not (tmp_path / "home").exists()


def test_rules_are_listed_the_newest_first(tmp_path):
    code, output = run(tmp_path, "rules", "list")
    assert code == 0
    assert output.splitlines()[-1].startswith("bma-2021.1  published ")


def test_rules_in_order_are_told_so(tmp_path):
    from directory.certification import ruleset  # noqa: PLC0415  for where the shipped files lie

    [*_, path] = sorted((__import__("pathlib").Path(ruleset.__file__).parent / "rulesets").glob("*.toml"))
    code, output = run(tmp_path, "rules", "check", str(path))
    assert code == 0
    assert "is in order, with" in output


@pytest.mark.parametrize("content", [b"", b"id = ", b"\xff\xfe", b'id = "x"\nunknown = 1\n'])
def test_rules_that_are_not_in_order_are_told_fault_by_fault(tmp_path, content):
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    code, output = run(tmp_path, "rules", "check", str(path))
    assert code == 1
    assert output.startswith("Error: bad.toml: ")


@pytest.mark.parametrize("what", ["places", "basemap"])
def test_a_build_without_its_sources_says_what_is_missing_and_writes_nothing(tmp_path, what):
    target = tmp_path / "built" / "file"
    target.parent.mkdir()
    output = fails(tmp_path, what, "build", "--node-modules", str(tmp_path / "none"), "--to", str(target))
    assert "none" in output or "npm" in output
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("what", "options"), [("places", ["--node-modules", "--to", "--geonames"]), ("basemap", ["--node-modules", "--to"])]
)
def test_a_build_can_be_told_from_where_and_to_where(tmp_path, what, options):
    _, output = run(tmp_path, what, "build", "--help")
    assert [option for option in options if option not in output] == []


def test_a_road_file_that_cannot_be_read_is_named_before_anything_is_built(tmp_path):
    (tmp_path / "roads.geojson").write_text("roads")
    target = tmp_path / "built" / "basemap.pmtiles"
    output = fails(tmp_path, "basemap", "build", "--roads", str(tmp_path / "roads.geojson"), "--to", str(target))
    assert output.startswith("Error: roads.geojson is broken")
    assert not target.parent.exists()
