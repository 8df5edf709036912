"""The command `import nppes`, which imports listings from the national provider registry."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from directory import clock, transaction
from directory.cli.import_runner import LOCK, rebuild_if_due, run_import, run_waiting_imports
from directory.cli.installation import gazetteer, installation, progress, report_errors
from directory.cli.leader_lock import leader_lock
from directory.config import Settings
from directory.errors import Conflict
from directory.geocoding.gazetteer import Gazetteer
from directory.imports.batch_writer import write_batch
from directory.imports.commands import register_file, start
from directory.imports.nppes_reader import read_batches, validate_file
from directory.imports.plan import Plan
from directory.imports.planner import Planner
from directory.imports.queries import prove_row
from directory.imports.report import ImportReport
from directory.imports.rows_csv import DetailsFile, RejectedRowsFile

REJECTED_ROWS = "rejected-rows.csv"

_csv_file = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


@click.group("import")
def import_group() -> None:
    """Import listings from public records."""


@import_group.command("nppes")
@click.argument("files", nargs=-1, required=True, type=_csv_file)
@click.option(
    "--locations", multiple=True, type=_csv_file, help="Secondary locations, read after FILES; may be repeated."
)
@click.option("--all", "every_specialty", is_flag=True, help="Take every specialty, not only those that take marrow.")
@click.option("--publish", is_flag=True, help="Publish the listings, as “not stated”, instead of keeping drafts.")
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say what would happen, and change nothing. With SQLite, nobody else can write meanwhile.",
)
@click.option(
    "--rejected",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help=f"Where to list the rows left out.  [default: {REJECTED_ROWS} in BMA_HOME; of a dry run, nowhere]",
)
@click.option(
    "--details",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Where to list each change, repair, doubt and row left out, with its file and line.",
)
@report_errors
def import_nppes(
    files: tuple[Path, ...],
    locations: tuple[Path, ...],
    *,
    every_specialty: bool,
    publish: bool,
    dry_run: bool,
    rejected: Path | None,
    details: Path | None,
) -> None:
    """Import NPPES files: the full file, its weekly updates, deactivated NPIs, and secondary locations.

    Each provider becomes an unclaimed listing “from public NPPES data” without answers. If you run it again, only
    changes are imported. Listings managed by their provider are left alone, but listings whose NPI is deactivated
    are taken off the map, and wait for a reviewer.

    Example: bma-directory import nppes npidata_pfile.csv --locations pl_pfile.csv --publish
    """
    paths = (*files, *locations)
    for path in paths:
        validate_file(path)
    report = ImportReport()
    with installation(migrate=not dry_run) as settings, gazetteer(settings) as places:
        if rejected is None and not dry_run:
            rejected = settings.home / REJECTED_ROWS
        outputs = ((RejectedRowsFile, rejected), (DetailsFile, details))
        options = Options(publish, every_specialty)
        with _open_lists(outputs) as lists:
            for name, plan in (_try if dry_run else _write)(settings, paths, places, options):
                report.add(plan)
                for each in lists:
                    each.write(name, plan)
        if not dry_run:
            rebuild_if_due(settings)
    click.echo("\n".join(_report_lines(report, rejected, dry_run=dry_run)))


@import_group.command("run")
@report_errors
def run() -> None:
    """Do what waits in the console: dry runs, imports and undos. Goes on after the last batch of a killed run.

    `serve` does this automatically. Does nothing if another process is at work.

    Example: bma-directory import run
    """
    with installation() as settings, leader_lock(settings.database_url, LOCK) as still_alone:
        if not still_alone():
            return
        with gazetteer(settings) as places:
            done = run_waiting_imports(settings, places)
    if done:
        click.echo(f"Steps of imports that were done: {done:,}.")


@import_group.command("verify-row")
@click.argument("row_id", type=click.IntRange(1, 2**31 - 1))
@report_errors
def verify_row(row_id: int) -> None:
    """Check a row of an import against the log, and print the proof. Status 1 if it is not as it was written.

    Example: bma-directory import verify-row 1234
    """
    with installation():
        proof = prove_row(transaction.session(), row_id)
        click.echo(f"Line {proof.row.line:,} of import {proof.row.import_id}, batch {proof.row.batch}")
        click.echo(f"Digest of the row: {proof.row.digest}")
        click.echo(f"Leaf {proof.index} of {proof.size}, Merkle tree of RFC 6962. Siblings from the leaf up:")
        for sibling in proof.siblings:
            click.echo(f"  {sibling}")
        click.echo(f"Root, as log entry {proof.log_seq} has it: {proof.root}")
        if not proof.is_valid:
            raise Conflict("The row is not as it was written.")
    click.echo("The row is as it was written.")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command was told about all its files."""

    publish: bool
    every_specialty: bool


def _write(
    settings: Settings, paths: Iterable[Path], places: Gazetteer, options: Options
) -> Iterator[tuple[str, Plan]]:
    """Import files one after another as the console does; yields the name of the file and each plan."""
    with leader_lock(settings.database_url, LOCK) as still_alone:
        if not still_alone():
            raise Conflict("Another import is at work. Wait until it ends.")
        planner = Planner(places, publish=options.publish, now=clock.now())
        for path in paths:
            with transaction.atomic() as session:
                found = register_file(
                    session, path.resolve(), name=path.name, by=None, now=clock.now(), publish=options.publish,
                    every_specialty=options.every_specialty,
                )  # fmt: skip
                start(session, found, by=None, now=clock.now())
                import_id, size = found.id, found.size
            with progress(size, path.name) as show:
                for plan, position in run_import(import_id, planner):
                    yield path.name, plan
                    show(position)


def _try(_settings: Settings, paths: Iterable[Path], places: Gazetteer, options: Options) -> Iterator[tuple[str, Plan]]:
    """Write like an import, but never commit; yields the name of the file and each plan."""
    planner = Planner(places, publish=options.publish, now=clock.now())
    with _roll_back():
        for path in paths:
            for batch in read_batches(path, every_specialty=options.every_specialty):
                written = write_batch(transaction.session(), planner, batch, of=None, now=planner.now)
                if written is not None:
                    planner.remember(written.plan)
                    yield path.name, written.plan


@contextmanager
def _roll_back() -> Iterator[None]:
    try:
        yield
    finally:
        transaction.session().rollback()


@contextmanager
def _open_lists(
    outputs: Iterable[tuple[type[RejectedRowsFile] | type[DetailsFile], Path | None]],
) -> Iterator[list[RejectedRowsFile | DetailsFile]]:
    """Yield the lists of rows that have a file."""
    with ExitStack() as stack:
        yield [
            kind(stack.enter_context(target.open("w", newline="", encoding="utf-8")))
            for kind, target in outputs
            if target is not None
        ]


def _report_lines(report: ImportReport, rejected: Path | None, *, dry_run: bool) -> Iterator[str]:
    yield "Nothing was changed. A real run would do this:" if dry_run else "Done:"
    for count, what in report.counts():
        yield f"{count:11,}  {what}"
    if rejected is not None:
        yield f"The rows that could not be used are in {rejected}."
