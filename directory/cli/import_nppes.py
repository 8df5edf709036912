"""The command `import nppes`, which imports listings from the national provider registry."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.orm import Session

from directory import clock, transaction
from directory.cli.installation import gazetteer, installation, progress, report_errors, search_index
from directory.config import Settings
from directory.errors import Conflict
from directory.imports.nppes_reader import Batch, read_batches, validate_file
from directory.imports.planner import Importer
from directory.imports.report import BatchResult, ImportReport, RejectedRow
from directory.listings.queries import unpublished_ids
from directory.search.changes import record_bulk_change, record_changes

REJECTED_ROWS = "rejected-rows.csv"

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Characters at the beginning of a cell that a spreadsheet would treat as a formula."""

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
@report_errors
def import_nppes(
    files: tuple[Path, ...],
    locations: tuple[Path, ...],
    *,
    every_specialty: bool,
    publish: bool,
    dry_run: bool,
    rejected: Path | None,
) -> None:
    """Import NPPES files: the full file, its weekly updates, and secondary locations.

    Each provider becomes an unclaimed listing “from public NPPES data” without answers. If you run it again, only
    changes are imported. Listings managed by their provider are left alone.

    Example: bma-directory import nppes npidata_pfile.csv --locations pl_pfile.csv --publish
    """
    paths = (*files, *locations)
    for path in paths:
        validate_file(path)
    with installation(migrate=not dry_run) as settings, gazetteer(settings) as places:
        importer = Importer(places, publish=publish, now=clock.now())
        if rejected is None and not dry_run:
            rejected = settings.home / REJECTED_ROWS
        with _open_rejected_rows(rejected) as reject, _roll_back_dry_run(dry_run=dry_run):
            for path in paths:
                for row in _import_file(path, importer, every_specialty=every_specialty, dry_run=dry_run):
                    reject(path, row)
        if not dry_run:
            _rebuild_index(settings)
    click.echo("\n".join(_report_lines(importer.report, rejected, dry_run=dry_run)))


def _rebuild_index(settings: Settings) -> None:
    """Build the snapshot with the imported listings; other servers build theirs within a minute."""
    index, session = search_index(settings), transaction.session()
    if index.is_due(session, now=clock.now()):
        index.rebuild(session)


def _import_file(path: Path, importer: Importer, *, every_specialty: bool, dry_run: bool) -> Iterator[RejectedRow]:
    """Import one file with a transaction for each batch; yields the rejected rows."""
    with progress(path.stat().st_size, path.name) as show:
        for batch in read_batches(path, every_specialty=every_specialty):
            written = _write_with_retry(importer, batch, dry_run=dry_run)
            importer.count(written)
            yield from written.rejected
            show(batch.position)


def _write_with_retry(importer: Importer, batch: Batch, *, dry_run: bool) -> BatchResult:
    if dry_run:
        return _write_batch(transaction.session(), importer, batch)
    try:
        with transaction.atomic() as session:
            return _write_batch(session, importer, batch)
    except Conflict:
        # A provider changed or claimed one of these listings at the same time: try again with the new state.
        with transaction.atomic() as session:
            return _write_batch(session, importer, batch)


def _write_batch(session: Session, importer: Importer, batch: Batch) -> BatchResult:
    written = importer.write(session, batch)
    withdrawn = unpublished_ids(session, written.public)
    record_changes(session, withdrawn)
    if len(written.public) > len(withdrawn):
        record_bulk_change(session)
    return written


@contextmanager
def _roll_back_dry_run(*, dry_run: bool) -> Iterator[None]:
    """Roll back a dry run, which writes like a real import but never commits."""
    try:
        yield
    finally:
        if dry_run:
            transaction.session().rollback()


@contextmanager
def _open_rejected_rows(target: Path | None) -> Iterator[Callable[[Path, RejectedRow], object]]:
    """Yield a function that writes one rejected row to `target`, or does nothing without a target."""
    if target is None:
        yield lambda _path, _row: None
        return
    with target.open("w", newline="", encoding="utf-8") as out:
        rows = csv.writer(out)
        rows.writerow(["file", "line", "npi", "reason"])
        yield lambda path, row: rows.writerow(map(_escape_formula, (path.name, row.line, row.npi, row.reason)))


def _escape_formula(value: object) -> str:
    """Return the text of a cell so that a spreadsheet does not evaluate it as a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _report_lines(report: ImportReport, rejected: Path | None, *, dry_run: bool) -> Iterator[str]:
    yield "Nothing was changed. A real run would do this:" if dry_run else "Done:"
    for count, what in (
        (report.read, "rows read"),
        (report.created, "rows that made a listing"),
        (report.updated, "rows that changed a listing"),
        (report.unchanged, "rows that said nothing new"),
        (report.retired, "rows that retired a listing because the NPI was deactivated"),
        *((count, f"rows skipped: {reason}") for reason, count in report.skipped.most_common()),
        (report.published, "listings published"),
        (report.unplaced, "addresses that no search finds because they could not be placed"),
    ):
        yield f"{count:11,}  {what}"
    if rejected is not None:
        yield f"The rows that could not be used are in {rejected}."
