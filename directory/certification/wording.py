"""The words for a listing's standing and for grades, used by pages, the badge art, the API, email and the map."""

import enum
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

SELF_CERTIFIED = "Self-certified"
ART_TITLE = "Self-certified technique"
RELATED = "Related to the operator of this directory"
NO_BADGE = "No badge"
NO_ANSWERS = "No answers to show yet"

GRADES = {
    "right": "Matches",
    "between": "In between",
    "wrong": "Does not match",
    "unanswered": "No answer",
}
"""The label of each grade, by `Grade.word`."""

NO_ANSWER = GRADES["unanswered"]

NOT_WATCHED = "We did not watch the procedure."
NO_PROMISE = "It is not a promise that treatment will work, and not a medical license."
_SELF_REPORTED = "This provider told us how they take bone marrow."

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip  # the calendar module depends on the server's locale


class Standing(enum.StrEnum):
    """The standing of a listing at a given time; the values are part of the API."""

    BADGE = "badge"
    NOT_EVERY_RULE = "not_every_rule"
    EXPIRED = "expired"
    REVOKED = "revoked"
    NOT_STATED = "not_stated"
    SUSPENDED = "suspended"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class StandingWords:
    """The words for one standing.

    Args:
        standing: the standing that the words describe.
        title: "Self-certified" or "No badge".
        reason: the reason for the title, without a period.
        until: the month in which the answers expire, such as "until Nov 2027"; empty if no answers count.
        documents: "documents seen" if documents were seen for every answer, otherwise empty.
        beside: the explanation that is always visible beside the title, never only as a tooltip.
    """

    standing: Standing
    title: str
    reason: str
    until: str = ""
    documents: str = ""
    beside: str = ""

    @property
    def line(self) -> str:
        """The words in one line, as pages, the API and email show them."""
        if self.standing is Standing.BADGE:
            return " · ".join(part for part in (self.title, self.reason, self.until, self.documents) if part)
        return f"{self.title}. {self.reason}."


def standing_words(
    standing: Standing, *, grades: Sequence[str] = (), at: datetime | None = None, documents_seen: bool = False
) -> StandingWords:
    """The words for a standing.

    Args:
        standing: the standing of the listing.
        grades: the grade of each answer, as `Grade.word`; required while answers count.
        at: the last time at which the answers count, or the time at which they were revoked.
        documents_seen: whether a reviewer saw a document for every answer.

    Raises:
        ValueError: the standing is about answers, and `at` or `grades` is missing.
    """
    if standing in _WITHOUT_ANSWERS:
        return StandingWords(standing, NO_BADGE, _WITHOUT_ANSWERS[standing], beside=_ASK)
    if at is None or (standing in _COUNTS and not grades):
        raise ValueError(f"the words for {standing} need the answers' grades and date")
    until = f"until {format_month(at)}"
    match standing:
        case Standing.BADGE:
            documents = "documents seen" if documents_seen else ""
            return StandingWords(
                standing, SELF_CERTIFIED, summarize_grades(grades), until, documents, BADGE_EXPLANATION
            )
        case Standing.EXPIRED:
            return StandingWords(
                standing, NO_BADGE, f"Their answers ran out in {format_month(at)}", beside=_NO_BADGE_EXPLANATION
            )
        case Standing.REVOKED:
            return StandingWords(standing, NO_BADGE, f"We took their answers down in {format_month(at)}", beside=_ASK)
        case _:
            return StandingWords(standing, NO_BADGE, summarize_grades(grades), until, beside=_NO_BADGE_EXPLANATION)


def summarize_grades(grades: Sequence[str]) -> str:
    """Summarize how many answers do not match, are in between, or are missing, in this order.

    Without such answers: "All 4 answers match". With one kind: "1 of 4 answers is in between". With several kinds:
    "Of 4 answers, 1 does not match and 2 are in between".
    """
    counts, total = Counter(grades), len(grades)
    parts = [
        (count, one if count == 1 else many) for word, (one, many) in _SHORTCOMINGS.items() if (count := counts[word])
    ]
    if not parts:
        return f"All {total} answers match"
    if len(parts) == 1:
        count, words = parts[0]
        return f"{count} of {total} answers {words}"
    *first, last = [f"{count} {words}" for count, words in parts]
    return f"Of {total} answers, {', '.join(first)} and {last}"


def format_signed_dates(signed_at: datetime, until: datetime, now: datetime) -> str:
    """Format the dates of signed answers, such as "Signed November 22, 2026. Counts until November 22, 2027."."""
    verb = "Counts" if now <= until else "Counted"
    return f"Signed {format_day(signed_at)}. {verb} until {format_day(until)}."


def days_until(end: datetime, now: datetime) -> int:
    """The number of days from today to the day of `end`, both in UTC."""
    return (end.astimezone(UTC).date() - now.astimezone(UTC).date()).days


def format_month(moment: datetime) -> str:
    """Format the month of a time in UTC: `Nov 2027`."""
    moment = moment.astimezone(UTC)
    return f"{_MONTHS[moment.month - 1][:3]} {moment.year}"


def format_day(moment: datetime) -> str:
    """Format the day of a time in UTC: `November 22, 2027`."""
    moment = moment.astimezone(UTC)
    return f"{_MONTHS[moment.month - 1]} {moment.day}, {moment.year}"


BADGE_EXPLANATION = f"{_SELF_REPORTED} Their answers match our published rules. {NOT_WATCHED} {NO_PROMISE}"
_NO_BADGE_EXPLANATION = f"{_SELF_REPORTED} {NOT_WATCHED}"
_ASK = "You can ask them how they take bone marrow."

_WITHOUT_ANSWERS = {
    Standing.NOT_STATED: NO_ANSWERS,
    Standing.SUSPENDED: "This listing is off the map for now",
    Standing.RETIRED: "This listing has left the directory",
}
_COUNTS = frozenset({Standing.BADGE, Standing.NOT_EVERY_RULE})
_SHORTCOMINGS = {
    "wrong": ("does not match", "do not match"),
    "between": ("is in between", "are in between"),
    "unanswered": ("is missing", "are missing"),
}
