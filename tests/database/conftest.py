"""The operator's commands, run in this process against the test's own installation."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner

from directory.cli.commands import cli


@pytest.fixture
def bma(environment: dict[str, str]) -> Callable[..., str]:
    """Run one command, hold it to its exit status, and give what it printed."""

    def run(*arguments: str, code: int = 0, stdin: str | None = None) -> str:
        result = CliRunner().invoke(cli, arguments, input=stdin, env=environment)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.output
        return result.output

    return run
