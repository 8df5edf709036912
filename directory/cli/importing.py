"""`import nppes`: listings from the public registry of providers."""

import csv
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import click
from sqlalchemy.orm import Session

from directory import clock, transaction
from directory.certification.ruleset import shipped
from directory.cli.installation import gazetteer, installation, plainly
from directory.listings.importing import Importer, Rejection, Report, batches
from directory.listings.nppes import read
from directory.search import index

csv_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("import")
def import_group() -> None:
    """Listings from public records."""


@import_group.command("nppes")
@click.argument("files", nargs=-1, required=True, type=csv_file)
@click.option(
    "--locations", multiple=True, type=csv_file, help="Secondary locations, read after FILES; may be repeated."
)
@click.option("--all", "every_specialty", is_flag=True, help="Take every specialty, not only those that take marrow.")
@click.option("--publish", is_flag=True, help="Publish the listings, as “not stated”, instead of keeping drafts.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Where to list the rows left out.")
@plainly
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

    Each provider becomes an unclaimed listing “from public NPPES data” that states nothing. Run it again and only
    what changed is updated. A listing that a provider keeps themselves is left alone.

    Example: bma-directory import nppes npidata_pfile.csv --locations pl_pfile.csv --publish
    """
    with installation(migrate=True) as settings:
        importer = Importer(gazetteer(settings), publish=publish, now=clock.now())
        rejected = rejected or settings.home / "rejected-rows.csv"
        with rejected.open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out)
            writer.writerow(["file", "line", "npi", "reason"])
            with _one_transaction(dry_run=dry_run):
                for path in (*files, *locations):
                    for row in _import(path, importer, every_specialty=every_specialty, dry_run=dry_run):
                        writer.writerow([path.name, row.line, row.npi, row.reason])
    click.echo("\n".join(_told(importer.report, rejected, dry_run=dry_run)))


def _import(path: Path, importer: Importer, *, every_specialty: bool, dry_run: bool) -> Iterator[Rejection]:
    """One file, a transaction a batch; gives the rows that were rejected."""
    with click.progressbar(length=path.stat().st_size, label=path.name) as bar:
        for batch in batches(read(path, every_specialty=every_specialty)):
            with _batch(dry_run=dry_run) as session:
                changed, rejections = importer.write(session, batch)
                index.refresh(session, changed, rulesets=shipped())
            yield from rejections
            bar.update(batch[-1].position - bar.pos)


@contextmanager
def _one_transaction(*, dry_run: bool) -> Iterator[None]:
    """Around a whole import: a dry run writes as a real one does, and takes all of it back at the end."""
    try:
        yield
    finally:
        if dry_run:
            transaction.session().rollback()


def _batch(*, dry_run: bool) -> AbstractContextManager[Session]:
    return nullcontext(transaction.session()) if dry_run else transaction.writing()


def _told(report: Report, rejected: Path, *, dry_run: bool) -> Iterator[str]:
    yield f"{'Would have read' if dry_run else 'Read'} {report.read:,} rows:"
    for count, what in (
        (report.created, "listings created"),
        (report.updated, "listings updated"),
        (report.published, "listings published"),
        (report.retired, "listings retired, because the NPI was deactivated"),
        (report.unchanged, "rows that changed nothing"),
        (report.unplaced, "addresses that no search finds, because their ZIP code cannot be placed"),
    ):
        yield f"{count:9,}  {what}"
    for reason, count in report.skipped.most_common():
        yield f"{count:9,}  rows skipped: {reason}"
    yield f"Rows that could not be used are listed in {rejected}."
