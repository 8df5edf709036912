"""The search in both logs: each filter uses an index, and what is kept cannot be changed by anybody."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from support.factories import NOW
from support.statements import recorded_statements

from directory.audit.access import KEPT, MAX_QUERY, delete_old_access, record_access
from directory.audit.commands import record
from directory.audit.search import SEARCHES, LogFilter, LogPosition, LogRow, acts, all_rows, find_accesses
from directory.audit.tables import AccessEntry

MINUTE = timedelta(minutes=1)
Fill = Callable[[int], None]


def access(
    session: Session, *, account_id: int = 1, page: str = "listing", subject: str = "", at: datetime = NOW
) -> None:
    record_access(
        session.connection(), account_id=account_id, page=page, method="GET", subject=subject, query="",
        address="127.0.0.1", now=at,
    )  # fmt: skip


@pytest.fixture
def fill(session: Session) -> Fill:
    """Write so many entries of three accounts about five listings into both logs, a minute apart, the last at `NOW`."""

    def write(number: int) -> None:
        for index in range(number):
            at, by, subject = NOW - MINUTE * (number - 1 - index), 1 + index % 3, f"listing:{index % 5}"
            access(session, account_id=by, page=("act.one", "act.two")[index % 2], subject=subject, at=at)
            record(
                session,
                action=("act.one", "act.two")[index % 2],
                target=subject,
                before=None,
                after=None,
                by=by,
                now=at,
            )
        session.flush()

    return write


def find(
    session: Session, log: str, wanted: LogFilter, after: LogPosition | None = None, limit: int = 100
) -> list[LogRow]:
    return list(SEARCHES[log](session, wanted, after=after, limit=limit))


@pytest.mark.parametrize("log", SEARCHES)
def test_entries_are_found_by_account_subject_act_and_time_the_newest_first(
    session: Session, fill: Fill, log: str
) -> None:
    fill(30)
    rows = find(session, log, LogFilter())
    assert [row.position.at for row in rows] == [NOW - MINUTE * index for index in range(30)]
    second = acts(session, log)[1]
    assert acts(session, log) == sorted({row.act for row in rows})
    assert find(session, log, LogFilter(account_ids=[2])) == [row for row in rows if row.account_id == 2]
    assert find(session, log, LogFilter(account_ids=[])) == []
    assert find(session, log, LogFilter(subjects=["listing:3", "x:1"])) == [r for r in rows if r.subject == "listing:3"]
    assert find(session, log, LogFilter(act=second)) == [row for row in rows if row.act == second]
    since, before = NOW - MINUTE * 9, NOW - MINUTE * 4
    found = find(session, log, LogFilter(since=since, before=before))
    assert found == [row for row in rows if since <= row.position.at < before]
    every = LogFilter([1], ["listing:0"], second, NOW - MINUTE * 25, NOW)
    assert len(find(session, log, every)) == 1


@pytest.mark.parametrize("log", SEARCHES)
def test_pages_follow_one_another_also_where_entries_have_the_same_time(session: Session, fill: Fill, log: str) -> None:
    fill(7)
    for _ in range(6):
        access(session, subject="same:1")
        record(session, action="act.one", target="same:1", before=None, after=None, by=1, now=NOW)
    found: list[LogRow] = []
    while page := find(session, log, LogFilter(), found[-1].position if found else None, 3):
        found += page
    assert found == find(session, log, LogFilter()) == list(all_rows(session, log, LogFilter()))
    assert len(found) == 13


def test_a_change_has_the_address_of_the_request_that_made_it(session: Session) -> None:
    access(session, account_id=1, at=NOW)
    for by, at in ((1, NOW), (2, NOW), (1, NOW + MINUTE), (None, NOW)):
        record(session, action="a.b", target="c:1", before=None, after=None, by=by, now=at)
    rows = find(session, "changes", LogFilter())
    assert sorted((row.account_id or 0, row.position.at, row.address) for row in rows) == [
        (0, NOW, ""),
        (1, NOW, "127.0.0.1"),
        (1, NOW + MINUTE, ""),
        (2, NOW, ""),
    ]


FILTERS = {
    "nothing": LogFilter(),
    "account": LogFilter(account_ids=[1]),
    "subject": LogFilter(subjects=["listing:1"]),
    "act": LogFilter(act="act.two"),
    "time": LogFilter(since=NOW - MINUTE * 9, before=NOW),
}


@pytest.mark.parametrize("log", SEARCHES)
@pytest.mark.parametrize("name", FILTERS)
def test_each_search_reads_an_index_in_its_order_and_sorts_nothing(
    session: Session, fill: Fill, log: str, name: str
) -> None:
    fill(20)
    with recorded_statements() as statements:
        find(session, log, FILTERS[name], LogPosition(NOW, 5), 25)
    assert len(statements) <= 2
    plan = _plan(session, log, FILTERS[name])
    assert "ix_" in plan
    for slow in ("Seq Scan", "Sort", "TEMP B-TREE"):
        assert slow not in plan, plan
    assert "SCAN" not in plan or "USING INDEX" in plan or "USING COVERING INDEX" in plan


def _plan(session: Session, log: str, wanted: LogFilter) -> str:
    """What the database says that it does for a search; a small table is no reason for PostgreSQL to read all of it."""
    plans: list[str] = []
    explain = "EXPLAIN QUERY PLAN "
    if session.get_bind().dialect.name == "postgresql":
        explain = "EXPLAIN "
        for setting in ("enable_seqscan", "enable_bitmapscan"):
            session.execute(sa.text(f"SET LOCAL {setting} = off"))

    def explained(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith("SELECT") and not plans:
            plans.append("")
            rows = session.connection().exec_driver_sql(explain + statement, parameters).all()
            plans[0] = "\n".join(f"{row[-1]}" for row in rows)

    engine = session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", explained)
    try:
        find(session, log, wanted, LogPosition(NOW, 5), 25)
    finally:
        sa.event.remove(engine, "before_cursor_execute", explained)
    return plans[0]


@pytest.mark.parametrize("change", ["UPDATE access_log SET page = 'x'", "DELETE FROM access_log"])
def test_an_entry_of_the_access_log_cannot_be_changed_or_removed(session: Session, change: str) -> None:
    access(session, at=datetime.now(UTC))
    session.commit()
    with pytest.raises(DatabaseError, match="access_log"):
        session.execute(sa.text(change))
    session.rollback()
    assert session.scalar(sa.select(sa.func.count()).select_from(AccessEntry)) == 1


def test_an_old_entry_cannot_be_changed_either(session: Session) -> None:
    access(session, at=NOW - KEPT * 3)
    session.commit()
    with pytest.raises(DatabaseError, match="access_log"):
        session.execute(sa.text("UPDATE access_log SET page = 'x'"))


def test_entries_are_deleted_after_a_year_and_not_before(session: Session) -> None:
    now = datetime.now(UTC)
    for age in (KEPT * 2, KEPT + MINUTE, KEPT - MINUTE, timedelta()):
        access(session, at=now - age)
    assert delete_old_access(session, now=now) == 2
    assert [row.position.at for row in find_accesses(session, LogFilter(), limit=9)] == [now, now - KEPT + MINUTE]
    assert delete_old_access(session, now=now) == 0


def test_the_parameters_of_a_request_are_cut_off_at_the_width_of_their_column(session: Session) -> None:
    record_access(
        session.connection(), account_id=1, page="outbox", method="POST", subject="", query="\0q" * MAX_QUERY,
        address="", now=NOW,
    )  # fmt: skip
    (row,) = find_accesses(session, LogFilter(), limit=9)
    assert row.details == "POST " + "q" * MAX_QUERY
