"""The draw as it is held: once a quarter, from what counts, repeatable by whoever reads what is published."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
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
from directory.audit.chain import digest
from directory.audit.commands import publish_head, record
from directory.audit.tables import AuditEntry
from directory.certification.ruleset import bundled_rulesets
from directory.errors import Conflict, Invalid, NotAllowed, NotFound
from directory.listings.lifecycle import ListingState
from directory.listings.lifecycle import Move as ListingMove
from directory.review import random_audit
from directory.review.audit_findings import (
    FILTERS,
    count_drawn,
    count_drawn_by_quarter,
    drawn_page,
    record_contact,
    record_outcome,
)
from directory.review.audit_outcome import AuditOutcome, ContactChannel
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


def test_a_directory_that_began_in_the_quarter_draws_from_its_first_head(session: Session, tmp_path: Path) -> None:
    key = Keyring.open(tmp_path / "keys").current
    for day in 3, 20:
        moment = datetime(2026, 11, day, tzinfo=UTC)
        record(session, action="a.test", target=f"test:{day}", before=None, after=None, by=None, now=moment)
        publish_head(session, key=key, issuer="https://bma.example", now=moment)
    for other in Quarter(2026, 3), Quarter(2027, 1):
        with pytest.raises(Conflict, match="--seed"):
            hold(session, seed=None, quarter=other, now=datetime(2027, 1, 2, tzinfo=UTC))
    held = hold(session, seed=None)
    first = session.scalars(sa.select(AuditEntry).where(AuditEntry.object == "test:3")).one()
    assert (held.seed, held.seed_source) == (first.hash, random_audit.FROM_FIRST_HEAD)
    assert random_audit.seed_day(session, held) == date(2026, 11, 3)


@pytest.mark.usefixtures("public_ids")
def test_a_reviewer_holds_the_draw_and_a_provider_does_not(
    session: Session, reviewer: Account, provider: Account
) -> None:
    with pytest.raises(NotAllowed):
        random_audit.run_draw(session, AUTUMN, seed=SEED, rulesets=bundled_rulesets(), now=NOW, by=provider.actor)
    random_audit.run_draw(session, AUTUMN, seed=SEED, rulesets=bundled_rulesets(), now=NOW, by=reviewer.actor)
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "draw.hold")).one()
    assert entry.actor == reviewer.id


@pytest.mark.parametrize("seed", ["", " x", "x ", "x" * 201, "a\0b", "a\nb", "a\u200bb"])
def test_a_seed_that_nobody_could_repeat_is_refused(session: Session, seed: str) -> None:
    with pytest.raises(Invalid, match="seed"):
        hold(session, seed=seed)
    assert not random_audit.draws(session)


def test_a_directory_without_answers_draws_nobody_and_says_so(session: Session) -> None:
    held = hold(session)
    assert (held.candidate_count, held.candidates, drawn_ids(session, held)) == (0, "", [])


@pytest.mark.usefixtures("public_ids")
def test_an_outcome_is_written_once_by_somebody_else_than_the_owner(session: Session, reviewer: Account) -> None:
    row = random_audit.drawn_attestations(session, hold(session))[0]
    owner = owner_of(session, row.attestation.listing)
    owner.roles = [*owner.roles, *reviewer.roles]
    with pytest.raises(NotAllowed):
        record_outcome(session, row, AuditOutcome.CONFIRMED, "All is well.", by=owner.actor, now=NOW)
    for outcome, text in (AuditOutcome.UNCLEAR, ""), (AuditOutcome.UNCLEAR, "x" * 2001), (None, "They showed it."):
        with pytest.raises(Invalid):
            record_outcome(session, row, outcome, text, by=reviewer.actor, now=NOW)
    record_outcome(session, row, AuditOutcome.CONFIRMED, "They showed a record.", by=reviewer.actor, now=NOW)
    session.refresh(row)
    assert (row.looked_at, row.looked_by_id, row.outcome) == (NOW, reviewer.id, AuditOutcome.CONFIRMED)
    with pytest.raises(Conflict, match="already"):
        record_outcome(session, row, AuditOutcome.UNCLEAR, "Something else.", by=reviewer.actor, now=NOW)
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "draw.look")).one()
    public = {"attestation": row.attestation.public_id, "outcome": "confirmed", "quarter": "2026-4"}
    assert entry.after == digest(public), "anybody can compute it from the page"


@pytest.mark.usefixtures("public_ids")
def test_nobody_could_be_reached_who_was_not_tried_twice(session: Session, reviewer: Account) -> None:
    row = random_audit.drawn_attestations(session, hold(session))[0]
    for _ in range(2):
        with pytest.raises(Invalid, match="at least 2 attempts"):
            record_outcome(session, row, AuditOutcome.NOT_REACHED, "No answer.", by=reviewer.actor, now=NOW)
        record_contact(session, row, ContactChannel.PHONE, "Nobody answered.", by=reviewer.actor, now=NOW)
    record_outcome(session, row, AuditOutcome.NOT_REACHED, "No answer.", by=reviewer.actor, now=NOW)
    session.refresh(row)
    assert [contact.note for contact in row.contacts] == ["Nobody answered."] * 2
    with pytest.raises(Conflict, match="no more attempts"):
        record_contact(session, row, ContactChannel.PHONE, "Again.", by=reviewer.actor, now=NOW)


@pytest.mark.usefixtures("public_ids")
def test_an_attempt_has_a_way_a_note_and_somebody_else_than_the_owner(session: Session, reviewer: Account) -> None:
    row = random_audit.drawn_attestations(session, hold(session))[0]
    owner = owner_of(session, row.attestation.listing)
    owner.roles = [*owner.roles, *reviewer.roles]
    with pytest.raises(NotAllowed):
        record_contact(session, row, ContactChannel.EMAIL, "Wrote to myself.", by=owner.actor, now=NOW)
    for channel, note in (None, "Called."), (ContactChannel.EMAIL, " "), (ContactChannel.EMAIL, "x" * 2001):
        with pytest.raises(Invalid):
            record_contact(session, row, channel, note, by=reviewer.actor, now=NOW)


@pytest.mark.usefixtures("public_ids")
def test_what_was_drawn_is_counted_and_listed_by_outcome(session: Session, reviewer: Account) -> None:
    held = hold(session)
    first, second = random_audit.drawn_attestations(session, held)
    record_outcome(session, first, AuditOutcome.UNCLEAR, "Their record has no volume.", by=reviewer.actor, now=NOW)
    assert {name: count for name, count in count_drawn(session).items() if count} == {"to_do": 1, "unclear": 1}
    assert count_drawn(session, "2026-3") == dict.fromkeys(FILTERS, 0)
    assert count_drawn_by_quarter(session) == {"2026-4": (2, 1)}
    for wanted, rows in ("unclear", [first]), ("to_do", [second]), ("", [first, second]):
        assert list(drawn_page(session, wanted=wanted, quarter="2026-4", offset=0, limit=25)) == rows
    assert [row[1:3] for row in random_audit.public_outcomes(session, held)] == [
        ("CO", AuditOutcome.UNCLEAR),
        ("CO", None),
    ]


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
        "UPDATE drawn SET outcome = 'unclear' WHERE looked_at IS NOT NULL",
        "UPDATE drawn SET outcome = 'unclear' WHERE looked_at IS NULL",
        "UPDATE drawn SET state = 'TX' WHERE looked_at IS NULL",
        "UPDATE draw_contacts SET note = 'Nobody there.'",
        "DELETE FROM draw_contacts",
        SECOND_DRAW,
    ],
)
def test_the_database_refuses_to_draw_again(session: Session, reviewer: Account, change: str) -> None:
    row = random_audit.drawn_attestations(session, hold(session))[0]
    record_contact(session, row, ContactChannel.LETTER, "Wrote.", by=reviewer.actor, now=NOW)
    record_outcome(session, row, AuditOutcome.CONFIRMED, "They showed a record.", by=reviewer.actor, now=NOW)
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
