"""`audit verify` and `audit head`: every fault that the owner of the database could plant is found and named."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW

from directory.audit import chain, queries
from directory.audit.chain import ChainBroken, verify_chain
from directory.audit.commands import publish_head, record
from directory.audit.heads import head_document, parse_unverified
from directory.audit.tables import AuditEntry
from directory.config import Settings
from directory.errors import Invalid
from directory.signing import keys
from directory.signing.keys import Keyring

Bma = Callable[..., str]

ENTRIES = 6
ISSUER = "https://directory.example.org"
COLUMNS = [column.name for column in AuditEntry.__table__.columns if not column.primary_key]
OTHER_VALUES = {"actor": [None, 2, 0], "before": [None, ""], "after": [None, ""]}


def write(session: Session, count: int, *, now: datetime = NOW) -> None:
    for _ in range(count):
        seq = (last.seq if (last := queries.last_entry(session)) else 0) + 1
        about = f"attestation:{seq}"
        what = chain.digest(seq)
        record(session, action="attestation.accept", target=about, before=what, after=what, by=1, now=now)
    session.commit()


def publish(session: Session, keyring: Keyring, *, now: datetime = NOW) -> str:
    signed = publish_head(session, key=keyring.current, issuer=ISSUER, now=now).jws
    session.commit()
    return signed


def take_off_the_guards(session: Session) -> None:
    """What nobody but the owner of the database can do."""
    session.rollback()
    if session.get_bind().dialect.name == "postgresql":
        for table in ("audit_entries", "audit_heads"):
            session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    else:
        found = session.scalars(
            sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%'")
        )
        for name in list(found):
            session.execute(sa.text(f"DROP TRIGGER {name}"))
    session.commit()


@pytest.fixture
def log(session: Session, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A log with a few entries, read in two parts, before which nobody stands guard."""
    monkeypatch.setattr(queries, "BATCH_SIZE", ENTRIES - 2)
    write(session, ENTRIES)
    take_off_the_guards(session)
    return session


def overwrite(session: Session, at_seq: int, **values: object) -> None:
    session.execute(sa.text(_update(values)), {"at_seq": at_seq, **values})


def _update(values: dict[str, object]) -> str:
    pairs = ", ".join(f'"{name}" = :{name}' for name in values)
    return f"UPDATE audit_entries SET {pairs} WHERE seq = :at_seq"  # noqa: S608  names of columns of our own


def first_wrong(session: Session) -> int | None:
    """The first entry found wrong; what was planted is taken back."""
    try:
        list(verify_chain(queries.entries(session)))
    except ChainBroken as broken:
        return broken.seq
    finally:
        session.rollback()
    return None


def bytes_changed(text: str) -> Iterator[str]:
    """The text with one character changed, at each place."""
    for place, letter in enumerate(text):
        yield text[:place] + ("0" if letter != "0" else "1") + text[place + 1 :]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_change_of_any_letter_of_any_column_of_any_row_is_found(log: Session, column: str) -> None:
    rows = [dict(row._mapping) for row in log.execute(sa.select(AuditEntry.__table__))]
    log.rollback()
    planted = 0
    for row in rows:
        values: list[Any] = [*OTHER_VALUES.get(column, [])]
        values += bytes_changed(row[column]) if isinstance(row[column], str) else []
        for value in values:
            overwrite(log, row["seq"], **{column: value})
            assert first_wrong(log) == row["seq"], (column, value)
            planted += 1
    assert planted >= 3 * ENTRIES


def test_bytes_that_are_no_text_are_found_too(sqlite_only: Session) -> None:
    """PostgreSQL keeps no such text at all."""
    for column in COLUMNS:
        for seq in range(1, ENTRIES + 1):
            sqlite_only.execute(
                sa.text(f"UPDATE audit_entries SET \"{column}\" = CAST(x'61ff' AS TEXT) WHERE seq = {seq}")  # noqa: S608  our own names
            )
            assert first_wrong(sqlite_only) == seq


