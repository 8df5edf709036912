"""The program whose processes die, on the database of the test."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import IO, Any

import pytest

HERE = Path(__file__).resolve().parent

Outcome = tuple[str, Any]
"""Where a process died, if it did, and what became of the order."""


@pytest.fixture
def crash_runner(environment: dict[str, str]) -> Iterator[Callable[..., Outcome]]:
    """Gives an order, such as `mortal(do="sign", id=1, at=3)`."""
    paths = os.pathsep.join([str(HERE.parents[1]), str(HERE.parent)])
    with subprocess.Popen(
        [sys.executable, "-m", "support.crash_runner"],
        env={**os.environ, **environment, "PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        yield partial(_send_order, program.stdin, program.stdout)
        program.stdin.close()
        assert program.wait(10) == 0


def _send_order(orders: IO[str], answers: IO[str], **facts: Any) -> Outcome:
    orders.write(f"{json.dumps(facts)}\n")
    orders.flush()
    where, line = "", answers.readline()
    if not line.startswith(("[", "-", *"0123456789")):
        where, line = line.strip(), answers.readline()
    return where, json.loads(line)
