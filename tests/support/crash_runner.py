"""A program that signs and decides in processes of their own, which die or wait before any statement that it is told.

It reads one order a line as JSON and answers each with one line. Python and the package are started once; each order is
carried out by a fork, which is killed by SIGKILL: nothing of it can tidy up.
"""

import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from directory import config, transaction
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations import commands
from directory.attestations.lifecycle import Move
from directory.attestations.tables import Attestation
from directory.certification.answers import answers_from_json
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict
from directory.review.commands import decide_attestation
from directory.search.changes import record_changes
from support.factories import MATCHING_ANSWERS, NOW, owner_of

DONE, REFUSED, BROKEN = 0, 3, 4
MAX_WAIT_SECONDS = {b"free": 20.0, b"wrote": 0.05}
"""Seconds that one who stands still gives to the other, who has to wait once the first wrote; arbitrary."""

Checkpoint = Callable[[str], None]


def sign(session: Session, attestation: Attestation, version: int) -> None:
    owner = owner_of(session, attestation.listing)
    confirmed = frozenset(attestation.unconfirmed)
    signature = commands.Signature("Ann Example", "Medical director", agreed=True, confirmed=confirmed)
    commands.submit(
        session, attestation, bundled_rulesets().current, signature, {}, version=version, by=owner.actor, now=NOW
    )  # fmt: skip


def save(session: Session, attestation: Attestation, version: int) -> None:
    owner, rules = owner_of(session, attestation.listing), bundled_rulesets().current
    answers = answers_from_json(rules, MATCHING_ANSWERS | {"distinct_sites": 15})
    commands.save(session, attestation, rules, answers, {}, version=version, by=owner.actor, now=NOW)


def withdraw(session: Session, attestation: Attestation, _version: int) -> None:
    owner = owner_of(session, attestation.listing)
    commands.withdraw(session, attestation, by=owner.actor, now=NOW)


def make_decision(move: Move) -> Callable[[Session, Attestation, int], None]:
    def decide(session: Session, attestation: Attestation, version: int) -> None:
        reviewers = sa.select(Account).where(Account.roles.any(name=Role.REVIEWER.value))
        by = session.scalars(reviewers).one().actor
        decide_attestation(
            session,
            attestation,
            move,
            by=by,
            now=NOW,
            rulesets=bundled_rulesets(),
            reason="For a test.",
            version=version,
        )

    return decide


def commit_early(session: Session, attestation: Attestation, _version: int) -> None:
    """A planted fault: it commits in the middle."""
    commands.move(session, attestation, Move.RETURN, by=None, now=NOW)
    session.commit()
    record_changes(session, [attestation.listing_id])


ACTIONS: dict[str, Callable[[Session, Attestation, int], None]] = {
    "sign": sign,
    "save": save,
    "withdraw": withdraw,
    "accept": make_decision(Move.ACCEPT),
    "return": make_decision(Move.RETURN),
    "revoke": make_decision(Move.REVOKE),
    "careless": commit_early,
}


def perform(app: Flask, order: dict[str, Any], tick: Checkpoint) -> int:
    """Do it in one transaction, as a request does; `tick` is told of every point where a process may end."""
    try:
        with app.app_context():
            engine = transaction.session().get_bind()
            sa.event.listen(engine, "before_cursor_execute", lambda *facts: tick(facts[2]))
            sa.event.listen(engine, "commit", lambda _connection: tick("COMMIT"))
            with transaction.atomic() as session:
                ACTIONS[order["do"]](session, session.get_one(Attestation, order["id"]), order["version"])
            tick("the end")
    except Conflict:
        return REFUSED
    except BaseException:  # noqa: BLE001  a fork must not go on as if it were the program
        traceback.print_exc()
        return BROKEN
    return DONE


def kill_at(number: int) -> Checkpoint:
    """SIGKILL at the point of that number, counted from one, which says where."""
    points: Iterator[int] = iter(range(1, sys.maxsize))

    def tick(where: str) -> None:
        if next(points) == number:
            os.write(sys.stdout.fileno(), f"{' '.join(where.split())[:60]}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    return tick


def wait_at(number: int, arrived: int, go: int) -> Checkpoint:
    """Stand still at the point of that number until told to go on, or for long enough; say first if it wrote before."""
    points: Iterator[int] = iter(range(1, sys.maxsize))
    state = b"free"

    def tick(where: str) -> None:
        nonlocal state
        if next(points) == number:
            os.write(arrived, state)
            select.select([go], [], [], MAX_WAIT_SECONDS[state])
        if not where.lstrip().startswith("SELECT"):
            state = b"wrote"

    return tick


def fork_action(app: Flask, order: dict[str, Any], tick: Checkpoint) -> int:
    child = os.fork()
    if child == 0:
        os._exit(perform(app, order, tick))
    return child


def wait_for_exit(child: int) -> int:
    """The exit code, or minus the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def run_and_kill(app: Flask, order: dict[str, Any]) -> int:
    return wait_for_exit(fork_action(app, order, kill_at(order["at"])))


def run_concurrently(app: Flask, order: dict[str, Any]) -> list[Any]:
    """The first stands still before its statement of that number while the second runs as far as it comes."""
    arrived_out, arrived_in = os.pipe()
    go_out, go_in = os.pipe()
    first = fork_action(app, order, wait_at(order["at"], arrived_in, go_out))
    os.close(arrived_in)
    state = os.read(arrived_out, 10)  # empty when it ended and never came there
    second = fork_action(app, order | {"do": order["against"]}, lambda _where: None)
    until = time.monotonic() + MAX_WAIT_SECONDS.get(state, 0)
    found, status = 0, 0
    while not found and time.monotonic() < until:
        found, status = os.waitpid(second, os.WNOHANG)
        time.sleep(0.002)
    os.write(go_in, b".")
    outcomes = [wait_for_exit(first), os.waitstatus_to_exitcode(status) if found else wait_for_exit(second)]
    for end in (arrived_out, go_out, go_in):
        os.close(end)
    return [*outcomes, state.decode()]


def main() -> None:
    app = Flask("crash_runner")
    transaction.init_app(app, config.read(os.environ))
    sa.orm.configure_mappers()
    bundled_rulesets()
    for line in sys.stdin:
        order = json.loads(line)
        answer = run_concurrently(app, order) if "against" in order else run_and_kill(app, order)
        os.write(sys.stdout.fileno(), f"{json.dumps(answer)}\n".encode())


if __name__ == "__main__":
    main()
