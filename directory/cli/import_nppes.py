"""The command `import nppes`, which imports listings from the national provider registry."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from sqlalchemy.orm import Session

from directory import clock, transaction
from directory.cli.installation import gazetteer, installation, progress, report_errors, search_index
from directory.config import Settings
from directory.errors import Conflict
from directory.imports.apply import apply_plan
from directory.imports.nppes_reader import Batch, read_batches, validate_file
from directory.imports.plan import Plan
from directory.imports.planner import Planner
from directory.imports.report import ImportReport
from directory.imports.rows_csv import DetailsFile, RejectedRowsFile
from directory.listings.queries import unpublished_ids
from directory.search.changes import record_bulk_change, record_changes

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
        planner = Planner(places, publish=publish, now=clock.now())
        if rejected is None and not dry_run:
            rejected = settings.home / REJECTED_ROWS
        outputs = ((RejectedRowsFile, rejected), (DetailsFile, details))
        with _open_lists(outputs) as lists, _roll_back_dry_run(dry_run=dry_run):
            for path in paths:
                for plan in _import_file(path, planner, every_specialty=every_specialty, dry_run=dry_run):
                    report.add(plan)
                    for each in lists:
                        each.write(path.name, plan)
        if not dry_run:
            _rebuild_index(settings)
    click.echo("\n".join(_report_lines(report, rejected, dry_run=dry_run)))


def _rebuild_index(settings: Settings) -> None:
    """Build the snapshot with the imported listings; other servers build theirs within a minute."""
    index, session = search_index(settings), transaction.session()
    if index.is_due(session, now=clock.now()):
        index.rebuild(session)


def _import_file(path: Path, planner: Planner, *, every_specialty: bool, dry_run: bool) -> Iterator[Plan]:
    """Import one file with a transaction for each batch; yields the plans that were applied."""
    with progress(path.stat().st_size, path.name) as show:
        for batch in read_batches(path, every_specialty=every_specialty):
            plan = _write_with_retry(planner, batch, dry_run=dry_run)
            planner.remember(plan)
            yield plan
            show(batch.position)


def _write_with_retry(planner: Planner, batch: Batch, *, dry_run: bool) -> Plan:
    if dry_run:
        return _write_batch(transaction.session(), planner, batch)
    try:
        with transaction.atomic() as session:
            return _write_batch(session, planner, batch)
    except Conflict:
        # A provider changed or claimed one of these listings at the same time: try again with the new state.
        with transaction.atomic() as session:
            return _write_batch(session, planner, batch)


def _write_batch(session: Session, planner: Planner, batch: Batch) -> Plan:
    plan = planner.plan(session, batch)
    public = apply_plan(session, plan, now=planner.now)
    withdrawn = unpublished_ids(session, public)
    record_changes(session, withdrawn)
    if len(public) > len(withdrawn):
        record_bulk_change(session)
    return plan


@contextmanager
def _roll_back_dry_run(*, dry_run: bool) -> Iterator[None]:
    """Roll back a dry run, which writes like a real import but never commits."""
    try:
        yield
    finally:
        if dry_run:
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
