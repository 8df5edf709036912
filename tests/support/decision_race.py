"""Two reviewers decide the same cases at the same moment, each in a process of their own.

Run it by hand with

    PYTHONPATH=tests:. python -m support.decision_race --rounds 1000 [--database postgresql]
"""

import argparse
import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory import config, transaction
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import AttestationMove
from directory.audit import queries
from directory.audit.chain import verify_chain
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingMove
from directory.review.case_decision import PartDecision, decide_case
from directory.review.tables import Decision, DecisionEmail
from support.factories import NOW, make_account, make_attestation, make_listing
from support.search_race import open_engine, temporary_database

DECISIONS = (
    {"listing": "publish", "attestation": "accept"},
    {"listing": "return", "attestation": "return"},
)
"""What each of the two reviewers decides."""


@dataclass(frozen=True)
class Case:
    """A new listing with its answers, as both reviewers see it."""

    listing_id: int
    attestation_id: int
    versions: tuple[int, int]


@dataclass(frozen=True)
class RaceResult:
    """What became of the cases: how often each reviewer won, and every fault that was found."""

    wins: Counter[int]
    faults: tuple[str, ...]


def run_race(url: str, rounds: int) -> RaceResult:
    """Let two processes decide so many cases at the same moment."""
    engine = open_engine(url)
    with Session(engine) as session:
        reviewers = [make_account(session, Role.REVIEWER).id for _ in DECISIONS]
        provider = make_account(session, Role.PROVIDER)
        cases = [_make_case(session, provider) for _ in range(rounds)]
        session.commit()
    spawn = multiprocessing.get_context("spawn")
    barrier, results = spawn.Barrier(len(reviewers)), spawn.Queue()
    workers = [
        spawn.Process(target=_decide_all, args=(url, who, account_id, cases, barrier, results))
        for who, account_id in enumerate(reviewers)
    ]
    for worker in workers:
        worker.start()
    outcomes = [results.get(timeout=60 + rounds) for _ in workers for _ in cases]
    for worker in workers:
        worker.join()
    with Session(engine) as session:
        faults = tuple(_faults(session, cases, outcomes))
    engine.dispose()
    return RaceResult(Counter(who for who, _, won in outcomes if won), faults)


def _make_case(session: Session, provider: Account) -> Case:
    listing = make_listing(session, provider, state=ListingState.SUBMITTED)
    answers = make_attestation(session, listing, state=AttestationState.SUBMITTED)
    return Case(listing.id, answers.id, (listing.version, answers.version))


def _decide_all(url: str, who: int, account_id: int, cases: Sequence[Case], barrier: Any, results: Any) -> None:
    app = Flask("decision_race")
    with tempfile.TemporaryDirectory() as home:
        transaction.init_app(app, config.read({"BMA_HOME": home, "BMA_DATABASE_URL": url}))
        with app.app_context():
            actor = transaction.session().get_one(Account, account_id).actor
            transaction.session().rollback()
            for case in cases:
                barrier.wait(60)
                results.put((who, case.listing_id, _decide(case, DECISIONS[who], actor)))
            transaction.close()


def _decide(case: Case, moves: dict[str, str], actor: Any) -> bool:
    parts = [
        PartDecision("listing", case.listing_id, moves["listing"], case.versions[0]),
        PartDecision("attestation", case.attestation_id, moves["attestation"], case.versions[1]),
    ]
    try:
        with transaction.atomic() as session:
            listing = session.get_one(Listing, case.listing_id)
            how = {"by": actor, "now": NOW, "rulesets": bundled_rulesets()}
            decide_case(session, listing, parts, reason="For a test.", comments={}, **how)
    except Conflict:
        return False
    return True


def _faults(session: Session, cases: Sequence[Case], outcomes: Sequence[tuple[int, int, bool]]) -> list[str]:
    winners = {listing_id: who for who, listing_id, won in outcomes if won}
    wins = Counter(listing_id for _, listing_id, won in outcomes if won)
    decided = Counter(session.scalars(sa.select(Decision.listing_id).where(Decision.undoes_id.is_(None))))
    mails = sa.select(Decision.listing_id).join(DecisionEmail, DecisionEmail.decision_id == Decision.id)
    mailed = Counter(session.scalars(mails))
    faults = []
    for case in cases:
        if (wins[case.listing_id], decided[case.listing_id], mailed[case.listing_id]) != (1, 1, 1):
            faults.append(f"case {case.listing_id} was decided {wins[case.listing_id]} times")
            continue
        moves = DECISIONS[winners[case.listing_id]]
        last = [
            session.scalars(sa.select(ListingMove.move).where(ListingMove.listing_id == case.listing_id)).all()[-1],
            session.scalars(
                sa.select(AttestationMove.move).where(AttestationMove.attestation_id == case.attestation_id)
            ).all()[-1],
        ]
        if last != [moves["listing"], moves["attestation"]]:
            faults.append(f"case {case.listing_id} ends with {last}")
    entries = sum(1 for _ in verify_chain(queries.entries(session)))
    if not entries:
        faults.append("nothing is in the log")
    return faults


def main() -> None:
    """Run the race on a database of its own, and end with 1 if a fault was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, temporary_database(arguments.database, Path(folder)) as url:
        result = run_race(url, arguments.rounds)
    print(
        f"{arguments.database}: {arguments.rounds:,} cases, won {dict(result.wins)}, faults: {result.faults or 'none'}"
    )
    raise SystemExit(bool(result.faults))


if __name__ == "__main__":
    main()
