"""What the review queue costs with 10,000 cases against 100: the CPU time of a request, and its statements.

Run it with `python tests/benchmarks/bench_console.py`. It exits with 1 if a page costs more than 1.5 times as much.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from benchmarks.stopwatch import WARM_UP, Stopwatch, Timing
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from support import databases, factories
from support.factories import make_account, make_entry

from directory import clock, config, transaction
from directory.accounts.policy import Role
from directory.listings.bulk_insert import NewListing, insert_listings, insert_moves
from directory.listings.commands import apply_move
from directory.listings.kinds import ListingKind
from directory.listings.lifecycle import Move
from directory.review.case_items import rebuild_items
from directory.review.case_tables import ReviewCase

FEW, MANY = 100, 10_000
CALLS = 100
MOST = 1.5
"""How many times as much the queue may cost with many cases."""

Console = tuple[FlaskClient, sa.Engine]
"""The browser of a reviewer, and the database of the console."""

PAGES = ("/console/", "/console/?flag=none", "/console/?kind=listing&page=2", "/console/?sort=age", "/console/next")


def add_cases(session: Session, count: int) -> None:
    """Add new listings that were submitted over the last two days, of which few are late.

    Every third one has a wrong check digit.
    """
    listings, moves = [], []
    for number in range(count):
        at = clock.now() - timedelta(hours=50) * number / count
        npi = f"{number:010}" if number % 3 == 0 else None
        entry = make_entry(kind=ListingKind.CLINIC, name=f"Clinic {number}", npi=npi)
        made = NewListing(f"clinic-{number}", entry, None, at)
        moves.append(apply_move(made, Move.SUBMIT, by=None, now=at))
        listings.append(made)
    ids = insert_listings(session, listings)
    insert_moves(session, [{"listing_id": each, **move} for each, move in zip(ids, moves, strict=True)])
    rebuild_items(session)
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(ReviewCase)) == count


@contextmanager
def console(folder: Path, count: int) -> Iterator[Console]:
    """The browser of a reviewer, with so many cases in the queue."""
    url = f"sqlite:///{folder / f'{count}.sqlite'}"
    databases.migrate(folder / "home", url)
    with databases.create_application(config.read(databases.environment(folder / "home", url))) as app:
        with app.app_context():
            engine = databases.get_engine(transaction.session())
        with Session(engine) as session:
            reviewer = make_account(session, Role.REVIEWER)
            add_cases(session, count)
            session.execute(sa.text("ANALYZE"))
            session.commit()
            client = factories.sign_in(app.test_client(), reviewer)
        yield client, engine


def measure(consoles: Sequence[Console], path: str) -> list[tuple[Timing, int]]:
    """Measure one page of each console by turns, and count the statements of its last request."""
    stopwatches, counts = [Stopwatch() for _ in consoles], [0 for _ in consoles]
    for call in range(WARM_UP + CALLS):
        for number, (client, engine) in enumerate(consoles):
            statements: list[str] = []
            note = partial(_note, statements)
            sa.event.listen(engine, "before_cursor_execute", note)
            watch = stopwatches[number] if call >= WARM_UP else Stopwatch()
            watch.measure(lambda client=client: client.get(path))
            sa.event.remove(engine, "before_cursor_execute", note)
            counts[number] = len(statements)
    return [(watch.timing, count) for watch, count in zip(stopwatches, counts, strict=True)]


def _note(statements: list[str], *arguments: object) -> None:
    statements.append(str(arguments[2]))


def main() -> None:
    """Print a table, and exit with 1 if a limit is broken."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as opened:
        consoles = [opened.enter_context(console(Path(name), count)) for count in (FEW, MANY)]
        measured = {path: measure(consoles, path) for path in PAGES}
    print(f"| page | CPU ms with {FEW:,} | with {MANY:,} | ratio | statements |\n|---|---|---|---|---|")
    broken = False
    for path, ((few, few_statements), (many, many_statements)) in measured.items():
        ratio = many.cpu.p50 / few.cpu.p50
        broken |= ratio > MOST or many_statements != few_statements
        print(f"| {path} | {few.cpu.p50:.1f} | {many.cpu.p50:.1f} | {ratio:.2f} | {many_statements} |")
    sys.exit(broken)


if __name__ == "__main__":
    main()
