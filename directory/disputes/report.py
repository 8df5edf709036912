"""Validates a report about a listing or an answer: its subject, text, date and reply address."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from directory.accounts.email_address import check_email
from directory.certification.ruleset import Ruleset
from directory.errors import FieldError, Invalid
from directory.listings.text_limits import check_text

ENTRY = "entry"
"""The subject of a report about the listing itself, such as its address, phone number or name."""

MAX_WHAT_HAPPENED = 2000
"""Maximum length of the description in characters; arbitrary, about a page."""

EARLIEST_DATE = date(1990, 1, 1)
"""Earliest accepted date; arbitrary, to catch a mistyped year. No current answers concern an earlier day."""

_MAX_UTC_OFFSET = timedelta(hours=14)
"""The largest offset ahead of UTC: a reporter's date may be one day ahead of the UTC date."""

_NUMBER = re.compile(r"[0-9a-f]{32}")
_INVISIBLE = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


@dataclass(frozen=True, slots=True)
class Report:
    """A report: its subject, what happened, and optionally the date and an email address for the reply.

    Invisible characters, which phones insert between words and emoji, are removed from the text without an error.
    """

    about: str
    what_happened: str
    happened_on: date | None = None
    reply_to: str = ""

    def checked(self, ruleset: Ruleset | None, *, now: datetime) -> "Report":
        """Return a valid copy with cleaned text and address; `ruleset` is the one of the shown answers.

        Raises:
            Invalid: the report breaks a limit; the error names every such field.
        """
        clean = replace(
            self, what_happened=_strip_invisible(self.what_happened), reply_to=_strip_invisible(self.reply_to)
        )
        faults = list(clean.faults(ruleset, now))
        if faults:
            raise Invalid(faults)
        return clean

    def faults(self, ruleset: Ruleset | None, now: datetime) -> Iterator[FieldError]:
        """Yield an error for every limit that the report breaks."""
        if self.about not in subjects(ruleset):
            yield FieldError("about", "Choose what is wrong: one of the answers, or something else.")
        yield from check_text(
            "what_happened", "What happened", self.what_happened, least=1, most=MAX_WHAT_HAPPENED, lines=True
        )
        if self.happened_on is not None and not EARLIEST_DATE <= self.happened_on <= (now + _MAX_UTC_OFFSET).date():
            yield FieldError("happened_on", f"The day must lie between January 1, {EARLIEST_DATE.year} and today.")
        if self.reply_to and (message := check_email(self.reply_to)):
            yield FieldError("reply_to", message)


def subjects(ruleset: Ruleset | None) -> tuple[str, ...]:
    """Return the possible subjects of a report: the keys of the graded answers, then `ENTRY`."""
    return (*(criterion.key for criterion in (ruleset.criteria if ruleset else ())), ENTRY)


def subject_label(ruleset: Ruleset | None, about: str) -> str:
    """Return a short label for the subject of a report."""
    question = ruleset.question(about) if ruleset else None
    return question.short if question else "The listing: address, phone or something else"


def is_report_number(text: str) -> bool:
    """Return whether `text` has the form of a report number."""
    return _NUMBER.fullmatch(text) is not None


def _strip_invisible(text: str) -> str:
    kept = (mark for mark in text if mark in "\r\n\t" or unicodedata.category(mark) not in _INVISIBLE)
    return "".join(kept).strip()
