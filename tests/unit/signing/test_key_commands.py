"""`keys …`: an operator makes, replaces and lists signing keys, and is refused in a sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from directory import config
from directory.cli.commands import cli
from directory.errors import Invalid
from directory.signing.keys import Keyring

Keys = Callable[..., str]


@pytest.fixture(scope="module")
def private_key_pem() -> str:
    private = rsa.generate_private_key(65537, 2048)
    plain = serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode()


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    def run(*arguments: str, code: int = 0, **environ: str) -> str:
        result = CliRunner().invoke(cli, ["keys", *arguments], env={"BMA_HOME": str(tmp_path), **environ})
        assert result.exit_code == code, result.output
        return result.output

    return run


def test_a_key_is_made_replaced_and_listed(keys: Keys, tmp_path: Path) -> None:
    assert "Made the signing key" in keys("create")
    first = Keyring.open(tmp_path / "keys").current.thumbprint
    assert "Signs with" in keys("rotate")
    second = Keyring.open(tmp_path / "keys").current.thumbprint
    assert keys("list") == f"{second}  signs\n{first}  only checks\n"


def test_a_second_first_key_is_refused(keys: Keys) -> None:
    keys("create")
    assert keys("create", code=1).startswith("Error: There is a signing key already.")


@pytest.mark.parametrize("command", ["create", "rotate"])
def test_a_key_from_the_environment_is_not_replaced_here(keys: Keys, private_key_pem: str, command: str) -> None:
    assert "comes from BMA_SIGNING_KEY" in keys(command, code=1, BMA_SIGNING_KEY=private_key_pem)


def test_a_key_from_the_environment_signs(keys: Keys, private_key_pem: str, tmp_path: Path) -> None:
    before = Keyring.open(tmp_path / "keys").current.thumbprint
    now, old = keys("list", BMA_SIGNING_KEY=private_key_pem).splitlines()
    assert now.endswith("  signs")
    assert old == f"{before}  only checks"


def test_nothing_that_an_operator_reads_holds_a_private_key(keys: Keys, private_key_pem: str) -> None:
    for output in (
        keys("list", BMA_SIGNING_KEY=private_key_pem),
        keys("list", code=1, BMA_SIGNING_KEY=private_key_pem[:-40]),
    ):
        assert "PRIVATE" not in output
        assert private_key_pem[40:80] not in output


def test_a_variable_that_knows_no_line_breaks_will_do(private_key_pem: str, tmp_path: Path) -> None:
    settings = config.read({"BMA_HOME": str(tmp_path), "BMA_SIGNING_KEY": private_key_pem.replace("\n", "\\n")})
    assert settings.signing_key == private_key_pem.strip()


def test_a_key_that_cannot_sign_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="BMA_SIGNING_KEY"):
        config.read({"BMA_HOME": str(tmp_path), "BMA_SIGNING_KEY": "secret"})
