"""`bench make`: a directory as large as a nation, of providers that do not exist, to measure on."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import click
import sqlalchemy as sa
from sqlalchemy.orm import Session

from directory import clock, resources, transaction
from directory.certification.ruleset import shipped
from directory.cli.installation import installation, plainly, progress
from directory.config import Settings
from directory.errors import Conflict
from directory.listings.tables import Listing, Location, Source
from directory.search.rebuilding import rebuild

MOST = 20_000_000
"""Listings; arbitrary, more than twice the public registry of the United States."""

SEED = 20261122


@click.group()
def bench() -> None:
    """A synthetic nation to measure on."""


@bench.command("make")
@click.option("--rows", required=True, type=click.IntRange(1, MOST), help="How many listings there shall be.")
@click.option("--seed", default=SEED, show_default=True, type=click.IntRange(0), help="Another seed, another nation.")
@plainly
def make(rows: int, seed: int) -> None:
    """Fill a directory of its own with made-up listings, spread like the people of the United States.

    The same rows and seed make the same nation on the same day. Where it has some of them already, as after a run
    that was cut short, the others are added. It never writes beside other listings.

    Example: BMA_HOME=/tmp/nation bma-directory bench make --rows 1000000
    """
    with installation(migrate=True) as settings:
        there, begun = _already_there(transaction.session()), clock.now()
        today = begun.replace(hour=0, minute=0, second=0, microsecond=0)
        with progress(rows, "Listings") as show:
            for done in _written(settings, range(there + 1, rows + 1), seed=seed, today=today):
                show(done)
        filled = clock.now()
        _index(transaction.session().scalar(sa.select(sa.func.count()).select_from(Location)) or 0)
        with transaction.writing() as session:
            # A database that does not know how many rows it has reads more of them than it must.
            session.execute(sa.text("ANALYZE"))
    click.echo(f"The directory has {max(rows, there):,} made-up listings, and its index has them too.")
    click.echo(f"The tables took {_seconds(filled - begun)}, and the index {_seconds(clock.now() - filled)}.")


def _seconds(time: timedelta) -> str:
    return f"{time.total_seconds():,.1f} s"


def _index(locations: int) -> None:
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        show(done)

    # Nobody else may be kept waiting by what was read so far.
    transaction.session().rollback()
    with progress(locations, "Locations") as show:
        rebuild(transaction.writing, rulesets=shipped(), now=clock.now(), progress=count)


def _already_there(session: Session) -> int:
    """How many of the nation there are.

    Raises:
        Conflict: there are listings that this command did not make.
    """
    from directory.cli.bench_rows import SLUG

    ours = sa.and_(Listing.source == Source.DEMO, Listing.slug.startswith(SLUG, autoescape=True))
    count, strangers = session.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(sa.case((ours, 0), else_=1)), 0)).select_from(Listing)
    ).one()
    session.rollback()
    if strangers:
        raise Conflict("This directory has listings that are not synthetic. Make the nation in an empty BMA_HOME.")
    return int(count)


def _written(settings: Settings, numbers: range, *, seed: int, today: datetime) -> Iterator[int]:
    """Write the listings of these numbers, a part in a transaction; tells after each up to which number it is done."""
    from directory.cli.bench_answers import RULESET, Answering
    from directory.cli.bench_nation import PART, Nation
    from directory.cli.bench_rows import write
    from directory.geocoding.homes import homes

    if not numbers:
        return
    ruleset = shipped().load(RULESET)
    places = settings.places if settings.places.is_file() else resources.folder("data") / "places.sqlite"
    nation = Nation(homes(places), Answering(ruleset, today), seed=seed)
    for start in range((numbers.start - 1) // PART * PART, numbers.stop - 1, PART):
        part = nation.part(start // PART).between(numbers.start, numbers.stop - 1)
        with transaction.writing() as session:
            write(session.connection(), part, nation.homes, ruleset, today)
        yield part.listings.number[-1]
