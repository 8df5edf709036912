"""Reads the settings, all with one statement."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from directory.accounts.tables import Account
from directory.settings.declarations import (
    DUE_DAYS,
    FORBIDDEN_WORDS,
    NOTICE_DAY,
    NOTICE_LINK,
    NOTICE_SOURCE,
    NOTICE_TEXT,
    QUEUE,
    REMINDER_DAYS,
    REMINDERS,
    REPLIES,
    REPLY_TEXTS,
    TIME_ZONE,
    WORDS,
    ReplyKind,
)
from directory.settings.setting import Section, Setting, Value
from directory.settings.tables import SettingChange, StoredSection


@dataclass(frozen=True, slots=True)
class StateNotice:
    """What patients in a state should know, with its source. `day` is an ISO date; only the text is always there."""

    text: str
    source: str
    link: str
    day: str


@dataclass(frozen=True, slots=True)
class SettingValues:
    """The values of all sections as they are stored; defaults are filled in when a value is read."""

    sections: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def get(self, section: Section, setting: Setting) -> Value:
        """Return the value of a setting, or its default."""
        values = self.sections.get(section.name, {})
        return setting.stored(values.get(setting.name, setting.default))

    def text(self, section: Section, setting: Setting) -> str:
        """Return the value of a setting that is a text."""
        return str(self.get(section, setting))

    def lines(self, section: Section, setting: Setting) -> tuple[str, ...]:
        """Return the value of a setting that is a list of texts."""
        return cast(tuple[str, ...], self.get(section, setting))

    def notice(self, state: str) -> StateNotice | None:
        """Return the notice of a state, if there is one."""
        values = self.sections.get(f"notice-{state}", {})
        if not values.get(NOTICE_TEXT.name):
            return None
        return StateNotice(*(values[each.name] for each in (NOTICE_TEXT, NOTICE_SOURCE, NOTICE_LINK, NOTICE_DAY)))

    def numbers(self, section: Section, setting: Setting) -> tuple[int, ...]:
        """Return the value of a setting that is a list of numbers."""
        return cast(tuple[int, ...], self.get(section, setting))


@dataclass(frozen=True, slots=True)
class CurrentSection:
    """One section with its values; `version` is 0 and `updated_at` None while nobody has changed it."""

    section: Section
    values: Mapping[str, Value]
    version: int = 0
    updated_at: datetime | None = None


def setting_values(session: Session | Connection) -> SettingValues:
    """Return all settings."""
    rows = session.execute(sa.select(StoredSection.section, StoredSection.values))
    return SettingValues({row[0]: row[1] for row in rows})


def current_section(session: Session, section: Section) -> CurrentSection:
    """Return the values of a section, and the version to be named when it is changed."""
    stored = session.get(StoredSection, section.name)
    values = SettingValues({section.name: stored.values} if stored else {})
    found = {setting.name: values.get(section, setting) for setting in section.settings}
    return CurrentSection(section, found, stored.version if stored else 0, stored.updated_at if stored else None)


@dataclass(frozen=True, slots=True)
class ChangedSetting:
    """One changed value in words, for the macro `timeline`."""

    title: str
    at: datetime
    who: str
    note: str


def section_history(session: Session, section: Section, *, limit: int) -> tuple[ChangedSetting, ...]:
    """Return the latest changes of a section, newest first."""
    rows = session.execute(
        sa.select(SettingChange, Account.name)
        .join(Account, Account.id == SettingChange.by_id)
        .where(SettingChange.section == section.name)
        .order_by(SettingChange.id.desc())
        .limit(limit)
    )
    return tuple(
        ChangedSetting(setting.label, change.at, who, f"{_say(setting, change.before)} → {_say(setting, change.after)}")
        for change, who in rows
        for setting in section.settings
        if setting.name in change.after
    )


def _say(setting: Setting, values: Mapping[str, Any]) -> str:
    """Return a value in one line."""
    text = setting.text(setting.stored(values[setting.name])).replace("\n", " / ")
    return f"“{text}”" if text else "nothing"


def reply_texts(session: Session, kind: ReplyKind) -> tuple[str, ...]:
    """Return the reasons that a reviewer can choose from for one kind of decision."""
    return setting_values(session).lines(REPLY_TEXTS, REPLIES[kind])


def forbidden_words(session: Session) -> tuple[str, ...]:
    """Return the words that must not stand in a listing, besides those that ship with the software."""
    return setting_values(session).lines(WORDS, FORBIDDEN_WORDS)


def reminder_days(session: Session) -> tuple[int, ...]:
    """Return how many days before answers run out a reminder goes out, the most first."""
    return setting_values(session).numbers(REMINDERS, REMINDER_DAYS)


@dataclass(frozen=True, slots=True)
class QueueTimes:
    """Within how many days a reviewer acts, by the kind of what waits, and in which time zone the days are."""

    time_zone: tzinfo
    due_days: Mapping[str, int]


def queue_times(session: Session) -> QueueTimes:
    """Return the due days and the time zone of the queue."""
    values = setting_values(session)
    days = {setting.name: cast(int, values.get(QUEUE, setting)) for setting in DUE_DAYS}
    return QueueTimes(_time_zone(values.text(QUEUE, TIME_ZONE)), days)


def _time_zone(name: str) -> tzinfo:
    """Return a time zone, or UTC on a machine that has no data about time zones, such as a small container."""
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return UTC
