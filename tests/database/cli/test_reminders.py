"""`attestations remind`: what cron runs, and what it prints."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from support.factories import make_attestation, make_listing

from directory import clock
from directory.certification.ruleset import bundled_rulesets
from directory.cli.reminders import BATCH_SIZE
from directory.outbox.tables import Email


@pytest.fixture
def make_expiring(session, provider):
    """Makes attestations that run out within a week, signed when they would have to be."""

    def make(count):
        now = clock.now()
        signed = now - timedelta(days=361)
        assert now < bundled_rulesets().current.valid_until(signed) < now + timedelta(days=7)
        for _ in range(count):
            listing = make_listing(session, provider, now=signed)
            make_attestation(session, listing, now=signed)
            listing.last_confirmed = now.date()
        session.commit()

    return make


def test_it_reminds_once_however_often_it_runs(run_command, make_expiring, session):
    make_expiring(2)
    before = session.scalar(sa.select(sa.func.count()).select_from(Email))
    session.rollback()
    assert run_command("attestations", "remind") == "2 reminders are in the outbox.\n"
    for _ in range(3):
        assert run_command("attestations", "remind") == "No reminder is due.\n"
    assert session.scalar(sa.select(sa.func.count()).select_from(Email)) == before + 2


def test_it_keeps_to_its_limit_over_several_transactions(run_command, make_expiring, monkeypatch):
    monkeypatch.setattr("directory.cli.reminders.BATCH_SIZE", 2)
    assert BATCH_SIZE > 2
    make_expiring(5)
    said = [run_command("attestations", "remind", "--limit", "3") for _ in range(3)]
    assert said == ["3 reminders are in the outbox.\n", "2 reminders are in the outbox.\n", "No reminder is due.\n"]


def test_it_asks_the_owners_of_listings_that_nobody_confirmed_for_long(run_command, make_expiring, session, provider):
    make_expiring(1)
    make_listing(session, provider, now=clock.now() - timedelta(days=100))
    session.commit()
    assert run_command("attestations", "remind", "--limit", "1") == "1 reminders are in the outbox.\n"
    assert run_command("attestations", "remind") == "1 reminders are in the outbox.\n"
    assert run_command("attestations", "remind") == "No reminder is due.\n"


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_that_is_none_is_misuse(run_command, limit):
    assert "--limit" in run_command("attestations", "remind", "--limit", limit, code=2)
