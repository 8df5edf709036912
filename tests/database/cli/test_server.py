"""`serve`, as an operator starts it: on an empty folder, in a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def environment(home):
    return {**os.environ, "BMA_HOME": str(home), "BMA_DATABASE_URL": "", "PYTHONUNBUFFERED": "1"}


@contextmanager
def serving(home, port):
    arguments = [sys.executable, "-m", "directory", "serve", "--port", str(port), "--workers", "1"]
    with subprocess.Popen(
        arguments, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def answer(port, path, seconds=60):
    """The body of a page, as soon as the server gives one."""
    end = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
                return response.status, response.read().decode()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


QUERIED = ("/providers?near=80021&within=25", "/api/v1/places?q=80021", "/providers?near=80021&within=wrong")
"""Two searches that are answered and one that is refused."""


def test_the_server_logs_no_query_string_and_no_range(tmp_path):
    """Both say where somebody looks for care; the ranges of the map tell which part of it."""
    port = free_port()
    with serving(tmp_path / "home", port) as process:
        assert answer(port, "/healthz")[0] == 200
        with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
            for path in (*QUERIED, "/map/basemap.pmtiles"):
                connection.request("GET", path, headers={"Range": "bytes=80021-80085"})
                response = connection.getresponse()
                response.read()
                assert response.status in {200, 206, 422}
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    assert "Serving" in output
    assert "80021" not in output


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_an_empty_folder_is_migrated_and_served_until_it_is_told_to_stop(tmp_path, how):
    port = free_port()
    with serving(tmp_path / "home", port) as process:
        assert answer(port, "/healthz") == (200, "ok\n")
        assert answer(port, "/readyz")[0] == 200
        process.send_signal(how)
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert f"Serving {tmp_path / 'home'} on http://localhost:{port}\n" in output
    assert "Sign in" not in output
    assert "Traceback" not in output
    assert (tmp_path / "home" / "directory.sqlite").exists()


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="only Linux says what memory is private")
def test_a_worker_keeps_little_memory_to_itself(tmp_path):
    """A hundred megabytes are promised; a worker that loaded all on its own has three quarters of them at once."""
    port = free_port()
    with serving(tmp_path / "home", port) as process:
        assert answer(port, "/healthz")[0] == 200
        for path in ("/", "/providers?near=80021", "/api/v1/providers?near=80021"):
            assert answer(port, path)[0] == 200
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        (worker,) = (pid for pid in children if "worker-1" in Path(f"/proc/{pid}/cmdline").read_text())
        rows = re.findall(r"^Private_\w+: +(\d+) kB", Path(f"/proc/{worker}/smaps_rollup").read_text(), re.MULTILINE)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert 0 < sum(map(int, rows)) < 60_000


def test_a_demonstration_says_who_can_sign_in(tmp_path):
    load = [sys.executable, "-m", "directory", "demo", "load"]
    told = subprocess.run(load, env=environment(tmp_path), capture_output=True, text=True, check=True).stdout.strip()
    port = free_port()
    with serving(tmp_path, port) as process:
        assert answer(port, "/healthz")[0] == 200
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=30)
    assert told in output


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with serving(tmp_path, port) as process:
            output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert (
        output
        == f"Error: Port {port} of 127.0.0.1 cannot be listened on: Address already in use. Try another --port.\n"
    )