@pytest.fixture
def sqlite_only(sqlite_databases: Any) -> Iterator[Session]:
    with sqlite_databases() as url:
        engine = sa.create_engine(url)
        with Session(engine) as session:
            write(session, ENTRIES)
            take_off_the_guards(session)
            yield session
        engine.dispose()


@pytest.mark.parametrize("close_the_gap", [True, False])
def test_a_removed_entry_is_found(log: Session, *, close_the_gap: bool) -> None:
    for gone in range(1, ENTRIES):
        log.execute(sa.text("DELETE FROM audit_entries WHERE seq = :seq"), {"seq": gone})
        for seq in range(gone + 1, ENTRIES + 1) if close_the_gap else ():
            overwrite(log, seq, seq=seq - 1)
        assert first_wrong(log) == gone


def test_swapped_entries_are_found(log: Session) -> None:
    for one, other in itertools.combinations(range(1, ENTRIES + 1), 2):
        overwrite(log, one, seq=1000)
        overwrite(log, other, seq=one)
        overwrite(log, 1000, seq=other)
        assert first_wrong(log) == one


def test_an_entry_put_in_between_is_found(log: Session) -> None:
    for at in range(1, ENTRIES + 1):
        for seq in range(ENTRIES, at - 1, -1):
            overwrite(log, seq, seq=seq + 1)
        before = log.scalar(sa.select(AuditEntry.hash).where(AuditEntry.seq == at - 1)) or chain.GENESIS
        # The forged entry follows well; the one that it pushed aside cannot follow the same one any more.
        overwrite(log, at + 1, prev_hash="x")
        said = chain.LogEntry(at, chain.format_timestamp(NOW), 1, "attestation.revoke", "attestation:1", None, None)
        log.execute(sa.insert(AuditEntry).values(**asdict(said), prev_hash=before, hash=chain.hash_entry(before, said)))
        assert first_wrong(log) == at + 1


def rewrite(session: Session, since: int) -> None:
    """Forge entry `since` and chain all that follow onto it, so that nothing is wrong with the chain itself."""
    rows = list(queries.entries(session))
    last_hash = rows[since - 1].prev_hash
    for row in rows[since - 1 :]:
        said = replace(row.entry, actor=7) if row.seq == since else row.entry
        new = chain.hash_entry(last_hash, said)
        overwrite(session, row.seq, actor=said.actor, prev_hash=last_hash, hash=new)
        last_hash = new
    session.commit()


def test_a_whole_log_is_said_to_be_whole(run_command: Bma, session: Session, keyring: Keyring) -> None:
    assert run_command("audit", "verify").startswith(
        "0 entries are as they were written, and 0 heads agree with them. "
    )
    write(session, ENTRIES)
    publish(session, keyring)
    last = queries.last_entry(session)
    assert last is not None
    expected = "6 entries are as they were written, and 1 head agrees with them. The last hash is"
    assert run_command("audit", "verify") == f"{expected} {last.hash}.\n"


def test_the_first_wrong_entry_is_named(run_command: Bma, log: Session) -> None:
    overwrite(log, 4, object="attestation:9")
    log.commit()
    assert run_command("audit", "verify", code=1) == "Error: Entry 4 is not as it was written.\n"


@pytest.mark.parametrize("kept", [0, 3, ENTRIES - 1])
def test_entries_taken_from_the_end_are_missed_by_the_last_head(
    run_command: Bma, log: Session, keyring: Keyring, kept: int
) -> None:
    publish(log, keyring)
    log.execute(sa.text("DELETE FROM audit_entries WHERE seq > :kept"), {"kept": kept})
    log.commit()
    expected = f"Error: Entry {kept + 1} is missing: the head of 2026-11-22 counts 6 entries.\n"
    assert run_command("audit", "verify", code=1) == expected


@pytest.mark.parametrize("since", [1, 4, ENTRIES])
def test_a_log_rewritten_with_all_its_hashes_is_given_away_by_its_heads(
    run_command: Bma, log: Session, keyring: Keyring, since: int
) -> None:
    publish(log, keyring)
    rewrite(log, since)
    assert "Entries 1 to 6 are not those that the head of 2026-11-22 was signed over." in run_command(
        "audit", "verify", code=1
    )


