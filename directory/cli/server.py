"""The command `serve`, which runs the web server."""

import gc
import importlib
import os
import socket
from contextlib import nullcontext

import click

from directory import transaction
from directory.cli.installation import installation, report_errors, search_index
from directory.cli.supervisor import scheduler_command, supervise
from directory.errors import Conflict

LOOPBACK = "127.0.0.1"
APPLICATION_MODULE = "directory.app"
"""Passed to the server by name and not imported, because commands do not import the web packages."""


@click.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes, one a core.")
@click.option("--scheduler/--no-scheduler", default=True, show_default=True, help="Also do what “schedule” does.")
@report_errors
def serve(host: str, port: int, workers: int, *, scheduler: bool) -> None:
    """Upgrade the database and serve the directory.

    A process beside the workers sends email, queues reminders and signs the audit log's head.

    Example: BMA_HOME=/srv/bma bma-directory serve --port 8000 --workers 4
    """
    from granian.constants import Interfaces
    from granian.server import Server

    _require_free_port(host, port)
    with installation(migrate=True) as settings:
        # Load the snapshot now, so that the first patient does not wait for it.
        search_index(settings).trouble(transaction.session())
        # Browsers refuse passkeys on an IP address.
        click.echo(f"Serving {settings.home} on http://{'localhost' if host == LOOPBACK else host}:{port}")
        if settings.demo_accounts.exists():
            click.echo(settings.demo_accounts.read_text().rstrip())
        click.echo("Stop with Ctrl-C.")
    # One blocking thread in each worker: more would only wait for the GIL. Scale with processes.
    server = Server(
        f"{APPLICATION_MODULE}:create_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers,
        blocking_threads=1,
        websockets=False,
        log_access=False,
    )
    _preload_application()
    with supervise(scheduler_command()) if scheduler else nullcontext():
        server.serve()


def _preload_application() -> None:
    """Import the application before the workers are forked, so that they start fast and share its memory.

    The objects are frozen, because each worker's garbage collector would otherwise write to all of them and copy them.
    """
    gc.disable()
    importlib.import_module(APPLICATION_MODULE)
    gc.freeze()
    gc.enable()


def _require_free_port(host: str, port: int) -> None:
    """Check that the port is free, because the server itself reports an address in use with a traceback."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as fault:
        reason = os.strerror(fault.errno) if fault.errno and fault.errno > 0 else str(fault)
        raise Conflict(f"Port {port} of {host} cannot be listened on: {reason}. Try another --port.") from fault
