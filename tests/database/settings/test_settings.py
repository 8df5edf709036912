"""Settings are changed, checked, kept with their history, and not by two admins at once."""

import zoneinfo
from datetime import UTC, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.factories import NOW, make_account, make_listing

from directory.accounts.policy import Role
from directory.accounts.tables import Account
from directory.audit.tables import AuditEntry
from directory.errors import Conflict, Invalid, NotAllowed
from directory.listings.commands import submit
from directory.listings.lifecycle import ListingState
from directory.outbox.message import Letterhead
from directory.review.case_items import count_differences, rebuild_items
from directory.review.case_tables import ReviewCase
from directory.review.settings import change_settings
from directory.settings.declarations import (
    DISCLOSURE,
    MAIL,
    OPERATOR,
    OPERATOR_NAME,
    QUEUE,
    RELATED_LISTINGS,
    REPLIES,
    REPLY_TEXTS,
    WORDS,
    ReplyKind,
)
from directory.settings.letterhead import current_letterhead
from directory.settings.queries import current_section, queue_times, reply_texts, setting_values
from directory.settings.tables import SettingChange

TYPED = {"name": "Example Society", "disclosure": "It runs no clinic."}


def change(session: Session, by: Account, typed: dict[str, str], version: int = 0) -> None:
    change_settings(session, OPERATOR, typed, version=version, by=by.actor, now=NOW)
    session.commit()


def test_defaults_count_until_somebody_changes_them(session: Session, admin: Account) -> None:
    assert current_section(session, OPERATOR).version == 0
    assert setting_values(session).text(OPERATOR, OPERATOR_NAME) == ""
    assert reply_texts(session, ReplyKind.REJECT) == REPLIES[ReplyKind.REJECT].default
    texts = {kind.value: "" for kind in ReplyKind} | {"reject": "One\nTwo"}
    change_settings(session, REPLY_TEXTS, texts, version=0, by=admin.actor, now=NOW)
    assert reply_texts(session, ReplyKind.REJECT) == ("One", "Two")
    assert reply_texts(session, ReplyKind.CLAIM) == ()


def test_a_change_has_a_history_and_a_log_entry(session: Session, admin: Account) -> None:
    change(session, admin, TYPED)
    change(session, admin, TYPED, 1)
    change(session, admin, TYPED | {"name": "Other Society"}, 1)
    found = current_section(session, OPERATOR)
    assert (found.values["name"], found.version, found.updated_at) == ("Other Society", 2, NOW)
    first, second = session.scalars(sa.select(SettingChange).order_by(SettingChange.id)).all()
    assert first.before == {"name": "", "disclosure": ""}
    assert first.after == {"name": "Example Society", "disclosure": "It runs no clinic."}
    assert (second.before, second.after) == ({"name": "Example Society"}, {"name": "Other Society"})
    assert (second.by_id, second.at) == (admin.id, NOW)
    entries = session.scalars(sa.select(AuditEntry.action).filter_by(object="settings:operator")).all()
    assert entries == ["settings.change"] * 2


def test_of_two_admins_the_second_is_told(session: Session, admin: Account) -> None:
    change(session, admin, TYPED)
    with pytest.raises(Conflict, match="in the meantime"):
        change(session, admin, TYPED | {"name": "Late"})
    assert setting_values(session).text(OPERATOR, OPERATOR_NAME) == "Example Society"


def test_only_admins_change_settings(session: Session, reviewer: Account, provider: Account) -> None:
    for who in (reviewer, provider):
        with pytest.raises(NotAllowed):
            change(session, who, TYPED)


def test_all_that_is_wrong_is_said_at_once(session: Session, admin: Account) -> None:
    with pytest.raises(Invalid) as refused:
        change(session, admin, {"name": "x" * 101})
    assert [fault.field for fault in refused.value.faults] == ["name", DISCLOSURE.name]


def test_related_listings_are_named_by_their_address(session: Session, admin: Account, provider: Account) -> None:
    slugs = [make_listing(session, provider).slug for _ in range(2)]
    lines = f"https://directory.example/providers/{slugs[0]}/\n{slugs[1]}\n/providers/{slugs[0]}"
    change(session, admin, TYPED | {RELATED_LISTINGS.name: lines})
    assert setting_values(session).lines(OPERATOR, RELATED_LISTINGS) == tuple(slugs)
    with pytest.raises(Invalid, match="no listing with the address nobody"):
        change(session, admin, TYPED | {RELATED_LISTINGS.name: "/providers/nobody"}, 1)


def test_a_draft_with_a_word_forbidden_since_cannot_be_submitted(
    session: Session, admin: Account, provider: Account
) -> None:
    draft = make_listing(session, provider, state=ListingState.DRAFT, practice="Miracle Clinic")
    session.commit()
    change_settings(session, WORDS, {"forbidden_words": "Miracle"}, version=0, by=admin.actor, now=NOW)
    with pytest.raises(Invalid, match="The practice must not say “Miracle”"):
        submit(session, draft, by=provider.actor, now=NOW)
    change_settings(session, WORDS, {"forbidden_words": ""}, version=1, by=admin.actor, now=NOW)
    submit(session, draft, by=provider.actor, now=NOW)
    assert draft.state is ListingState.SUBMITTED


def test_email_comes_from_whom_admins_set_or_else_the_environment(session: Session, admin: Account) -> None:
    environment = Letterhead("env@example.org", "", "https://directory.example", "Env Society")
    assert current_letterhead(session, environment) == environment
    typed = {"sender": "The Desk <desk@example.org>", "reply_to": "answers@example.org"}
    change_settings(session, MAIL, typed, version=0, by=admin.actor, now=NOW)
    change(session, admin, TYPED)
    assert current_letterhead(session, environment) == Letterhead(
        "The Desk <desk@example.org>", "answers@example.org", "https://directory.example", "Example Society"
    )


def test_the_queue_has_days_by_kind_and_a_time_zone(session: Session, admin: Account) -> None:
    times = queue_times(session)
    assert (str(times.time_zone), times.due_days["listing"], times.due_days["duplicate"]) == ("America/New_York", 2, 14)
    typed = dict.fromkeys(times.due_days, "9") | {"time_zone": "America/Denver", "claim": "3"}
    change_settings(session, QUEUE, typed, version=0, by=admin.actor, now=NOW)
    times = queue_times(session)
    assert (str(times.time_zone), times.due_days["listing"], times.due_days["claim"]) == ("America/Denver", 9, 3)
    with pytest.raises(Invalid, match="Claim must be a whole number from 1 to 365"):
        change_settings(session, QUEUE, typed | {"claim": "0"}, version=1, by=admin.actor, now=NOW)


def test_new_days_of_the_queue_count_for_what_waits_already(session: Session, admin: Account) -> None:
    make_listing(session, make_account(session, Role.PROVIDER), state=ListingState.SUBMITTED)
    rebuild_items(session)
    due = sa.select(ReviewCase.due_at)
    before = session.scalars(due).one()
    typed = dict.fromkeys(queue_times(session).due_days, "9") | {"time_zone": "America/New_York"}
    change_settings(session, QUEUE, typed, version=0, by=admin.actor, now=NOW)
    assert session.scalars(due).one() - before == timedelta(days=7)
    assert count_differences(session) == 0


def test_a_machine_without_time_zones_counts_in_utc(session: Session) -> None:
    known = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        assert queue_times(session).time_zone is UTC
    finally:
        zoneinfo.reset_tzpath(to=known)
    assert str(queue_times(session).time_zone) == "America/New_York"
