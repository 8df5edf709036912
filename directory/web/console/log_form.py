"""The search form of the log: which log, who, about what, which kind of act, and when."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from wtforms import Form, SelectField, StringField, validators

from directory.accounts.queries import account_ids_named
from directory.audit.search import SEARCHES, LogFilter, LogPosition, acts
from directory.errors import NotFound
from directory.listings.queries import ever_public_listing
from directory.review.log_subjects import subjects_of_listing
from directory.web.support.listing_numbers import parse_listing_number

_SUBJECT = re.compile(r"[a-z_]{1,29}:[A-Za-z0-9_-]{1,90}")
_LISTING = re.compile(r"(?:listing:|.*/providers/)?([a-z0-9-]+?)/?", re.ASCII)
_POSITION = re.compile(r"([0-9T:.-]{19,26})~([0-9]{1,18})", re.ASCII)
_TOO_LONG = validators.Length(max=255, message="Please use at most 255 characters.")
_EMPTY = validators.Optional()


def position_text(position: LogPosition) -> str:
    """Return a position as a parameter of a URL."""
    return f"{position.at.astimezone(UTC).replace(tzinfo=None).isoformat()}~{position.number}"


class LogForm(Form):  # type: ignore[misc]  # WTForms has no types
    """All fields are parameters of the URL; `log` and `after` have no control on the page."""

    who = StringField("Who", [_TOO_LONG], description="A name, an email address or the number of an account")
    about = StringField("About", [_TOO_LONG], description="A listing’s number or address, or a subject like account:3")
    act = SelectField("What", validate_choice=False)
    since = StringField("From day", [_EMPTY])
    until = StringField("To day", [_EMPTY])

    def __init__(self, session: Session) -> None:
        super().__init__(request.args)
        self.session = session
        self.log = request.args.get("log", "") if request.args.get("log", "") in SEARCHES else "changes"
        self.act.choices = [("", "Everything"), *((name, act_label(name)) for name in acts(session, self.log))]

    def validate_since(self, field: StringField) -> None:
        """Refuse what is no day."""
        _parse_day(field.data)

    validate_until = validate_since

    def validate_about(self, field: StringField) -> None:
        """Refuse what names nothing that the log could have."""
        if (typed := _text(field)) and self._subjects(typed) is None:
            raise validators.ValidationError("There is no such listing, and it is not a subject like account:3.")

    @property
    def after(self) -> LogPosition | None:
        """The position after which the page begins, or None for the newest entries."""
        found = _POSITION.fullmatch(request.args.get("after", ""))
        try:
            at = datetime.fromisoformat(found[1]).replace(tzinfo=UTC) if found else None
        except ValueError:
            return None
        return LogPosition(at, int(found[2])) if found and at else None

    def wanted(self) -> LogFilter:
        """Return the filter of a valid form."""
        who, about = _text(self.who), _text(self.about)
        since, until = _parse_day(self.since.data), _parse_day(self.until.data)
        return LogFilter(
            account_ids=account_ids_named(self.session, who) if who else None,
            subjects=self._subjects(about) if about else None,
            act=_text(self.act),
            since=since,
            before=until + timedelta(days=1) if until else None,
        )

    def parameters(self) -> dict[str, Any]:
        """Return what was typed, as parameters of a URL."""
        return {"log": self.log, **{name: text for name, text in self.data.items() if text}}

    def _subjects(self, typed: str) -> list[str] | None:
        """Return the subjects that were meant: all of a listing, or the one that was named."""
        named = _LISTING.fullmatch(typed)
        number = parse_listing_number(named[1]) if named else None
        if number is None and named:
            try:
                number = ever_public_listing(self.session, named[1]).id
            except NotFound:
                number = None
        if number is not None:
            return subjects_of_listing(self.session, number)
        return [typed] if _SUBJECT.fullmatch(typed) else None


def act_label(act: str) -> str:
    """Return a kind of act in words, such as “Listing: publish”."""
    return act.replace("_", " ").replace(".", ": ").capitalize()


def _text(field: Any) -> str:
    # PostgreSQL rejects a parameter with a NUL character.
    return (field.data or "").replace("\0", "").strip()


def _parse_day(text: str | None) -> datetime | None:
    """Return the begin of a day in UTC.

    Raises:
        ValidationError: it is no day, or so far away that a day after it cannot be named.
    """
    if not (text or "").strip():
        return None
    try:
        day = date.fromisoformat((text or "").strip())
    except ValueError:
        day = date.max
    if not 1900 <= day.year <= 9000:
        raise validators.ValidationError("Please type a day like 2026-05-01.")
    return datetime.combine(day, time.min, tzinfo=UTC)
