"""The draw as it is held: once a quarter, from what counts, repeatable by whoever reads what is published."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from support.factories import NOW, get_reviewer, make_account, make_attestation, make_listing, owner_of

from directory import clock
from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.audit.commands import publish_head, record
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict, Invalid, NotAllowed, NotFound
from directory.listings.lifecycle import ListingState
from directory.listings.lifecycle import Move as ListingMove
from directory.review import random_audit
from directory.review.commands import decide_listing
from directory.review.sample import Quarter
from directory.review.tables import AuditDraw, DrawnAttestation
from directory.signing.keys import Keyring

AUTUMN = Quarter(2026, 4)
SEED = "The number that was drawn on television"


SECOND_DRAW = """
INSERT INTO draws (quarter, seed, seed_source, at, candidate_count, candidates_digest, candidates)
SELECT quarter, 'another', seed_source, at, 0, '', '' FROM draws
"""


@pytest.fixture
def public_ids(session: Session) -> list[str]:
    """Twelve attestations that count."""
    reviewer = get_reviewer(session)
    made = []
    for _ in range(12):
        listing = make_listing(session, make_account(session, Role.PROVIDER), reviewer=reviewer)
        made.append(make_attestation(session, listing, reviewer=reviewer).public_id)
    return made


def hold(session: Session, *, seed: str | None = SEED, now: datetime = NOW, quarter: Quarter = AUTUMN) -> AuditDraw:
    return random_audit.run_draw(session, quarter, seed=seed, rulesets=bundled_rulesets(), now=now)


def drawn_ids(session: Session, held: AuditDraw) -> list[str]:
    return [row.attestation.public_id for row in random_audit.drawn_attestations(session, held)]


def test_whoever_reads_what_is_published_works_out_the_same(session: Session, public_ids: list[str]) -> None:
    held = hold(session)
    listed = held.candidates.split()
    assert listed == sorted(public_ids)
    assert hashlib.sha256(held.candidates.encode()).hexdigest() == held.candidates_digest
    ranked = sorted(listed, key=lambda public_id: hashlib.sha256((held.seed + public_id).encode()).hexdigest())
    assert drawn_ids(session, held) == ranked[:2]
    assert held.candidate_count == 12


def test_only_what_counts_today_is_drawn_from(session: Session, public_ids: list[str]) -> None:
    for state in set(AttestationState) - {AttestationState.ACCEPTED, AttestationState.SUPERSEDED}:
        make_attestation(session, make_listing(session, make_account(session, Role.PROVIDER)), state=state)
    long_ago = NOW - timedelta(days=400)
    expired = make_listing(session, make_account(session, Role.PROVIDER), now=long_ago)
    make_attestation(session, expired, now=long_ago)
    hidden = make_listing(session, make_account(session, Role.PROVIDER))
    make_attestation(session, hidden)
    by = get_reviewer(session).actor
    decide_listing(session, hidden, ListingMove.SUSPEND, by=by, now=NOW, rulesets=bundled_rulesets(), reason="A test.")
    assert hidden.state is ListingState.SUSPENDED
    assert hold(session).candidates.split() == sorted(public_ids)


@pytest.mark.usefixtures("public_ids")
def test_a_draw_is_held_once_whatever_happens_later(session: Session) -> None:
    held = hold(session)
    first = drawn_ids(session, held)
    make_attestation(session, make_listing(session, make_account(session, Role.PROVIDER)))
    for seed in (None, SEED):
        again = hold(session, seed=seed, now=NOW + timedelta(days=1))
        assert (again.id, drawn_ids(session, again)) == (held.id, first)
    with pytest.raises(Conflict, match="never held twice"):
        hold(session, seed="A better one")
    assert session.scalar(sa.select(sa.func.count()).select_from(DrawnAttestation)) == 2


def test_a_quarter_that_has_not_begun_is_not_drawn(session: Session) -> None:
    with pytest.raises(Conflict, match="2027-01-01"):
        hold(session, quarter=Quarter(2027, 1))
    hold(session, quarter=Quarter(2027, 1), now=datetime(2027, 1, 1, tzinfo=UTC))


def test_the_seed_is_the_logs_head_of_the_first_day(session: Session, tmp_path: Path) -> None:
    with pytest.raises(Conflict, match="--seed"):
        hold(session, seed=None)
    first_day = datetime(2026, 10, 1, 3, tzinfo=UTC)
    last = record(session, action="a.test", target="test:1", before=None, after=None, by=None, now=first_day)
    key = Keyring.open(tmp_path / "keys").current
    publish_head(session, key=key, issuer="https://bma.example", now=first_day)
    record(session, action="a.test", target="test:2", before=None, after=None, by=None, now=NOW)
    held = hold(session, seed=None)
    assert (held.seed, held.seed_source) == (last.hash, random_audit.FROM_LOG)


@pytest.mark.parametrize("seed", ["", " x", "x ", "x" * 201, "a\0b", "a\nb", "a\u200bb"])
def test_a_seed_that_nobody_could_repeat_is_refused(session: Session, seed: str) -> None:
    with pytest.raises(Invalid, match="seed"):
        hold(session, seed=seed)
    assert not random_audit.draws(session)


def test_a_directory_without_answers_draws_nobody_and_says_so(session: Session) -> None:
    held = hold(session)
    assert (held.candidate_count, held.candidates, drawn_ids(session, held)) == (0, "", [])


@pytest.mark.usefixtures("public_ids")
def test_what_was_found_is_written_once_by_somebody_else_than_the_owner(session: Session, reviewer: Account) -> None:
    row = random_audit.drawn_attestations(session, hold(session))[0]
    owner = owner_of(session, row.attestation.listing)
    owner.roles = [*owner.roles, *reviewer.roles]
    with pytest.raises(NotAllowed):
        random_audit.record_finding(session, row, "All is well.", by=owner.actor, now=NOW)
    for text in ("", " ", "x" * 2001):
        with pytest.raises(Invalid):
            random_audit.record_finding(session, row, text, by=reviewer.actor, now=NOW)
    random_audit.record_finding(session, row, "They showed a record of last week.", by=reviewer.actor, now=NOW)
    session.refresh(row)
    assert (row.looked_at, row.looked_by_id) == (NOW, reviewer.id)
    with pytest.raises(Conflict, match="already"):
        random_audit.record_finding(session, row, "Something else.", by=reviewer.actor, now=NOW)


@pytest.mark.usefixtures("public_ids")
@pytest.mark.parametrize(
    "change",
    [
        "UPDATE draws SET seed = 'another'",
        "DELETE FROM draws",
        "DELETE FROM drawn",
        "UPDATE drawn SET attestation_id = attestation_id + 1",
        "UPDATE drawn SET finding = 'nothing'",
        "UPDATE drawn SET finding = 'Fine.' WHERE looked_at IS NOT NULL",
        SECOND_DRAW,
    ],
)
def test_the_database_refuses_to_draw_again(session: Session, reviewer: Account, change: str) -> None:
    row = random_audit.drawn_attestations(session, hold(session))[0]
    random_audit.record_finding(session, row, "They showed a record.", by=reviewer.actor, now=NOW)
    session.commit()
    with pytest.raises(DBAPIError):
        session.execute(sa.text(change))


def test_there_is_no_draw_of_another_name(session: Session) -> None:
    hold(session)
    for name in ("", "2026-3", "2026-4 ", "\0", "é"):
        with pytest.raises(NotFound):
            random_audit.draw_of_quarter(session, name)
    with pytest.raises(NotFound):
        random_audit.drawn_attestation(session, 1)


# ---- the command ----


@pytest.mark.usefixtures("public_ids")
def test_the_command_says_the_same_at_every_run(session: Session, run_command: Callable[..., str]) -> None:
    session.commit()
    quarter = str(Quarter.of(clock.now()))
    first = run_command("draw", "--seed", SEED)
    assert run_command("draw", "--quarter", quarter) == first
    session.expire_all()
    for public_id in drawn_ids(session, random_audit.draw_of_quarter(session, quarter)):
        assert public_id in first
    assert f"Quarter {quarter}: 2 of 12 drawn" in first
    assert "never held twice" in run_command("draw", "--seed", "another", code=1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--quarter", "autumn"), "2026-4"),
        (("--quarter", "2099-1"), "begins on 2099-01-01"),
        (("--quarter", "2020-1"), "No head of the audit log was published on 2020-01-01"),
        (("--seed", ""), "Enter the seed."),
    ],
)
def test_the_command_refuses_in_a_sentence(
    run_command: Callable[..., str], arguments: tuple[str, str], sentence: str
) -> None:
    assert sentence in run_command("draw", *arguments, code=1)