@pytest.mark.parametrize("as_file", [True, False])
def test_a_saved_head_tells_when_the_heads_were_removed_too(
    run_command: Bma, log: Session, keyring: Keyring, tmp_path: Path, *, as_file: bool
) -> None:
    signed = publish(log, keyring)
    saved = tmp_path / "head.json"
    saved.write_text(json.dumps(head_document(signed)) if as_file else f"{signed}\n")
    rewrite(log, 3)
    log.execute(sa.text("DELETE FROM audit_heads"))
    log.commit()
    assert "and 0 heads agree" in run_command("audit", "verify")
    assert "Entries 1 to 6 are not those" in run_command("audit", "verify", "--head", str(saved), code=1)


@pytest.mark.parametrize(
    "text", ["", "{}", "{", "null", "a.b.c", '{"jws": 5}', '{"jws": "a.b.c"}', "\ufffd" * 9, "[" * 9]
)
def test_a_file_that_holds_no_head_is_refused(run_command: Bma, tmp_path: Path, text: str) -> None:
    saved = tmp_path / "head.json"
    saved.write_text(text)
    assert run_command("audit", "verify", "--head", str(saved), code=1).startswith("Error: ")


def test_a_head_that_another_directory_signed_proves_nothing(
    run_command: Bma, session: Session, tmp_path: Path, keyring: Keyring
) -> None:
    strange = publish(session, Keyring.open(tmp_path / "strange"))
    assert (
        run_command("audit", "verify", code=1)
        == "Error: The head stored for 2026-11-22 is not the one that was signed.\n"
    )
    with pytest.raises(Invalid):
        queries.verify_saved_head(strange, keyring)


def test_a_head_under_another_day_is_found(run_command: Bma, log: Session, keyring: Keyring) -> None:
    publish(log, keyring)
    log.execute(sa.text("UPDATE audit_heads SET day = '2026-11-20'"))
    log.commit()
    assert run_command("audit", "verify", code=1) == "Error: The head stored for 2026-11-20 was signed on 2026-11-22.\n"


def test_a_head_is_made_once_a_day_and_stays(run_command: Bma, session: Session, keyring: Keyring) -> None:
    write(session, 2)
    first = publish(session, keyring)
    write(session, 2)
    assert publish(session, keyring, now=NOW + timedelta(hours=11, minutes=59)) == first
    second = parse_unverified(publish(session, keyring, now=NOW + timedelta(hours=12)))
    assert (parse_unverified(first).seq, second.seq, second.day) == (2, 4, "2026-11-23")
    assert [row.day for row in queries.heads(session)] == [date(2026, 11, 22), date(2026, 11, 23)]
    session.rollback()
    assert "4 entries are as they were written, and 2 heads agree" in run_command("audit", "verify")


def test_the_command_prints_the_head_that_it_stored(run_command: Bma, session: Session, settings: Settings) -> None:
    write(session, 2)
    said = json.loads(run_command("audit", "head"))
    assert said == json.loads(run_command("audit", "head"))
    session.rollback()
    stored = queries.published_head(session, datetime.fromisoformat(said["at"]).astimezone(UTC).date())
    assert said == head_document(stored.jws)
    assert (said["seq"], said["issuer"]) == (2, settings.base_url)


def test_heads_signed_by_a_key_since_replaced_still_count(
    run_command: Bma, session: Session, keyring: Keyring, settings: Settings
) -> None:
    write(session, 2)
    publish(session, keyring)
    keys.rotate(settings.home / "keys")
    publish(session, Keyring.open(settings.home / "keys"), now=NOW + timedelta(days=1))
    assert "and 2 heads agree with them" in run_command("audit", "verify")


def test_a_page_of_the_log_is_all_that_follows_up_to_the_limit(session: Session) -> None:
    write(session, ENTRIES)

    def numbers(after: int, limit: int) -> Sequence[int]:
        return [row.seq for row in queries.entries_after(session, after, limit=limit)]

    assert numbers(0, 4) == [1, 2, 3, 4]
    assert numbers(4, 4) == [5, 6]
    assert numbers(6, 4) == []
