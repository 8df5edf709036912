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
"""Named and not imported: a command knows no web page, and hands the module on to the server."""


@click.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="The port to listen on.")
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 64), help="Processes, one a core.")
@click.option("--scheduler/--no-scheduler", default=True, show_default=True, help="Also do what “schedule” does.")
@report_errors
def serve(host: str, port: int, workers: int, *, scheduler: bool) -> None:
    """Bring the database up to date and serve the directory.

    A process beside the workers sends mail, writes reminders and signs the head of the log, each at its time.

    Example: BMA_HOME=/srv/bma bma-directory serve --port 8000 --workers 4
    """
    from granian.constants import Interfaces
    from granian.server import Server

    _require_free_port(host, port)
    with installation(migrate=True) as settings:
        # So that the first patient does not wait for the snapshot.
        search_index(settings).status(transaction.session())
        click.echo(f"Serving {settings.home} on http://{host}:{port}")
        if settings.demo_accounts.exists():
            click.echo(settings.demo_accounts.read_text().rstrip())
        click.echo("Stop with Ctrl-C.")
    # One blocking thread a worker: more only wait for the interpreter's lock. Scale by processes.
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
    """Load the application before the workers are forked, so that they start at once and share its memory.

    Frozen, because the garbage collector of each worker would write to every object, and so copy all of them.
    """
    gc.disable()
    importlib.import_module(APPLICATION_MODULE)
    gc.freeze()
    gc.enable()


def _require_free_port(host: str, port: int) -> None:
    """Try the address first: the server itself answers an address in use with a page of its own entrails."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as fault:
        reason = os.strerror(fault.errno) if fault.errno and fault.errno > 0 else str(fault)
        raise Conflict(f"Port {port} of {host} cannot be listened on: {reason}. Try another --port.") from fault
