"""Who is told of a dispute, who never is, what is forgotten, and what nobody can change afterwards."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from support.dispute_factories import (
    OUTCOME_LINE,
    REPORT_TEXT,
    logged_actions,
    make_dispute,
    make_report,
    move_dispute,
    queued_emails,
)
from support.factories import NOW, make_account, make_listing
from support.mail import deliver_next

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.audit.tables import AuditEntry
from directory.certification.ruleset import bundled_rulesets
from directory.disputes import commands, queries
from directory.disputes.lifecycle import CLOSED, WAITING, DisputeState, Move, Remedy
from directory.disputes.tables import Dispute, DisputeMove
from directory.errors import Invalid, NotFound
from directory.listings.tables import Listing
from directory.review.decisions import UNDO_WITHIN, forget_kept

# ---- who reported it ----


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_the_mail_address_is_forgotten_on_closing_and_for_good_when_no_undo_is_possible(
    session: Session, listing: Listing, state: DisputeState
) -> None:
    dispute = make_dispute(session, listing, state=state)
    assert dispute.reply_to == ""
    outcome = [mail for mail in queued_emails(session) if mail.to == "joe@example.com"]
    assert len(outcome) == (state is not DisputeState.DISMISSED), "nobody is written to about what was no report"
    for mail in outcome:
        assert OUTCOME_LINE in mail.body
    while deliver_next(session, lambda _: None, now=NOW + UNDO_WITHIN):
        pass
    forget_kept(session, now=NOW + UNDO_WITHIN)
    session.commit()
    for table in sa.inspect(session.connection()).get_table_names():
        assert "joe@example.com" not in repr(session.execute(sa.text(f'SELECT * FROM "{table}"')).all()), table  # noqa: S608  our own tables


def test_a_mail_that_never_arrives_is_forgotten_in_the_end_and_other_mails_are_kept(
    session: Session, listing: Listing, provider: Account
) -> None:
    make_dispute(session, listing, state=DisputeState.NOT_UPHELD)

    def fail(_: EmailMessage) -> None:
        raise OSError("<joe@example.com>: no such mailbox")

    queued = queued_emails(session)
    assert queued
    assert all(mail.to for mail in queued)
    now = NOW
    while any(mail.given_up_at is None for mail in queued_emails(session)):
        while deliver_next(session, fail, now=now):
            pass
        now += timedelta(days=1)
    gone = [mail for mail in queued_emails(session) if not mail.to]
    assert [(mail.body, mail.last_error, mail.action_path) for mail in gone] == [("", "", "")]
    assert {mail.to for mail in queued_emails(session)} == {"", provider.email}


def test_who_left_no_address_is_not_written_to(session: Session, listing: Listing) -> None:
    make_dispute(session, listing, state=DisputeState.NOT_UPHELD, reply_to="")
    assert not [mail for mail in queued_emails(session) if mail.forget]


def test_an_entry_without_an_owner_can_be_disputed_and_nobody_is_written_to(session: Session, listing: Listing) -> None:
    listing.managers.clear()
    before = len(queued_emails(session))
    dispute = make_dispute(session, listing, about="entry", reply_to="")
    move_dispute(session, dispute, Move.UPHOLD, remedy=Remedy.COULD_NOT_REACH)
    assert len(queued_emails(session)) == before


# ---- what others may see ----


@pytest.mark.parametrize("state", list(DisputeState))
def test_only_a_closed_dispute_that_the_provider_was_asked_about_is_public(
    session: Session, listing: Listing, state: DisputeState
) -> None:
    dispute = make_dispute(session, listing, state=state)
    found = queries.public_outcomes(session, listing.id)
    if state in WAITING | {DisputeState.DISMISSED}:
        assert found == ()
    else:
        (outcome,) = found
        assert (outcome.outcome, outcome.line, outcome.at) == (state, OUTCOME_LINE, NOW)
        assert (outcome.about, outcome.attestation_id) == ("volume_per_site_ml", dispute.attestation_id)
    assert queries.count_waiting(session) == (state in WAITING)


def test_what_was_taken_back_before_anybody_asked_is_nobodys_business(session: Session, listing: Listing) -> None:
    dispute = make_dispute(session, listing)
    commands.withdraw(session, dispute, None, now=NOW)
    assert queries.public_outcomes(session, listing.id) == ()
    assert queries.disputes_of_provider(session, listing.managers[0].account_id) == []


def test_a_provider_is_told_that_a_report_was_taken_back_only_if_they_were_asked(
    session: Session, listing: Listing
) -> None:
    before = len(queued_emails(session))
    commands.withdraw(session, make_dispute(session, listing), None, now=NOW)
    assert len(queued_emails(session)) == before
    asked = make_dispute(session, listing, state=DisputeState.OPEN)
    commands.withdraw(session, asked, bundled_rulesets().current, now=NOW)
    assert "was taken back" in queued_emails(session)[-1].subject
    assert queries.public_outcomes(session, listing.id)[0].line == commands.WITHDRAWN_BY_REPORTER


def test_outcomes_of_other_entries_are_not_mixed_in(session: Session, listing: Listing) -> None:
    other = make_listing(session, make_account(session, Role.PROVIDER))
    make_dispute(session, other, state=DisputeState.NOT_UPHELD, about="entry")
    assert queries.public_outcomes(session, listing.id) == ()


def test_a_provider_sees_what_they_were_asked_and_others_do_not(
    session: Session, listing: Listing, provider: Account, other_provider: Account
) -> None:
    for state in DisputeState:
        make_dispute(session, listing, state=state, about="entry", remedy=Remedy.CORRECTED)
    shown = {row.state for row in queries.disputes_of_provider(session, provider.id)}
    assert shown == set(DisputeState) - {DisputeState.REPORTED, DisputeState.DISMISSED}
    assert queries.disputes_of_provider(session, other_provider.id) == []


# ---- what the log and the database hold ----


def test_the_log_says_what_was_done_and_no_word_of_what_was_written(session: Session, listing: Listing) -> None:
    make_dispute(session, listing, state=DisputeState.UPHELD)
    assert logged_actions(session) == [f"dispute.{verb}" for verb in ("report", "open", "answer", "uphold")]
    rows = repr(session.execute(sa.select(AuditEntry.__table__)).all())
    for secret in (REPORT_TEXT, OUTCOME_LINE, "joe@example.com", "8 mL"):
        assert secret not in rows


FORGED = """
INSERT INTO dispute_moves (move, from_state, to_state, reason, comments, at, dispute_id)
SELECT 'uphold', 'withdrawn', 'upheld', '', '{}', at, dispute_id FROM dispute_moves LIMIT 1
"""


@pytest.mark.parametrize(
    "change",
    [
        FORGED,
        "UPDATE dispute_moves SET reason = 'another'",
        "DELETE FROM dispute_moves",
        "DELETE FROM disputes",
        "UPDATE disputes SET state = 'forgotten'",
        "UPDATE disputes SET reply_to = 'joe@example.com'",
        "UPDATE disputes SET remedy = NULL",
        "UPDATE disputes SET remedy = 'none'",
        "UPDATE disputes SET attestation_id = NULL",
        "DELETE FROM listings",
    ],
)
def test_the_database_refuses_what_no_command_does(session: Session, listing: Listing, change: str) -> None:
    make_dispute(session, listing, state=DisputeState.UPHELD)
    session.commit()
    with pytest.raises(DBAPIError):
        session.execute(sa.text(change))


def test_there_is_no_dispute_of_another_number(session: Session, listing: Listing) -> None:
    made = make_dispute(session, listing)
    with pytest.raises(NotFound):
        queries.dispute(session, made.id + 1)
    for number in ("", "\0", made.public_id.upper() + "0", "0" * 32):
        with pytest.raises(NotFound):
            queries.dispute_by_number(session, number, listing.slug)
    with pytest.raises(NotFound):
        queries.dispute_by_number(session, made.public_id, "another\0slug")


def test_answers_that_were_never_signed_cannot_be_disputed(session: Session, provider: Account) -> None:
    silent = make_listing(session, provider)
    with pytest.raises(Invalid, match="Choose what is wrong"):
        commands.create_dispute(session, silent, None, None, make_report(), number="", now=NOW)
    assert not session.scalars(sa.select(Dispute)).all()
    assert not session.scalars(sa.select(DisputeMove)).all()
