"""What the log holds: every decision and signing, in order, as ids and hashes, and nothing else."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from support.factories import MATCHING_ANSWERS, NOW, make_attestation, make_listing
from support.nppes_files import person_row, write_nppes_file

from directory.accounts.tables import Account
from directory.attestations.digest import signed_digest, signed_document
from directory.attestations.lifecycle import AttestationState
from directory.attestations.tables import Attestation, AttestationMove
from directory.audit import queries
from directory.audit.chain import GENESIS, StoredEntry, verify_chain
from directory.audit.commands import record
from directory.audit.tables import AuditEntry
from directory.listings.digest import listing_digest
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing, ListingMove

ENTRY: dict[str, Any] = {"action": "listing.publish", "target": "listing:1", "before": None, "after": "ab" * 32}
SHAPES = {
    "at": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z",
    "action": r"[a-z]+\.[a-z]+",
    "object": r"(listing:\d+|attestation:[0-9a-f]{32})",
    "before": r"[0-9a-f]{64}",
    "after": r"[0-9a-f]{64}",
}


def log(session: Session) -> list[StoredEntry]:
    return list(verify_chain(queries.entries(session)))


def told(session: Session) -> list[str]:
    return [row.entry.action for row in log(session)]


def test_a_story_is_told_in_order_with_who_did_it(session: Session, provider: Account, reviewer: Account) -> None:
    listing = make_listing(session, provider, reviewer=reviewer)
    first = make_attestation(session, listing, reviewer=reviewer)
    second = make_attestation(session, listing, reviewer=reviewer)
    by, about = f"listing:{listing.id}", [f"attestation:{row.public_id}" for row in (first, second)]
    assert [(row.entry.action, row.entry.object, row.entry.actor) for row in log(session)] == [
        ("listing.submit", by, provider.id),
        ("listing.publish", by, reviewer.id),
        ("attestation.submit", about[0], provider.id),
        ("attestation.accept", about[0], reviewer.id),
        ("attestation.submit", about[1], provider.id),
        ("attestation.supersede", about[0], reviewer.id),
        ("attestation.accept", about[1], reviewer.id),
    ]


@pytest.mark.parametrize("state", AttestationState)
def test_every_move_of_an_attestation_is_in_the_log(
    session: Session, provider: Account, state: AttestationState
) -> None:
    make_attestation(session, make_listing(session, provider), state=state)
    moves = session.scalars(sa.select(AttestationMove.move).order_by(AttestationMove.id))
    assert told(session)[2:] == [f"attestation.{move}" for move in moves]


@pytest.mark.parametrize("state", ListingState)
def test_every_move_of_a_listing_is_in_the_log(session: Session, provider: Account, state: ListingState) -> None:
    make_listing(session, provider, state=state)
    moves = session.scalars(sa.select(ListingMove.move).order_by(ListingMove.id))
    assert told(session) == [f"listing.{move}" for move in moves]


def test_what_was_signed_can_be_matched_after_any_time(session: Session, provider: Account) -> None:
    answers = MATCHING_ANSWERS | {"volume_per_site_ml": [5, 7.5]}
    made = make_attestation(session, make_listing(session, provider), answers=answers, details={"total_volume_ml": 40})
    session.commit()
    session.expire_all()
    submitted, accepted = [row.entry for row in log(session) if row.entry.object.endswith(made.public_id)]
    assert (submitted.before, submitted.after) == (None, signed_digest(made))
    assert (accepted.before, accepted.after) == (submitted.after, submitted.after)
    assert signed_document(made)["answers"]["volume_per_site_ml"] == [5, "7.5"]


# Every column that the database keeps as it was signed.
SIGNED: dict[str, Any] = {
    "public_id": "f" * 32,
    "listing_id": 7,
    "ruleset_id": "other",
    "answers": MATCHING_ANSWERS | {"distinct_sites": 5},
    "details": {"total_volume_ml": 41},
    "explanations": {"volume": "Because."},
    "statement": "Something else.",
    "signer_name": "Bo Other",
    "signer_role": "Nurse",
    "signed_by_id": 7,
    "prepared_by_id": 8,
    "signed_at": NOW.replace(microsecond=1),
    "valid_until": NOW,
    "subject_name": "Bo Other",
    "subject_npi": "1234567893",
}
NOT_IN_IT = {"digest", "typed", "replies"}
"""The hash itself, what must be empty when something is signed, and words to the reviewer that nobody signs."""


@pytest.mark.parametrize("column", SIGNED)
def test_any_other_signed_document_has_another_hash(session: Session, provider: Account, column: str) -> None:
    made = make_attestation(session, make_listing(session, provider), details={"total_volume_ml": 40})
    before = signed_digest(made)
    with session.no_autoflush:
        setattr(made, column, SIGNED[column])
        assert signed_digest(made) != before
    session.rollback()


def test_the_hash_covers_every_column_that_is_never_edited(session: Session) -> None:
    trigger = "SELECT sql FROM sqlite_master WHERE name = 'attestations_signed'"
    if session.get_bind().dialect.name == "postgresql":
        trigger = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'attestations_signed'"
    text = session.scalar(sa.text(trigger))
    kept = re.search(r"UPDATE OF (.+?) ON", text or "")
    assert kept
    assert {name.strip() for name in kept[1].split(",")} == set(SIGNED) | NOT_IN_IT


@pytest.mark.parametrize(
    "values", [{"name": "Bo Other"}, {"npi": "1234567893"}, {"phone": "303-555-0199"}, {"slug": "x"}], ids=str
)
def test_an_entry_that_says_something_else_has_another_hash(
    session: Session, provider: Account, values: dict[str, str]
) -> None:
    listing = make_listing(session, provider)
    assert log(session)[-1].entry.after == listing_digest(listing)
    for name, value in values.items():
        setattr(listing, name, value)
    assert log(session)[-1].entry.after != listing_digest(listing)
    before = listing_digest(listing)
    listing.locations[0].line1 = "1 Other Street"
    assert listing_digest(listing) != before


def test_nothing_personal_is_in_the_log(session: Session, provider: Account) -> None:
    for state in AttestationState:
        make_attestation(session, make_listing(session, provider), state=state)
    rows = log(session)
    assert len(rows) > 20
    for row in rows:
        for name, shape in SHAPES.items():
            value = getattr(row.entry, name)
            assert value is None or re.fullmatch(shape, value), (name, value)
        assert type(row.entry.actor) is int


@pytest.mark.parametrize(
    "wrong",
    [
        {"action": "Publish this"},
        {"action": "listing"},
        {"target": "listing:pat@example.com"},
        {"target": "listing:Pat Provider"},
        {"target": "Pat"},
        {"before": "The old name"},
        {"after": "AB" * 32},
        {"after": ""},
    ],
    ids=str,
)
def test_what_is_no_id_and_no_hash_does_not_fit_in(session: Session, wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="the log takes"):
        record(session, **ENTRY | wrong, by=None, now=NOW)
    assert log(session) == []


def test_an_import_is_no_decision_and_leaves_one_entry_for_each_batch(
    run_command: Any, session: Session, tmp_path: Any
) -> None:
    run_command("import", "nppes", str(write_nppes_file(tmp_path / "npidata.csv", [person_row(1)])), "--publish")
    assert session.scalar(sa.select(sa.func.count()).select_from(ListingMove)) == 2
    assert [row.entry.action for row in log(session)] == ["import.run", "import.batch"]


def test_what_is_taken_back_leaves_no_entry(session: Session, provider: Account) -> None:
    make_listing(session, provider)
    session.rollback()
    assert log(session) == []
    record(session, **ENTRY, by=None, now=NOW)
    assert [(row.seq, row.prev_hash) for row in log(session)] == [(1, GENESIS)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET actor = 7",
        "UPDATE audit_entries SET seq = seq + 10",
        "DELETE FROM audit_entries WHERE seq = 2",
        "DELETE FROM audit_entries",
        "UPDATE audit_heads SET jws = ''",
        "DELETE FROM audit_heads",
    ],
)
def test_nobody_rewrites_the_log(session: Session, provider: Account, statement: str) -> None:
    make_listing(session, provider)
    session.execute(sa.text("INSERT INTO audit_heads (day, jws) VALUES ('2026-11-22', 'a.b.c')"))
    session.commit()
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(sa.text(statement))
    session.rollback()
    assert len(log(session)) == 2


BACKDOORS = {
    "postgresql": ("TRUNCATE audit_entries CASCADE", "TRUNCATE audit_heads"),
    "sqlite": (
        "INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries",
        "INSERT OR REPLACE INTO audit_heads SELECT * FROM audit_heads",
    ),
}
"""What removes rows without a DELETE."""


@pytest.mark.parametrize("which", [0, 1])
def test_the_backdoors_of_each_database_are_shut(session: Session, provider: Account, which: int) -> None:
    make_listing(session, provider)
    session.execute(sa.text("INSERT INTO audit_heads (day, jws) VALUES ('2026-11-22', 'a.b.c')"))
    session.commit()
    with pytest.raises(DatabaseError, match=r"never changed|only grows"):
        session.execute(sa.text(BACKDOORS[session.get_bind().dialect.name][which]))
    session.rollback()
    assert len(log(session)) == 2


@pytest.mark.parametrize(("seq", "follows"), [(1, True), (2, True), (3, False), (4, True), (0, True), (-1, True)])
def test_the_database_takes_only_what_follows_the_last_entry(
    session: Session, provider: Account, seq: int, *, follows: bool
) -> None:
    make_listing(session, provider)
    session.commit()
    last = queries.last_entry(session)
    assert last is not None
    forged = {"at": last.at, "action": "a.b", "object": "a:1", "hash": "cd" * 32}
    prev_hash = last.hash if follows else last.prev_hash
    with pytest.raises(DatabaseError):
        session.execute(sa.insert(AuditEntry).values(seq=seq, prev_hash=prev_hash, **forged))
    session.rollback()
    assert len(log(session)) == 2


def test_an_erased_account_leaves_the_log_whole(session: Session) -> None:
    record(session, **ENTRY, by=999_999, now=NOW)
    session.commit()
    assert log(session)[0].entry.actor == 999_999
    assert not session.get(Account, 999_999)
    assert session.scalar(sa.select(sa.func.count()).select_from(Attestation)) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(Listing)) == 0
