"""Reminders: each once, however often the job runs, however late it comes, and for nobody who need not be told."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, make_attestation, make_listing
from support.two_rulesets import FIRST, both_versions, both_versions_from

from directory.accounts.tables import Account
from directory.attestations.lifecycle import AttestationState
from directory.attestations.reminders import MAX_LATENESS, queue_reminders
from directory.attestations.tables import SentNotice
from directory.certification.ruleset import Rulesets, bundled_rulesets
from directory.listings.lifecycle import ListingState
from directory.listings.tables import Listing
from directory.outbox.tables import Email
from directory.review.settings import change_settings
from directory.settings.declarations import REMINDERS

EXPIRES = NOW.replace(year=2027)
HOME = "https://directory.example"
DAY = timedelta(days=1)


@pytest.fixture
def listing(session: Session, provider: Account) -> Listing:
    return make_listing(session, provider)


@pytest.fixture
def run(session: Session) -> Callable[..., list[str]]:
    """Run the job once at a moment; the subjects of what it promised."""

    def job(now: datetime, *, rulesets: Rulesets | None = None, limit: int = 100) -> list[str]:
        before = session.scalar(sa.select(sa.func.max(Email.id))) or 0
        promised = queue_reminders(session, rulesets=rulesets or bundled_rulesets(), home=HOME, now=now, limit=limit)
        session.commit()
        subjects = session.scalars(sa.select(Email.subject).where(Email.id > before).order_by(Email.id)).all()
        assert len(subjects) == promised
        return [subject.partition(" run ")[2] for subject in subjects]

    return job


def occasions(session: Session) -> set[str]:
    return set(session.scalars(sa.select(SentNotice.occasion)))


def test_a_job_that_runs_every_day_reminds_four_times(session: Session, listing: Listing, run) -> None:
    make_attestation(session, listing)
    told = {days: run(EXPIRES - days * DAY) for days in range(75, -40, -1)}
    assert {days: said for days, said in told.items() if said} == {
        60: ["out in 60 days"], 30: ["out in 30 days"], 7: ["out in 7 days"], 0: ["out today"],
    }  # fmt: skip
    assert occasions(session) == {
        "expires_in_60_days", "expires_in_30_days", "expires_in_7_days", "expires_on_the_day"
    }  # fmt: skip  # one line is read at once


def test_admins_set_the_days_of_reminders(session: Session, admin: Account, listing: Listing, run) -> None:
    change_settings(session, REMINDERS, {"days": "1, 90, 45"}, version=0, by=admin.actor, now=NOW)
    make_attestation(session, listing)
    told = {days: run(EXPIRES - days * DAY) for days in range(100, -40, -1)}
    assert {days: said for days, said in told.items() if said} == {
        90: ["out in 90 days"], 45: ["out in 45 days"], 1: ["out tomorrow"], 0: ["out today"],
    }  # fmt: skip


def test_a_job_that_runs_ten_times_an_hour_reminds_once(session: Session, listing: Listing, run) -> None:
    make_attestation(session, listing)
    said = [run(EXPIRES - 60 * DAY + timedelta(minutes=6 * number)) for number in range(10)]
    assert said == [["out in 60 days"], *([[]] * 9)]


def test_each_reminder_is_due_to_the_microsecond(session: Session, listing: Listing, run) -> None:
    make_attestation(session, listing)
    instant = timedelta(microseconds=1)
    for days in (60, 30, 7):
        assert run(EXPIRES - days * DAY - instant) == []
        assert run(EXPIRES - days * DAY) == [f"out in {days} days"]
    midnight = datetime(2027, 11, 22, tzinfo=UTC)
    assert run(midnight - instant) == []
    assert run(midnight) == ["out today"]


@pytest.mark.parametrize(
    ("first_run", "said"),
    [
        (31, "out in 31 days"), (29, "out in 29 days"), (6, "out in 6 days"), (1, "out tomorrow"),
        (0, "out today"), (-3, "out"), (-30, "out"),
    ],
)  # fmt: skip
def test_a_job_that_missed_weeks_sends_the_most_urgent_one_alone(
    session: Session, listing: Listing, run, first_run: int, said: str
) -> None:
    make_attestation(session, listing)
    assert run(EXPIRES - first_run * DAY) == [said]
    assert run(EXPIRES - first_run * DAY + timedelta(hours=1)) == []
    assert len(occasions(session)) == 1


def test_nothing_is_said_long_after_the_end(session: Session, listing: Listing, run) -> None:
    make_attestation(session, listing)
    assert run(EXPIRES + MAX_LATENESS + timedelta(seconds=1)) == []


@pytest.mark.parametrize(
    "state", sorted(set(AttestationState) - {AttestationState.ACCEPTED, AttestationState.SUPERSEDED})
)
def test_nobody_is_reminded_of_what_does_not_count(
    session: Session, listing: Listing, run, state: AttestationState
) -> None:
    make_attestation(session, listing, state=state)
    assert run(EXPIRES - 7 * DAY) == []


def test_what_was_replaced_is_not_spoken_of_and_what_replaced_it_is(session: Session, listing: Listing, run) -> None:
    make_attestation(session, listing, now=NOW - 100 * DAY)
    make_attestation(session, listing)
    assert run(EXPIRES - 107 * DAY) == []
    assert run(EXPIRES - 60 * DAY) == ["out in 60 days"]


@pytest.mark.parametrize("state", [ListingState.SUSPENDED, ListingState.RETIRED])
def test_nobody_is_reminded_of_an_entry_that_is_not_public(
    session: Session, listing: Listing, run, state: ListingState
) -> None:
    make_attestation(session, listing)
    listing.state = state
    assert run(EXPIRES - 7 * DAY) == []


def test_an_account_that_is_closed_gets_no_mail(session: Session, listing: Listing, provider: Account, run) -> None:
    make_attestation(session, listing)
    session.get_one(Account, provider.id).active = False
    assert run(EXPIRES - 7 * DAY) == []


def test_who_has_signed_again_and_waits_is_left_in_peace_until_it_comes_back(
    session: Session, listing: Listing, run
) -> None:
    make_attestation(session, listing)
    renewal = make_attestation(session, listing, state=AttestationState.SUBMITTED, now=EXPIRES - 20 * DAY)
    assert run(EXPIRES - 7 * DAY) == []
    renewal.state = AttestationState.RETURNED
    assert run(EXPIRES - 6 * DAY) == ["out in 6 days"]


def test_newer_rules_bring_the_reminders_forward(session: Session, listing: Listing, run) -> None:
    ends = datetime(2027, 4, 1, tzinfo=UTC)
    make_attestation(session, listing, rulesets=both_versions(), ruleset_id=FIRST)
    assert run(ends - 60 * DAY, rulesets=bundled_rulesets()) == []
    assert run(ends - 60 * DAY, rulesets=both_versions()) == ["out in 60 days"]
    letter = session.scalars(sa.select(Email).order_by(Email.id.desc())).first()
    assert letter is not None
    assert "April 01, 2027" in letter.body
    assert "newer rules take the place" in " ".join(letter.body.split())
    assert run(EXPIRES - 7 * DAY, rulesets=both_versions_from(datetime(2028, 1, 1, tzinfo=UTC).date())) == [
        "out in 7 days"
    ]


def test_the_letter_says_until_when_and_where_to_renew(session: Session, listing: Listing, provider, run) -> None:
    make_attestation(session, listing)
    run(EXPIRES - 30 * DAY)
    letter = session.scalars(sa.select(Email).order_by(Email.id.desc())).first()
    assert letter is not None
    body = " ".join(letter.body.split())
    assert (letter.to, letter.subject) == (provider.email, f"Your answers for {listing.name} run out in 30 days")
    assert f"count until {EXPIRES:%B %d, %Y}. After that, patients read" in body
    assert letter.action_path == f"{HOME}/portal/listings/{listing.id}/badge"
    assert letter.topic == "renewals"
    assert "newer rules" not in body


def test_a_run_keeps_to_its_cap_and_the_most_urgent_go_first(session: Session, provider: Account, run) -> None:
    for days in (9, 3, 6):
        make_attestation(session, make_listing(session, provider), now=NOW + days * DAY)
    now = EXPIRES + 3 * DAY - 7 * DAY
    assert run(now, limit=2) == ["out in 7 days", "out in 10 days"]
    assert run(now, limit=2) == ["out in 13 days"]
    assert run(now, limit=2) == []


def test_a_job_that_dies_before_its_end_has_promised_nothing(session: Session, listing: Listing, run) -> None:
    make_attestation(session, listing)
    session.commit()
    assert queue_reminders(session, rulesets=bundled_rulesets(), home=HOME, now=EXPIRES - 7 * DAY, limit=100) == 1
    session.rollback()
    assert run(EXPIRES - 7 * DAY) == ["out in 7 days"]


def test_jobs_that_run_at_once_remind_once(session: Session, provider: Account) -> None:
    for _ in range(8):
        make_attestation(session, make_listing(session, provider))
    session.commit()
    before = session.scalar(sa.select(sa.func.count()).select_from(Email))
    engine, start, promised = session.get_bind(), threading.Barrier(4), []

    def job() -> None:
        with Session(engine) as own:
            start.wait()
            for _ in range(8):
                promised.append(
                    queue_reminders(own, rulesets=bundled_rulesets(), home=HOME, now=EXPIRES - 7 * DAY, limit=2)
                )
                own.commit()

    threads = [threading.Thread(target=job) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(promised) == 8
    assert session.scalar(sa.select(sa.func.count()).select_from(Email)) == before + 8
    assert session.scalar(sa.select(sa.func.count()).select_from(SentNotice)) == 8
