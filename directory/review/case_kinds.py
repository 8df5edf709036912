"""The kinds of things that wait for a listing, who they wait for, when they are due, and the flags of the queue."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from directory.settings.queries import QueueTimes


class ItemKind(enum.StrEnum):
    """What waits; the members in the order in which a case shows them."""

    LISTING = "listing"
    REVISION = "revision"
    ATTESTATION = "attestation"
    CLAIM = "claim"
    REPORT = "report"
    REMOVAL = "removal"
    DUPLICATE = "duplicate"
    AUDIT = "audit"
    UNMANAGED = "unmanaged"
    DEACTIVATED = "deactivated"
    MESSAGE = "message"
    FAILED_MAIL = "failed_mail"
    IMPORT_DIFFERENCE = "import_difference"


class WaitingOn(enum.StrEnum):
    """Who acts next."""

    REVIEWER = "reviewer"
    PROVIDER = "provider"


class Flag(enum.StrEnum):
    """Something that a reviewer looks at before deciding. What has no flag can be decided in bulk."""

    NPI_DIGIT = "npi_digit"
    NO_NPI = "no_npi"
    NOT_PLACED = "not_placed"
    DUPLICATE = "duplicate"
    OTHER_PROVIDER = "other_provider"
    CONTRADICTION = "contradiction"
    WORSE_GRADE = "worse_grade"
    LARGE_CHANGE = "large_change"
    NOT_PUBLIC = "not_public"
    CONTESTED = "contested"
    NOT_PROVED = "not_proved"
    REPORTED = "reported"
    NO_ACCOUNT = "no_account"
    UNMANAGED = "unmanaged"
    DEACTIVATED = "deactivated"


OFFICE_CLOSES = time(17)
"""Until when something can be done on the day on which it is due."""


def due_date(kind: ItemKind, since: datetime, times: QueueTimes) -> datetime:
    """Return until when a reviewer acts on something that has waited since then."""
    day = since.astimezone(times.time_zone).date() + timedelta(days=times.due_days[kind])
    return datetime.combine(day, OFFICE_CLOSES, times.time_zone).astimezone(UTC)


def end_of_day(now: datetime, times: QueueTimes) -> datetime:
    """Return the midnight at which the office's day ends."""
    day = now.astimezone(times.time_zone).date() + timedelta(days=1)
    return datetime.combine(day, time(), times.time_zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class WaitingItem:
    """Something that waits for a listing. `subject` says what, such as “attestation:12”; `flags` has words by flag.

    What waits for a provider is due when the provider's time ends, or never. What waits for a reviewer without a day of
    its own is due as the settings say.
    """

    listing_id: int
    kind: ItemKind
    subject: str
    since: datetime
    due_at: datetime | None
    flags: Mapping[str, str] = field(default_factory=dict)
    waiting_on: WaitingOn = WaitingOn.REVIEWER


def for_reviewer(
    listing_id: int, kind: ItemKind, subject: str, since: datetime, flags: Mapping[Flag, str] | None = None
) -> WaitingItem:
    """Return an item that waits for a reviewer, due as the settings say of its kind."""
    named = {flag.value: words for flag, words in (flags or {}).items()}
    return WaitingItem(listing_id, kind, subject, since, None, named)


def for_provider(
    listing_id: int, kind: ItemKind, subject: str, since: datetime, *, due_at: datetime | None = None
) -> WaitingItem:
    """Return an item that waits for the provider, by default without a deadline."""
    return WaitingItem(listing_id, kind, subject, since, due_at, waiting_on=WaitingOn.PROVIDER)
