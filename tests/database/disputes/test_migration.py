"""Reports that nobody could answer, on the way down to the previous release and up again."""

import flask_migrate
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session
from support.dispute_factories import make_dispute, move_dispute
from support.factories import make_account, make_listing

from directory import transaction
from directory.accounts.policy import Role
from directory.disputes.lifecycle import Move, Remedy
from directory.disputes.tables import DisputeMove

pytestmark = pytest.mark.usefixtures("installation")

BEFORE = "0025"


def checks(session: Session) -> dict[str, set[str | None]]:
    inspector = sa.inspect(session.connection())
    return {
        table: {check["name"] for check in inspector.get_check_constraints(table)}
        for table in ("disputes", "dispute_moves")
    }


def test_a_report_that_nobody_could_answer_gets_the_nearest_words_and_its_history_stays_as_it_is() -> None:
    with transaction.atomic() as session:
        listing = make_listing(session, make_account(session, Role.PROVIDER))
        listing.managers.clear()
        dispute = make_dispute(session, listing, about="entry")
        move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.COULD_NOT_REACH)
    names = checks(session)
    assert {"ck_disputes_remedy", "ck_disputes_state"} <= names["disputes"]
    session.close()
    flask_migrate.downgrade(revision=BEFORE)
    assert session.scalar(sa.text("SELECT remedy FROM disputes")) == "corrected"
    moves = session.execute(sa.text("SELECT from_state, to_state FROM dispute_moves")).all()
    assert moves == [("open", "upheld")]
    assert checks(session) == names
    with pytest.raises(DatabaseError):
        session.execute(sa.text("UPDATE disputes SET remedy = 'could_not_reach'"))
    session.rollback()
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(sa.delete(DisputeMove))
    session.rollback()
    session.close()
    flask_migrate.upgrade()
    assert checks(session) == names
    for statement in (sa.delete(DisputeMove), sa.update(DisputeMove).values(reason="Another.")):
        with pytest.raises(DatabaseError, match="never changed"):
            session.execute(statement)
        session.rollback()
