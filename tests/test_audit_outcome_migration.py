"""The migration to outcomes of random audits: what was found before keeps its text and gets no outcome."""

import flask_migrate
import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError
from support.factories import NOW, make_account, make_attestation, make_listing

from directory import transaction
from directory.accounts.policy import Role
from directory.certification.ruleset import bundled_rulesets
from directory.review.audit_findings import record_outcome
from directory.review.audit_outcome import AuditOutcome
from directory.review.random_audit import drawn_attestations, run_draw
from directory.review.sample import Quarter
from directory.review.tables import DrawnAttestation

pytestmark = pytest.mark.usefixtures("installation")


def test_what_was_found_before_outcomes_were_recorded_has_none_and_keeps_its_state() -> None:
    with transaction.atomic() as session:
        make_attestation(session, make_listing(session, make_account(session, Role.PROVIDER)))
        held = run_draw(session, Quarter.of(NOW), seed="any", rulesets=bundled_rulesets(), now=NOW)
        (row,) = drawn_attestations(session, held)
        reviewer = make_account(session, Role.REVIEWER)
        record_outcome(session, row, AuditOutcome.CONFIRMED, "They showed a record.", by=reviewer.actor, now=NOW)
    session.close()
    flask_migrate.downgrade(revision="0025")
    flask_migrate.upgrade()
    found = session.scalars(sa.select(DrawnAttestation)).one()
    assert (found.outcome, found.state, found.finding, found.looked_at) == (None, "CO", "They showed a record.", NOW)
    with pytest.raises(DatabaseError, match="never changed"):
        session.execute(sa.update(DrawnAttestation).values(outcome="unclear"))
    session.rollback()
